#include "net/smtp_stream.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <cstdlib>
#include <optional>

#include "net/resolve.h"

namespace venturi::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct SmtpStream::State {
  State(const asio::any_io_executor& executor, std::chrono::milliseconds time)
      : socket(executor), timer(executor), patience(time) {}

  tcp::socket socket;
  asio::steady_timer timer;
  std::chrono::milliseconds patience;
  bool timed_out = false;
  std::optional<asio::ssl::context> context;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string buffer;  // received, not read
};

namespace {

// Cancels what the socket waits for when it takes too long.
class Deadline {
 public:
  template <class State>
  explicit Deadline(const std::shared_ptr<State>& state) : timer_(state->timer) {
    state->timed_out = false;
    timer_.expires_after(state->patience);
    timer_.async_wait([weak = std::weak_ptr<State>(state)](const error_code& error) {
      const auto alive = weak.lock();
      if (error || !alive) return;
      alive->timed_out = true;
      error_code ignored;
      alive->socket.cancel(ignored);
    });
  }
  ~Deadline() { timer_.cancel(); }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  asio::steady_timer& timer_;
};

// What went wrong while `doing`. An abort that is no time-out is the cancellation of the coroutine.
template <class State>
std::unexpected<Error> trouble(const State& state, const error_code& error, const std::string& doing) {
  if (state.timed_out) {
    return fail(ErrorKind::exhausted, doing + ": no answer within " + std::to_string(state.patience.count() / 1000) + " s", {},
                "is the server overloaded, or is it no mail server?");
  }
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    return fail(ErrorKind::unavailable, doing + ": the server closed the connection");
  }
  return fail(ErrorKind::unavailable, doing + ": " + error.message());
}

std::unexpected<Error> tls_trouble(SSL* ssl, const error_code& error, const TlsOptions& options) {
  const long verified = ::SSL_get_verify_result(ssl);
  if (options.verify && verified != X509_V_OK) {
    return fail(
        ErrorKind::denied,
        "the server's TLS certificate is not accepted for " + options.host + ": " + ::X509_verify_cert_error_string(verified),
        {}, "install the authority's certificate on this machine");
  }
  return fail(ErrorKind::unavailable, "the TLS handshake failed: " + error.message());
}

// The system's authorities. Debian keeps them one by one under their hashes, too: looked up when one is needed, while the file
// of all of them takes 50 ms to read.
void use_system_authorities(asio::ssl::context& context) {
  static constexpr const char* hashed = "/etc/ssl/certs";
  const bool chosen = std::getenv("SSL_CERT_FILE") != nullptr || std::getenv("SSL_CERT_DIR") != nullptr;
  error_code error;
  if (!chosen && ::access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0)
    context.add_verify_path(hashed, error);
  else
    context.set_default_verify_paths(error);
  if (error) throw boost::system::system_error(error);
}

// Throws system_error where the file of authorities cannot be read.
asio::ssl::context make_context(const TlsOptions& options) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(options.verify ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (!options.verify) return context;
  if (options.ca_file.empty())
    use_system_authorities(context);
  else
    context.load_verify_file(options.ca_file);
  return context;
}

void expect_host(SSL* ssl, const std::string& host) {
  error_code no_address;
  asio::ip::make_address(host, no_address);
  if (!no_address) {
    ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl), host.c_str());
    return;
  }
  ::SSL_set1_host(ssl, host.c_str());
  ::SSL_set_tlsext_host_name(ssl, host.c_str());
}

}  // namespace

SmtpStream::SmtpStream(const asio::any_io_executor& executor, std::chrono::milliseconds patience)
    : state_(std::make_shared<State>(executor, patience)) {}

SmtpStream::~SmtpStream() {
  error_code ignored;
  state_->socket.close(ignored);
}

asio::awaitable<Result<void>> SmtpStream::connect(std::string host, std::uint16_t port) {
  const auto state = state_;
  const auto endpoints = co_await resolve(host, port, state->patience);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  Result<void> outcome;
  for (const Endpoint& endpoint : *endpoints) {
    error_code error;
    state->socket.close(error);
    const Deadline deadline(state);
    co_await state->socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      state->socket.set_option(tcp::no_delay(true), error);
      co_return Result<void>{};
    }
    outcome = trouble(*state, error, "it cannot be reached");
    if (error == asio::error::connection_refused) outcome.error().hint = "does it run, and is the port right?";
  }
  co_return outcome;
}

asio::awaitable<Result<void>> SmtpStream::start_tls(TlsOptions options) {
  const auto state = state_;
  state->buffer.clear();
  try {
    state->context.emplace(make_context(options));
  } catch (const boost::system::system_error& e) {
    co_return fail(ErrorKind::invalid,
                   "the authorities' certificates in " + options.ca_file + " cannot be read: " + e.code().message());
  }
  state->tls.emplace(state->socket, *state->context);
  SSL* const ssl = state->tls->native_handle();
  if (options.verify) expect_host(ssl, options.host);
  const Deadline deadline(state);
  error_code error;
  co_await state->tls->async_handshake(asio::ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_return Result<void>{};
  if (state->timed_out || error == asio::error::operation_aborted || error == asio::error::eof) {
    co_return trouble(*state, error, "the TLS handshake");
  }
  co_return tls_trouble(ssl, error, options);
}

asio::awaitable<Result<std::string>> SmtpStream::read_line() {
  const auto state = state_;
  const Deadline deadline(state);
  std::size_t looked = 0;
  for (;;) {
    const std::size_t end = state->buffer.find('\n', looked);
    if (end != std::string::npos) {
      std::string line = state->buffer.substr(0, end);
      if (line.ends_with('\r')) line.pop_back();
      state->buffer.erase(0, end + 1);
      co_return line;
    }
    looked = state->buffer.size();
    if (looked > max_line) co_return fail(ErrorKind::unavailable, "it sent a line that does not end: it is no mail server");
    char bytes[4096];
    error_code error;
    std::size_t n = 0;
    if (state->tls) {
      n = co_await state->tls->async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    } else {
      n = co_await state->socket.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) co_return trouble(*state, error, "waiting for its answer");
    state->buffer.append(bytes, n);
  }
}

asio::awaitable<Result<void>> SmtpStream::write(std::string bytes) {
  const auto state = state_;
  const Deadline deadline(state);
  error_code error;
  if (state->tls) {
    co_await asio::async_write(*state->tls, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  } else {
    co_await asio::async_write(state->socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
  }
  if (error) co_return trouble(*state, error, "sending");
  co_return Result<void>{};
}

}  // namespace venturi::net
