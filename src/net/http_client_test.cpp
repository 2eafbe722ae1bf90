// Against real servers: tests/servers/http_server.py.
#include "net/http_client.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <optional>

#include "base/json.h"
#include "net/background.h"
#include "servers/authority.h"
#include "servers/http_server.h"

namespace venturi::net {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Clock = std::chrono::steady_clock;

constexpr std::size_t plenty = 64UL << 20U;

template <class T>
T run(asio::awaitable<T> what, asio::io_context& io) {
  std::optional<T> result;
  std::exception_ptr thrown;
  asio::co_spawn(io, std::move(what), [&](const std::exception_ptr& error, T value) {
    thrown = error;
    result.emplace(std::move(value));
    io.stop();
  });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
  return *std::move(result);
}
template <class T>
T run(asio::awaitable<T> what) {
  asio::io_context io(1);
  return run(std::move(what), io);
}
HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}
std::string error_of(const HttpRequest& request, std::size_t most = plenty) {
  const auto answer = run(fetch(request, most));
  return answer ? "status " + std::to_string(answer->head.status) : answer.error().text();
}
Value echo(const HttpRequest& request) {
  const auto answer = run(fetch(request, plenty));
  return answer ? parse_json(answer->body).value() : Value(answer.error().text());
}

TEST(HttpClient, WhatIsAskedArrives) {
  const tests::HttpServer server;
  const Value plain = echo(get(server.url("/echo?a=1")));
  EXPECT_EQ(plain.get_string("method"), "GET");
  EXPECT_EQ(plain.get_string("target"), "/echo?a=1");
  EXPECT_EQ(plain.at("headers").get("content-type"), nullptr);
  EXPECT_EQ(plain.at("headers").get("authorization"), nullptr);
  EXPECT_EQ(plain.at("headers").get("expect"), nullptr);
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
    HttpRequest request = get(server.url("/echo"));
    request.method = method;
    request.body = "a=ü";
    request.headers = {{"Content-Type", "text/x"}, {"X-Empty", ""}};
    const Value value = echo(request);
    EXPECT_EQ(value.get_string("method"), method);
    EXPECT_EQ(value.get_string("body"), "a=ü");
    EXPECT_EQ(value.at("headers").get_string("content-type"), "text/x");
    EXPECT_EQ(value.at("headers").get_string("x-empty", "none"), "");
  }
  HttpRequest empty = get(server.url("/echo"));
  empty.method = "POST";
  EXPECT_EQ(echo(empty).at("headers").get_string("content-length"), "0");
  HttpRequest head = get(server.url("/status/204"));
  head.method = "HEAD";
  EXPECT_EQ(error_of(head), "status 204");
}

TEST(HttpClient, AnswersOfAnyStatusAreAnswers) {
  const tests::HttpServer server;
  const auto answer = run(fetch(get(server.url("/status/503?body=no+room")), plenty));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->head.status, 503);
  EXPECT_EQ(answer->head.reason, "Because");
  EXPECT_EQ(answer->head.header("content-length"), "7");
  EXPECT_EQ(answer->body, "no room");
}

// However much is read at a time.
TEST(HttpClient, BuffersOfAnySizeGiveTheSame) {
  const tests::HttpServer server;
  const std::string large(3 << 20, 'x');
  for (const std::size_t bytes : {few_read_bytes, some_read_bytes, many_read_bytes}) {
    HttpRequest request = get(server.url("/echo"));
    request.method = "POST";
    request.body = large;
    request.read_bytes = bytes;
    EXPECT_EQ(echo(request).get_string("body"), large) << bytes;
    HttpRequest zeros = get(server.url("/zeros/2500000"));
    zeros.read_bytes = bytes;
    const auto answer = run(fetch(zeros, plenty));
    ASSERT_TRUE(answer) << bytes;
    EXPECT_EQ(answer->body, std::string(2'500'000, '\0')) << bytes;
  }
}

TEST(HttpClient, Authentication) {
  const tests::HttpServer server;
  HttpRequest request = get(server.url("/echo"));
  request.login = std::make_shared<const HttpLogin>("ann", "pä:ss");
  EXPECT_EQ(echo(request).at("headers").get_string("authorization"), "Basic YW5uOnDDpDpzcw==");
  request.login.reset();
  request.bearer = "t0ken";
  EXPECT_EQ(echo(request).at("headers").get_string("authorization"), "Bearer t0ken");
}

TEST(HttpClient, ConnectionsAreUsedAgain) {
  const tests::HttpServer server;
  asio::io_context io(1);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(run(fetch(get(server.url("/echo")), plenty), io));
  // A loop that goes while requests are under way leaves nothing behind.
  asio::co_spawn(io, fetch(get(server.url("/hang")), plenty), [](const std::exception_ptr&, const Result<HttpAnswer>&) {});
  io.restart();
  io.run_for(50ms);
}

TEST(HttpClient, Redirects) {
  const tests::HttpServer server, elsewhere;
  EXPECT_EQ(echo(get(server.url("/redirect/3"))).get_string("target"), "/echo");
  const auto method_after = [&](const char* method, int status) {
    HttpRequest request = get(server.url("/to?url=/echo&size=100000&status=" + std::to_string(status)));
    request.method = method;
    request.body = "body";
    const Value value = echo(request);
    return value.get_string("method") + " " + value.get_string("body");
  };
  EXPECT_EQ(method_after("POST", 301), "GET ");
  EXPECT_EQ(method_after("PUT", 301), "PUT ");
  EXPECT_EQ(method_after("POST", 302), "GET ");
  EXPECT_EQ(method_after("PUT", 303), "GET ");
  EXPECT_EQ(method_after("POST", 307), "POST body");
  EXPECT_EQ(method_after("PATCH", 308), "PATCH body");
  // Credentials stay with the host that they were given for; cookies of the way are sent.
  HttpRequest request = get(server.url("/to?url=" + elsewhere.url("/echo")));
  request.login = std::make_shared<const HttpLogin>("ann", "secret");
  request.headers = {{"X-Other", "kept"}};
  Value value = echo(request);
  EXPECT_EQ(value.at("headers").get("authorization"), nullptr);
  EXPECT_EQ(value.at("headers").get_string("x-other"), "kept");
  request.url = server.url("/redirect/1");
  EXPECT_EQ(echo(request).at("headers").get_string("authorization"), "Basic YW5uOnNlY3JldA==");
  EXPECT_EQ(echo(get(server.url("/cookie"))).at("headers").get_string("cookie"), "session=42");

  HttpRequest unfollowed = get(server.url("/redirect/1"));
  unfollowed.follow_redirects = false;
  EXPECT_EQ(error_of(unfollowed), "status 302");
  const std::string base = server.url();
  EXPECT_EQ(error_of(get(server.url("/circle/a"))),
            "GET " + base + "/circle/a: more than 30 redirects, which go in a circle: " + base + "/circle/b?token=*** -> " +
                base + "/circle/a -> " + base + "/circle/b?token=*** (max_redirects says how many are followed)");
  HttpRequest few = get(server.url("/redirect/5"));
  few.max_redirects = 2;
  EXPECT_EQ(error_of(few), "GET " + base + "/redirect/5: more than 2 redirects, the last to " + base +
                               "/redirect/2 (max_redirects says how many are followed)");
  EXPECT_EQ(error_of(get(server.url("/to?url=file:///etc/passwd"))),
            "GET " + base + "/to?url=***: it redirects to where no request can go: the scheme file is not for the HTTP client");
}

TEST(HttpClient, CompressedAnswers) {
  const tests::HttpServer server;
  const auto answer = run(fetch(get(server.url("/gzip/100000")), plenty));
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_EQ(answer->body, std::string(100000, 'a'));
  HttpRequest raw = get(server.url("/gzip/100000"));
  raw.decompress = false;
  EXPECT_LT(run(fetch(raw, plenty))->body.size(), 1000U);
  EXPECT_THAT(error_of(get(server.url("/badgzip"))), HasSubstr("/badgzip: the compressed answer cannot be unpacked"));
  // A small answer that unpacks to a large one is counted as what it becomes.
  EXPECT_THAT(error_of(get(server.url("/gzip/20000000")), 1'000'000),
              HasSubstr("the answer has more than the 1000000 bytes that are held in memory (write it to a file instead)"));
}

TEST(HttpClient, AnswersThatAreTooLarge) {
  const tests::HttpServer server;
  EXPECT_EQ(error_of(get(server.url("/zeros/5000000000?key=hush")), 1'000'000),
            "GET " + server.url("/zeros/5000000000?key=***") +
                ": the answer has more than the 1000000 bytes that are held in memory (write it to a file instead)");
}

asio::awaitable<std::pair<std::size_t, std::size_t>> count_body(std::string url, std::size_t most) {
  const HttpRequest request = get(std::move(url));
  HttpExchange exchange(request);
  (void)co_await exchange.send();
  std::size_t total = 0, largest = 0;
  for (;;) {
    const auto part = co_await exchange.read();
    if (!part || part->empty() || total >= most) break;
    total += part->size();
    largest = std::max(largest, part->size());
    if (total % 16 == 0) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  }
  co_return std::pair(total, largest);
}
TEST(HttpClient, ALargeBodyIsStreamedInParts) {
  const tests::HttpServer server;
  asio::io_context io(1);
  const auto [total, largest] = run(count_body(server.url("/zeros/50000000"), SIZE_MAX), io);
  EXPECT_EQ(total, 50'000'000U);
  EXPECT_LE(largest, HttpExchange::part_bytes + (32U << 10U));
  // Of 5 GB only what is taken is read.
  EXPECT_GE(run(count_body(server.url("/zeros/5000000000"), 3'000'000), io).first, 3'000'000U);
}

asio::awaitable<Result<std::string>> read_slowly(std::string url) {
  const HttpRequest request = get(std::move(url));
  HttpExchange exchange(request);
  (void)co_await exchange.send();
  asio::steady_timer pause(co_await asio::this_coro::executor, 200ms);
  co_await pause.async_wait(asio::use_awaitable);
  co_return co_await exchange.read();
}
TEST(HttpClient, WhoReadsSlowlyHoldsTheServerBack) {
  const tests::HttpServer server;
  const auto part = run(read_slowly(server.url("/zeros/100000000")));
  ASSERT_TRUE(part);
  EXPECT_LE(part->size(), HttpExchange::part_bytes + (32U << 10U));
}

TEST(HttpClient, ServersThatFail) {
  const tests::HttpServer server;
  const auto refused = "http://zoe:hush@127.0.0.1:" + std::to_string(tests::free_port()) + "/x?api_key=hush&flag#frag";
  const std::string text = error_of(get(refused));
  EXPECT_THAT(text,
              AllOf(HasSubstr("/x?api_key=***&***: it cannot be reached: Connection refused (does it run, and is the port "
                              "right?)"),
                    Not(HasSubstr("hush")), Not(HasSubstr("zoe"))));
  EXPECT_EQ(error_of(get("http://no-such-host.invalid/x")),
            "GET http://no-such-host.invalid/x: there is no host named no-such-host.invalid, or the name server could not be "
            "asked (check its spelling)");
  EXPECT_EQ(error_of(get(server.url("/drop"))),
            "GET " + server.url("/drop") + ": the server closed the connection without an answer");
  EXPECT_EQ(error_of(get(server.url("/short"))),
            "GET " + server.url("/short") + ": the connection broke before the answer was complete");
  EXPECT_EQ(error_of(get(server.url("/rubbish"))),
            "GET " + server.url("/rubbish") + ": it answers what is no HTTP (is this the right port?)");
}

TEST(HttpClient, TimeOuts) {
  const tests::HttpServer server;
  HttpRequest request = get(server.url("/hang"));
  request.idle_timeout = 200ms;
  EXPECT_EQ(error_of(request),
            "GET " + request.url + ": no answer within 0.2 s (timeout says how long a silence is waited for)");
  request.url = server.url("/stall");
  EXPECT_EQ(error_of(request),
            "GET " + request.url + ": the answer stopped for 0.2 s (timeout says how long a silence is waited for)");
  request.idle_timeout = 0ms;
  request.total_timeout = 300ms;
  EXPECT_EQ(error_of(request), "GET " + request.url + ": the answer was not complete within 0.3 s");
  // A server whose queue of connections is full. (192.0.2.1 is nobody's, RFC 5737, but networks may refuse it at once.)
  request = get("http://192.0.2.1/");
  request.connect_timeout = 200ms;
  EXPECT_THAT(error_of(request),
              ::testing::AnyOf(HasSubstr("it could not be connected to within 0.2 s (is it reachable from the worker?)"),
                               HasSubstr("it cannot be reached: ")));
}

TEST(HttpClient, AnswersWithoutAnEnd) {
  const tests::HttpServer server;
  const auto error = [&](const std::string& path) {
    HttpRequest request = get(server.url(path));
    request.idle_timeout = 200ms;
    request.total_timeout = 10s;
    const std::string text = error_of(request), where = "GET " + request.url + ": ";
    EXPECT_TRUE(text.starts_with(where)) << text;
    return text.substr(std::min(where.size(), text.size()));
  };
  const std::string no_end =
      "the head of the answer has no end: more than 1000 lines, or 256 KiB (is this the server that was meant?)";
  EXPECT_EQ(error("/heads"), no_end);
  EXPECT_EQ(error("/continues"), no_end);
  EXPECT_EQ(error("/trailers"), no_end);
  EXPECT_EQ(error("/longhead"), no_end);
  EXPECT_EQ(error("/reset"), "the connection broke: Recv failure: Connection reset by peer");
  // What comes drop by drop is no silence: the time for all of it ends that.
  HttpRequest drip = get(server.url("/drip"));
  drip.idle_timeout = 500ms;
  drip.total_timeout = 1s;
  EXPECT_EQ(error_of(drip), "GET " + drip.url + ": the answer was not complete within 1 s");
}

TEST(HttpClient, RequestsThatAreNone) {
  EXPECT_EQ(error_of(get("example.org/x")), "GET (no URL): the URL has no scheme (it has to begin with http:// or https://)");
  EXPECT_EQ(error_of(get("ftp://h/x")), "GET ftp://h/x: the scheme ftp is not for the HTTP client (use http or https)");
  EXPECT_EQ(error_of(get("http://h:port/x")), "GET (no URL): that is no URL (write http://host:port/path)");
  HttpRequest request = get("http://h/");
  request.headers = {{"A", "b\r\nC: d"}};
  EXPECT_EQ(error_of(request), "GET http://h: the value of the header A has a line break in it");
  request.headers = {{"A b", "c"}};
  EXPECT_EQ(error_of(request), "GET http://h: 'A b' is no name of a header");
  request = get("http://h/");
  request.method = "GET /x";
  EXPECT_EQ(error_of(request), "that is no method (GET, POST, PUT, PATCH, DELETE, HEAD)");
}

TEST(HttpClient, Certificates) {
  const tests::TestFolder folder;
  const tests::Authority authority(folder);
  const auto good = authority.sign("localhost"), old = authority.sign("localhost", -1), other = authority.sign("other.example");
  const auto mine = authority.sign("robot");
  const tests::HttpServer server({.certificate = good.certificate, .key = good.key});
  HttpRequest request = get(server.tls_url("/echo"));
  const std::string where = "GET https://localhost:" + std::to_string(server.tls_port()) + "/echo: ";
  EXPECT_EQ(error_of(request), where +
                                   "the server's TLS certificate is not accepted: unable to get local issuer certificate (name "
                                   "the authority that signed it as verify: \"/path/to/ca.pem\")");
  request.tls.verify = false;
  EXPECT_EQ(echo(request).get_bool("tls"), true);
  request.tls.verify = true;
  request.tls.ca_file = authority.certificate();
  EXPECT_EQ(echo(request).get_bool("tls"), true);
  request.tls.ca_file = other.certificate;
  EXPECT_THAT(error_of(request), HasSubstr("the server's TLS certificate is not accepted: unable to get local issuer"));
  request.tls.ca_file = folder / "none.pem";
  EXPECT_EQ(error_of(request),
            where + "the authorities' certificates in " + (folder / "none.pem") +
                " cannot be read: No such file or directory (verify takes true, false, or the path of a PEM file)");
  request.tls.ca_file = folder.write("rubbish.pem", "x");
  EXPECT_THAT(error_of(request), HasSubstr("rubbish.pem cannot be read: it holds no certificate in PEM"));
  // A connection that was made without checks is not used for a request that wants them.
  asio::io_context io(1);
  HttpRequest unchecked = get(server.tls_url("/echo")), checked = unchecked;
  unchecked.tls.verify = false;
  EXPECT_TRUE(run(fetch(unchecked, plenty), io));
  EXPECT_FALSE(run(fetch(checked, plenty), io));
  checked.tls.ca_file = authority.certificate();
  EXPECT_TRUE(run(fetch(checked, plenty), io));
  checked.tls.ca_file = other.certificate;
  EXPECT_FALSE(run(fetch(checked, plenty), io));

  const tests::HttpServer expired({.certificate = old.certificate, .key = old.key});
  request = get(expired.tls_url("/echo"));
  request.tls.ca_file = authority.certificate();
  EXPECT_THAT(error_of(request),
              HasSubstr("the server's TLS certificate is not accepted: certificate has expired (the server needs "
                        "a new certificate; verify: false would take it unchecked)"));
  const tests::HttpServer wrong({.certificate = other.certificate, .key = other.key});
  request.url = wrong.tls_url("/echo");
  EXPECT_THAT(error_of(request),
              HasSubstr("the server's TLS certificate is not accepted: it does not match the host localhost (use "
                        "the name that the certificate is for)"));
  const tests::Certificate own(folder);
  const tests::HttpServer self_signed({.certificate = own.certificate, .key = own.key});
  EXPECT_THAT(
      error_of(get(self_signed.tls_url("/echo"))),
      HasSubstr("the server's TLS certificate is not accepted: self-signed certificate (name the authority that signed it"));
  EXPECT_THAT(error_of(get("https://127.0.0.1:" + std::to_string(server.port()) + "/echo")),
              AllOf(HasSubstr("the TLS handshake failed: "),
                    HasSubstr("(does this port speak TLS? http:// is for one that does not)")));

  const tests::HttpServer wants({.certificate = good.certificate, .key = good.key, .client_ca = authority.certificate()});
  request = get(wants.tls_url("/echo"));
  request.tls.ca_file = authority.certificate();
  request.tls.certificate = mine.certificate;
  request.tls.key = mine.key;
  EXPECT_EQ(echo(request).get_string("client"), "robot");
  request.tls.certificate.clear();
  request.tls.key.clear();
  EXPECT_THAT(error_of(request), Not(HasSubstr("status")));
  request.tls.certificate = folder / "none.pem";
  EXPECT_THAT(error_of(request), HasSubstr("the client's certificate or key cannot be used: "));
}

TEST(HttpClient, Proxies) {
  const tests::HttpServer proxy;  // it records what it is asked, whoever it is for
  HttpRequest request = get("http://inside.example/x");
  request.proxy = proxy.url();
  (void)run(fetch(request, plenty));
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(proxy.requests()[0].get_string("target"), "http://inside.example/x");
  request.url = proxy.url("/echo");
  request.no_proxy = "127.0.0.1,localhost";
  EXPECT_EQ(echo(request).get_string("target"), "/echo");
  // The environment is for those who ask it.
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  request.proxy.clear();
  request.no_proxy.clear();
  EXPECT_EQ(echo(request).get_string("target"), "/echo");
  ::unsetenv("http_proxy");
}

asio::awaitable<void> cancelled_at_once(std::string url, bool& thrown) {
  try {
    (void)co_await fetch(get(std::move(url)), plenty);
  } catch (const boost::system::system_error& e) {
    thrown = e.code() == asio::error::operation_aborted;
  }
}
TEST(HttpClient, ACancelledRequestEndsAtOnce) {
  const tests::HttpServer server;
  for (const std::string& url : {server.url("/hang"), server.url("/stall"), std::string("http://no-such-host.invalid/")}) {
    asio::io_context io(1);
    asio::cancellation_signal signal;
    bool thrown = false, ended = false;
    asio::co_spawn(io, cancelled_at_once(url, thrown),
                   asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr&) { ended = true; }));
    io.run_for(url.starts_with("http://no") ? 0ms : 100ms);
    io.poll();
    signal.emit(asio::cancellation_type::terminal);
    io.restart();
    while (!ended && io.run_one_for(5s) > 0) {}
    EXPECT_TRUE(ended);
    if (!url.starts_with("http://no")) EXPECT_TRUE(thrown) << url;
  }
}

TEST(HttpClient, AThousandLongPolls) {
  const tests::HttpServer server;
  asio::io_context io(1);
  int done = 0;
  for (int i = 0; i < 1000; ++i) {
    asio::co_spawn(io, fetch(get(server.url("/poll/bell")), plenty),
                   [&](const std::exception_ptr&, const Result<HttpAnswer>& answer) {
                     done += answer && answer->body == "released bell" ? 1 : 0;
                   });
  }
  const auto waiting = [&] { return run(fetch(get(server.url("/waiting/bell")), plenty), io)->body; };
  EXPECT_TRUE(tests::becomes_true([&] { return waiting() == "1000"; }));
  (void)run(fetch(get(server.url("/release/bell")), plenty), io);
  io.restart();
  const auto end = Clock::now() + 20s;
  while (done < 1000 && Clock::now() < end) io.run_one_for(1s);
  EXPECT_EQ(done, 1000);
}

TEST(Background, WorkRunsBesideTheLoop) {
  auto work = [] { return 42; };
  EXPECT_EQ(run(in_background(work)), 42);
  auto throws = []() -> int { throw std::runtime_error("broken"); };
  EXPECT_THROW(run(in_background(throws)), std::runtime_error);
}

asio::awaitable<bool> in_thread(std::function<bool()> work) {
  co_return co_await in_background(std::move(work));
}

// One thread is idle when two jobs come; it must not be taken for both.
TEST(Background, OfJobsThatComeAtOnceNoneWaitsForAnother) {
  asio::io_context io(1);
  EXPECT_TRUE(run(in_thread([] { return true; }), io));
  std::promise<void> released;
  auto release = released.get_future();
  int done = 0;
  const auto count = [&](const std::exception_ptr&, bool ok) { done += ok ? 1 : 0; };
  asio::co_spawn(io, in_thread([&] { return release.wait_for(10s) == std::future_status::ready; }), count);
  asio::co_spawn(io, in_thread([&] {
                   released.set_value();
                   return true;
                 }),
                 count);
  io.restart();
  io.run();
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace venturi::net
