// An HTTP/1.1 server on a thread of its own, so that nothing of what clients do holds up whoever answers them elsewhere. The
// only place with Boost.Beast (http_connection.cpp). Keep-alive; requests of a connection are answered in their order.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace venturi::net {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // an address
  std::uint16_t port = 0;          // 0: one that is free
  std::size_t max_header_bytes = std::size_t{16} << 10;
  std::size_t max_body_bytes = std::size_t{4} << 20;
  std::size_t max_bodies_bytes = std::size_t{64} << 20;  // of all requests under way; beyond that 503
  // Further ones are closed at once. As many as there are descriptors for, less some for the rest of the program: the soft
  // limit of this process is raised.
  std::size_t max_connections = 12'000;
  std::chrono::seconds request_timeout{30};  // from a request's first byte to its last: 408 where its header was there
  std::chrono::seconds idle_timeout{75};     // until the first byte of the next one
  int niceness = 0;                          // of the thread: how far others go before it
};

struct HttpServerRequest {
  std::string method, target;  // as sent: "GET", "/api/v2/dags?limit=5"
  std::string authorization, cookie, content_type, accept;
  std::string body;
};

// A body that is made while it is sent: called in the server's thread for each piece, when the one before has been sent. It
// calls `give` once, then or later, from any thread: an empty piece is the end, and an error cuts the body off, so that the
// client sees that it is not whole. It is let go when the body has ended or the client has gone, which is noticed while a piece
// is waited for, too.
using GivePiece = std::function<void(Result<std::string>)>;
using Pieces = std::function<void(const GivePiece& give)>;

struct HttpServerResponse {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "application/json";  // empty: none
  std::vector<std::pair<std::string, std::string>> headers = {};
  Pieces pieces = {};  // in place of `body`
};

class HttpServer {
 public:
  // Called once, from any thread; without effect where the connection or the server is gone.
  using Respond = std::function<void(HttpServerResponse)>;
  // Called in the server's thread. What it throws is answered with 500.
  using Handler = std::function<void(HttpServerRequest, Respond)>;

  // Listens; serves from start() on. The error says what to do where the address is in use.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(HttpServerOptions options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  void start(Handler handler);
  // From any other thread: serves nothing more, and waits for the thread. What is posted then is never called.
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  // From any thread: runs `call` in the server's thread soon.
  void post(std::function<void()> call);
  // In the server's thread, after `delay`.
  void after(std::chrono::milliseconds delay, std::function<void()> call);

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace venturi::net
