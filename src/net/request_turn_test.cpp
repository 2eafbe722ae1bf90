#include "net/request_turn.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <vector>

namespace venturi::net {
namespace {

namespace asio = boost::asio;

const std::string server = "https://service.example/v1/jobs";

// Those who took a turn, in their order, and the turns that they have.
struct Requests {
  asio::io_context io{1};
  std::vector<int> order;
  std::list<std::optional<RequestTurn>> turns;

  static asio::awaitable<void> take(Requests& all, std::string url, int number) {
    RequestTurn turn = co_await RequestTurn::take(url);
    all.order.push_back(number);
    all.turns.emplace_back(std::move(turn));
  }
  void begin(int number, const std::string& url = server) { asio::co_spawn(io, take(*this, url, number), asio::detached); }
  void go_on() {
    io.restart();
    io.poll();
  }
  void fill() {
    for (std::size_t i = 0; i < RequestTurn::most; ++i) begin(-1);
    go_on();
    ASSERT_EQ(order.size(), RequestTurn::most);
    order.clear();
  }
};

TEST(RequestTurn, MoreThanThoseStandInLine) {
  Requests all;
  all.fill();
  all.begin(1);
  all.begin(2);
  all.go_on();
  EXPECT_TRUE(all.order.empty());
  all.turns.pop_front();
  all.go_on();
  EXPECT_EQ(all.order, std::vector{1});
  all.turns.pop_front();
  all.go_on();
  EXPECT_EQ(all.order, (std::vector{1, 2}));
}

TEST(RequestTurn, AnotherServerIsNotWaitedFor) {
  Requests all;
  all.fill();
  all.begin(1, "https://other.example/v1/jobs");
  all.go_on();
  EXPECT_EQ(all.order, std::vector{1});
  all.begin(2, "https://service.example?other=path");
  all.go_on();
  EXPECT_EQ(all.order, std::vector{1});
}

TEST(RequestTurn, WhoIsCancelledLeavesTheLine) {
  Requests all;
  all.fill();
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  asio::co_spawn(all.io, Requests::take(all, server, 1),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error) { thrown = error; }));
  all.begin(2);
  all.go_on();
  cancel.emit(asio::cancellation_type::terminal);
  all.go_on();
  EXPECT_THROW(std::rethrow_exception(thrown), boost::system::system_error);
  all.turns.pop_front();
  all.go_on();
  EXPECT_EQ(all.order, std::vector{2});
}

TEST(RequestTurn, WhoIsCancelledWithATurnGivesItOn) {
  Requests all;
  all.fill();
  asio::cancellation_signal cancel;
  bool ended = false;
  asio::co_spawn(all.io, Requests::take(all, server, 1),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr&) { ended = true; }));
  all.begin(2);
  all.go_on();
  all.turns.pop_front();  // its turn has come, but it has not heard of that yet
  cancel.emit(asio::cancellation_type::terminal);
  all.go_on();
  EXPECT_TRUE(ended);
  all.turns.clear();
  all.go_on();
  EXPECT_EQ(all.order.back(), 2);
}

TEST(RequestTurn, TheLoopMayGoBeforeThoseInLine) {
  std::optional<RequestTurn> outlives;
  {
    Requests all;
    all.fill();
    all.begin(1);
    all.go_on();
    outlives.emplace(std::move(*all.turns.front()));
  }
}

}  // namespace
}  // namespace venturi::net
