#include "providers/http/file_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/errno_error.h"
#include "base/random.h"
#include "sdk/crc32c.h"

namespace venturi::providers {
namespace {

constexpr std::uint64_t write_back = 8UL << 20U;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

FileWriter::FileWriter(std::string path, Checksum checksum) : path_(std::move(path)), checksum_(checksum) {
  const std::string folder = folder_of(path_);
  std::filesystem::create_directories(folder);
  hidden_ = folder + "/." + path_.substr(path_.rfind('/') + 1) + "." + random_password(8) + ".part";
  fd_ = Fd(::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd_) throw errno_error(hidden_);
}

FileWriter::~FileWriter() {
  if (!hidden_.empty()) ::unlink(hidden_.c_str());
}

void FileWriter::write(std::string_view bytes) {
  if (!write_all(fd_.get(), bytes)) throw errno_error(path_);
  if (checksum_ == Checksum::sha256) sha256_.update(bytes);
  if (checksum_ == Checksum::crc32c) crc32c_ = internal::crc32c(bytes, crc32c_);
  const std::uint64_t begin = size_ / write_back * write_back;
  size_ += bytes.size();
  // The disk begins with it, and finish() waits less. A hint: whether it is taken does not matter.
  if (const std::uint64_t end = size_ / write_back * write_back; end > begin)
    (void)::sync_file_range(fd_.get(), static_cast<off_t>(begin), static_cast<off_t>(end - begin), SYNC_FILE_RANGE_WRITE);
}

void FileWriter::start_again() {
  if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) throw errno_error(path_);
  sha256_ = Sha256();
  crc32c_ = 0;
  size_ = 0;
}

void FileWriter::finish() {
  if (::fsync(fd_.get()) != 0) throw errno_error(path_);
  if (::rename(hidden_.c_str(), path_.c_str()) != 0) throw errno_error(path_);
  hidden_.clear();
  const Fd folder(::open(folder_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) throw errno_error(path_);
}

}  // namespace venturi::providers
