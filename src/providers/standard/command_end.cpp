#include "providers/standard/command_end.h"

#include <fcntl.h>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/standard/child.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;

// The host reports the end of a cancelled try after 900 ms, whatever happens.
constexpr std::chrono::milliseconds grace{600};

}  // namespace

asio::awaitable<int> end_of_command(operators::OperatorTry& t, StartedBash started) {
  Child child(started.release_process(), co_await asio::this_coro::executor);
  std::exception_ptr stopped;
  int status = 0;
  try {
    status = co_await child.wait();
  } catch (const boost::system::system_error&) {
    stopped = std::current_exception();
  }
  if (stopped) {
    t.log.warning("Sending SIGTERM signal to process group");
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await child.terminate(grace);
  }
  if (std::string folder = started.release_temporary_folder(); !folder.empty())
    co_await remove_temporary_folder(std::move(folder));
  if (stopped) std::rethrow_exception(stopped);
  co_return status;
}

Fd duplicate_output(const Fd& fd) {
  const int copy = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3);
  if (copy < 0)
    throw operators::TaskFailed(fmt::format("no descriptor is left for the command's output: {}", std::strerror(errno)));
  return Fd(copy);
}

}  // namespace venturi::providers
