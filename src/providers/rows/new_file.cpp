#include "providers/rows/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {

namespace {
constexpr std::size_t written_at_once = 256UL << 10U;
constexpr std::size_t sent_at_once = 8UL << 20U;
}  // namespace

std::string absolute_file(std::string_view argument, std::string path) {
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos) {
    throw operators::TaskFailedForGood(
        fmt::format("the argument {} must be an absolute path of a file, not '{}'", argument, path));
  }
  return path;
}

NewFile::NewFile(std::string path, const std::string& tag) : path_(std::move(path)) {
  const auto slash = path_.rfind('/');
  folder_ = slash == 0 ? "/" : path_.substr(0, slash);
  temporary_ = path_.substr(0, slash + 1) + "." + path_.substr(slash + 1) + "." + tag + ".tmp";
  fd_ = Fd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd_) fail("made");
}

NewFile::~NewFile() {
  if (fd_) ::unlink(temporary_.c_str());
}

void NewFile::write(std::string_view bytes) {
  if (!write_all(fd_.get(), bytes)) fail("written");
  size_ += bytes.size();
  // On its way to the disk while more is made: finish() waits for the rest only. Where that cannot be begun, finish() does it.
  if (size_ - sent_ < sent_at_once) return;
  (void)::sync_file_range(fd_.get(), static_cast<off_t>(sent_), static_cast<off_t>(size_ - sent_), SYNC_FILE_RANGE_WRITE);
  sent_ = size_;
}

void NewFile::finish() {
  const Fd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (::fsync(fd_.get()) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) fail("written");
  fd_.reset();
  if (folder) ::fsync(folder.get());
}

void NewFile::fail(const char* what) const {
  throw operators::TaskFailed(fmt::format("{} cannot be {}: {}; check the operator's path on the machine of the worker", path_,
                                          what, std::strerror(errno)));
}

EncodedFile::EncodedFile(NewFile& file, const std::string& encoding, Compression compression) : file_(file) {
  if (compression == Compression::gzip) packer_.emplace([&file](std::string_view packed) { file.write(packed); });
  if (operators::is_utf8_name(encoding)) return;
  auto made = operators::CharsetConverter::make("UTF-8", encoding);
  if (!made) throw operators::TaskFailedForGood("the argument encoding: " + made.error().text());
  converter_.emplace(*std::move(made));
}

void EncodedFile::put(std::string_view bytes) {
  if (buffer_.empty() && !converter_ && bytes.size() >= written_at_once) return write(bytes);
  buffer_ += bytes;
  if (buffer_.size() >= written_at_once) flush();
}

void EncodedFile::finish() {
  flush();
  if (packer_) packer_->finish();
}

void EncodedFile::write(std::string_view bytes) {
  if (packer_)
    packer_->write(bytes);
  else
    file_.write(bytes);
}

void EncodedFile::flush() {
  if (!converter_) {
    write(buffer_);
    return buffer_.clear();
  }
  std::string_view rest = buffer_;
  char block[16384];
  while (!rest.empty()) {
    const auto n = converter_->convert(rest, block, sizeof block);
    if (!n) throw operators::TaskFailed("the rows cannot be written in the argument encoding: " + n.error().text());
    write({block, *n});
  }
  buffer_.clear();
}

}  // namespace venturi::providers
