#include "providers/google/google_error.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "providers/http/access_token.h"

namespace venturi::providers {
namespace {

constexpr std::size_t most_shown_message = 300;

constexpr std::array<std::string_view, 4> google_busy{"rateLimitExceeded", "userRateLimitExceeded", "backendError",
                                                      "internalError"};

std::string hint_for(const GoogleSettings& settings, int status, const std::string& reason) {
  if (std::ranges::find(google_busy, reason) != google_busy.end()) return {};
  if (status == google_status::unauthorized && std::holds_alternative<GoogleNobody>(settings.credentials))
    return "the connection is anonymous: give it keyfile_dict, key_path or credential_config_file";
  if (status == google_status::unauthorized) return "the token of " + shown_identity(settings) + " does not count there";
  if (status == google_status::forbidden)
    return shown_identity(settings) + " may not do this: grant it a role on the bucket or project";
  return {};
}

}  // namespace

GoogleErrorText google_error_text(const net::HttpAnswer& answer) {
  const auto body = parse_json(answer.body);
  const Value* error = body ? body->get("error") : nullptr;
  if (error == nullptr || !error->is_object()) {
    const auto type = answer.head.header("content-type");
    // A page for people says nothing here.
    return {.reason = {}, .message = type.starts_with("text/html") ? std::string() : token_refusal(answer)};
  }
  GoogleErrorText text{.reason = error->get_string("status"),
                       .message = std::string(trim(error->get_string("message"))).substr(0, most_shown_message)};
  if (const Value* errors = error->get("errors"); errors != nullptr && errors->is_array() && !errors->as_array().empty()) {
    if (const std::string reason = errors->as_array().front().get_string("reason"); !reason.empty()) text.reason = reason;
  }
  return text;
}

GoogleRefused google_refusal(const GoogleSettings& settings, const std::string& shown, const net::HttpAnswer& answer) {
  GoogleErrorText error = google_error_text(answer);
  const std::string& reason = error.reason.empty() ? answer.head.reason : error.reason;
  std::string text = fmt::format("{}: {}", shown, reason);
  if (!error.message.empty() && error.message != reason) text += ": " + error.message;
  text += fmt::format(" (status {})", answer.head.status);
  if (const std::string hint = hint_for(settings, answer.head.status, error.reason); !hint.empty())
    text += fmt::format("; {}: connection {}", hint, settings.conn_id);
  return {text, answer.head.status, std::move(error.reason)};
}

bool may_help_to_ask_again(const GoogleSettings& settings, const GoogleRefused& refused) {
  return settings.retry.is_for(refused.status) || std::ranges::find(google_busy, refused.reason) != google_busy.end();
}

}  // namespace venturi::providers
