#include "providers/http/access_token.h"

#include <cstddef>

#include "base/json.h"

namespace venturi::providers {
namespace {

constexpr std::size_t most_shown = 300;

}  // namespace

net::HttpRequest token_request(const std::string& url, const net::QueryItems& form) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"},
                     {"User-Agent", "venturi/" VENTURI_VERSION}};
  request.body = net::form_encoded(form);
  request.follow_redirects = false;
  return request;
}

std::optional<AccessToken> access_token_of(const net::HttpAnswer& answer) {
  if (answer.head.status != 200) return std::nullopt;
  const auto body = parse_json(answer.body);
  if (!body || !body->is_object()) return std::nullopt;
  AccessToken token{.text = body->get_string("access_token"), .lasts = std::chrono::seconds(body->get_int("expires_in"))};
  if (token.text.empty()) return std::nullopt;
  return token;
}

std::string token_refusal(const net::HttpAnswer& answer) {
  std::string text;
  if (const auto body = parse_json(answer.body); body && body->is_object()) {
    text = body->get_string("error");
    const std::string description = body->get_string("error_description");
    if (!description.empty()) text += (text.empty() ? "" : ": ") + description.substr(0, description.find_first_of("\r\n"));
  }
  if (text.empty()) text = answer.body;
  return text.substr(0, most_shown);
}

}  // namespace venturi::providers
