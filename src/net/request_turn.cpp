#include "net/request_turn.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace venturi::net {
namespace {

namespace asio = boost::asio;

struct Waiter {
  asio::steady_timer called;  // never due: cancelled when the turn has come
  bool has_turn = false;
};

// What stands before the path.
std::string origin_of_text(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string::npos ? url : url.substr(0, url.find_first_of("/?#", scheme + 3));
}

struct Line {
  std::size_t under_way = 0;
  std::deque<Waiter*> waiting;
};

}  // namespace

// Of one loop, by name. One in which nobody is any more is gone.
class RequestTurn::Lines {
 public:
  bool enter(const std::string& name) {
    Line& line = lines_[name];
    if (line.under_way >= most) return false;
    ++line.under_way;
    return true;
  }
  void wait(const std::string& name, Waiter& waiter) { lines_[name].waiting.push_back(&waiter); }
  void leave(const std::string& name, Waiter& waiter) { std::erase(lines_[name].waiting, &waiter); }
  // The next one has it.
  void give_on(const std::string& name) {
    Line& line = lines_[name];
    if (line.waiting.empty()) {
      if (--line.under_way == 0) lines_.erase(name);
      return;
    }
    Waiter& next = *line.waiting.front();
    line.waiting.pop_front();
    next.has_turn = true;
    next.called.cancel();
  }

 private:
  std::unordered_map<std::string, Line> lines_;
};

namespace {

// Where the loop keeps them.
class LinesService : public asio::execution_context::service {
 public:
  static inline asio::execution_context::id id;
  explicit LinesService(asio::execution_context& context) : asio::execution_context::service(context) {}
  const std::shared_ptr<RequestTurn::Lines> lines = std::make_shared<RequestTurn::Lines>();

 private:
  void shutdown() noexcept override {}
};

// Stands in line as long as it lives, whatever ends the coroutine.
class Place {
 public:
  Place(const asio::any_io_executor& executor, std::shared_ptr<RequestTurn::Lines> lines, const std::string& name)
      : lines_(std::move(lines)), name_(name), waiter_{.called = asio::steady_timer(executor)} {
    waiter_.called.expires_at(std::chrono::steady_clock::time_point::max());
    lines_->wait(name_, waiter_);
  }
  ~Place() {
    if (waiter_.has_turn) {
      if (!is_taken_) lines_->give_on(name_);
    } else {
      lines_->leave(name_, waiter_);
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] asio::steady_timer& called() { return waiter_.called; }
  [[nodiscard]] bool take() { return is_taken_ = waiter_.has_turn; }

 private:
  const std::shared_ptr<RequestTurn::Lines> lines_;
  const std::string& name_;
  Waiter waiter_;
  bool is_taken_ = false;
};

}  // namespace

RequestTurn::RequestTurn(std::shared_ptr<Lines> lines, std::string name) : lines_(std::move(lines)), name_(std::move(name)) {}

RequestTurn::~RequestTurn() {
  if (lines_) lines_->give_on(name_);
}

// Not coroutines: their frames would lie in memory beside that of the one who waits.
asio::awaitable<RequestTurn> RequestTurn::take(const std::string& url) {
  return take_of(origin_of_text(url));
}

asio::awaitable<RequestTurn> RequestTurn::take_for_jobs(std::string_view conn_id) {
  return take_of("jobs:" + std::string(conn_id));
}

asio::awaitable<RequestTurn> RequestTurn::take_of(std::string name) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto lines = asio::use_service<LinesService>(asio::query(executor, asio::execution::context)).lines;
  if (!lines->enter(name)) {
    Place place(executor, lines, name);
    boost::system::error_code waited;
    co_await place.called().async_wait(asio::redirect_error(asio::use_awaitable, waited));
    if (!place.take()) throw boost::system::system_error(asio::error::operation_aborted);
  }
  co_return RequestTurn(lines, std::move(name));
}

}  // namespace venturi::net
