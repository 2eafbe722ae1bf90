// Work that may block (a slow disk, a large file of certificates, a name server), done beside the loop by a thread of a pool.
//
//   const auto text = co_await in_background([path = std::move(path)] { return read(path); });   // made before: see below
//
// The coroutine waits; when it is cancelled the wait ends at once and what the work gives is dropped. The work itself cannot be
// stopped, so it owns all that it uses. Pass it as an object made in a statement of its own: no lambda with captures inside of
// a co_await expression.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace venturi::net {

// Names are looked up by threads of their own: a name server that does not answer must not hold up who waits for a disk. So is
// what waits for other machines, maybe for hours.
enum class BackgroundPool : std::uint8_t { disk, names, remote };

namespace detail {

// Where a thread leaves word for a loop that may be gone by then.
class LoopMail;
[[nodiscard]] std::shared_ptr<LoopMail> mail_of(const boost::asio::any_io_executor& executor);
// Runs `work` in a thread of the pool, then `then` in the loop, on `executor`, where the loop still is.
void run_in_background(std::shared_ptr<LoopMail> mail, boost::asio::any_io_executor executor, std::function<void()> work,
                       std::function<void()> then, BackgroundPool pool = BackgroundPool::disk);

template <class R>
struct BackgroundResult {
  explicit BackgroundResult(const boost::asio::any_io_executor& executor)
      : over(executor, boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer over;  // cancelled when the result is there
  bool is_there = false;
  std::optional<R> result;
  std::exception_ptr thrown;
};

}  // namespace detail

// What `work` returns or throws. `work` is copied into a std::function.
template <class Work, class R = std::invoke_result_t<Work&>>
[[nodiscard]] boost::asio::awaitable<R> in_background(Work work, BackgroundPool pool = BackgroundPool::disk) {
  namespace asio = boost::asio;
  const auto executor = co_await asio::this_coro::executor;
  const auto shared = std::make_shared<detail::BackgroundResult<R>>(executor);
  // Both refer to what they share weakly or not at all from the thread: the timer belongs to the loop.
  struct Box {
    std::optional<R> result;
    std::exception_ptr thrown;
  };
  const auto box = std::make_shared<Box>();
  std::function<void()> job = [box, work = std::move(work)]() mutable {
    try {
      box->result.emplace(work());
    } catch (...) {
      box->thrown = std::current_exception();
    }
  };
  std::function<void()> then = [box, weak = std::weak_ptr(shared)] {
    const auto waiting = weak.lock();
    if (!waiting) return;
    waiting->is_there = true;
    waiting->result = std::move(box->result);
    waiting->thrown = box->thrown;
    waiting->over.cancel();
  };
  detail::run_in_background(detail::mail_of(executor), executor, std::move(job), std::move(then), pool);
  boost::system::error_code waited;
  co_await shared->over.async_wait(asio::redirect_error(asio::use_awaitable, waited));
  if (!shared->is_there) throw boost::system::system_error(waited);  // cancelled
  if (shared->thrown) std::rethrow_exception(shared->thrown);
  co_return *std::move(shared->result);
}

}  // namespace venturi::net
