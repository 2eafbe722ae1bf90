#include "providers/http/ask_again.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "net/http_client.h"

namespace venturi::providers {

namespace asio = boost::asio;

asio::awaitable<Result<net::HttpAnswer>> ask_once(const net::HttpRequest& request, std::size_t most_bytes) {
  net::HttpExchange exchange(request);
  if (const Error* error = co_await exchange.send()) co_return std::unexpected(*error);
  net::HttpAnswer answer{.head = std::move(exchange.head()), .body = {}};
  for (;;) {
    auto part = co_await exchange.read();
    if (!part) co_return std::unexpected(std::move(part.error()));
    if (part->empty()) co_return answer;
    if (answer.body.size() + part->size() > most_bytes) {
      throw operators::TaskFailed(
          fmt::format("{}: the answer has more than {} MiB", request.shown_as.text(), most_bytes >> 20U));
    }
    answer.body += *part;
  }
}

asio::awaitable<void> wait_to_ask_again(const RetryRule& rule, operators::TaskFailed failed, int attempt,
                                        const net::HttpHead* head, operators::TryLog* log) {
  if (attempt >= rule.attempts) throw failed;
  const double wait = retry_wait(rule, attempt, head);
  if (log != nullptr)
    log->warning(fmt::format("{}; trying again in {:g} s (attempt {} of {})", failed.what(), wait, attempt + 1, rule.attempts));
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(wait * 1000)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace venturi::providers
