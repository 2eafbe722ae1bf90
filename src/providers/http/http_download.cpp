#include "providers/http/http_download.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "net/http_client.h"
#include "net/http_error.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::size_t shown_refusal = 2000;

}  // namespace

HttpDownload::HttpDownload(CallContext t, std::shared_ptr<HttpCall> call, RetryRule rule, std::uint64_t most)
    : t_(t), call_(std::move(call)), rule_(std::move(rule)), most_(most) {
  call_->request.decompress = false;  // ranges count bytes as they are sent
  call_->request.read_bytes = net::many_read_bytes;
}

std::string HttpDownload::shown() const {
  return net::shown_request(call_->request, call_->request.url);
}

asio::awaitable<void> HttpDownload::run(DownloadTarget& target) {
  for (int attempt = 1;; ++attempt) {
    std::string error;
    double wait = retry_wait(rule_, attempt, nullptr);
    const std::uint64_t before = target.size();
    net::HttpRequest request = call_->request;
    if (before > 0) {
      request.headers.emplace_back("Range", fmt::format("bytes={}-", before));
      request.headers.emplace_back("If-Range", tag_);
    }
    net::HttpExchange exchange(request);
    if (const Error* failed = co_await exchange.send()) {
      error = failed->text();
    } else if (const net::HttpHead& head = exchange.head(); head.status >= 400) {
      error = co_await refusal(exchange, head);
      wait = retry_wait(rule_, attempt, &head);
      if (!rule_.is_for(head.status)) throw TaskFailed(error);
    } else {
      error = co_await receive(exchange, head, target);
      if (error.empty()) co_return;
    }
    // An attempt that brought something further is none of those that brought nothing.
    if (!tag_.empty() && target.size() > before) attempt = 1;
    if (attempt >= rule_.attempts) throw TaskFailed(error);
    if (tag_.empty() && target.size() > 0) co_await target.start_again();
    t_.log.warning(fmt::format("{}; trying again from byte {} in {:g} s", error, target.size(), wait));
    asio::steady_timer timer(co_await asio::this_coro::executor);
    timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(wait * 1000)));
    co_await timer.async_wait(asio::use_awaitable);
  }
}

asio::awaitable<std::string> HttpDownload::refusal(net::HttpExchange& exchange, net::HttpHead head) {
  std::string error = status_text(head, call_->request);
  t_.log.error("HTTP error: " + error);
  const auto part = co_await exchange.read();
  if (part && !part->empty()) t_.log.error(part->substr(0, shown_refusal));
  co_return error;
}

// Why it broke off; empty where all is there.
asio::awaitable<std::string> HttpDownload::receive(net::HttpExchange& exchange, net::HttpHead head, DownloadTarget& target) {
  const std::string begin = fmt::format("bytes {}-", target.size());
  if (head.status == 206 && !head.header("content-range").starts_with(begin))
    throw TaskFailed(shown() + ": the server sent another part of the file than it was asked for");
  if (head.status != 206 && target.size() > 0) co_await target.start_again();
  if (head.header("accept-ranges") == "bytes") tag_ = head.header("etag");
  if (tag_.starts_with("W/")) tag_.clear();  // says nothing of bytes
  for (;;) {
    auto part = co_await exchange.read();
    if (!part) co_return part.error().text();
    if (part->empty()) co_return "";
    if (target.size() + part->size() > most_)
      throw TaskFailedForGood(fmt::format("{}: the file has more than the {} bytes of max_bytes", shown(), most_));
    co_await target.write(*std::move(part));
  }
}

asio::awaitable<void> download_into(HttpDownload& download, SinkTarget& target) {
  std::exception_ptr failed;
  try {
    co_await download.run(target);
    co_await target.sink().finish();
  } catch (...) {
    failed = std::current_exception();
  }
  if (!failed) co_return;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await target.sink().give_up();
  std::rethrow_exception(failed);
}

}  // namespace venturi::providers
