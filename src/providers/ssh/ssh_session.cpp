#include "providers/ssh/ssh_session.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>

#include <fmt/format.h>

#include "operators/stop_signal.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;
using std::chrono::milliseconds;

constexpr int most_attempts = 3;
// libssh may hold something that no descriptor tells of.
constexpr milliseconds longest_wait{100};

// Readable: there is a stop.
bool is_raised(int stop, milliseconds patience) {
  pollfd ready{stop, POLLIN, 0};
  return ::poll(&ready, stop < 0 ? 0 : 1, static_cast<int>(patience.count())) == 1;
}

milliseconds left_until(SshSession::Clock::time_point until) {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until - SshSession::Clock::now()));
}

std::string home_file(const char* name) {
  const char* home = ::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home) + "/.ssh/" + name;
}

}  // namespace

SshSession::SshSession(SshSettings settings, int stop) : settings_(std::move(settings)), stop_(stop) {
  for (int attempt = 1;; ++attempt) {
    std::optional<SshLost> why;
    try {
      connect();
      break;
    } catch (const SshLost& e) {
      end();
      if (attempt == most_attempts) throw;
      why = e;
    } catch (...) {
      end();
      throw;
    }
    warnings_.push_back(fmt::format("{}; attempt {} of {} failed", why->what(), attempt, most_attempts));
    pause(milliseconds(1000) * attempt);
  }
  try {
    log_in(*this);
  } catch (...) {
    end();
    throw;
  }
}

SshSession::~SshSession() {
  end();
}

void SshSession::end() {
  if (session_ == nullptr) return;
  ::ssh_disconnect(session_);
  ::ssh_free(session_);
  session_ = nullptr;
}

void SshSession::pause(milliseconds time) const {
  if (stop_ < 0 && time.count() == 0) return;
  if (is_raised(stop_, time)) throw operators::Stopped();
}

void SshSession::lost(std::string_view why) const {
  throw SshLost(fmt::format("{}: {}", shown(), why));
}
void SshSession::lost() const {
  lost(fmt::format("the connection broke off: {}", ::ssh_get_error(session_)));
}

void SshSession::wait(Clock::time_point until) {
  const milliseconds left = left_until(until);
  if (left.count() == 0) lost("the server says nothing: no answer in time");
  std::array<pollfd, 2> ready{pollfd{::ssh_get_fd(session_), POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
  if ((::ssh_get_poll_flags(session_) & SSH_WRITE_PENDING) != 0) ready[0].events |= POLLOUT;
  (void)::poll(ready.data(), ready.size(), static_cast<int>(std::min(left, longest_wait).count()));
  if (stop_ >= 0 && ready[1].revents != 0) throw operators::Stopped();
}

Fd SshSession::connected_to(const addrinfo& address, std::string& why) {
  Fd fd(::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  if (fd && ::connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return fd;
  if (!fd || errno != EINPROGRESS) {
    why = std::strerror(errno);
    return {};
  }
  const auto until = Clock::now() + settings_.conn_timeout;
  std::array<pollfd, 2> ready{pollfd{fd.get(), POLLOUT, 0}, pollfd{stop_, POLLIN, 0}};
  while (ready[0].revents == 0) {
    const milliseconds left = left_until(until);
    if (left.count() == 0) {
      why = "no answer in time (conn_timeout)";
      return {};
    }
    (void)::poll(ready.data(), ready.size(), static_cast<int>(left.count()));
    if (stop_ >= 0 && ready[1].revents != 0) throw operators::Stopped();
  }
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) return fd;
  why = std::strerror(error);
  return {};
}

Fd SshSession::connected_socket() {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  const int unknown = ::getaddrinfo(settings_.host.c_str(), std::to_string(settings_.port).c_str(), &wanted, &found);
  if (unknown != 0) lost(fmt::format("the host is not known: {}", ::gai_strerror(unknown)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(found, &::freeaddrinfo);
  std::string why;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Fd fd = connected_to(*address, why);
    if (!fd) continue;
    const int on = 1;
    (void)::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return fd;
  }
  lost(fmt::format("cannot connect: {}", why));
}

void SshSession::set_options() {
  const auto set = [this](ssh_options_e option, const void* value, std::string_view what) {
    if (::ssh_options_set(session_, option, value) != SSH_OK)
      throw TaskFailed(fmt::format("connection {}: {}: {}", settings_.conn_id, what, ::ssh_get_error(session_)));
  };
  const unsigned port = settings_.port;
  const bool reads_config = false;  // of the worker's user: a connection says it all
  const SshAlgorithms& algorithms = settings_.algorithms;
  std::string host_keys = algorithms.host_keys;
  if (settings_.host_key_type == "ssh-rsa")
    host_keys = "rsa-sha2-512,rsa-sha2-256";
  else if (!settings_.host_key_type.empty())
    host_keys = settings_.host_key_type;
  set(SSH_OPTIONS_PROCESS_CONFIG, &reads_config, "settings");
  set(SSH_OPTIONS_HOST, settings_.host.c_str(), "host");
  set(SSH_OPTIONS_PORT, &port, "port");
  set(SSH_OPTIONS_USER, settings_.login.c_str(), "login");
  set(SSH_OPTIONS_CIPHERS_C_S, algorithms.ciphers.c_str(), "extra: ciphers");
  set(SSH_OPTIONS_CIPHERS_S_C, algorithms.ciphers.c_str(), "extra: ciphers");
  set(SSH_OPTIONS_HMAC_C_S, algorithms.macs.c_str(), "extra: disabled_algorithms, macs");
  set(SSH_OPTIONS_HMAC_S_C, algorithms.macs.c_str(), "extra: disabled_algorithms, macs");
  set(SSH_OPTIONS_KEY_EXCHANGE, algorithms.key_exchange.c_str(), "extra: disabled_algorithms, kex");
  set(SSH_OPTIONS_HOSTKEYS, host_keys.c_str(), "extra: disabled_algorithms, keys");
  set(SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, algorithms.public_keys.c_str(), "extra: disabled_algorithms, pubkeys");
  set(SSH_OPTIONS_COMPRESSION, settings_.compress ? "yes" : "no", "extra: compress");
  const std::string known = settings_.known_hosts.empty() ? home_file("known_hosts") : settings_.known_hosts;
  if (!known.empty()) set(SSH_OPTIONS_KNOWNHOSTS, known.c_str(), "extra: known_hosts");
}

void SshSession::connect() {
  session_ = ::ssh_new();
  if (session_ == nullptr) throw std::bad_alloc();
  set_options();
  int fd = connected_socket().release();
  (void)::ssh_options_set(session_, SSH_OPTIONS_FD, &fd);
  ::ssh_set_blocking(session_, 0);
  const auto until = Clock::now() + settings_.banner_timeout;
  const int connected = repeat(SSH_AGAIN, until, [this] { return ::ssh_connect(session_); });
  if (connected != SSH_OK) {
    const std::string why = fmt::format("the server and this side do not get together: {}", ::ssh_get_error(session_));
    // What both have no word for in common they will not have the next time either.
    if (why.find("no match for method") != std::string::npos) throw TaskFailed(fmt::format("{}: {}", shown(), why));
    lost(why);
  }
  if (std::string warning = check_host_key(*this); !warning.empty()) warnings_.push_back(std::move(warning));
}

SshChannel SshSession::open_channel() {
  SshChannel channel(::ssh_channel_new(session_));
  if (!channel) lost();
  const auto until = Clock::now() + settings_.banner_timeout;
  const int opened = repeat(SSH_AGAIN, until, [&] { return ::ssh_channel_open_session(channel.get()); });
  if (opened != SSH_OK) lost(fmt::format("the server opens no channel: {}", ::ssh_get_error(session_)));
  return channel;
}

}  // namespace venturi::providers
