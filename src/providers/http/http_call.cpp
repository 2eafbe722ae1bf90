#include "providers/http/http_call.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/json.h"
#include "base/utf8.h"
#include "net/background.h"
#include "net/http_client.h"
#include "net/http_error.h"
#include "net/http_url.h"
#include "operators/charset.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;
using operators::TaskFailedForGood;

// What takes longer to read than a turn of the loop may last is read beside it.
constexpr std::size_t large = 256UL << 10U;
// Of the answer to a request that failed, for the log.
constexpr std::size_t shown_body = 2000;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Python's str() of what urlencode() gets.
std::string text_of(const Value& value) {
  if (value.is_string()) return value.as_string();
  if (value.is_bool()) return value.as_bool() ? "True" : "False";
  return to_json(value);
}

net::QueryItems items_of(const Object& data) {
  net::QueryItems items;
  for (const auto& [name, value] : data) {
    if (value.is_null()) continue;
    if (value.is_array()) {
      for (const Value& element : value.as_array()) items.emplace_back(name, text_of(element));
    } else {
      items.emplace_back(name, text_of(value));
    }
  }
  return items;
}

void set_header(net::HttpHeaders& headers, const std::string& name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return lower(header.first) == lower(name); });
  headers.emplace_back(name, std::move(value));
}
bool has_header(const net::HttpHeaders& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) { return lower(header.first) == name; });
}

// "text/plain; charset=x"
std::string charset_of(std::string_view content_type) {
  const std::string text = lower(content_type);
  const std::size_t at = text.find("charset=");
  if (at == std::string::npos) return {};
  std::string charset = text.substr(at + 8, text.find(';', at) - at - 8);
  std::erase_if(charset, [](char c) { return c == '"' || c == '\'' || c == ' '; });
  return charset;
}

std::string decode(std::string body, const std::string& content_type) {
  std::string charset = charset_of(content_type);
  if (charset.empty() || operators::is_utf8_name(charset)) {
    if (is_utf8(body)) return body;
    charset = "ISO-8859-1";
  }
  auto converted = operators::convert_text(body, charset, "UTF-8");
  if (!converted) converted = operators::convert_text(body, "ISO-8859-1", "UTF-8");  // a charset that it is not
  return converted ? *std::move(converted) : std::move(body);
}

std::string joined_text(const std::vector<std::string>& parts) {
  std::size_t size = 0;
  for (const std::string& part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (const std::string& part : parts) text += part;
  return text;
}

void add_header_arguments(const Arguments& arguments, net::HttpRequest& request) {
  const Value* headers = arguments.find("headers");
  if (headers == nullptr) return;
  for (const auto& [name, value] : headers->as_object()) {
    if (value.is_null()) continue;
    if (!value.is_string() && !value.is_number())
      throw TaskFailedForGood(fmt::format("headers: the value of {} must be a string, not {}", name, value.type_name()));
    set_header(request.headers, name, text_of(value));
  }
}

// What is behind "Bearer " alone is a secret too.
std::vector<std::string> header_secrets(const net::HttpHeaders& headers) {
  std::vector<std::string> secrets;
  for (const auto& [name, value] : headers) {
    if (!is_sensitive_name(name)) continue;
    secrets.push_back(value);
    if (const auto blank = value.find(' '); blank != std::string::npos) secrets.push_back(value.substr(blank + 1));
  }
  return secrets;
}

asio::awaitable<void> sleep_for(double seconds) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

// ---- retries ----------------------------------------------------------------------------------------------------------------

RetryRule retry_rule(const Arguments& arguments, int attempts_otherwise) {
  RetryRule rule;
  rule.attempts = attempts_otherwise;
  const Value* given = arguments.find("retry_args");
  if (given == nullptr) return rule;
  const auto wrong = [](std::string_view name, std::string_view expected) {
    return TaskFailedForGood(fmt::format("retry_args: {} must be {}", name, expected));
  };
  if (attempts_otherwise == 1) rule.attempts = 5;
  for (const auto& [name, value] : given->as_object()) {
    if (name == "attempts") {
      if (!value.is_int() || value.as_int() < 1 || value.as_int() > 1000) throw wrong(name, "a number from 1 to 1000");
      rule.attempts = static_cast<int>(value.as_int());
    } else if (name == "wait" || name == "max_wait") {
      if (!value.is_number() || !(value.as_double() >= 0)) throw wrong(name, "a number of seconds");
      (name == "wait" ? rule.wait : rule.max_wait) = value.as_double();
    } else if (name == "statuses") {
      if (!value.is_array() || !std::ranges::all_of(value.as_array(), &Value::is_int))
        throw wrong(name, "a list of status codes");
      rule.statuses.emplace();
      for (const Value& status : value.as_array()) rule.statuses->push_back(static_cast<int>(status.as_int()));
    } else {
      throw TaskFailedForGood(fmt::format("retry_args: there is no {}; there are attempts, statuses, wait and max_wait", name));
    }
  }
  return rule;
}

bool RetryRule::is_for(int status) const {
  static constexpr std::array usual{408, 425, 429, 500, 502, 503, 504};
  return statuses ? std::ranges::find(*statuses, status) != statuses->end() : std::ranges::find(usual, status) != usual.end();
}

double retry_wait(const RetryRule& rule, int attempt, const net::HttpHead* head) {
  double wait = rule.wait * std::pow(2, std::min(attempt - 1, 60));
  if (head != nullptr) {
    const std::string after(head->header("retry-after"));
    char* end = nullptr;
    const double seconds = std::strtod(after.c_str(), &end);
    if (end != after.c_str() && *end == '\0') wait = std::max(wait, seconds);
  }
  return std::min(wait, rule.max_wait);
}

// ---- the request ------------------------------------------------------------------------------------------------------------

HttpCall::HttpCall(HttpConnection c)
    : request(std::move(c.request)),
      check_response(c.settings.check_response),
      parts_(std::make_unique<Parts>(Parts{.settings = std::move(c.settings)})) {}

asio::awaitable<std::shared_ptr<HttpCall>> HttpCall::make(CallContext t, const Arguments& arguments,
                                                          std::string_view method_otherwise, std::string_view data_name) {
  const Connection connection = co_await t.host.connection(arguments.string("http_conn_id", "http_default"));
  const Value* options = arguments.find("extra_options");
  auto call = std::make_shared<HttpCall>(http_connection(connection, options == nullptr ? Object() : options->as_object()));
  net::HttpRequest& request = call->request;
  request.method = arguments.string("method", method_otherwise);
  std::ranges::transform(request.method, request.method.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  add_header_arguments(arguments, request);
  if (request.login) std::erase_if(request.headers, [](const auto& h) { return lower(h.first) == "authorization"; });
  if (!has_header(request.headers, "user-agent")) request.headers.emplace_back("User-Agent", "venturi/" VENTURI_VERSION);
  t.log.add_secrets(header_secrets(request.headers));
  call->parts_->url = url_from_endpoint(call->parts_->settings.base_url, arguments.string("endpoint"));
  call->set_data(arguments, arguments.find(data_name));
  call->rebuild();
  co_return call;
}

void HttpCall::set_data(const Arguments& arguments, const Value* data) {
  if (data != nullptr && !data->is_object() && !data->is_string())
    throw TaskFailedForGood(fmt::format("the argument data must be an object or a string, not {}", data->type_name()));
  const bool is_empty =
      data == nullptr || (data->is_object() && data->as_object().empty()) || (data->is_string() && data->as_string().empty());
  if (!is_empty && request.method != "HEAD") {
    if (data->is_object()) {
      parts_->items = items_of(data->as_object());
      parts_->has_items = true;
    } else if (request.method == "GET") {
      parts_->url = net::with_query(parts_->url, data->as_string());
    } else {
      request.body = data->as_string();
    }
  }
  const Value* more = arguments.find("request_kwargs");
  if (more == nullptr) return;
  for (const auto& [name, value] : more->as_object()) {
    if (name == "params" && value.is_object()) {
      parts_->url = net::with_query(parts_->url, net::form_encoded(items_of(value.as_object())));
    } else if (name == "json") {
      if (request.body || parts_->has_items) continue;  // as requests: data comes first
      request.body = to_json(value);
      if (!has_header(request.headers, "content-type")) request.headers.emplace_back("Content-Type", "application/json");
    } else {
      throw TaskFailedForGood(fmt::format("request_kwargs: {} is not there; there are json and params (an object)", name));
    }
  }
}

void HttpCall::rebuild() {
  std::string url = net::with_query(parts_->url, net::form_encoded(parts_->query));
  if (parts_->has_items && request.method == "GET") {
    url = net::with_query(url, net::form_encoded(parts_->items));
  } else if (parts_->has_items) {
    request.body = net::form_encoded(parts_->items);
    if (!has_header(request.headers, "content-type"))
      request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  }
  set_url(request, parts_->settings, std::move(url));
}

void HttpCall::set_parameter(const std::string& name, const std::string& value) {
  net::QueryItems& items = parts_->has_items ? parts_->items : parts_->query;
  std::erase_if(items, [&](const auto& item) { return item.first == name; });
  items.emplace_back(name, value);
  rebuild();
}

void HttpCall::go_to(const std::string& link) {
  const auto next = net::resolved_url(request.url, link);
  const auto here = net::origin_of(request.url), there = next ? net::origin_of(*next) : std::unexpected(next.error());
  if (!there) throw TaskFailed("the link to the next page leads nowhere: " + there.error().what);
  if (there->host != here->host || (here->scheme == "https" && there->scheme != "https")) {
    throw TaskFailed(fmt::format("the next page lies on another server, {}://{}: it is not asked with the login of {}",
                                 there->scheme, there->host, here->host));
  }
  parts_->url = *next;
  parts_->query.clear();  // the link has them
  if (request.method == "GET") parts_->has_items = false;
  rebuild();
}

// ---- the answer -------------------------------------------------------------------------------------------------------------

std::string status_text(const net::HttpHead& head, const net::HttpRequest& request) {
  return fmt::format("{}:{} ({})", head.status, head.reason, net::shown_request(request, request.url));
}

asio::awaitable<std::string> decoded_text(std::vector<std::string> parts, std::string content_type) {
  if (parts.empty()) co_return std::string();
  if (parts.size() == 1 && parts.front().size() <= large) co_return decode(std::move(parts.front()), content_type);
  auto work = [parts = std::move(parts), content_type = std::move(content_type)]() mutable {
    return decode(joined_text(parts), content_type);
  };
  co_return co_await net::in_background(std::move(work));
}

asio::awaitable<Value> parsed_json(std::shared_ptr<const std::string> text, std::string shown) {
  Result<Value> value = Value();
  if (text->size() <= large) {
    value = parse_json(*text);
  } else {
    auto work = [text] { return parse_json(*text); };
    value = co_await net::in_background(std::move(work));
  }
  if (!value) throw TaskFailed(fmt::format("{}: {}", shown, value.error().text()));
  co_return *std::move(value);
}

asio::awaitable<void> HttpCall::take(CallContext t, net::HttpExchange& exchange) {
  answer = std::make_unique<HttpText>(HttpText{.head = std::move(exchange.head()), .text = {}});
  std::vector<std::string> parts;  // one string would be copied over and over while it grows
  for (;;) {
    auto part = co_await exchange.read();
    if (!part) throw TaskFailed(part.error().text());
    if (part->empty()) break;
    t.memory.take(part->size(), "the answer to " + net::shown_request(request, request.url));
    parts.push_back(*std::move(part));
  }
  answer->text = co_await decoded_text(std::move(parts), std::string(answer->head.header("content-type")));
}

asio::awaitable<void> HttpCall::send(CallContext t) {
  net::HttpExchange exchange(request);
  if (const Error* error = co_await exchange.send()) throw TaskFailed(error->text());
  co_await take(t, exchange);
}

// An attempt that came to nothing.
struct HttpCall::Failure {
  std::string error;
  double wait = 0;       // before the next attempt
  bool may_help = true;  // another one
  int status = 0;        // that the server refused it with
  std::string body{};    // the beginning of what it said then
};

bool HttpCall::is_taken(const std::vector<int>& accepts) const {
  const int status = answer->head.status;
  return !check_response || status < 400 || std::ranges::find(accepts, status) != accepts.end();
}

std::unique_ptr<HttpCall::Failure> HttpCall::refusal(CallContext t, const RetryRule& rule, int attempt) const {
  const int status = answer->head.status;
  auto failure = std::make_unique<Failure>(Failure{.error = status_text(answer->head, request),
                                                   .wait = retry_wait(rule, attempt, &answer->head),
                                                   .may_help = rule.is_for(status),
                                                   .status = status,
                                                   .body = answer->text.substr(0, shown_body)});
  t.log.error("HTTP error: " + failure->error);
  if (!failure->body.empty()) t.log.error(failure->body);
  return failure;
}

double HttpCall::wait_after(const Failure& failure, CallContext t, const RetryRule& rule, int attempt) {
  if (!failure.may_help || attempt >= rule.attempts) {
    if (failure.status != 0) throw HttpRefused(failure.error, failure.status, failure.body);
    throw TaskFailed(failure.error);
  }
  t.log.warning(
      fmt::format("{}; trying again in {:g} s (attempt {} of {})", failure.error, failure.wait, attempt + 1, rule.attempts));
  return failure.wait;
}

std::optional<double> HttpCall::next_wait(CallContext t, const RetryRule& rule, const std::vector<int>& accepts, int attempt,
                                          std::exception_ptr failed) const {
  if (!failed && is_taken(accepts)) return std::nullopt;
  if (!failed) return wait_after(*refusal(t, rule, attempt), t, rule, attempt);
  try {
    std::rethrow_exception(std::move(failed));
  } catch (const TaskFailedForGood&) {
    throw;
  } catch (const TaskFailed& e) {
    return wait_after(Failure{.error = e.what(), .wait = retry_wait(rule, attempt, nullptr)}, t, rule, attempt);
  }
}

asio::awaitable<void> HttpCall::run(CallContext t, const RetryRule& rule, const std::vector<int>& accepts) {
  for (int attempt = 1;; ++attempt) {
    const std::size_t held = t.memory.used();
    std::exception_ptr failed;
    try {
      net::HttpExchange exchange(request);  // as send() does it, with one frame less
      if (const Error* error = co_await exchange.send()) throw TaskFailed(error->text());
      co_await take(t, exchange);
    } catch (...) {
      failed = std::current_exception();
    }
    const auto wait = next_wait(t, rule, accepts, attempt, std::exchange(failed, nullptr));
    if (!wait) co_return;
    t.memory.release(t.memory.used() - held);
    co_await sleep_for(*wait);
  }
}

}  // namespace venturi::providers
