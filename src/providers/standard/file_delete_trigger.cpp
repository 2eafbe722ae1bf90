// FileDeleteTrigger: an event for each file that appears under a name. The file is deleted once its event is durable; what is
// still there after a crash is told from a new one by its inode and time.
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "net/background.h"
#include "operators/outcome.h"
#include "operators/watcher_run.h"
#include "providers/standard/sensors.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

// Which file it is: null where there is none.
Value identity_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throw operators::TaskFailed(fmt::format("{}: {}", path, std::system_category().message(errno)));
  }
  if (!S_ISREG(info.st_mode)) throw operators::TaskFailed(path + " is no file: it is not deleted");
  return Object{{"device", static_cast<std::int64_t>(info.st_dev)},
                {"inode", static_cast<std::int64_t>(info.st_ino)},
                {"seconds", static_cast<std::int64_t>(info.st_mtim.tv_sec)},
                {"nanoseconds", static_cast<std::int64_t>(info.st_mtim.tv_nsec)}};
}

// Another one that took its place meanwhile stays: false.
bool remove(const std::string& path, const Value& which) {
  if (identity_of(path) != which) return false;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    throw operators::TaskFailed(fmt::format("{} cannot be deleted: {}", path, std::system_category().message(errno)));
  return true;
}

}  // namespace

asio::awaitable<void> watch_file_to_delete(operators::WatcherRun& run, operators::Arguments arguments) {
  const std::string path = arguments.string("filepath");
  const double interval = arguments.number("poke_interval", 5);
  if (!path.starts_with('/')) throw operators::TaskFailedForGood(fmt::format("filepath ('{}') has to be absolute", path));
  if (!(interval > 0)) throw operators::TaskFailedForGood("poke_interval has to be above 0");
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (;;) {
    auto look = [path] { return identity_of(path); };
    const Value found = co_await net::in_background(std::move(look));
    if (!found.is_null()) {
      if (found != run.state()) co_await run.fire({path}, found);
      auto end = [path, found] { return remove(path, found); };
      (void)co_await net::in_background(std::move(end));
    }
    timer.expires_after(std::chrono::microseconds(static_cast<std::int64_t>(interval * 1e6)));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

}  // namespace venturi::providers
