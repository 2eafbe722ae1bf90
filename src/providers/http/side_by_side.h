// Two coroutines at once, such as a read and the write of what was read before it.
#pragma once

#include <boost/asio/awaitable.hpp>

namespace venturi::providers {

// Returns when both have ended. Where one throws the other one is cancelled, and what was thrown first is thrown. Who is
// cancelled meanwhile cancels both, and waits for them.
[[nodiscard]] boost::asio::awaitable<void> side_by_side(boost::asio::awaitable<void> one, boost::asio::awaitable<void> other);

}  // namespace venturi::providers
