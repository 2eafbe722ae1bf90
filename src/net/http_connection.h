// One client's connection to an HTTP server (http_server.h): reads its requests one after the other, and writes their answers.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_server.h"

namespace venturi::net {

class HttpConnection;

// What connections share; in the server's thread.
struct HttpConnections {
  HttpServerOptions options;
  HttpServer::Handler handler;
  std::list<HttpConnection*> connections;
  std::size_t body_bytes = 0;  // of requests under way
};

// Deadlines are looked at once a second for all connections together: a timer for each would cost a request as much as its
// reading.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, HttpConnections& shared);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Waits for the first bytes of a request, however long a client keeps its connection open for one.
  void next();
  void look_at_deadline(std::chrono::steady_clock::time_point now);
  // When the server has ended: nobody answers any more, and what makes an answer's pieces is let go. It may be gone then.
  void forget_answer();

 private:
  enum class Doing : std::uint8_t { idle, reading_header, reading_body, late, answering, ended };

  void wait(Doing doing, std::chrono::seconds most);
  void close();
  void give_back_body();
  void read_header();
  void read_body();
  void read_rest();
  void on_error(boost::system::error_code error);
  void on_request();
  void refuse(boost::beast::http::status status, std::string_view why);
  void refuse_late();
  void write(HttpServerResponse response);
  void ask_for_piece();
  void write_piece(Result<std::string> piece);
  void watch();
  void write_some();
  void end();
  void linger();

  boost::asio::ip::tcp::socket socket_;
  HttpConnections& shared_;
  std::list<HttpConnection*>::iterator place_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::string head_, body_;  // of the answer
  Pieces pieces_;            // of its body, while there may be more
  std::shared_ptr<HttpConnection> waiting_;
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  std::size_t body_bytes_ = 0, written_ = 0;
  Doing doing_ = Doing::idle;
  bool keep_alive_ = true, is_head_ = false, is_old_ = false, is_watching_ = false;
};

}  // namespace venturi::net
