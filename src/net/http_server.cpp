#include "net/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <fcntl.h>

#include <csignal>
#include <exception>
#include <optional>
#include <thread>

#include "base/log.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

// Asio opens without SOCK_CLOEXEC.
void keep_from_children(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// As Airflow's server answers what never reaches a route.
std::string detail(std::string_view text) {
  return "{\"detail\":\"" + std::string(text) + "\"}";
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpServerOptions& options, const HttpServer::Handler& handler, std::size_t& open)
      : stream_(std::move(socket)), options_(options), handler_(handler), open_(open) {
    ++open_;
  }
  ~Connection() { --open_; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits for the first bytes of a request, however long a client keeps its connection open for one.
  void next() {
    if (buffer_.size() > 0) return read();
    stream_.expires_after(options_.idle_timeout);
    stream_.async_read_some(buffer_.prepare(first_read), [self = shared_from_this()](error_code error, std::size_t bytes) {
      if (error) return;
      self->buffer_.commit(bytes);
      self->read();
    });
  }
  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
  }

 private:
  static constexpr std::size_t first_read = 4096;

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser_->body_limit(options_.max_body_bytes);
    stream_.expires_after(options_.request_timeout);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) { self->on_request(error); });
  }

  void on_request(error_code error) {
    if (error == http::error::body_limit) return refuse(http::status::payload_too_large, "Request body is too large");
    if (error == http::error::header_limit)
      return refuse(http::status::request_header_fields_too_large, "Request header is too large");
    if (error == beast::error::timeout || error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset)
      return close();
    if (error) return refuse(http::status::bad_request, "Invalid HTTP request received.");
    stream_.expires_never();  // an answer may take its time
    const auto& message = parser_->get();
    const auto field = [&](http::field name) { return std::string(message[name]); };
    HttpServerRequest request{std::string(message.method_string()), std::string(message.target()),
                              field(http::field::authorization),    field(http::field::cookie),
                              field(http::field::content_type),     field(http::field::accept),
                              std::move(parser_->get().body())};
    keep_alive_ = message.keep_alive();
    is_head_ = message.method() == http::verb::head;
    version_ = message.version();
    // It may be called from another thread, and after the connection is gone.
    const auto respond = [weak = weak_from_this(), executor = stream_.get_executor()](HttpServerResponse response) {
      asio::post(executor, [weak, response = std::move(response)]() mutable {
        if (const auto self = weak.lock()) self->write(std::move(response));
      });
    };
    waiting_ = shared_from_this();  // until the answer: nothing else holds it
    try {
      handler_(std::move(request), respond);
    } catch (const std::exception& e) {
      log_error(std::string("a request failed: ") + e.what());
      write({500, detail("Internal Server Error")});
    }
  }

  void refuse(http::status status, std::string_view why) {
    keep_alive_ = false;
    waiting_ = shared_from_this();
    write({static_cast<unsigned>(status), detail(why)});
  }

  void write(HttpServerResponse response) {
    const auto self = std::move(waiting_);
    if (!self) return;  // answered already
    response_.emplace();
    response_->version(version_);
    response_->result(response.status);
    if (!response.content_type.empty()) response_->set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) response_->insert(name, value);  // several cookies are several headers
    response_->keep_alive(keep_alive_);
    response_->body() = std::move(response.body);
    const bool has_body = response.status != 204 && response.status != 304;
    if (has_body) response_->prepare_payload();
    if (is_head_) response_->body().clear();
    stream_.expires_after(options_.request_timeout);
    http::async_write(stream_, *response_, [self](error_code error, std::size_t) {
      if (error) return;
      if (self->keep_alive_) return self->next();
      error_code ignored;
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    });
  }

  beast::tcp_stream stream_;
  const HttpServerOptions& options_;
  const HttpServer::Handler& handler_;
  std::size_t& open_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::shared_ptr<Connection> waiting_;
  bool keep_alive_ = true, is_head_ = false;
  unsigned version_ = 11;
};

}  // namespace

struct HttpServer::State {
  explicit State(HttpServerOptions o) : options(std::move(o)) {}

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {  // no descriptor is free: go on when one may be
        pause.expires_after(std::chrono::milliseconds(100));
        pause.async_wait([this](error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      if (open < options.max_connections) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        keep_from_children(socket.native_handle());
        const auto connection = std::make_shared<Connection>(std::move(socket), options, handler, open);
        connection->next();
      }
      accept();
    });
  }

  HttpServerOptions options;
  Handler handler;
  std::size_t open = 0;  // connections; outlives them
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  std::thread thread;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  state_->context.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(HttpServerOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  const HttpServerOptions& o = state->options;
  const std::string where = o.host + ":" + std::to_string(o.port);
  error_code error;
  const auto address = asio::ip::make_address(o.host, error);
  if (error) return fail(ErrorKind::invalid, "this is no IP address", o.host, "set [api] host to one, like 127.0.0.1");
  const tcp::endpoint endpoint(address, o.port);
  state->acceptor.open(endpoint.protocol(), error);
  if (!error) keep_from_children(state->acceptor.native_handle());
  if (!error) state->acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) state->acceptor.bind(endpoint, error);
  if (!error) state->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error == asio::error::address_in_use) {
    return fail(ErrorKind::conflict, "another program listens here already", where,
                "end it, or set another port: [api] port in venturi.toml, or VENTURI__API__PORT; 0 takes a free one");
  }
  if (error) return fail(ErrorKind::unavailable, "cannot listen: " + error.message(), where, "set [api] host and port");
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

void HttpServer::start(Handler handler) {
  state_->handler = std::move(handler);
  state_->accept();
  // Signals are for the threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->thread = std::thread([state = state_.get()] { state->context.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::uint16_t HttpServer::port() const {
  return state_->acceptor.local_endpoint().port();
}

void HttpServer::post(std::function<void()> call) {
  asio::post(state_->context, std::move(call));
}

void HttpServer::after(std::chrono::milliseconds delay, std::function<void()> call) {
  const auto timer = std::make_shared<asio::steady_timer>(state_->context, delay);
  timer->async_wait([timer, call = std::move(call)](error_code stopped) {
    if (!stopped) call();
  });
}

}  // namespace venturi::net
