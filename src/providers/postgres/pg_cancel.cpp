#include "providers/postgres/pg_cancel.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <memory>
#include <system_error>
#include <thread>

#include "base/fd.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr int most_threads = 16;
std::atomic<int> running_threads{0};

struct CancelRequest {
  std::unique_ptr<PGcancel, void (*)(PGcancel*)> handle{nullptr, ::PQfreeCancel};
  Fd done;  // readable when the request is through
};

// It may outlive whoever waits, and the loop: it touches nothing but the request.
void send_request(const std::shared_ptr<CancelRequest>& request) {
  char error[256];
  (void)::PQcancel(request->handle.get(), error, sizeof error);
  const std::uint64_t one = 1;
  (void)!::write(request->done.get(), &one, sizeof one);
  --running_threads;
}

bool start_sending(const std::shared_ptr<CancelRequest>& request) {
  if (++running_threads > most_threads) {
    --running_threads;
    return false;
  }
  // Signals are for the thread of the loop.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = true;
  try {
    std::thread(send_request, request).detach();
  } catch (const std::system_error&) {
    --running_threads;
    started = false;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

}  // namespace

asio::awaitable<void> request_cancel(PGconn* connection, std::chrono::milliseconds patience) {
  const auto request = std::make_shared<CancelRequest>();
  request->handle.reset(::PQgetCancel(connection));
  request->done = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const int watched = request->done ? ::dup(request->done.get()) : -1;
  if (request->handle == nullptr || watched < 0) co_return;
  const auto executor = co_await asio::this_coro::executor;
  const auto done = std::make_shared<asio::posix::stream_descriptor>(executor, watched);
  if (!start_sending(request)) co_return;
  asio::steady_timer over(executor, patience);
  over.async_wait([done](const error_code& error) {
    error_code ignored;
    if (!error) done->cancel(ignored);
  });
  error_code waited;
  co_await done->async_wait(asio::posix::stream_descriptor::wait_read, asio::redirect_error(asio::use_awaitable, waited));
  over.cancel();
}

}  // namespace venturi::providers
