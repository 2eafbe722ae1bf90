#include "cli/log_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "home/file_error.h"

namespace venturi::cli {

Result<std::string> LogFollower::read(bool at_end) {
  if (!file_) {
    file_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file_ && errno != ENOENT) return std::unexpected(file_error(errno, "cannot open the log", path_));
    if (!file_) return std::string();
  }
  constexpr std::size_t piece = 65536;
  for (;;) {
    const std::size_t size = begun_.size();
    begun_.resize(size + piece);
    const ssize_t got = ::read(file_.get(), begun_.data() + size, piece);
    begun_.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(file_error(errno, "cannot read the log", path_));
    if (got == 0) break;
  }
  if (at_end) return std::exchange(begun_, {});
  const std::size_t end = begun_.rfind('\n');
  if (end == std::string::npos) return std::string();
  std::string lines = begun_.substr(0, end + 1);
  begun_.erase(0, end + 1);
  return lines;
}

}  // namespace venturi::cli
