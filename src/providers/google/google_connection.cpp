#include "providers/google/google_connection.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.h"
#include "base/text.h"
#include "net/http_url.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

constexpr std::string_view old_prefix = "extra__google_cloud_platform__";
constexpr std::string_view all_of_the_cloud = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::string_view metadata_host = "metadata.google.internal";
// requests' and google-auth's.
constexpr int seconds_to_connect = 60, seconds_without_a_byte = 60;
constexpr std::int64_t retries_otherwise = 5, most_retries = 100;
constexpr double first_google_wait = 0.5, longest_google_wait = 32;

class GoogleReader {
 public:
  GoogleReader(const Connection& connection, const net::Environment& environment)
      : connection_(connection), environment_(environment), extra_(operators::extra_of(connection)) {}

  [[nodiscard]] std::string where() const { return "connection " + connection_.conn_id; }
  [[noreturn]] void wrong(std::string_view name, std::string_view expected) const {
    throw TaskFailed(fmt::format("{}, extra: {} must be {}", where(), name, expected));
  }
  // As Airflow: by its name, else by the old one; an empty text is none.
  [[nodiscard]] Value value(std::string_view name) const {
    const Value* found = extra_.find(name);
    if (found == nullptr) found = extra_.find(std::string(old_prefix) + std::string(name));
    if (found == nullptr || (found->is_string() && found->as_string().empty())) return {};
    return *found;
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    const Value found = value(name);
    if (found.is_null()) return {};
    if (!found.is_string()) wrong(name, "a string");
    return found.as_string();
  }
  [[nodiscard]] bool flag(std::string_view name) const {
    const Value found = value(name);
    if (found.is_null()) return false;
    if (found.is_string()) return found.as_string() == "true" || found.as_string() == "True";
    if (!found.is_bool()) wrong(name, "true or false");
    return found.as_bool();
  }
  [[nodiscard]] std::string variable(const std::string& name) const { return environment_(name).value_or(""); }

 private:
  const Connection& connection_;
  const net::Environment& environment_;
  Object extra_;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (const auto part = trim(std::string_view(text).substr(begin, end - begin)); !part.empty()) parts.emplace_back(part);
    begin = end + 1;
  }
  return parts;
}

std::vector<std::string> texts(const GoogleReader& reader, std::string_view name) {
  const Value found = reader.value(name);
  if (found.is_null()) return {};
  if (found.is_string()) return split(found.as_string());
  std::vector<std::string> list;
  if (!found.is_array()) reader.wrong(name, "a text with commas, or a list of texts");
  for (const Value& element : found.as_array()) {
    if (!element.is_string()) reader.wrong(name, "a text with commas, or a list of texts");
    list.push_back(element.as_string());
  }
  return list;
}

// ---- credentials ------------------------------------------------------------------------------------------------------------

std::optional<std::string> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

GoogleCredentialFile read_credentials(const GoogleReader& reader, const std::string& source, const std::string& text) {
  const auto json = parse_json(text);
  if (!json || !json->is_object()) throw TaskFailed(fmt::format("{}: {} is no JSON object", reader.where(), source));
  auto file = google_credentials(*json);
  if (!file) throw TaskFailed(fmt::format("{}: {}: {}", reader.where(), source, file.error().text()));
  return *std::move(file);
}

GoogleCredentialFile of_file(const GoogleReader& reader, const std::string& name, const std::string& path) {
  const auto text = file_text(path);
  if (!text) {
    throw TaskFailed(fmt::format("{}: {} cannot be read: it lies on the worker's machine, and Venturi's user reads it: {}",
                                 reader.where(), name, path));
  }
  return read_credentials(reader, fmt::format("{} {}", name, path), *text);
}

// keyfile_dict and key_path are keys, as in Airflow: what says "run this" or "ask there" comes by credential_config_file.
GoogleCredentialFile only_a_key(const GoogleReader& reader, std::string_view name, GoogleCredentialFile file) {
  if (!std::holds_alternative<GoogleServiceAccount>(file.credentials))
    reader.wrong(name, "the key of a service account; other credentials are given as credential_config_file");
  return file;
}

GoogleCredentialFile of_the_machine(const GoogleReader& reader) {
  if (const std::string path = reader.variable("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty())
    return of_file(reader, "GOOGLE_APPLICATION_CREDENTIALS", path);
  std::string folder = reader.variable("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = reader.variable("HOME") + "/.config/gcloud";
  const std::string path = folder + "/application_default_credentials.json";
  if (const auto text = file_text(path)) return read_credentials(reader, path, *text);
  const std::string host = reader.variable("GCE_METADATA_HOST");
  return {GoogleMachine{"http://" + (host.empty() ? std::string(metadata_host) : host)}, {}};
}

GoogleCredentialFile of_config(const GoogleReader& reader, const Value& config) {
  if (config.is_object()) return read_credentials(reader, "credential_config_file", to_json(config));
  const std::string text = reader.text("credential_config_file");
  // As Airflow: a path where there is such a file.
  if (trim(text).starts_with('{')) return read_credentials(reader, "credential_config_file", text);
  return of_file(reader, "credential_config_file", text);
}

// At most one of them.
std::string chosen_way(const GoogleReader& reader) {
  static constexpr std::array<std::string_view, 4> ways{"key_path", "keyfile_dict", "credential_config_file",
                                                        "key_secret_name"};
  std::vector<std::string> given;
  for (const std::string_view way : ways) {
    if (!reader.value(way).is_null()) given.emplace_back(way);
  }
  if (reader.flag("is_anonymous")) given.emplace_back("is_anonymous");
  if (given.size() > 1) throw TaskFailed(fmt::format("{}, extra: give only one of {}", reader.where(), fmt::join(given, ", ")));
  return given.empty() ? std::string() : given.front();
}

GoogleCredentialFile credentials_of(const GoogleReader& reader, bool is_emulated) {
  const std::string way = chosen_way(reader);
  for (const std::string_view name : {"key_secret_name", "idp_issuer_url"}) {
    if (!reader.value(name).is_null())
      throw TaskFailed(fmt::format("{}, extra: {} is not there yet: give keyfile_dict, key_path or credential_config_file",
                                   reader.where(), name));
  }
  if (way == "is_anonymous") return {};
  if (way == "key_path") {
    const std::string path = reader.text(way);
    if (path.ends_with(".p12")) reader.wrong(way, "a key in JSON: Google's older form .p12 is not read");
    return only_a_key(reader, way, of_file(reader, way, path));
  }
  if (way == "keyfile_dict") {
    const Value given = reader.value(way);
    return only_a_key(reader, way, read_credentials(reader, way, given.is_object() ? to_json(given) : reader.text(way)));
  }
  if (way == "credential_config_file") return of_config(reader, reader.value(way));
  return is_emulated ? GoogleCredentialFile{} : of_the_machine(reader);
}

// ---- the rest ---------------------------------------------------------------------------------------------------------------

// "http://host:port", as it stands before a path.
std::string google_origin_at(const GoogleReader& reader, std::string_view name, const std::string& url) {
  const std::string whole = url.find("://") == std::string::npos ? "http://" + url : url;
  const auto origin = net::origin_of(whole);
  const std::string path = whole.substr(std::min(whole.size(), whole.find('/', whole.find("://") + 3)));
  if (!origin || (origin->scheme != "http" && origin->scheme != "https") || (!path.empty() && path != "/"))
    reader.wrong(name, "http(s)://HOST[:PORT], without a path");
  return origin->scheme + "://" + origin->host + ":" + origin->port;
}

void set_origins(GoogleSettings& settings, const GoogleReader& reader) {
  if (const std::string url = reader.text("endpoint"); !url.empty())
    settings.origins[""] = google_origin_at(reader, "endpoint", url);
  if (const Value services = reader.value("endpoints"); !services.is_null()) {
    if (!services.is_object()) reader.wrong("endpoints", R"(an object: {"storage": "http://HOST:PORT"})");
    for (const auto& [service, url] : services.as_object()) {
      if (!url.is_string()) reader.wrong("endpoints", R"(an object: {"storage": "http://HOST:PORT"})");
      settings.origins[service] = google_origin_at(reader, "endpoints: " + service, url.as_string());
    }
  }
  const std::string emulator = reader.variable("STORAGE_EMULATOR_HOST");
  if (!emulator.empty() && is_googles(settings, "storage"))
    settings.origins["storage"] = google_origin_at(reader, "endpoint (STORAGE_EMULATOR_HOST)", emulator);
}

RetryRule google_retry(const GoogleReader& reader) {
  const Value given = reader.value("num_retries");
  std::int64_t retries = retries_otherwise;
  if (given.is_int()) {
    retries = given.as_int();
  } else if (given.is_string()) {
    const std::string_view text = trim(given.as_string());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), retries);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) retries = -1;
  } else if (!given.is_null()) {
    retries = -1;
  }
  if (retries < 0 || retries > most_retries) reader.wrong("num_retries", "a number from 0 to 100");
  RetryRule rule;
  rule.attempts = static_cast<int>(retries) + 1;
  rule.wait = first_google_wait;
  rule.max_wait = longest_google_wait;
  return rule;
}

HttpConnection google_http(const Connection& connection) {
  Connection http;
  http.conn_id = connection.conn_id;
  http.extra = to_json(Value(
      Object{{"timeout", Array{seconds_to_connect, seconds_without_a_byte}}, {"allow_redirects", false}}));  // with a token
  return http_connection(http, {});
}

// "etl@shop.iam.gserviceaccount.com" belongs to shop.
std::string project_of_account(const std::string& email) {
  const std::size_t at = email.find('@');
  return at == std::string::npos ? std::string() : email.substr(at + 1, email.find('.', at) - at - 1);
}

std::string project_of(const GoogleReader& reader, const GoogleSettings& settings) {
  if (std::string project = reader.text("project"); !project.empty()) return project;
  if (!settings.impersonation_chain.empty()) return project_of_account(settings.impersonation_chain.back());
  if (const auto* account = std::get_if<GoogleServiceAccount>(&settings.credentials); account && !account->project.empty())
    return account->project;
  if (std::string project = reader.variable("GOOGLE_CLOUD_PROJECT"); !project.empty()) return project;
  return settings.quota_project;
}

}  // namespace

GoogleSettings google_settings(const Connection& connection, GoogleChoice choice, const net::Environment& environment) {
  const GoogleReader reader(connection, environment);
  GoogleSettings settings{.conn_id = connection.conn_id};
  set_origins(settings, reader);
  GoogleCredentialFile file = credentials_of(reader, !is_googles(settings, choice.service));
  settings.credentials = std::move(file.credentials);
  settings.scopes = texts(reader, "scope");
  if (settings.scopes.empty()) settings.scopes.emplace_back(all_of_the_cloud);
  settings.impersonation_chain =
      choice.impersonation_chain.empty() ? texts(reader, "impersonation_chain") : std::move(choice.impersonation_chain);
  if (std::holds_alternative<GoogleNobody>(settings.credentials)) settings.impersonation_chain.clear();
  settings.quota_project = reader.text("quota_project_id");
  if (settings.quota_project.empty()) settings.quota_project = file.quota_project;
  settings.project = project_of(reader, settings);
  settings.http = google_http(connection);
  settings.retry = google_retry(reader);
  return settings;
}

std::string google_origin(const GoogleSettings& settings, std::string_view service) {
  if (const auto own = settings.origins.find(service); own != settings.origins.end()) return own->second;
  if (const auto all = settings.origins.find(""); all != settings.origins.end()) return all->second;
  return fmt::format("https://{}.googleapis.com", service);
}

bool is_googles(const GoogleSettings& settings, std::string_view service) {
  return !settings.origins.contains(service) && !settings.origins.contains("");
}

std::string shown_identity(const GoogleSettings& settings) {
  const std::string own = shown_credentials(settings.credentials);
  return settings.impersonation_chain.empty() ? own : fmt::format("{}, acting as {}", own, settings.impersonation_chain.back());
}

}  // namespace venturi::providers
