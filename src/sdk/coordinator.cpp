// Under a stock Airflow 3.3 (sdk/coordinators/executable): the program connects to two ports of its supervisor, one for frames
// and one for log lines. Its time-outs are its own there, since that supervisor keeps them for Python tasks only.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "base/errno_error.h"
#include "sdk/program.h"

namespace venturi::inline sdk::internal {
namespace {

// Numeric addresses and "localhost": the supervisor is on this machine, and a static program cannot ask a resolver.
Fd connect_to(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::uint16_t port = 0;
  const char* const end = address.data() + address.size();
  if (colon == std::string::npos || std::from_chars(address.data() + colon + 1, end, port).ptr != end || port == 0) {
    throw std::invalid_argument("\"" + address + "\" is no HOST:PORT");
  }
  std::string host = address.substr(0, colon);
  if (host == "localhost") host = "127.0.0.1";
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const bool is_v4 = ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) {
    throw std::invalid_argument("\"" + host + "\" is no address: a number such as 127.0.0.1 is expected");
  }
  Fd fd(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) throw errno_error("socket");
  const int connected = is_v4 ? ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
                              : ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  if (connected != 0) throw errno_error("connect to " + address);
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

}  // namespace

int serve_coordinator(const DagBag& dags, const std::string& comm, const std::string& logs) {
  Fd requests, log;
  try {
    requests = connect_to(comm);
    log = connect_to(logs);
  } catch (const std::exception& e) {
    detail::LogSink().write(LogLevel::error, std::string("the supervisor cannot be reached: ") + e.what());
    return 1;
  }
  return serve_request(dags, std::move(requests), std::move(log));
}

}  // namespace venturi::inline sdk::internal
