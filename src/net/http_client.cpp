#include "net/http_client.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <array>
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

Error too_many(const HttpRequest& request, const std::vector<std::string>& way) {
  Error error{ErrorKind::invalid, {}, shown_request(request, way.front()), "max_redirects says how many are followed"};
  const auto first = std::ranges::find(way, way.back());
  if (first + 1 == way.end() || !request.shown_as.empty()) {
    error.what = "more than " + std::to_string(request.max_redirects) + " redirects";
    if (request.shown_as.empty()) error.what += ", the last to " + shown_url(way.back());
    return error;
  }
  error.what = "more than " + std::to_string(request.max_redirects) + " redirects, which go in a circle: " + shown_url(*first);
  for (auto next = first + 1; next != way.end(); ++next) {
    error.what += " -> " + shown_url(*next);
    if (*next == *first) break;
  }
  return error;
}

}  // namespace

struct HttpExchange::State {
  HttpRequest request;  // as it stands after redirects
  std::unique_ptr<HttpTransfer> transfer;
};

HttpExchange::HttpExchange() : state_(std::make_unique<State>()) {}
HttpExchange::~HttpExchange() = default;

asio::awaitable<Result<HttpHead>> HttpExchange::send(HttpRequest given) {
  State& s = *state_;
  s.request = std::move(given);
  if (const auto checked = check(s.request); !checked) co_return std::unexpected(checked.error());
  std::shared_ptr<const TlsAuthorities> authorities;
  const auto executor = co_await asio::this_coro::executor;
  s.transfer = std::make_unique<HttpTransfer>(executor, HttpMulti::of(executor));
  std::vector<std::string> way{s.request.url};
  for (;;) {
    const bool wants_authorities = s.request.tls.verify && !s.request.tls.ca_file.empty() && is_tls(way.back());
    if (wants_authorities && !authorities) {
      auto loaded = co_await authorities_of(s.request.tls.ca_file);
      if (!loaded) {
        loaded.error().where = shown_request(s.request, way.back());
        co_return std::unexpected(std::move(loaded.error()));
      }
      authorities = *std::move(loaded);
    }
    s.transfer->start(s.request, way.back(), authorities);
    if (const auto arrived = co_await s.transfer->wait_for_head(); !arrived) co_return std::unexpected(arrived.error());
    const HttpHead head = s.transfer->head;
    if (!s.request.follow_redirects || !is_redirect(head)) co_return head;
    for (std::size_t dropped = 0; dropped < redirect_body;) {
      if (const auto more = co_await s.transfer->wait_for_body(); !more || s.transfer->body.empty()) break;
      dropped += s.transfer->body.size();
      s.transfer->body.clear();
    }
    s.transfer->stop();
    const auto next = resolved_url(way.back(), std::string(head.header("location")));
    const auto from = origin_of(way.back());
    const auto to = next ? origin_of(*next) : std::unexpected(next.error());
    if (!to)
      co_return fail(ErrorKind::invalid, "it redirects to where no request can go: " + to.error().what,
                     shown_request(s.request, way.back()));
    way.push_back(*next);
    if (static_cast<int>(way.size()) - 1 > s.request.max_redirects) co_return std::unexpected(too_many(s.request, way));
    change_method(s.request, head.status);
    if (!keeps_credentials(*from, *to)) strip_credentials(s.request);
  }
}

asio::awaitable<Result<std::string>> HttpExchange::read() {
  HttpTransfer& transfer = *state_->transfer;
  if (transfer.body.empty()) {
    transfer.resume();
    if (const auto arrived = co_await transfer.wait_for_body(); !arrived) co_return std::unexpected(arrived.error());
  }
  co_return std::exchange(transfer.body, {});
}

void run_http_on(const asio::any_io_executor& executor) {
  HttpMulti::of(executor)->run_on(executor);
}

asio::awaitable<Result<HttpAnswer>> fetch(HttpRequest request, std::size_t most_bytes) {
  const std::string where = shown_request(request, request.url);
  HttpExchange exchange;
  auto head = co_await exchange.send(std::move(request));
  if (!head) co_return std::unexpected(std::move(head.error()));
  HttpAnswer answer{*std::move(head), {}};
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
