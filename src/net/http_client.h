// The HTTP client: libcurl's multi interface on Asio. All requests of a loop share its connections; none blocks the loop, names
// are resolved by libcurl in threads of their own.
//
//   HttpExchange exchange(request);                    // the request outlives it
//   if (const Error* error = co_await exchange.send()) ...
//   exchange.head()                                    // after redirects; an answer of any status is a success here
//   while (part = co_await exchange.read(), !part->empty()) ...
//
//   ready ─send─▶ connecting ─▶ waiting for the head ─▶ body ─read...─▶ ended
//     ▲                                   │ redirect
//     └───────────────────────────────────┘
//
// Back-pressure: about part_bytes are held; then libcurl does not read from the socket until read() took them. Every wait ends
// when the coroutine is cancelled (it throws then), and the connection is closed at once. Errors say which request, what
// happened and what to do, and hold neither passwords nor the values of the URL's query.
//
//   not_found     no such host                           unavailable  refused, connection broken: may work later
//   exhausted     a time-out; an answer that is too big   invalid      certificate, redirects, no HTTP, a URL that is none
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http_request.h"

namespace venturi::net {

class HttpTransfer;

class HttpExchange {
 public:
  static constexpr std::size_t part_bytes = 256UL << 10U;

  explicit HttpExchange(const HttpRequest& request);
  explicit HttpExchange(HttpRequest&&) = delete;
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  // Once. Null where an answer is there. The error lies in the exchange: thousands may wait in this call, and its frame is
  // small.
  [[nodiscard]] boost::asio::awaitable<const Error*> send();
  // After send() gave no error.
  [[nodiscard]] HttpHead& head();
  // The next bytes of the body; empty at its end. After send() gave a head.
  [[nodiscard]] boost::asio::awaitable<Result<std::string>> read();

 private:
  struct State;
  [[nodiscard]] boost::asio::awaitable<void> begin();
  [[nodiscard]] boost::asio::awaitable<void> load_authorities();
  [[nodiscard]] boost::asio::awaitable<void> follow();
  std::unique_ptr<State> state_;
};

// What the client does for all exchanges of a loop runs on this executor of the loop's, which may watch how long it takes.
// Before the first exchange.
void run_http_on(const boost::asio::any_io_executor& executor);

// Both at once, for answers that are held in memory. A larger one is refused, and the error names the limit.
[[nodiscard]] boost::asio::awaitable<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t most_bytes);

}  // namespace venturi::net
