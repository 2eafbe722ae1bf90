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
}

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

EncodedFile::EncodedFile(NewFile& file, const std::string& encoding) : file_(file) {
  if (operators::is_utf8_name(encoding)) return;
  auto made = operators::CharsetConverter::make("UTF-8", encoding);
  if (!made) throw operators::TaskFailedForGood("the argument encoding: " + made.error().text());
  converter_.emplace(*std::move(made));
}

void EncodedFile::put(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= written_at_once) flush();
}

void EncodedFile::flush() {
  if (!converter_) {
    file_.write(buffer_);
    return buffer_.clear();
  }
  std::string_view rest = buffer_;
  char block[16384];
  while (!rest.empty()) {
    const auto n = converter_->convert(rest, block, sizeof block);
    if (!n) throw operators::TaskFailed("the rows cannot be written in the argument encoding: " + n.error().text());
    file_.write({block, *n});
  }
  buffer_.clear();
}

}  // namespace venturi::providers
