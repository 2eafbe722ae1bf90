#include "lanes/cache_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace venturi::lanes {

namespace {

std::int64_t nanoseconds(const timespec& t) {
  return t.tv_sec * std::int64_t{1'000'000'000} + t.tv_nsec;
}

std::unexpected<Error> system_failure(std::string_view call, const std::string& path, int error) {
  const ErrorKind kind = error == ENOENT || error == ENOTDIR  ? ErrorKind::not_found
                         : error == EACCES || error == EPERM  ? ErrorKind::denied
                         : error == ENOSPC || error == EDQUOT ? ErrorKind::exhausted
                                                              : ErrorKind::unavailable;
  std::string hint;
  if (kind == ErrorKind::exhausted) hint = "make room on that disk";
  return fail(kind, std::string(call) + ": " + std::strerror(error), path, hint);
}

}  // namespace

FileStamp stamp_of(const struct stat& status) {
  return {status.st_ino, static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return stamp_of(status);
}

Result<std::string> read_file(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return system_failure("cannot be opened", path, errno);
  std::string content;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("cannot be read", path, errno);
    if (n == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

Result<void> write_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return system_failure("cannot be written", temporary, errno);
  if (!write_all(fd.get(), content)) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return system_failure("cannot be written", temporary, error);
  }
  fd.reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_failure("cannot be renamed into place", path, errno);
  return {};
}

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT) return system_failure("cannot be made", path, errno);
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) return system_failure("cannot be made", path, ENOENT);
  if (auto made = make_folder(path.substr(0, slash)); !made) return made;
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return system_failure("cannot be made", path, errno);
}

Result<Fd> lock_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return system_failure("cannot be opened", path, errno);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno == EWOULDBLOCK) return fail(ErrorKind::conflict, "another process is at it", path);
  return system_failure("cannot be locked", path, errno);
}

}  // namespace venturi::lanes
