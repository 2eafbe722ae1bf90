// Asks a server to cancel what a connection does there. libpq 15 has only a call that blocks until the server has closed the
// connection that carries the request, which a server that hangs never does: it runs in a thread of its own, and is not waited
// for longer than it may take.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace venturi::providers {

// Returns when the server has the request, or after `patience`. Nothing is sent where too many such threads wait for servers
// that hang: closing the connection has to do then.
[[nodiscard]] boost::asio::awaitable<void> request_cancel(PGconn* connection, std::chrono::milliseconds patience);

}  // namespace venturi::providers
