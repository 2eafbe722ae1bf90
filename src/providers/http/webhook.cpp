#include "providers/http/webhook.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/crypto.h"
#include "net/http_client.h"
#include "net/http_proxy.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

// Of the answer: what services say is short.
constexpr std::size_t most_answer = 1UL << 20U, shown_answer = 300;

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

std::string idempotency_key(const operators::Notification& n) {
  return sha256_hex(n.key + "\n" + n.classpath).substr(0, 32);
}

std::string webhook_url(const Connection& connection, const std::string& host_otherwise) {
  std::string token = trimmed(connection.password.value_or(""));
  if (token.empty()) {
    throw TaskFailed(fmt::format("Connection ID '{}' does not contain password (the webhook's token, or its whole URL)",
                                 connection.conn_id));
  }
  if (token.find("://") != std::string::npos) return token;
  std::string base = connection.host.value_or("");
  if (base.find("://") == std::string::npos) {
    if (base.empty()) base = host_otherwise;
    if (base.empty())
      throw TaskFailed(
          fmt::format("the connection {} has no host: put the webhook's whole URL into its password", connection.conn_id));
    const std::string scheme = connection.schema.value_or("");
    base = (scheme.empty() ? "https" : scheme) + "://" + base;
  }
  while (base.ends_with('/')) base.pop_back();
  std::string url = base + "/" + token.substr(std::min(token.find_first_not_of('/'), token.size()));
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Webhook webhook_of(const Connection& connection, const operators::Arguments& arguments, std::string url, std::string shown_as) {
  Webhook webhook{.url = std::move(url), .shown_as = std::move(shown_as), .proxy = arguments.string("proxy")};
  const Object extra = operators::extra_of(connection);
  const auto find = [&](const char* name) {
    const Value* value = extra.find(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  };
  const auto wrong = [&](const char* name, const char* expected) {
    return TaskFailed(fmt::format("connection {}, extra: {} must be {}", connection.conn_id, name, expected));
  };
  if (const Value* proxy = find("proxy"); proxy != nullptr && webhook.proxy.empty()) {
    if (!proxy->is_string()) throw wrong("proxy", "a URL");
    webhook.proxy = proxy->as_string();
  }
  if (const Value* timeout = find("timeout")) {
    if (timeout->is_number())
      webhook.timeout = timeout->as_double();
    else if (timeout->is_string())
      webhook.timeout = std::strtod(timeout->as_string().c_str(), nullptr);
    if (!(webhook.timeout > 0)) throw wrong("timeout", "a number of seconds above 0");
  }
  if (const Value* verify = find("verify")) {
    if (!verify->is_bool()) throw wrong("verify", "true or false");
    webhook.verify = verify->as_bool();
  }
  if (arguments.find("timeout") != nullptr) webhook.timeout = arguments.number("timeout", webhook.timeout);
  return webhook;
}

boost::asio::awaitable<std::string> post_webhook(operators::Notification& n, Webhook webhook, Value message) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = webhook.url;
  request.shown_as = webhook.shown_as;
  request.headers = {{"Content-Type", "application/json;charset=utf-8"},
                     {"Idempotency-Key", idempotency_key(n)},
                     {"User-Agent", "venturi/" VENTURI_VERSION}};
  request.body = to_json(message);
  request.follow_redirects = false;
  request.tls.verify = webhook.verify;
  request.connect_timeout = request.idle_timeout = std::chrono::milliseconds(std::llround(webhook.timeout * 1000));
  request.proxy = webhook.proxy;
  if (request.proxy.empty()) {
    auto [proxy, no_proxy] = net::proxy_from_environment(request.url);
    request.proxy = std::move(proxy);
    request.no_proxy = std::move(no_proxy);
  }
  n.memory.take(2 * request.body->size(), "the message");
  const auto answer = co_await net::fetch(std::move(request), most_answer);
  if (!answer) throw TaskFailed("the message was not sent: " + answer.error().text());
  if (answer->head.status >= 300) {
    throw TaskFailed(fmt::format("the message was not taken: {}: Response body: '{}', Status Code: {}", webhook.shown_as,
                                 answer->body.substr(0, shown_answer), answer->head.status));
  }
  co_return std::to_string(answer->head.status) + " " + answer->body.substr(0, shown_answer);
}

}  // namespace venturi::providers
