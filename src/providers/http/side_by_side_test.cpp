#include "providers/http/side_by_side.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> wait_and_note(std::chrono::milliseconds time, std::string& notes, char note) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  try {
    co_await timer.async_wait(asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    notes += 'x';
    throw;
  }
  notes += note;
}

asio::awaitable<void> fail_after(std::chrono::milliseconds time, std::string& notes) {
  co_await wait_and_note(time, notes, 'f');
  throw std::runtime_error("it failed");
}

// What it threw; `cancel_after` its beginning, where that is not zero.
std::exception_ptr run(asio::awaitable<void> what, std::chrono::milliseconds cancel_after = 0ms) {
  asio::io_context io(1);
  asio::cancellation_signal cancel;
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(what),
                 asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr& error) { thrown = error; }));
  asio::steady_timer timer(io, cancel_after);
  if (cancel_after > 0ms) timer.async_wait([&](boost::system::error_code) { cancel.emit(asio::cancellation_type::terminal); });
  io.run();
  return thrown;
}

TEST(SideBySide, WaitsForBoth) {
  std::string notes;
  EXPECT_EQ(run(side_by_side(wait_and_note(20ms, notes, 'b'), wait_and_note(1ms, notes, 'a'))), nullptr);
  EXPECT_EQ(notes, "ab");
}

TEST(SideBySide, WhatOneThrowsEndsTheOther) {
  std::string first, second;
  EXPECT_THROW(std::rethrow_exception(run(side_by_side(fail_after(1ms, first), wait_and_note(60s, first, 'a')))),
               std::runtime_error);
  EXPECT_EQ(first, "fx");
  // And not that the first one was cancelled.
  EXPECT_THROW(std::rethrow_exception(run(side_by_side(wait_and_note(60s, second, 'a'), fail_after(1ms, second)))),
               std::runtime_error);
  EXPECT_EQ(second, "fx");
}

TEST(SideBySide, WhoIsCancelledCancelsBoth) {
  std::string notes;
  const auto both = [&] { return side_by_side(wait_and_note(60s, notes, 'a'), wait_and_note(60s, notes, 'b')); };
  EXPECT_THROW(std::rethrow_exception(run(both(), 5ms)), boost::system::system_error);
  EXPECT_EQ(notes, "xx");
}

}  // namespace
}  // namespace venturi::providers
