#include "net/http_server.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <list>
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
using Clock = std::chrono::steady_clock;

// Asio opens without SOCK_CLOEXEC.
void keep_from_children(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// With descriptors left for the rest of the program.
std::size_t connections_that_fit(std::size_t wanted) {
  constexpr rlim_t others = 512, least = 64;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return wanted;
  const rlim_t enough = std::min<rlim_t>(files.rlim_max, wanted + others);
  if (files.rlim_cur < enough) {
    const rlimit more{enough, files.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &more) == 0) files.rlim_cur = enough;
  }
  return std::min<std::size_t>(wanted, files.rlim_cur > others + least ? files.rlim_cur - others : least);
}

// As Airflow's server answers what never reaches a route.
std::string detail(std::string_view text) {
  return "{\"detail\":\"" + std::string(text) + "\"}";
}

class Connection;

// What connections share; in the server's thread.
struct Shared {
  HttpServerOptions options;
  HttpServer::Handler handler;
  std::list<Connection*> connections;
  std::size_t body_bytes = 0;  // of requests under way
};

// Deadlines are looked at once a second for all connections together (Shared): a timer for each would cost a request as much as
// its reading.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Shared& shared) : socket_(std::move(socket)), shared_(shared) {
    place_ = shared.connections.insert(shared.connections.end(), this);
  }
  ~Connection() {
    give_back_body();
    shared_.connections.erase(place_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Waits for the first bytes of a request, however long a client keeps its connection open for one.
  void next() {
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

  void look_at_deadline(Clock::time_point now) {
    if (now < deadline_) return;
    if (doing_ != Doing::reading_body && doing_ != Doing::late) return close();
    // Who reads it says so at its end: the parser is in use until then. Again at each look, as what was complete already is not
    // cancelled, and the next piece is waited for.
    doing_ = Doing::late;
    error_code ignored;
    socket_.cancel(ignored);
  }

 private:
  enum class Doing : std::uint8_t { idle, reading_header, reading_body, late, answering, ended };
  static constexpr std::size_t first_read = 1024, largest_idle_buffer = 4096, largest_piece = std::size_t{256} << 10;

  void wait(Doing doing, std::chrono::seconds most) {
    doing_ = doing;
    deadline_ = Clock::now() + most;
  }

  void close() {
    doing_ = Doing::ended;
    deadline_ = Clock::time_point::max();
    error_code ignored;
    socket_.close(ignored);
  }

  void give_back_body() { shared_.body_bytes -= std::exchange(body_bytes_, 0); }

  void read_header() {
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
  void read_body() {
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

  void read_rest() {
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

  void on_error(error_code error) {
    if (error == http::error::body_limit) return refuse(http::status::payload_too_large, "Request body is too large");
    if (error == http::error::header_limit)
      return refuse(http::status::request_header_fields_too_large, "Request header is too large");
    if (error == http::error::end_of_stream || error == http::error::partial_message ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset)
      return close();
    refuse(http::status::bad_request, "Invalid HTTP request received.");
  }

  void on_request() {
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
      write({500, detail("Internal Server Error")});
    }
  }

  void refuse(http::status status, std::string_view why) {
    keep_alive_ = false;
    doing_ = Doing::answering;
    waiting_ = shared_from_this();
    write({static_cast<unsigned>(status), detail(why)});
  }

  void refuse_late() { refuse(http::status::request_timeout, "Request body came too slowly"); }

  void write(HttpServerResponse response) {
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
    if (!keep_alive_ || is_old_) add("Connection", keep_alive_ ? "keep-alive" : "close");
    if (response.status != 204 && response.status != 304) add("Content-Length", std::to_string(response.body.size()));
    head_ += "\r\n";
    body_ = std::move(response.body);
    if (is_head_) body_.clear();
    written_ = 0;
    write_piece();
  }

  // Each has its own deadline: a long answer may take as long as it is read steadily.
  void write_piece() {
    wait(Doing::answering, shared_.options.request_timeout);
    const std::array parts{asio::buffer(head_),
                           asio::buffer(body_.data() + written_, std::min(largest_piece, body_.size() - written_))};
    asio::async_write(socket_, parts, [self = shared_from_this()](error_code error, std::size_t bytes) {
      if (error || self->doing_ == Doing::ended) return;
      self->written_ += bytes - self->head_.size();
      self->head_.clear();
      if (self->written_ < self->body_.size()) return self->write_piece();
      self->body_ = std::string();
      if (self->keep_alive_) return self->next();
      self->end();
    });
  }

  // What the client is still sending is taken for a moment, as a reset would take the answer from it.
  void end() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    parser_.reset();
    give_back_body();
    wait(Doing::idle, lingers);
    linger();
  }
  void linger() {
    buffer_.clear();
    socket_.async_read_some(buffer_.prepare(first_read), [self = shared_from_this()](error_code error, std::size_t) {
      if (!error && self->doing_ != Doing::ended) self->linger();
    });
  }

  static constexpr std::chrono::seconds lingers{2};

  tcp::socket socket_;
  Shared& shared_;
  std::list<Connection*>::iterator place_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string head_, body_;  // of the answer
  std::shared_ptr<Connection> waiting_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::size_t body_bytes_ = 0, written_ = 0;
  Doing doing_ = Doing::idle;
  bool keep_alive_ = true, is_head_ = false, is_old_ = false;
};

}  // namespace

struct HttpServer::State {
  explicit State(HttpServerOptions o) { shared.options = std::move(o); }

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
      if (shared.connections.size() < shared.options.max_connections) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        keep_from_children(socket.native_handle());
        std::make_shared<Connection>(std::move(socket), shared)->next();
        if (!looks) look_at_deadlines();
      }
      accept();
    });
  }

  // What a call throws costs that call alone.
  void run() {
    while (!context.stopped()) {
      try {
        context.run();
      } catch (const std::exception& e) {
        log_error(std::string("a call in the HTTP server's thread failed: ") + e.what());
      } catch (...) {
        log_error("a call in the HTTP server's thread failed");
      }
    }
  }

  // Only while there are connections: an idle server does not wake up.
  void look_at_deadlines() {
    looks = !shared.connections.empty();
    if (!looks) return;
    watch.expires_after(std::chrono::seconds(1));
    watch.async_wait([this](error_code stopped) {
      if (stopped) return;
      const auto now = Clock::now();
      for (auto at = shared.connections.begin(); at != shared.connections.end();) (*at++)->look_at_deadline(now);
      look_at_deadlines();
    });
  }

  Shared shared;  // outlives the connections
  bool looks = false;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context}, watch{context};
  std::thread thread;
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::stop() {
  state_->context.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(HttpServerOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  state->shared.options.max_connections = connections_that_fit(state->shared.options.max_connections);
  const HttpServerOptions& o = state->shared.options;
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
  state_->shared.handler = std::move(handler);
  state_->accept();
  // Signals are for the threads that wait for them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->thread = std::thread([state = state_.get()] {
    // In Linux a thread has a niceness of its own, and SCHED_BATCH lets it wait for whoever runs when it wakes up. Where they
    // cannot be set, they stay as they are.
    if (state->shared.options.niceness != 0) {
      (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), state->shared.options.niceness);
      const sched_param none{};
      (void)::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);
    }
    state->run();
  });
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
