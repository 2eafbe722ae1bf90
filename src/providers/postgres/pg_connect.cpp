// How a session comes to be: names to addresses, then libpq's handshake, both without blocking the loop.
#include <unistd.h>

#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "net/resolve.h"
#include "operators/outcome.h"
#include "providers/postgres/pg_socket.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Where there is no connect_timeout: what a look-up may take nevertheless.
constexpr std::chrono::milliseconds longest_look_up{60'000};

std::vector<std::string> list_items(const std::string& list) {
  std::vector<std::string> parts(1);
  for (const char c : list) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool is_unix_socket(const std::string& host) {
  return host.empty() || host.front() == '/' || host.front() == '@';
}

// Cancels the wait that the socket is in at a point in time.
void arm(const std::shared_ptr<PgSocket>& socket, std::chrono::milliseconds limit) {
  if (limit.count() == 0) return;
  socket->timer.expires_after(limit);
  socket->timer.async_wait([weak = std::weak_ptr(socket)](const error_code& error) {
    const auto alive = weak.lock();
    if (error || !alive) return;
    alive->timed_out = true;
    error_code ignored;
    alive->descriptor.cancel(ignored);
  });
}

}  // namespace

void PgSocket::watch(int fd) {
  error_code ignored;
  descriptor.close(ignored);
  descriptor.assign(::dup(fd));
}

asio::awaitable<std::shared_ptr<PgSession>> PgSession::open(PgParameters parameters, operators::TryLog& log) {
  const std::shared_ptr<PgSession> session(new PgSession(std::move(parameters), log));
  co_await session->connect();
  co_return session;
}

// libpq would look names up itself, and wait for that: it gets the addresses beside the names (keyword hostaddr), an entry for
// each.
asio::awaitable<void> PgSession::resolve_hosts() {
  const std::string* given = parameters_.find("host");
  if (given == nullptr || parameters_.find("hostaddr") != nullptr) co_return;
  const std::vector<std::string> hosts = list_items(*given), ports = list_items(*parameters_.find("port"));
  if (std::ranges::all_of(hosts, is_unix_socket)) co_return;
  if (ports.size() != 1 && ports.size() != hosts.size())
    fail(fmt::format("{} hosts, but {} ports: give one port, or one for each host", hosts.size(), ports.size()));
  const auto patience = parameters_.connect_timeout.count() == 0 ? longest_look_up : parameters_.connect_timeout;
  std::string names, addresses, entry_ports, trouble;
  const auto add = [&](const std::string& name, const std::string& address, const std::string& port) {
    const std::string_view comma = entry_ports.empty() ? "" : ",";
    names.append(comma).append(name);
    addresses.append(comma).append(address);
    entry_ports.append(comma).append(port);
  };
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::string& port = ports.size() == 1 ? ports[0] : ports[i];
    if (is_unix_socket(hosts[i])) {
      add(hosts[i], "", port);
      continue;
    }
    const auto endpoints = co_await net::resolve(hosts[i], 0, patience);
    if (!endpoints) {
      trouble = endpoints.error().text();
      continue;
    }
    for (const net::Endpoint& endpoint : *endpoints) add(hosts[i], endpoint.address().to_string(), port);
  }
  if (names.empty()) fail(trouble);
  parameters_.set("host", names);
  parameters_.set("hostaddr", addresses);
  parameters_.set("port", entry_ports);
}

asio::awaitable<void> PgSession::connect() {
  socket_ = std::make_shared<PgSocket>(co_await asio::this_coro::executor);
  co_await resolve_hosts();
  arm(socket_, parameters_.connect_timeout);
  co_await poll_until_connected();
  socket_->timer.cancel();
  if (::PQsetnonblocking(connection_.get(), 1) != 0) fail(::PQerrorMessage(connection_.get()));
  ::PQsetNoticeReceiver(connection_.get(), &PgSession::on_notice, this);
  const char* style = ::PQparameterStatus(connection_.get(), "DateStyle");
  if (style == nullptr || !std::string_view(style).starts_with("ISO")) co_await execute("SET datestyle TO 'ISO'");
}

asio::awaitable<void> PgSession::poll_until_connected() {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : parameters_.keywords) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(::PQconnectStartParams(keywords.data(), values.data(), 0));
  if (!connection_) throw std::bad_alloc();
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK;
       state = ::PQconnectPoll(connection_.get())) {
    if (::PQstatus(connection_.get()) == CONNECTION_BAD || state == PGRES_POLLING_FAILED)
      fail(::PQerrorMessage(connection_.get()));
    // Each address has a socket of its own, often with the number of the one before.
    socket_->watch(::PQsocket(connection_.get()));
    co_await socket_->wait(state == PGRES_POLLING_READING);
    if (socket_->timed_out) {
      fail(fmt::format("no answer within {:g} s (connect_timeout)",
                       static_cast<double>(parameters_.connect_timeout.count()) / 1000));
    }
  }
  socket_->watch(::PQsocket(connection_.get()));
}

}  // namespace venturi::providers
