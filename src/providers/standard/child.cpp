#include "providers/standard/child.h"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace venturi::providers {

namespace asio = boost::asio;
using boost::system::error_code;

Child::Child(pid_t pid, const asio::any_io_executor& executor) : pid_(pid), pidfd_(executor) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) {
    const int error = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    throw std::system_error(error, std::generic_category(), "pidfd_open");
  }
  pidfd_.assign(fd);
}

Child::~Child() {
  if (reaped_) return;
  ::kill(-pid_, SIGKILL);
  int status = 0;
  (void)reap(status);
}

bool Child::reap(int& status) {
  if (reaped_) return true;
  pid_t got = 0;
  while ((got = ::waitpid(pid_, &status, WNOHANG)) < 0 && errno == EINTR) {}
  reaped_ = got == pid_;
  return reaped_;
}

asio::awaitable<int> Child::wait() {
  int status = 0;
  while (!reap(status)) co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  co_return status;
}

asio::awaitable<void> Child::terminate(std::chrono::milliseconds grace) {
  int status = 0;
  if (reap(status)) co_return;
  ::kill(-pid_, SIGTERM);
  asio::steady_timer patience(co_await asio::this_coro::executor, grace);
  const pid_t group = pid_;
  patience.async_wait([group](const error_code& error) {
    if (!error) ::kill(-group, SIGKILL);
  });
  while (!reap(status)) co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  patience.cancel();
  // What is left of the group ignored SIGTERM. (Its number cannot have been given to another group since it was reaped.)
  ::kill(-group, SIGKILL);
}

}  // namespace venturi::providers
