// Names of hosts to addresses, without blocking the loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace venturi::net {

using Endpoint = boost::asio::ip::tcp::endpoint;

// At least one address. An address as text is taken as it is. The look-up itself (getaddrinfo in a thread of a pool) cannot be
// stopped; waiting for it ends after `patience`, or when the coroutine is cancelled (it throws then, as any wait does).
[[nodiscard]] boost::asio::awaitable<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                                            std::chrono::milliseconds patience);

}  // namespace venturi::net
