#include "providers/google/google_credentials.h"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace venturi::providers {
namespace {

constexpr std::string_view google_token_url = "https://oauth2.googleapis.com/token";

std::unexpected<Error> lacks(std::string_view type, std::string_view name) {
  return fail(ErrorKind::invalid, fmt::format("credentials of type {} need {}", type, name));
}

template <std::size_t N>
std::string_view first_missing(const Value& json, const std::array<std::string_view, N>& names) {
  for (const std::string_view name : names) {
    if (json.get_string(name).empty()) return name;
  }
  return {};
}

// A key that went through a form or a shell has its line breaks as two letters.
std::string with_line_breaks(std::string key) {
  for (std::size_t at = 0; (at = key.find("\\n", at)) != std::string::npos; ++at) key.replace(at, 2, "\n");
  return key;
}

Result<GoogleCredentials> service_account(const Value& json) {
  constexpr std::array<std::string_view, 2> needed{"client_email", "private_key"};
  if (const auto missing = first_missing(json, needed); !missing.empty()) return lacks("service_account", missing);
  return GoogleServiceAccount{.email = json.get_string("client_email"),
                              .private_key = with_line_breaks(json.get_string("private_key")),
                              .key_id = json.get_string("private_key_id"),
                              .token_url = json.get_string("token_uri", google_token_url),
                              .project = json.get_string("project_id")};
}

Result<GoogleCredentials> user(const Value& json) {
  constexpr std::array<std::string_view, 3> needed{"client_id", "client_secret", "refresh_token"};
  if (const auto missing = first_missing(json, needed); !missing.empty()) return lacks("authorized_user", missing);
  return GoogleUser{.client_id = json.get_string("client_id"),
                    .client_secret = json.get_string("client_secret"),
                    .refresh_token = json.get_string("refresh_token"),
                    .token_url = json.get_string("token_uri", google_token_url)};
}

Result<GoogleCredentials> external_account(const Value& json) {
  constexpr std::array<std::string_view, 3> needed{"audience", "subject_token_type", "token_url"};
  if (const auto missing = first_missing(json, needed); !missing.empty()) return lacks("external_account", missing);
  GoogleExternalAccount account{.audience = json.get_string("audience"),
                                .subject_token_type = json.get_string("subject_token_type"),
                                .token_url = json.get_string("token_url"),
                                .client_id = json.get_string("client_id"),
                                .client_secret = json.get_string("client_secret"),
                                .user_project = json.get_string("workforce_pool_user_project"),
                                .impersonation_url = json.get_string("service_account_impersonation_url")};
  const Value source = json.get_value("credential_source");
  account.file = source.get_string("file");
  account.url = source.get_string("url");
  if (account.file.empty() == account.url.empty()) {
    return fail(ErrorKind::invalid,
                "credentials of type external_account need a credential_source with either file or url (executables and AWS "
                "are not there yet)");
  }
  if (const Value* headers = source.get("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->as_object()) {
      if (value.is_string()) account.headers.emplace_back(name, value.as_string());
    }
  }
  const Value format = source.get_value("format");
  if (format.get_string("type") == "json") {
    account.json_member = format.get_string("subject_token_field_name");
    if (account.json_member.empty()) return lacks("external_account", "credential_source: format: subject_token_field_name");
  }
  if (const auto seconds = json.get_value("service_account_impersonation").get_int("token_lifetime_seconds"); seconds > 0)
    account.impersonated = std::chrono::seconds(seconds);
  return account;
}

}  // namespace

Result<GoogleCredentialFile> google_credentials(const Value& json) {
  const std::string type = json.get_string("type");
  Result<GoogleCredentials> read = GoogleNobody{};
  if (type == "service_account") {
    read = service_account(json);
  } else if (type == "authorized_user") {
    read = user(json);
  } else if (type == "external_account") {
    read = external_account(json);
  } else {
    read = fail(ErrorKind::invalid,
                fmt::format("credentials of type \"{}\" are not known: there are service_account, authorized_user and "
                            "external_account",
                            type.substr(0, 40)));
  }
  if (!read) return std::unexpected(read.error());
  return GoogleCredentialFile{*std::move(read), json.get_string("quota_project_id")};
}

std::vector<std::string> google_secrets(const GoogleCredentials& credentials) {
  std::vector<std::string> secrets;
  const auto add = [&](const std::string& secret) {
    if (!secret.empty()) secrets.push_back(secret);
  };
  if (const auto* account = std::get_if<GoogleServiceAccount>(&credentials)) add(account->private_key);
  if (const auto* its = std::get_if<GoogleUser>(&credentials)) {
    add(its->client_secret);
    add(its->refresh_token);
  }
  if (const auto* its = std::get_if<GoogleExternalAccount>(&credentials)) {
    add(its->client_secret);
    for (const auto& [name, value] : its->headers) add(value);
  }
  return secrets;
}

std::string shown_credentials(const GoogleCredentials& credentials) {
  if (const auto* account = std::get_if<GoogleServiceAccount>(&credentials)) return "service account " + account->email;
  if (const auto* machine = std::get_if<GoogleMachine>(&credentials)) return "the service account of " + machine->origin;
  if (std::holds_alternative<GoogleUser>(credentials)) return "a user's log-in";
  if (const auto* its = std::get_if<GoogleExternalAccount>(&credentials)) return "workload identity " + its->audience;
  return "nobody";
}

}  // namespace venturi::providers
