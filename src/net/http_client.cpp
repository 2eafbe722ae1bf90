#include "net/http_client.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "net/http_error.h"
#include "net/http_transfer.h"
#include "net/http_url.h"

namespace venturi::net {
namespace {

namespace asio = boost::asio;

// The body of a redirect is read so far, so that its connection can be used again; what is longer is cut.
constexpr std::size_t redirect_body = 64UL << 10U;
constexpr std::array redirect_statuses{301, 302, 303, 307, 308};

bool is_redirect(const HttpHead& head) {
  return std::ranges::find(redirect_statuses, head.status) != redirect_statuses.end() && !head.header("location").empty();
}

// Header names and values that would be more than one line.
bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}
bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127 && c != ':' && c != ';'; });
}

Result<void> check(const HttpRequest& request) {
  const std::string where = shown_request(request, request.url);
  if (const auto origin = origin_of(request.url); !origin) {
    Error error = origin.error();
    error.where = where;
    return std::unexpected(std::move(error));
  }
  if (!is_name(request.method)) return fail(ErrorKind::invalid, "that is no method", "", "GET, POST, PUT, PATCH, DELETE, HEAD");
  for (const auto& [name, value] : request.headers) {
    if (!is_name(name)) return fail(ErrorKind::invalid, "'" + name + "' is no name of a header", where);
    if (!is_one_line(value))
      return fail(ErrorKind::invalid, "the value of the header " + name + " has a line break in it", where);
  }
  return {};
}

bool is_tls(const std::string& url) {
  const auto origin = origin_of(url);
  return origin && origin->scheme == "https";
}

// As Python's requests: what a form was sent to is asked again without it.
void change_method(HttpRequest& request, int status) {
  const bool to_get = (status == 303 && request.method != "HEAD") || (status == 302 && request.method != "HEAD") ||
                      (status == 301 && request.method == "POST");
  if (to_get) request.method = "GET";
  if (status == 307 || status == 308) return;
  request.body.reset();
  std::erase_if(request.headers, [](const auto& header) {
    std::string name = header.first;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name == "content-length" || name == "content-type" || name == "transfer-encoding";
  });
}

// Credentials are for the host that they were given for: another one, another port, or plain text after TLS gets none.
void strip_credentials(HttpRequest& request) {
  request.login.reset();
  request.bearer.clear();
  std::erase_if(request.headers, [](const auto& header) {
    std::string name = header.first;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name == "authorization" || name == "cookie";
  });
}

bool keeps_credentials(const Origin& from, const Origin& to) {
  const bool upgraded =
      from.host == to.host && from.scheme == "http" && to.scheme == "https" && from.port == "80" && to.port == "443";
  return from == to || upgraded;
}

// `way`: the URLs that it was sent on to.
Error too_many(const HttpRequest& request, const std::string& url, const std::list<std::string>& way) {
  Error error{ErrorKind::invalid, {}, shown_request(request, url), "max_redirects says how many are followed"};
  std::vector<std::string> all{url};
  all.insert(all.end(), way.begin(), way.end());
  const auto first = std::ranges::find(all, all.back());
  if (first + 1 == all.end() || !request.shown_as.empty()) {
    error.what = "more than " + std::to_string(request.max_redirects) + " redirects";
    if (request.shown_as.empty()) error.what += ", the last to " + shown_url(all.back());
    return error;
  }
  error.what = "more than " + std::to_string(request.max_redirects) + " redirects, which go in a circle: " + shown_url(*first);
  for (auto next = first + 1; next != all.end(); ++next) {
    error.what += " -> " + shown_url(*next);
    if (*next == *first) break;
  }
  return error;
}

}  // namespace

// Where it stands. A hop of a redirect has a transfer of its own; connections are the loop's, cookies are handed on.
struct HttpExchange::State {
  explicit State(const HttpRequest& request_given) : given(request_given), request(&request_given) {}

  const HttpRequest& given;
  const HttpRequest* request;
  std::unique_ptr<HttpRequest> changed;  // what redirects made of it; `request` is this then
  std::list<std::string> way;            // the URLs that it was sent on to
  std::shared_ptr<const TlsAuthorities> authorities;
  std::optional<HttpTransfer> transfer;
  std::unique_ptr<Error> failed;

  [[nodiscard]] const std::string& url() const { return way.empty() ? given.url : way.back(); }
  void check() {
    if (auto checked = net::check(*request); !checked) failed = std::make_unique<Error>(std::move(checked.error()));
  }
  [[nodiscard]] bool needs_authorities() const {
    return !authorities && request->tls.verify && !request->tls.ca_file.empty() && is_tls(url());
  }
  // After an answer that says so.
  Result<void> go_on(const HttpHead& head) {
    const auto next = resolved_url(url(), std::string(head.header("location")));
    const auto from = origin_of(url());
    const auto to = next ? origin_of(*next) : std::unexpected(next.error());
    if (!to)
      return fail(ErrorKind::invalid, "it redirects to where no request can go: " + to.error().what,
                  shown_request(*request, url()));
    way.push_back(*next);
    if (static_cast<int>(way.size()) > request->max_redirects) return std::unexpected(too_many(*request, given.url, way));
    auto other = std::make_unique<HttpRequest>(*request);
    change_method(*other, head.status);
    if (!keeps_credentials(*from, *to)) strip_credentials(*other);
    changed = std::move(other);
    request = changed.get();
    return {};
  }
  [[nodiscard]] bool is_redirected() const { return request->follow_redirects && is_redirect(transfer->head); }
  // Of the last hop, where it came to nothing.
  const Error* end() {
    if (auto arrived = transfer->outcome(HttpTransfer::Part::head); !arrived)
      failed = std::make_unique<Error>(std::move(arrived.error()));
    return failed.get();
  }
  [[nodiscard]] Result<std::string> part() {
    if (auto arrived = transfer->outcome(HttpTransfer::Part::body); !arrived)
      return std::unexpected(std::move(arrived.error()));
    return std::exchange(transfer->body, {});
  }
};

HttpExchange::HttpExchange(const HttpRequest& request) : state_(std::make_unique<State>(request)) {}
HttpExchange::~HttpExchange() = default;

asio::awaitable<void> HttpExchange::load_authorities() {
  State& s = *state_;
  auto loaded = co_await authorities_of(s.request->tls.ca_file);
  if (loaded) {
    s.authorities = *std::move(loaded);
  } else {
    loaded.error().where = shown_request(*s.request, s.url());
    s.failed = std::make_unique<Error>(std::move(loaded.error()));
  }
}

// The first hop, or the next one.
asio::awaitable<void> HttpExchange::begin() {
  State& s = *state_;
  s.check();
  if (s.failed) co_return;
  HttpCookies cookies;
  if (s.transfer) cookies = s.transfer->cookies();
  s.transfer.emplace(co_await asio::this_coro::executor);
  s.transfer->take(cookies);
  if (s.needs_authorities()) co_await load_authorities();
  if (!s.failed) s.transfer->start(*s.request, s.url(), s.authorities);
}

// Reads the rest of an answer that redirects, and turns to where it points to.
asio::awaitable<void> HttpExchange::follow() {
  State& s = *state_;
  HttpTransfer& from = *s.transfer;
  const HttpHead head = from.head;
  for (std::size_t dropped = 0; dropped < redirect_body;) {
    co_await from.wait_for(HttpTransfer::Part::body);
    if (from.body.empty()) break;
    dropped += from.body.size();
    from.body.clear();
  }
  from.stop();
  if (auto gone = s.go_on(head); !gone) {
    s.failed = std::make_unique<Error>(std::move(gone.error()));
    co_return;
  }
  co_await begin();
}

asio::awaitable<const Error*> HttpExchange::send() {
  State& s = *state_;
  co_await begin();
  while (!s.failed) {
    co_await s.transfer->wait_for(HttpTransfer::Part::head);
    if (!s.is_redirected()) co_return s.end();
    co_await follow();
  }
  co_return s.failed.get();
}

HttpHead& HttpExchange::head() {
  return state_->transfer->head;
}

asio::awaitable<Result<std::string>> HttpExchange::read() {
  State& s = *state_;
  if (s.transfer->body.empty()) {
    s.transfer->resume();
    co_await s.transfer->wait_for(HttpTransfer::Part::body);
  }
  co_return s.part();
}

void run_http_on(const asio::any_io_executor& executor) {
  HttpMulti::of(executor)->run_on(executor);
}

asio::awaitable<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t most_bytes) {
  const std::string where = shown_request(request, request.url);
  HttpExchange exchange(request);
  if (const Error* error = co_await exchange.send()) co_return std::unexpected(*error);
  HttpAnswer answer{std::move(exchange.head()), {}};
  for (;;) {
    auto part = co_await exchange.read();
    if (!part) co_return std::unexpected(std::move(part.error()));
    if (part->empty()) break;
    if (answer.body.size() + part->size() > most_bytes) {
      co_return fail(ErrorKind::exhausted,
                     "the answer has more than the " + std::to_string(most_bytes) + " bytes that are held in memory", where,
                     "write it to a file instead");
    }
    answer.body += *part;
  }
  co_return answer;
}

}  // namespace venturi::net
