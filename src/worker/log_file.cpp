#include "worker/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace venturi::worker {
namespace {

bool make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return true;
  if (errno != ENOENT) return false;
  const auto slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0 || !make_folder(path.substr(0, slash))) return false;
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

}  // namespace

void LogFile::append(std::string_view lines) {
  if (lines.empty() || path_.empty() || !error_.empty()) return;
  if (!fd_) {
    constexpr int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC;
    fd_ = Fd(::open(path_.c_str(), flags, 0600));
    if (!fd_ && errno == ENOENT && make_folder(path_.substr(0, path_.rfind('/')))) {
      fd_ = Fd(::open(path_.c_str(), flags, 0600));
    }
    if (!fd_) {
      error_ = "the log " + path_ + " cannot be opened: " + std::strerror(errno);
      return;
    }
  }
  if (!write_all(fd_.get(), lines)) error_ = "the log " + path_ + " cannot be written: " + std::strerror(errno);
}

std::string LogFile::tail(std::size_t n) const {
  const Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return {};
  const auto size = static_cast<std::size_t>(info.st_size);
  std::string text(std::min(n, size), '\0');
  const ssize_t got = ::pread(fd.get(), text.data(), text.size(), static_cast<off_t>(size - text.size()));
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
  return false;  // ends with a slash
}

}  // namespace venturi::worker
