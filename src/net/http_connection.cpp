#include "net/http_connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <utility>

#include "base/log.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t first_read = 1024, largest_idle_buffer = 4096, largest_write = std::size_t{256} << 10;
constexpr std::chrono::seconds lingers{2};

// As Airflow's server answers what never reaches a route.
std::string detail_body(std::string_view text) {
  return "{\"detail\":\"" + std::string(text) + "\"}";
}

std::string hexadecimal(std::size_t number) {
  std::array<char, 2 * sizeof number> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number, 16).ptr};
}

}  // namespace

HttpConnection::HttpConnection(tcp::socket socket, HttpConnections& shared) : socket_(std::move(socket)), shared_(shared) {
  place_ = shared.connections.insert(shared.connections.end(), this);
}

HttpConnection::~HttpConnection() {
  give_back_body();
  shared_.connections.erase(place_);
}

// Waits for the first bytes of a request, however long a client keeps its connection open for one.
void HttpConnection::next() {
  parser_.reset();
  give_back_body();
  if (buffer_.size() > 0) return read_header();
  if (buffer_.capacity() > largest_idle_buffer) buffer_ = beast::flat_buffer();
  wait(Doing::idle, shared_.options.idle_timeout);
  socket_.async_read_some(buffer_.prepare(first_read), [self = shared_from_this()](error_code error, std::size_t bytes) {
    if (error || self->doing_ == Doing::ended) return;
    self->buffer_.commit(bytes);
    self->read_header();
  });
}

void HttpConnection::look_at_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  if (doing_ != Doing::reading_body && doing_ != Doing::late) return close();
  // Who reads it says so at its end: the parser is in use until then. Again at each look, as what was complete already is not
  // cancelled, and the next piece is waited for.
  doing_ = Doing::late;
  error_code ignored;
  socket_.cancel(ignored);
}

void HttpConnection::wait(Doing doing, std::chrono::seconds most) {
  doing_ = doing;
  deadline_ = Clock::now() + most;
}

void HttpConnection::close() {
  doing_ = Doing::ended;
  deadline_ = Clock::time_point::max();
  pieces_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

void HttpConnection::forget_answer() {
  const auto self = std::move(waiting_);
  pieces_ = nullptr;
}

void HttpConnection::give_back_body() {
  shared_.body_bytes -= std::exchange(body_bytes_, 0);
}

void HttpConnection::read_header() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header_bytes));
  parser_->body_limit(shared_.options.max_body_bytes);
  wait(Doing::reading_header, shared_.options.request_timeout);
  http::async_read_header(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
    if (self->doing_ != Doing::reading_header) return;
    if (error) return self->on_error(error);
    self->read_body();
  });
}

// With the time that is left of the header's.
void HttpConnection::read_body() {
  doing_ = Doing::reading_body;
  if (parser_->is_done()) return on_request();
  if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(head_), [self = shared_from_this()](error_code error, std::size_t) {
      if (self->doing_ == Doing::late) return self->refuse_late();
      if (!error && self->doing_ == Doing::reading_body) self->read_rest();
    });
    return;
  }
  read_rest();
}

void HttpConnection::read_rest() {
  http::async_read_some(socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
    if (self->doing_ == Doing::late && (error || !self->parser_->is_done())) return self->refuse_late();
    if (self->doing_ == Doing::ended) return;
    if (error) return self->on_error(error);
    // As it comes: who only says that much will come takes nothing from the others.
    const std::size_t bytes = self->parser_->get().body().size();
    self->shared_.body_bytes += bytes - std::exchange(self->body_bytes_, bytes);
    if (self->shared_.body_bytes > self->shared_.options.max_bodies_bytes)
      return self->refuse(http::status::service_unavailable, "Too many large requests at once: send it again later");
    if (!self->parser_->is_done()) return self->read_rest();
    self->on_request();
  });
}

void HttpConnection::on_error(error_code error) {
  if (error == http::error::body_limit) return refuse(http::status::payload_too_large, "Request body is too large");
  if (error == http::error::header_limit)
    return refuse(http::status::request_header_fields_too_large, "Request header is too large");
  if (error == http::error::end_of_stream || error == http::error::partial_message || error == asio::error::operation_aborted ||
      error == asio::error::connection_reset)
    return close();
  refuse(http::status::bad_request, "Invalid HTTP request received.");
}

void HttpConnection::on_request() {
  doing_ = Doing::answering;
  deadline_ = Clock::time_point::max();  // an answer may take its time
  auto& message = parser_->get();
  const auto field = [&](http::field name) { return std::string(message[name]); };
  keep_alive_ = message.keep_alive();
  is_old_ = message.version() < 11;
  is_head_ = message.method() == http::verb::head;
  HttpServerRequest request{std::string(message.method_string()),
                            std::string(message.target()),
                            field(http::field::authorization),
                            field(http::field::cookie),
                            field(http::field::content_type),
                            field(http::field::accept),
                            std::move(message.body())};
  // It may be called from another thread, and after the connection is gone.
  const auto respond = [weak = weak_from_this(), executor = socket_.get_executor()](HttpServerResponse response) {
    asio::dispatch(executor, [weak, response = std::move(response)]() mutable {
      if (const auto self = weak.lock()) self->write(std::move(response));
    });
  };
  waiting_ = shared_from_this();  // until the answer: nothing else holds it
  try {
    shared_.handler(std::move(request), respond);
  } catch (const std::exception& e) {
    log_error(std::string("a request failed: ") + e.what());
    write({500, detail_body("Internal Server Error")});
  }
}

void HttpConnection::refuse(http::status status, std::string_view why) {
  keep_alive_ = false;
  doing_ = Doing::answering;
  waiting_ = shared_from_this();
  write({static_cast<unsigned>(status), detail_body(why)});
}

void HttpConnection::refuse_late() {
  refuse(http::status::request_timeout, "Request body came too slowly");
}

void HttpConnection::write(HttpServerResponse response) {
  const auto self = std::move(waiting_);
  if (!self || doing_ == Doing::ended) return;  // answered already
  head_.clear();
  head_.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head_.append(http::obsolete_reason(http::int_to_status(response.status))).append("\r\n");
  const auto add = [&](std::string_view name, std::string_view value) {
    head_.append(name).append(": ").append(value).append("\r\n");
  };
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) add(name, value);
  if (response.pieces && is_old_) keep_alive_ = false;  // it knows no chunks: the connection's end is the body's
  if (!keep_alive_ || is_old_) add("Connection", keep_alive_ ? "keep-alive" : "close");
  if (response.pieces && !is_old_) add("Transfer-Encoding", "chunked");
  if (!response.pieces && response.status != 204 && response.status != 304)
    add("Content-Length", std::to_string(response.body.size()));
  head_ += "\r\n";
  if (!is_head_) {
    body_ = std::move(response.body);
    pieces_ = std::move(response.pieces);
  }
  written_ = 0;
  if (pieces_) return ask_for_piece();
  write_some();
}

void HttpConnection::ask_for_piece() {
  doing_ = Doing::answering;
  deadline_ = Clock::time_point::max();
  waiting_ = shared_from_this();
  watch();
  // Never at once: what makes the piece may be let go by it.
  const auto give = [weak = weak_from_this(), executor = socket_.get_executor()](Result<std::string> piece) {
    asio::post(executor, [weak, piece = std::move(piece)]() mutable {
      if (const auto self = weak.lock()) self->write_piece(std::move(piece));
    });
  };
  try {
    pieces_(give);
  } catch (const std::exception& e) {
    give(fail(ErrorKind::internal, e.what()));
  }
}

void HttpConnection::write_piece(Result<std::string> piece) {
  const auto self = std::move(waiting_);
  if (!self || doing_ == Doing::ended) return;  // given already
  if (!piece) {
    log_error("an answer was cut off: " + piece.error().text());
    return close();
  }
  body_ = std::move(*piece);
  if (body_.empty()) pieces_ = nullptr;
  if (!is_old_) {
    head_ += hexadecimal(body_.size()) + "\r\n";
    body_ += "\r\n";
  }
  written_ = 0;
  write_some();
}

// While pieces are waited for nothing is written, which would tell that the client has gone. That it says no more means the
// same, as to Airflow's server.
void HttpConnection::watch() {
  if (std::exchange(is_watching_, true)) return;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
    self->is_watching_ = false;
    if (error || !self->pieces_) return;
    error_code gone;
    const bool is_next_request = self->socket_.available(gone) > 0 && !gone;
    if (is_next_request) return;
    self->waiting_.reset();
    self->close();
  });
}

// Each has its own deadline: a long answer may take as long as it is read steadily.
void HttpConnection::write_some() {
  wait(Doing::answering, shared_.options.request_timeout);
  const std::array parts{asio::buffer(head_),
                         asio::buffer(body_.data() + written_, std::min(largest_write, body_.size() - written_))};
  asio::async_write(socket_, parts, [self = shared_from_this()](error_code error, std::size_t bytes) {
    if (self->doing_ == Doing::ended) return;
    if (error) return self->close();
    self->written_ += bytes - self->head_.size();
    self->head_.clear();
    if (self->written_ < self->body_.size()) return self->write_some();
    self->body_ = std::string();
    if (self->pieces_) return self->ask_for_piece();
    if (self->keep_alive_) return self->next();
    self->end();
  });
}

// What the client is still sending is taken for a moment, as a reset would take the answer from it.
void HttpConnection::end() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  parser_.reset();
  give_back_body();
  wait(Doing::idle, lingers);
  linger();
}
void HttpConnection::linger() {
  buffer_.clear();
  socket_.async_read_some(buffer_.prepare(first_read), [self = shared_from_this()](error_code error, std::size_t) {
    if (!error && self->doing_ != Doing::ended) self->linger();
  });
}

}  // namespace venturi::net
