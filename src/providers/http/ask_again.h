// What the clients of services have in common: a request that is sent again within the try where that may help.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>

#include "base/result.h"
#include "net/http_request.h"
#include "operators/outcome.h"
#include "operators/try_log.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

// The whole answer, of any status; an error where there is none, or a larger one. Like net::fetch, but the request stays with
// the caller, who may send it again. It outlives the call.
[[nodiscard]] boost::asio::awaitable<Result<net::HttpAnswer>> ask_once(const net::HttpRequest& request, std::size_t most_bytes);

// Waits before the next attempt, having said why; throws `failed` where `attempt` was the last one. `rule` and `head` outlive
// it; `head` (what was refused, which may say how long to wait) and `log` may be null.
[[nodiscard]] boost::asio::awaitable<void> wait_to_ask_again(const RetryRule& rule, operators::TaskFailed failed, int attempt,
                                                             const net::HttpHead* head, operators::TryLog* log);

}  // namespace venturi::providers
