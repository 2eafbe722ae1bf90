#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "base/sanitized.h"

namespace venturi::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Fd connect_to(std::uint16_t port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("connect");
  return fd;
}

void send_text(const Fd& fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // the server has closed: what it said is read
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// What comes until `end` is in it, the connection closes, or nothing comes for 5 s.
std::string receive(const Fd& fd, std::string_view end = {}) {
  std::string text;
  char bytes[4096];
  pollfd ready{fd.get(), POLLIN, 0};
  while ((end.empty() || text.find(end) == std::string::npos) && ::poll(&ready, 1, 5000) > 0) {
    const ssize_t got = ::recv(fd.get(), bytes, sizeof bytes, 0);
    if (got <= 0) break;
    text.append(bytes, static_cast<std::size_t>(got));
  }
  return text;
}

std::size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word == "VmRSS:") break;
  }
  std::size_t kib = 0;
  status >> kib;
  return kib;
}

class HttpServerTest : public ::testing::Test {
 protected:
  void start(HttpServerOptions options = {}) {
    server_ = HttpServer::listen(std::move(options)).value();
    server_->start([this](HttpServerRequest request, const HttpServer::Respond& respond) {
      if (request.target == "/throws") throw std::runtime_error("no");
      if (request.target == "/later") return later_.set_value(respond);
      if (request.target == "/large") return respond({200, std::string(large_answer, 'x'), "text/plain"});
      if (request.target == "/pieces")
        return respond({.content_type = "text/plain", .pieces = std::exchange(pieces_, nullptr)});
      if (request.target == "/sleeps") ::poll(nullptr, 0, 2200);
      respond({200, request.method + " " + request.target + " " + request.body, "text/plain"});
    });
  }
  std::string ask(std::string_view request) const {
    const Fd fd = connect_to(server_->port());
    send_text(fd, request);
    return receive(fd);
  }

  static constexpr std::size_t large_answer = std::size_t{16} << 20;
  std::unique_ptr<HttpServer> server_;
  std::promise<HttpServer::Respond> later_;
  Pieces pieces_;  // of the first answer that wants them
};

TEST_F(HttpServerTest, AnswersRequestsOfAConnectionInTheirOrder) {
  start();
  const Fd fd = connect_to(server_->port());
  send_text(fd,
            "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2?a=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
            "GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answers = receive(fd);
  const std::size_t one = answers.find("GET /1 "), two = answers.find("POST /2?a=%20 body"), three = answers.find("GET /3 ");
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);
  EXPECT_NE(three, std::string::npos);
}

TEST_F(HttpServerTest, RefusesWhatIsNoHttp) {
  start();
  const std::string answer = ask("this is no HTTP\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer, EndsWith("{\"detail\":\"Invalid HTTP request received.\"}"));
}

TEST_F(HttpServerTest, RefusesWhatIsTooLarge) {
  start({.max_header_bytes = 1000, .max_body_bytes = 1000});
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n"), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200")) << "it goes on";
}

TEST_F(HttpServerTest, EndsConnectionsThatAreTooSlow) {
  start({.request_timeout = std::chrono::seconds(1), .idle_timeout = std::chrono::seconds(1)});
  EXPECT_EQ(ask("GET / HT"), "") << "closed without an answer";
  EXPECT_EQ(ask(""), "");
}

TEST_F(HttpServerTest, SaysThatABodyCameTooSlowly) {
  start({.request_timeout = std::chrono::seconds(1)});
  const Fd fd = connect_to(server_->port());
  send_text(fd, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  // A byte now and then does not move the deadline on.
  for (int i = 0; i < 12; ++i) {
    send_text(fd, "x");
    ::poll(nullptr, 0, 100);
  }
  const std::string answer = receive(fd);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(answer, EndsWith("{\"detail\":\"Request body came too slowly\"}"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200")) << "it goes on";
}

// The server looks at the deadline when pieces of the body have come already that it has not read yet.
TEST_F(HttpServerTest, SaysThatABodyCameTooSlowlyWhileItComes) {
  start({.request_timeout = std::chrono::seconds(1)});
  std::vector<Fd> slow;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(connect_to(server_->port()));
    send_text(slow.back(), i % 2 == 0 ? "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n"
                                      : "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3d0900\r\n");
  }
  const Fd busy = connect_to(server_->port());
  send_text(busy, "GET /sleeps HTTP/1.1\r\nHost: x\r\n\r\n");
  ::poll(nullptr, 0, 300);
  for (const Fd& fd : slow) send_text(fd, std::string(300'000, 'x'));
  for (const Fd& fd : slow) {
    const std::string answer = receive(fd);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 408"));
    EXPECT_THAT(answer, EndsWith("{\"detail\":\"Request body came too slowly\"}"));
  }
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200")) << "it goes on";
}

TEST_F(HttpServerTest, ALongAnswerMayTakeAsLongAsItIsRead) {
  start({.request_timeout = std::chrono::seconds(1)});
  const Fd fd = connect_to(server_->port());
  const int little = 64 << 10;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  send_text(fd, "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  std::size_t got = 0;
  std::string bytes(large_answer / 60, '\0');
  for (ssize_t some = 1; some > 0; got += static_cast<std::size_t>(some)) {
    ::poll(nullptr, 0, 50);
    some = ::recv(fd.get(), bytes.data(), bytes.size(), MSG_WAITALL);
    if (some < 0) break;
  }
  EXPECT_GT(got, large_answer);
  EXPECT_GT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(2500));
}

TEST_F(HttpServerTest, WhatACallThrowsCostsThatCallAlone) {
  start();
  server_->post([] { throw std::runtime_error("no"); });
  server_->after(std::chrono::milliseconds(1), [] { throw 1; });  // NOLINT(hicpp-exception-baseclass)
  ::poll(nullptr, 0, 20);
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  server_->stop();
  bool is_called = false;
  server_->post([&] { is_called = true; });
  server_.reset();
  EXPECT_FALSE(is_called) << "after the end";
}

TEST_F(HttpServerTest, TakesBodiesInChunksAndAfterAQuestion) {
  start({.max_body_bytes = 1000});
  EXPECT_THAT(ask("POST /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              EndsWith("POST /c abcde"));
  EXPECT_THAT(ask("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x')),
              StartsWith("HTTP/1.1 413"))
      << "though it never said how long it is";
  EXPECT_THAT(ask("POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), StartsWith("HTTP/1.1 400"));
  const Fd fd = connect_to(server_->port());
  send_text(fd, "POST /e HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_THAT(receive(fd, "\r\n\r\n"), StartsWith("HTTP/1.1 100"));
  send_text(fd, "abc");
  EXPECT_THAT(receive(fd), EndsWith("POST /e abc"));
}

TEST_F(HttpServerTest, BodiesOfAllTogetherHaveALimit) {
  start({.max_body_bytes = 1000, .max_bodies_bytes = 2500});
  std::vector<Fd> slow;
  for (int i = 0; i < 20; ++i) {  // the first say that they send much, and do not
    slow.push_back(connect_to(server_->port()));
    send_text(slow.back(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx");
  }
  const auto large = [&] {
    return ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 900\r\n\r\n" + std::string(900, 'x'));
  };
  const auto until = [&](std::string_view status) {
    for (int i = 0; i < 100; ++i) {
      if (large().starts_with(status)) return true;
      ::poll(nullptr, 0, 20);
    }
    return false;
  };
  EXPECT_THAT(large(), StartsWith("HTTP/1.1 200"));
  for (int i = 0; i < 2; ++i) send_text(slow.at(static_cast<std::size_t>(i)), std::string(998, 'x'));
  EXPECT_TRUE(until("HTTP/1.1 503"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  slow.clear();
  EXPECT_TRUE(until("HTTP/1.1 200")) << "they are given back";
}

TEST_F(HttpServerTest, KeepsOldClientsThatAskForIt) {
  start();
  const Fd fd = connect_to(server_->port());
  send_text(fd, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
  const std::string answers = receive(fd);
  EXPECT_THAT(answers, HasSubstr("Connection: keep-alive"));
  EXPECT_THAT(answers, EndsWith("GET /2 "));
}

// The clients are a process of their own, so that the descriptors and the memory here are the server's alone.
TEST_F(HttpServerTest, TenThousandThatSayNothingCostLittle) {
  constexpr int many = 10'000;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < many + 1000) GTEST_SKIP() << "this process may have only " << files.rlim_max << " descriptors";
  server_ = HttpServer::listen({}).value();
  int connected[2], done[2];
  ASSERT_EQ(::pipe(connected), 0);
  ASSERT_EQ(::pipe(done), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(done[1]);
    std::vector<Fd> idle;
    for (int i = 0; i < many; ++i) {
      idle.push_back(connect_to(server_->port()));
      if (i % 100 != 0) continue;  // some have been served, and keep nothing of it
      send_text(idle.back(), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
      if (!receive(idle.back(), "\r\n\r\n").starts_with("HTTP/1.1 200")) ::_exit(1);
    }
    char byte = 1;
    if (::write(connected[1], &byte, 1) != 1) ::_exit(1);
    (void)!::read(done[0], &byte, 1);  // until the parent has ended, or says so
    ::_exit(0);
  }
  ::close(connected[1]);
  ::close(done[0]);
  const std::size_t before = resident_kib();
  server_->start([](const HttpServerRequest&, const HttpServer::Respond& respond) { respond({200, "good", "text/plain"}); });
  char byte = 0;
  EXPECT_EQ(::read(connected[0], &byte, 1), 1) << "the clients ended early";
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(ask(request), EndsWith("good"));
  if (!sanitized) {  // sanitizers take memory of their own
    EXPECT_LT(resident_kib() - before, 3U * many) << "3 KiB each at most";
  }
  ::close(done[1]);
  ::waitpid(child, nullptr, 0);
  ::close(connected[0]);
}

TEST_F(HttpServerTest, OthersAreAnsweredBesideThousandsThatSayNothing) {
  start({.max_connections = 600});
  std::vector<Fd> idle;
  for (int i = 0; i < 599; ++i) idle.push_back(connect_to(server_->port()));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  idle.push_back(connect_to(server_->port()));
  EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "") << "one too many";
  idle.clear();
}

TEST_F(HttpServerTest, AnswersFromAnotherThreadAndWhatItsHandlerThrows) {
  start();
  EXPECT_THAT(ask("GET /throws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StartsWith("HTTP/1.1 500"));
  const Fd fd = connect_to(server_->port());
  send_text(fd, "GET /later HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto asked = later_.get_future();
  ASSERT_EQ(asked.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  const HttpServer::Respond later = asked.get();
  std::thread([later] { later({204, {}, {}}); }).join();
  const std::string answer = receive(fd);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("Content-Type")));
  later({200, "again"});  // without effect
}

// What the server asks for pieces; it tells when it is let go.
class Source {
 public:
  using Make = std::function<void(const GivePiece&, int number)>;
  // `make` is called in the server's thread.
  Pieces pieces(Make make) {
    const std::shared_ptr<Source> held(this, [](Source* self) { self->let_go_.set_value(); });
    return [held, make = std::move(make)](const GivePiece& give) { make(give, held->asked_++); };
  }
  bool is_let_go() { return let_go_.get_future().wait_for(std::chrono::seconds(5)) == std::future_status::ready; }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  std::atomic<int> asked_ = 0;
  std::promise<void> let_go_;
};

constexpr const char* ask_for_pieces = "GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(HttpServerTest, SendsABodyInPieces) {
  std::promise<GivePiece> second;
  Source source;
  pieces_ = source.pieces([&](const GivePiece& give, int number) {
    if (number == 0) give("first piece");
    if (number == 1) second.set_value(give);
    if (number == 2) give("");
  });
  start();
  const Fd fd = connect_to(server_->port());
  send_text(fd, ask_for_pieces);
  EXPECT_THAT(receive(fd, "first piece\r\n"), EndsWith("Transfer-Encoding: chunked\r\n\r\nb\r\nfirst piece\r\n"));
  send_text(fd, "GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");  // it does not look like one that has gone
  const GivePiece later = second.get_future().get();
  later(std::string(20, 'x'));
  const std::string rest = receive(fd);
  EXPECT_THAT(rest, StartsWith("14\r\n" + std::string(20, 'x') + "\r\n0\r\n\r\nHTTP/1.1 200"));
  EXPECT_THAT(rest, EndsWith("GET /next "));
  EXPECT_TRUE(source.is_let_go());
}

TEST_F(HttpServerTest, SendsPiecesToWhoKnowsNoChunksOrWantsNone) {
  const auto give_two = [](const GivePiece& give, int number) { give(number < 2 ? "piece " : ""); };
  Source old;
  pieces_ = old.pieces(give_two);
  start();
  const std::string answer = ask("GET /pieces HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\npiece piece "));
  Source head;
  pieces_ = head.pieces(give_two);
  start();
  EXPECT_THAT(ask("HEAD /pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), EndsWith("\r\n\r\n"));
  EXPECT_TRUE(head.is_let_go());
  EXPECT_EQ(head.asked(), 0);
}

TEST_F(HttpServerTest, APieceWaitsUntilTheOnesBeforeAreRead) {
  constexpr std::size_t size = std::size_t{1} << 20;
  Source source;
  pieces_ = source.pieces([](const GivePiece& give, int number) { give(number < 64 ? std::string(size, 'x') : ""); });
  start();
  const Fd fd = connect_to(server_->port());
  send_text(fd, "GET /pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ::poll(nullptr, 0, 300);
  EXPECT_LT(source.asked(), 40) << "what the system keeps for a client that does not read";
  const std::string answer = receive(fd);
  EXPECT_GT(answer.size(), 64 * size);
  EXPECT_TRUE(answer.ends_with("\r\n0\r\n\r\n"));
  EXPECT_EQ(source.asked(), 65);
}

TEST_F(HttpServerTest, NoticesThatAClientHasGoneWhileItWaitsForAPiece) {
  Source source;
  pieces_ = source.pieces([](const GivePiece& give, int number) {
    if (number == 0) give("piece");
  });
  start();
  Fd fd = connect_to(server_->port());
  send_text(fd, ask_for_pieces);
  receive(fd, "piece");
  fd.reset();
  EXPECT_TRUE(source.is_let_go());
}

TEST_F(HttpServerTest, NoticesThatAClientHasGoneWhileItWrites) {
  Source source;
  pieces_ = source.pieces([](const GivePiece& give, int) { give("piece"); });  // without an end
  start();
  Fd fd = connect_to(server_->port());
  send_text(fd, ask_for_pieces);
  receive(fd, "piece");
  fd.reset();
  EXPECT_TRUE(source.is_let_go());
}

TEST_F(HttpServerTest, LetsPiecesGoWhenItStops) {
  Source source;
  pieces_ = source.pieces([](const GivePiece& give, int number) {
    if (number == 0) give("piece");
  });
  start();
  const Fd fd = connect_to(server_->port());
  send_text(fd, ask_for_pieces);
  receive(fd, "piece");
  server_->stop();
  EXPECT_TRUE(source.is_let_go());
}

TEST_F(HttpServerTest, CutsABodyOffThatCannotGoOn) {
  for (const bool throws : {false, true}) {
    Source source;
    pieces_ = source.pieces([throws](const GivePiece& give, int number) {
      if (number == 0) return give("piece");
      if (throws) throw std::runtime_error("no");
      give(fail(ErrorKind::unavailable, "no"));
    });
    start();
    const Fd fd = connect_to(server_->port());
    send_text(fd, ask_for_pieces);
    EXPECT_THAT(receive(fd), EndsWith("\r\n5\r\npiece\r\n")) << "no last chunk, and closed";
    EXPECT_TRUE(source.is_let_go());
  }
}

TEST_F(HttpServerTest, SaysWhatToDoWhereTheAddressIsTaken) {
  start();
  const auto second = HttpServer::listen({.port = server_->port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_THAT(second.error().hint, HasSubstr("VENTURI__API__PORT"));
  EXPECT_FALSE(HttpServer::listen({.host = "localhost.example"}));
}

}  // namespace
}  // namespace venturi::net
