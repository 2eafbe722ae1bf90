// Asks an HTTP server the same over and over, over keep-alive connections, each with one request under way:
//   bench_http PORT CONNECTIONS SECONDS REQUESTS METHOD PATH [BODY]
// The token is read from standard input, so that it stands in no list of processes. It ends after SECONDS or REQUESTS,
// whichever comes first (0: no limit of that kind), and prints one line of JSON.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Connection {
  int fd = -1;
  std::string received;
  std::size_t wanted = 0;  // bytes of the answer, header and body; 0: its header is not there yet
  Clock::time_point asked;
};

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return fd;
}

void send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) fail("send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Bytes of header and body, once the header is there.
std::size_t size_of(const std::string& text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = 0; at < end; at = text.find("\r\n", at) + 2) {
    const bool is_it = std::equal(name.begin(), name.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                                  [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    if (is_it) return end + 4 + std::strtoul(text.c_str() + at + name.size(), nullptr, 10);
  }
  throw std::runtime_error("an answer without Content-Length");
}

double percentile(std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[at == 0 ? 0 : at - 1];
}

int run(const std::vector<std::string>& arguments) {
  const auto port = static_cast<std::uint16_t>(std::stoul(arguments[0]));
  const std::size_t connections = std::stoul(arguments[1]);
  const double seconds = std::stod(arguments[2]);
  const std::size_t most = std::stoul(arguments[3]);
  const std::string body = arguments.size() > 6 ? arguments[6] : "";
  std::string token;
  std::getline(std::cin, token);
  std::string request = arguments[4] + " " + arguments[5] + " HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n";
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  if (!body.empty()) request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  request += "\r\n" + body;

  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> all(connections);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].fd = connect_to(port);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    if (::epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event) != 0) fail("epoll_ctl");
  }
  std::size_t begun = 0, open = 0, bytes = 0;
  std::vector<double> times;
  const auto from = Clock::now();
  const auto end = from + std::chrono::duration<double>(seconds > 0 ? seconds : 1e6);
  const auto ask = [&](Connection& c) {
    if ((most != 0 && begun >= most) || Clock::now() >= end) return;
    ++begun, ++open;
    c.asked = Clock::now();
    send_all(c.fd, request);
  };
  for (Connection& c : all) ask(c);
  std::vector<char> buffer(std::size_t{1} << 20);
  while (open > 0) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, 60'000);
    if (ready == 0) throw std::runtime_error("no answer for a minute");
    for (int i = 0; i < ready; ++i) {
      Connection& c = all[events[i].data.u64];
      const ssize_t got = ::recv(c.fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) throw std::runtime_error("the server closed a connection");
      c.received.append(buffer.data(), static_cast<std::size_t>(got));
      if (c.wanted == 0) c.wanted = size_of(c.received);
      if (c.wanted == 0 || c.received.size() < c.wanted) continue;
      times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - c.asked).count());
      if (c.received.compare(0, 10, "HTTP/1.1 2") != 0) throw std::runtime_error("refused: " + c.received);
      bytes = c.received.size() - c.received.find("\r\n\r\n") - 4;
      c.received.erase(0, c.wanted);
      c.wanted = 0;
      --open;
      ask(c);
    }
  }
  const double took = std::chrono::duration<double>(Clock::now() - from).count();
  std::sort(times.begin(), times.end());
  std::printf(
      R"({"per_s": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "longest_ms": %.3f, "requests": %zu, "seconds": %.4f, "bytes": %zu})"
      "\n",
      static_cast<double>(times.size()) / took, percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1),
      times.size(), took, bytes);
  for (const Connection& c : all) ::close(c.fd);
  ::close(poll);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) {
    std::fputs("usage: bench_http PORT CONNECTIONS SECONDS REQUESTS METHOD PATH [BODY] < TOKEN\n", stderr);
    return 2;
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_http: %s\n", e.what());
    return 1;
  }
}
