#include "operators/host_link.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

namespace venturi::operators {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Of StartOperator (serialized_operator.h).
constexpr std::string_view kept_packed[] = {"operator"};
// How long frames are handled before others get their turn; how much is read before that.
constexpr std::chrono::milliseconds turn{5};
constexpr std::size_t most_unhandled = 1UL << 20U;
// With so much to say nothing more is waited for: the worker takes it while the rest is made.
constexpr std::size_t early_bytes = 8UL << 10U;
// A worker that does not read: nothing more is taken from it until it does.
constexpr std::size_t most_unwritten = 8UL << 20U;

}  // namespace

HostLink::HostLink(const asio::any_io_executor& executor, Fd control, Events events)
    : executor_(executor), control_(std::move(control)), watched_(executor), events_(std::move(events)), reader_(kept_packed) {
  set_non_blocking(control_.get());
  watched_.assign(::dup(control_.get()));
}

void HostLink::start() {
  wait_to_read();
}

void HostLink::wait_to_read() {
  watched_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
    if (!error && !ended_) receive();
  });
}

void HostLink::receive() {
  for (bool more = true; more;) {
    const long n = receive_with_fds(control_.get(), reader_.buffer(), fds_);
    if (n == 0) return end({});
    if (n < 0 && errno == ECONNRESET) return end({});
    if (n < 0 && errno != EAGAIN) return end(std::string("its socket failed: ") + std::strerror(errno));
    more = n > 0 && reader_.buffer().size() < most_unhandled;
  }
  handle_frames();
}

// As many as fit into a turn: what they start has to run, too.
void HostLink::handle_frames() {
  const auto until = std::chrono::steady_clock::now() + turn;
  try {
    while (!ended_) {
      auto frame = reader_.next();
      if (!frame) break;
      handle(*std::move(frame));
      if (std::chrono::steady_clock::now() < until) continue;
      return asio::post(executor_, [this] {
        if (!ended_) handle_frames();
      });
    }
  } catch (const std::runtime_error& e) {  // ProtocolError, ValueError
    return end(std::string("the worker sent what is no message: ") + e.what());
  }
  if (ended_) return;
  reading_paused_ = out_.size() - written_ > most_unwritten;
  if (!reading_paused_) wait_to_read();
}

void HostLink::handle(task::Frame frame) {
  if (frame.id <= 0) return events_.on_frame(std::move(frame), fds_);
  const auto found = asked_.find(frame.id);
  if (found == asked_.end()) return;  // whoever asked was cancelled
  const OnAnswer on_answer = std::move(found->second);
  asked_.erase(found);
  on_answer(std::move(frame));
}

void HostLink::send(std::int64_t id, const Value& body, const Value& error) {
  if (ended_) return;
  task::append_frame(out_, id, body, error);
  // What fails here fails again in flush(), which whoever sends need not expect to end the host.
  if (out_.size() - written_ > early_bytes && !writing_) (void)write_out();
  if (writing_ || std::exchange(flush_is_due_, true)) return;
  // Behind everything that is ready to run now, which may have more to say.
  asio::post(executor_, [this] { flush(); });
}

void HostLink::request(const Value& body, OnAnswer on_answer) {
  const std::int64_t id = next_id_++;
  asked_.emplace(id, std::move(on_answer));
  send(id, body);
}

struct HostLink::Call {
  explicit Call(const asio::any_io_executor& executor) : answered(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer answered;  // cancelled when the answer is there
  std::optional<task::Frame> answer;
};

asio::awaitable<task::Frame> HostLink::call(Value body) {
  const auto call = std::make_shared<Call>(co_await asio::this_coro::executor);
  request(body, [weak = std::weak_ptr(call)](task::Frame frame) {
    const auto waiting = weak.lock();
    if (!waiting) return;
    waiting->answer = std::move(frame);
    waiting->answered.cancel();
  });
  error_code waited;
  co_await call->answered.async_wait(asio::redirect_error(asio::use_awaitable, waited));
  if (!call->answer) throw boost::system::system_error(waited);
  co_return *std::move(call->answer);
}

// 0: all is written; otherwise errno.
int HostLink::write_out() {
  while (written_ < out_.size()) {
    const ssize_t n = ::send(control_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    written_ += static_cast<std::size_t>(n);
  }
  out_.clear();
  written_ = 0;
  return 0;
}

void HostLink::flush() {
  flush_is_due_ = false;
  if (ended_) return;
  const int error = write_out();
  if (error == EAGAIN) return wait_to_write();
  if (error == EPIPE) return end({});
  if (error != 0) return end(std::string("its socket failed: ") + std::strerror(error));
  if (std::exchange(reading_paused_, false)) wait_to_read();
}

void HostLink::wait_to_write() {
  if (std::exchange(writing_, true)) return;
  watched_.async_wait(asio::posix::stream_descriptor::wait_write, [this](const error_code& error) {
    writing_ = false;
    if (!error) flush();
  });
}

void HostLink::end(const std::string& why) {
  if (std::exchange(ended_, true)) return;
  error_code ignored;
  watched_.cancel(ignored);
  events_.on_end(why);
}

}  // namespace venturi::operators
