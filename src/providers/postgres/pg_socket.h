// The socket of a session, as Asio sees it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "providers/postgres/pg_session.h"

namespace venturi::providers {

struct PgSocket {
  explicit PgSocket(const boost::asio::any_io_executor& executor) : descriptor(executor), timer(executor) {}

  boost::asio::posix::stream_descriptor descriptor;  // a duplicate: libpq closes its own when it likes
  boost::asio::steady_timer timer;
  bool timed_out = false;  // by the timer, which cancels the wait

  void watch(int fd);
  // Until it can be read, or written. Returns at once when the time is over; throws where the coroutine is cancelled.
  boost::asio::awaitable<void> wait(bool to_read);
  // Until it can be read; false where it cannot within that time. Throws as wait() does.
  boost::asio::awaitable<bool> wait_to_read(std::chrono::milliseconds patience);
};

}  // namespace venturi::providers
