#include "providers/http/object_download.h"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "net/http_client.h"
#include "providers/http/ask_again.h"
#include "providers/http/side_by_side.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;

constexpr std::size_t most_error = 64UL << 10U;
constexpr std::size_t most_written = 1UL << 20U;  // at a time
constexpr int partial_content = 206, least_refusal = 300;

// Throws it where asking again is of no use.
asio::awaitable<TaskFailed> refusal(ObjectSource& source, net::HttpExchange& exchange) {
  net::HttpAnswer answer{.head = exchange.head(), .body = {}};
  while (answer.body.size() < most_error) {
    const auto part = co_await exchange.read();
    if (!part || part->empty()) break;
    answer.body += *part;
  }
  co_return source.refusal(answer);
}

// As much as is written at a time, or what comes before the end: the writer's thread costs more than a part of the exchange's.
// An error that follows after some bytes is what the next call gives.
asio::awaitable<void> read_much(net::HttpExchange& exchange, Result<std::string>& much) {
  much = std::string();
  while (much->size() < most_written) {
    auto part = co_await exchange.read();
    if (!part) {
      if (much->empty()) much = std::move(part);
      co_return;
    }
    if (part->empty()) co_return;
    if (much->empty()) much->reserve(most_written + net::HttpExchange::part_bytes);
    *much += *part;
  }
}

// Why it broke off; empty where all is there.
asio::awaitable<std::string> receive(ObjectSource& source, net::HttpExchange& exchange, DownloadTarget& target) {
  const net::HttpHead& head = exchange.head();
  const std::string begin = fmt::format("bytes {}-", target.size());
  if (head.status == partial_content && !head.header("content-range").starts_with(begin))
    throw TaskFailed(source.shown() + ": the server sent another part of the object than it was asked for");
  if (head.status != partial_content && target.size() > 0) co_await target.start_again();
  source.take(head);
  // More is read while what arrived is written.
  std::string arrived;
  for (;;) {
    Result<std::string> part;
    if (arrived.empty())
      co_await read_much(exchange, part);
    else
      co_await side_by_side(target.write(std::exchange(arrived, {})), read_much(exchange, part));
    if (!part) {
      // The next bytes may be those of another object.
      if (!source.can_go_on() && target.size() > 0) co_await target.start_again();
      co_return part.error().text();
    }
    if (part->empty()) co_return std::string();
    arrived = *std::move(part);
  }
}

}  // namespace

asio::awaitable<void> download_object(ObjectSource& source, DownloadTarget& target) {
  for (int attempt = 1;; ++attempt) {
    const std::uint64_t before = target.size();
    const net::HttpRequest request = co_await source.request(before);
    net::HttpExchange exchange(request);
    std::optional<TaskFailed> failed;
    std::optional<net::HttpHead> head;  // of a refusal, which may say how long to wait
    if (const Error* error = co_await exchange.send()) {
      failed.emplace(error->text());
    } else if (before > 0 && source.was_replaced(exchange.head().status)) {
      co_await target.start_again();
      failed.emplace(source.shown() + ": the object was replaced while it was read");
    } else if (exchange.head().status >= least_refusal) {
      head = exchange.head();
      failed = co_await refusal(source, exchange);
    } else {
      const std::string why = co_await receive(source, exchange, target);
      if (why.empty()) co_return;
      failed.emplace(why);
    }
    // An attempt that brought something further is none of those that brought nothing.
    if (target.size() > before) attempt = 1;
    co_await wait_to_ask_again(source.retry(), *failed, attempt, head ? &*head : nullptr, &source.log());
  }
}

asio::awaitable<std::uint64_t> download_object(ObjectSource& source, std::string path) {
  const auto target = co_await FileTarget::make(std::move(path), source.checksum());
  co_await download_object(source, *target);
  source.check(target->file());
  co_await target->finish();
  co_return target->size();
}

}  // namespace venturi::providers
