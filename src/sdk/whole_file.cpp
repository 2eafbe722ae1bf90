#include "sdk/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/errno_error.h"

namespace venturi::inline sdk::internal {
namespace {

constexpr std::size_t buffered = 256UL << 10U;

std::string hidden_name(const std::string& path) {
  const std::size_t slash = path.rfind('/') + 1;  // 0 where there is none
  return path.substr(0, slash) + "." + path.substr(slash) + "." + std::to_string(::getpid()) + ".part";
}

}  // namespace

void make_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return;
  const std::string folder = path.substr(0, slash);
  if (::mkdir(folder.c_str(), 0700) == 0 || errno != ENOENT) return;  // what else is wrong, opening the file says
  make_folder_of(folder);
  ::mkdir(folder.c_str(), 0700);
}

WholeFile::WholeFile(std::string path) : path_(std::move(path)), hidden_(hidden_name(path_)) {
  make_folder_of(path_);
  fd_ = Fd(::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd_) throw errno_error("write " + path_);
}

WholeFile::~WholeFile() {
  if (fd_) ::unlink(hidden_.c_str());
}

void WholeFile::flush() {
  if (!write_all(fd_.get(), buffer_)) throw errno_error("write " + path_);
  buffer_.clear();
}

void WholeFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= buffered) flush();
}

void WholeFile::finish() {
  flush();
  if (::fsync(fd_.get()) != 0 || ::rename(hidden_.c_str(), path_.c_str()) != 0) throw errno_error("write " + path_);
  fd_.reset();
}

}  // namespace venturi::inline sdk::internal
