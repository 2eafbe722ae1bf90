#include "net/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <thread>

#include "base/log.h"
#include "base/slices.h"
#include "net/http_connection.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;
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
        std::make_shared<HttpConnection>(std::move(socket), shared)->next();
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

  HttpConnections shared;  // outlives the connections
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
  auto& connections = state_->shared.connections;
  for (auto at = connections.begin(); at != connections.end();) (*at++)->forget_answer();
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
      take_slices_of(long_slice);
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
