#include "providers/amazon/aws_connection.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "net/http_url.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"
#include "providers/amazon/aws_profile.h"

namespace venturi::providers {
namespace {

using operators::TaskFailed;

// botocore's.
constexpr double timeout_otherwise = 60;
constexpr int attempts_otherwise = 5;
constexpr double first_wait = 0.5, longest_wait = 20;
// Those that are asked here, by boto3's names.
constexpr std::array services{"s3", "sts", "redshift", "redshift-data", "redshift-serverless"};

constexpr std::string_view web_identity_method = "assume_role_with_web_identity";

class Reader {
 public:
  Reader(const Connection& connection, const net::Environment& environment)
      : connection_(connection), environment_(environment), extra_(operators::extra_of(connection)) {}

  [[noreturn]] void wrong(std::string_view name, std::string_view expected) const {
    throw TaskFailed(fmt::format("{}, extra: {} must be {}", where(), name, expected));
  }
  [[nodiscard]] std::string where() const {
    return connection_.conn_id.empty() ? std::string("no AWS connection") : "connection " + connection_.conn_id;
  }
  [[nodiscard]] const Object& extra() const { return extra_; }
  // A member of extra, or of an object in it; null where it is not there.
  [[nodiscard]] Value value(std::string_view name, std::string_view inner = {}) const {
    const Value* found = extra_.find(name);
    if (found == nullptr || found->is_null() || inner.empty()) return found == nullptr ? Value() : *found;
    if (!found->is_object()) wrong(name, "an object");
    return found->get_value(inner);
  }
  [[nodiscard]] std::string text(std::string_view name, std::string_view inner = {}) const {
    const Value found = value(name, inner);
    if (found.is_null()) return {};
    if (!found.is_string()) wrong(inner.empty() ? name : inner, "a string");
    return found.as_string();
  }
  [[nodiscard]] std::string variable(const std::string& name) const { return environment_(name).value_or(""); }

 private:
  const Connection& connection_;
  const net::Environment& environment_;
  Object extra_;
};

template <class... Text>
std::string first_of(const Text&... texts) {
  std::string result;
  (void)((result = texts, !result.empty()) || ...);
  return result;
}

// Without what would not be signed: a path, a query, the port that is the scheme's own.
std::string origin_at(const Reader& reader, const std::string& url) {
  if (url.empty()) return url;
  const auto origin = net::origin_of(url);
  const std::string path = url.substr(std::min(url.size(), url.find('/', url.find("://") + 3)));
  if (!origin || (origin->scheme != "http" && origin->scheme != "https") || (!path.empty() && path != "/"))
    reader.wrong("endpoint_url", "http(s)://HOST[:PORT], without a path");
  const std::string_view own = origin->scheme == "https" ? "443" : "80";
  return origin->scheme + "://" + origin->host + (origin->port == own ? "" : ":" + origin->port);
}

std::string endpoint(const Reader& reader, std::string_view service) {
  const Value services = reader.value("service_config");
  const Value* own = services.get(service);
  std::string upper(service);
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(c)); });
  // As Airflow: roles are taken on at Amazon's, unless something says so of sts itself.
  const std::string of_all = service == "sts" ? std::string() : reader.text("endpoint_url");
  return origin_at(reader, first_of(own == nullptr ? std::string() : own->get_string("endpoint_url"), of_all,
                                    reader.variable("AWS_ENDPOINT_URL_" + upper), reader.variable("AWS_ENDPOINT_URL")));
}

std::string home_file(const Reader& reader, const std::string& variable, const std::string& name) {
  return first_of(reader.variable(variable), reader.variable("HOME") + "/.aws/" + name);
}

std::string member(const std::map<std::string, std::string>& members, const std::string& name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

struct Profile {
  AwsCredentials credentials;
  std::string region;
};

Profile read_profile(const Reader& reader, const std::string& name) {
  const auto keys = profile_section(home_file(reader, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), name);
  const auto config =
      profile_section(home_file(reader, "AWS_CONFIG_FILE", "config"), name == "default" ? name : "profile " + name);
  const auto either = [&](const std::string& key) { return first_of(member(keys, key), member(config, key)); };
  return {{either("aws_access_key_id"), either("aws_secret_access_key"), either("aws_session_token")}, either("region")};
}

bool are_whole(const AwsCredentials& c) {
  return !c.access_key_id.empty() && !c.secret_access_key.empty();
}

AwsCredentials of_connection(const Connection& connection, const Reader& reader) {
  const auto extra = [&](std::string_view name) { return first_of(reader.text(name), reader.text("session_kwargs", name)); };
  const AwsCredentials found{first_of(connection.login.value_or(""), extra("aws_access_key_id")),
                             first_of(connection.password.value_or(""), extra("aws_secret_access_key")),
                             extra("aws_session_token")};
  if (found.access_key_id.empty() != found.secret_access_key.empty()) {
    throw TaskFailed(fmt::format("{} has {}", reader.where(),
                                 found.secret_access_key.empty()
                                     ? "an access key (login) without its secret (password)"
                                     : "the secret of an access key (password) without the key itself (login)"));
  }
  return found;
}

// Of other letters STS takes none.
std::string as_session_name(std::string text) {
  std::erase_if(text, [](unsigned char c) {
    return std::isalnum(c) == 0 && std::string_view("+=,.@-_").find(static_cast<char>(c)) == std::string_view::npos;
  });
  return text;
}

std::string nobody_has_one(const std::string& profile) {
  return "the worker's environment nor the profile " + profile + " has one: give it login and password";
}

// As Airflow's assume_role_with_web_identity, or as botocore by the environment (Kubernetes: IRSA).
AwsLender web_identity(const Connection& connection, const Reader& reader) {
  AwsLender lender{
      .session_name = as_session_name(first_of(reader.text("assume_role_kwargs", "RoleSessionName"),
                                               reader.variable("AWS_ROLE_SESSION_NAME"), "Airflow_" + connection.conn_id)),
      .role_seconds = reader.value("assume_role_kwargs").get_int("DurationSeconds")};
  if (reader.text("assume_role_method") == web_identity_method) {
    if (const std::string kind = reader.text("assume_role_with_web_identity_federation"); !kind.empty() && kind != "file")
      reader.wrong("assume_role_with_web_identity_federation", "file: the others are not there yet");
    lender.role_arn = first_of(reader.text("role_arn"), reader.variable("AWS_ROLE_ARN"));
    lender.token_file =
        first_of(reader.text("assume_role_with_web_identity_token_file"), reader.variable("AWS_WEB_IDENTITY_TOKEN_FILE"));
    if (lender.role_arn.empty()) reader.wrong("role_arn", "the role that the token is for");
    if (lender.token_file.empty())
      reader.wrong("assume_role_with_web_identity_token_file", "the path of the token on the worker's machine");
  } else {
    lender.role_arn = reader.variable("AWS_ROLE_ARN");
    lender.token_file = reader.variable("AWS_WEB_IDENTITY_TOKEN_FILE");
  }
  if (!lender.role_arn.empty() && !lender.token_file.empty()) lender.kind = AwsLender::Kind::web_identity;
  return lender;
}

// The agent gets at keys: it is asked on this machine alone, or over TLS.
bool may_be_an_agent(const std::string& url) {
  const auto origin = net::origin_of(url);
  if (!origin) return false;
  if (origin->scheme == "https") return true;
  constexpr std::array hosts{"localhost", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23", "[::1]", "::1"};
  const bool is_loopback =
      origin->host.starts_with("127.") && origin->host.find_first_not_of("0123456789.") == std::string::npos;
  return origin->scheme == "http" && (is_loopback || std::ranges::find(hosts, origin->host) != hosts.end());
}

AwsLender lender_of_machine(const Reader& reader) {
  const std::string relative = reader.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = reader.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (!relative.empty() || !full.empty()) {
    AwsLender lender{.kind = AwsLender::Kind::container,
                     .url = relative.empty() ? full : "http://169.254.170.2" + relative,
                     .token = reader.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
                     .token_file = reader.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
                     .timeout = std::chrono::seconds(2),
                     .attempts = 3};
    if (!may_be_an_agent(lender.url))
      throw TaskFailed("AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on this machine, not " + lender.url);
    return lender;
  }
  std::string is_off = reader.variable("AWS_EC2_METADATA_DISABLED");
  std::ranges::transform(is_off, is_off.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (is_off == "true") return {};
  AwsLender lender{
      .kind = AwsLender::Kind::instance,
      .url = first_of(reader.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"), std::string("http://169.254.169.254"))};
  while (lender.url.ends_with('/')) lender.url.pop_back();
  if (const int seconds = std::atoi(reader.variable("AWS_METADATA_SERVICE_TIMEOUT").c_str()); seconds > 0)
    lender.timeout = std::chrono::seconds(seconds);
  if (const int attempts = std::atoi(reader.variable("AWS_METADATA_SERVICE_NUM_ATTEMPTS").c_str()); attempts > 0)
    lender.attempts = attempts;
  return lender;
}

void set_credentials(AwsSettings& settings, const Connection& connection, const Reader& reader) {
  const std::string named = first_of(reader.text("profile_name"), reader.text("session_kwargs", "profile_name"));
  const std::string name = first_of(named, reader.variable("AWS_PROFILE"), std::string("default"));
  Profile profile = read_profile(reader, name);
  const AwsCredentials of_environment{reader.variable("AWS_ACCESS_KEY_ID"), reader.variable("AWS_SECRET_ACCESS_KEY"),
                                      reader.variable("AWS_SESSION_TOKEN")};
  settings.credentials = of_connection(connection, reader);
  if (reader.text("assume_role_method") == web_identity_method) {
    settings.lender = web_identity(connection, reader);
    settings.credentials = {};
  } else if (!are_whole(settings.credentials)) {
    // A profile that somebody named comes before the environment.
    if (!named.empty()) {
      settings.credentials = profile.credentials;
    } else if (are_whole(of_environment)) {
      settings.credentials = of_environment;
    } else if (settings.lender = web_identity(connection, reader); settings.lender.kind == AwsLender::Kind::none) {
      settings.credentials = profile.credentials;
      if (!are_whole(settings.credentials)) settings.lender = lender_of_machine(reader);
    }
  }
  if (!are_whole(settings.credentials) && settings.lender.kind == AwsLender::Kind::none) {
    throw TaskFailed(fmt::format("{} has no access key, and neither {}", reader.where(),
                                 named.empty() ? nobody_has_one(name) : "has the profile " + named + " that it names"));
  }
  if (settings.lender.kind != AwsLender::Kind::none)
    settings.lender.if_none = fmt::format("{} has no access key, and neither {}", reader.where(), nobody_has_one(name));
  settings.region =
      first_of(settings.region, reader.text("region_name"), reader.text("session_kwargs", "region_name"),
               reader.variable("AWS_REGION"), reader.variable("AWS_DEFAULT_REGION"), profile.region, std::string("us-east-1"));
}

Value seconds_of(const Reader& reader, std::string_view name) {
  const Value given = reader.value("config_kwargs", name);
  return given.is_null() ? Value(timeout_otherwise) : given;
}

// As a connection of type http has them, so that one place reads and checks them.
HttpConnection http_of(const Connection& connection, const AwsChoice& choice, const Reader& reader) {
  Object extra{{"timeout", Array{seconds_of(reader, "connect_timeout"), seconds_of(reader, "read_timeout")}},
               {"allow_redirects", false}};  // a signature is good for one address
  const Value verify = choice.verify.is_null() ? reader.value("verify") : choice.verify;
  if (!verify.is_null()) extra.set("verify", verify);
  if (Value proxies = reader.value("config_kwargs", "proxies"); !proxies.is_null()) extra.set("proxies", std::move(proxies));
  Connection http;
  http.conn_id = connection.conn_id;
  http.extra = to_json(Value(std::move(extra)));
  return http_connection(http, {});
}

RetryRule retry_of(const Reader& reader) {
  RetryRule rule;
  const Value retries = reader.value("config_kwargs", "retries");
  const std::int64_t attempts = retries.get_int("max_attempts", attempts_otherwise);
  if (attempts < 1 || attempts > 100) reader.wrong("config_kwargs: retries: max_attempts", "a number from 1 to 100");
  rule.attempts = static_cast<int>(attempts);
  rule.wait = first_wait;
  rule.max_wait = longest_wait;
  return rule;
}

// A member that is a number of bytes.
std::uint64_t size_in(const Reader& reader, const Value& s3, const char* name, std::uint64_t otherwise) {
  const Value* given = s3.get(name);
  if (given == nullptr || given->is_null()) return otherwise;
  if (!given->is_int() || given->as_int() < 1) reader.wrong(std::string("config_kwargs: s3: ") + name, "a number of bytes");
  return static_cast<std::uint64_t>(given->as_int());
}

}  // namespace

AwsSettings aws_settings(const Connection& connection, const AwsChoice& choice, const net::Environment& environment) {
  const Reader reader(connection, environment);
  AwsSettings settings{.conn_id = connection.conn_id};
  settings.region = choice.region;
  set_credentials(settings, connection, reader);
  for (const char* service : services) {
    if (std::string its = endpoint(reader, service); !its.empty()) settings.endpoints.emplace(service, std::move(its));
  }
  const Value s3 = reader.value("config_kwargs", "s3");
  const std::string style = s3.get_string("addressing_style", "auto");
  if (style != "auto" && style != "path" && style != "virtual")
    reader.wrong("config_kwargs: s3: addressing_style", "auto, path or virtual");
  settings.path_style = style == "path" || (style == "auto" && settings.endpoints.contains("s3"));
  // As Amazon's command line names them. CopyObject takes no more than 5 GiB, and a part has at least 5 MiB.
  settings.copy_threshold =
      std::min(settings.copy_threshold, size_in(reader, s3, "multipart_threshold", settings.copy_threshold));
  settings.copied_part_bytes =
      std::clamp(size_in(reader, s3, "multipart_chunksize", settings.copied_part_bytes), 5UL << 20U, 5UL << 30U);
  settings.role_arn = reader.text("role_arn");
  settings.external_id = first_of(reader.text("external_id"), reader.text("assume_role_kwargs", "ExternalId"));
  settings.role_session_name =
      as_session_name(first_of(reader.text("assume_role_kwargs", "RoleSessionName"), "Airflow_" + connection.conn_id));
  settings.role_seconds = reader.value("assume_role_kwargs").get_int("DurationSeconds");
  const std::string method = reader.text("assume_role_method");
  if (!method.empty() && method != "assume_role" && method != web_identity_method)
    reader.wrong("assume_role_method", "assume_role or assume_role_with_web_identity: SAML is not there yet");
  if (method == web_identity_method) settings.role_arn.clear();  // it is the lender's
  settings.http = http_of(connection, choice, reader);
  settings.retry = retry_of(reader);
  return settings;
}

std::string amazon_origin(std::string_view service, const std::string& region) {
  return fmt::format("https://{}.{}.amazonaws.com{}", service, region, region.starts_with("cn-") ? ".cn" : "");
}

std::string origin_of_service(const AwsSettings& settings, const std::string& service) {
  const auto endpoint = settings.endpoints.find(service);
  return endpoint == settings.endpoints.end() ? amazon_origin(service, settings.region) : endpoint->second;
}

}  // namespace venturi::providers
