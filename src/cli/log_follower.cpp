#include "cli/log_follower.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/gzip.h"
#include "home/file_error.h"
#include "server/old_logs.h"

namespace venturi::cli {

Result<std::string> LogFollower::read(bool at_end) {
  if (was_compressed_) return std::string();
  if (!file_) {
    bool is_compressed = false;
    file_ = server::open_log(path_.string(), is_compressed);
    if (is_compressed) {  // nothing follows in it
      was_compressed_ = true;
      return gunzip(std::exchange(file_, Fd()), path_.string());
    }
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
