// Which parts of a connection are secret: DEFAULT_SENSITIVE_FIELDS and should_hide_value_for_key of Airflow's secrets masker.
#include <algorithm>

#include "base/json.h"
#include "model/connection.h"

namespace venturi {
namespace {

constexpr std::string_view sensitive_fields[] = {
    "access_token", "api_key",     "apikey",  "authorization", "keyfile_dict", "passphrase",      "passwd",
    "password",     "private_key", "proxies", "proxy",         "secret",       "service_account", "token",
};

// Calls `use` with every string and number in `value` that stands under a sensitive name, at any depth.
template <class Use>
void each_sensitive(const Value& value, bool sensitive, const Use& use) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) each_sensitive(member, sensitive || is_sensitive_name(key), use);
  } else if (value.is_array()) {
    for (const Value& element : value.as_array()) each_sensitive(element, sensitive, use);
  } else if (sensitive && (value.is_string() || value.is_number())) {
    use(value);
  }
}

}  // namespace

bool is_sensitive_name(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::any_of(sensitive_fields, [&](std::string_view field) { return lower.find(field) != std::string::npos; });
}

Value redact_sensitive(Value value, bool sensitive) {
  if (value.is_object()) {
    Object redacted;
    for (const auto& [key, member] : value.as_object()) {
      redacted.add(key, redact_sensitive(member, sensitive || is_sensitive_name(key)));
    }
    return redacted;
  }
  if (value.is_array()) {
    Array redacted;
    for (const Value& element : value.as_array()) redacted.push_back(redact_sensitive(element, sensitive));
    return redacted;
  }
  return sensitive && !value.is_null() ? Value("***") : value;
}

std::vector<std::string> connection_secrets(const Connection& connection) {
  std::vector<std::string> secrets;
  if (connection.password && !connection.password->empty()) secrets.push_back(*connection.password);
  if (!connection.extra || connection.extra->empty()) return secrets;
  const auto extra = parse_json(*connection.extra);
  if (!extra) {
    // Nobody knows what it is, so all of it counts.
    secrets.push_back(*connection.extra);
    return secrets;
  }
  each_sensitive(*extra, false, [&](const Value& value) {
    std::string secret = value.is_string() ? value.as_string() : to_json(value);
    if (!secret.empty()) secrets.push_back(std::move(secret));
  });
  return secrets;
}

}  // namespace venturi
