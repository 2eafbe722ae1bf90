#include "providers/google/google_token.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/rsa.h"
#include "base/text.h"
#include "net/background.h"
#include "net/mime_encoding.h"
#include "providers/google/google_error.h"
#include "providers/http/ask_again.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using operators::TaskFailed;

constexpr std::size_t most_google_token = 64UL << 10U;
constexpr std::chrono::seconds assertion_lasts = 1h, token_lasts = 1h;
// google-auth's. Of one that lasts less, half of its time.
constexpr std::chrono::seconds renewed_before = 225s;
// The metadata server is on this machine, or is not there at all.
constexpr std::chrono::seconds metadata_patience = 3s;
constexpr std::string_view jwt_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer",
                           exchange_grant = "urn:ietf:params:oauth:grant-type:token-exchange",
                           access_token_type = "urn:ietf:params:oauth:token-type:access_token",
                           cloud_scope = "https://www.googleapis.com/auth/cloud-platform";

std::int64_t seconds_of(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Of whom: in errors.
struct Asking {
  const GoogleSettings& settings;
  operators::TryLog* log;

  void mask(const std::string& secret) const {
    if (log != nullptr && !secret.empty()) log->add_secrets(std::array{secret});
  }
  [[nodiscard]] TaskFailed failed(const std::string& why) const {
    return TaskFailed(fmt::format("no access token for {} (connection {}): {}", shown_credentials(settings.credentials),
                                  settings.conn_id, why));
  }
};

// The answer of a token's server that is not busy, whatever it says.
asio::awaitable<net::HttpAnswer> ask_for_token(Asking asking, net::HttpRequest request, std::string_view hint) {
  const GoogleSettings& settings = asking.settings;
  const std::string shown = net::shown_url(request.url);
  request.shown_as = request.method + " " + shown;
  for (int attempt = 1;; ++attempt) {
    const Result<net::HttpAnswer> answer = co_await ask_once(request, most_google_token);
    if (!answer) {
      co_await wait_to_ask_again(settings.retry, asking.failed(answer.error().text()), attempt, nullptr, asking.log);
      continue;
    }
    if (answer->head.status < google_status::first_refusal) co_return *answer;
    const GoogleErrorText error = google_error_text(*answer);
    std::string why = fmt::format("{} answered {}: {}{}{}", shown, answer->head.status, error.reason,
                                  error.reason.empty() || error.message.empty() ? "" : ": ", error.message);
    if (!hint.empty()) why += fmt::format(" ({})", hint);
    if (asking.log != nullptr) why = asking.log->mask(why);
    if (!settings.retry.is_for(answer->head.status)) throw asking.failed(why);
    co_await wait_to_ask_again(settings.retry, asking.failed(why), attempt, &answer->head, asking.log);
  }
}

// Time-outs, TLS and proxies are those of the connection.
net::HttpRequest as_connected(const GoogleSettings& settings, net::HttpRequest request) {
  net::HttpRequest made = settings.http.request;
  made.method = std::move(request.method);
  made.headers = std::move(request.headers);
  made.body = std::move(request.body);
  set_url(made, settings.http.settings, std::move(request.url));
  return made;
}

AccessToken token_in(const Asking& asking, const net::HttpAnswer& answer, const std::string& url) {
  auto token = access_token_of(answer);
  if (!token) throw asking.failed(net::shown_url(url) + " gave an answer without a token");
  if (token->lasts <= 0s) token->lasts = token_lasts;
  asking.mask(token->text);
  return *std::move(token);
}

asio::awaitable<AccessToken> by_form(Asking asking, std::string url, net::QueryItems form, std::string_view hint) {
  const net::HttpAnswer answer = co_await ask_for_token(asking, as_connected(asking.settings, token_request(url, form)), hint);
  co_return token_in(asking, answer, url);
}

// ---- each kind --------------------------------------------------------------------------------------------------------------

std::string joined_scopes(const std::vector<std::string>& scopes) {
  return fmt::format("{}", fmt::join(scopes, " "));
}

// What is asked for by those that act as somebody else: that they may.
std::vector<std::string> own_scopes(const GoogleSettings& settings) {
  if (settings.impersonation_chain.empty()) return settings.scopes;
  return {std::string(cloud_scope)};
}

asio::awaitable<AccessToken> of_service_account(Asking asking, const GoogleServiceAccount& account) {
  const std::string assertion =
      signed_assertion(account, own_scopes(asking.settings), std::chrono::floor<Duration>(std::chrono::system_clock::now()));
  net::QueryItems form{{"grant_type", std::string(jwt_grant)}, {"assertion", assertion}};
  return by_form(asking, account.token_url, std::move(form), "was the key deleted or disabled? Is this machine's clock right?");
}

asio::awaitable<AccessToken> of_user(Asking asking, const GoogleUser& user) {
  net::QueryItems form{{"grant_type", "refresh_token"},
                       {"client_id", user.client_id},
                       {"client_secret", user.client_secret},
                       {"refresh_token", user.refresh_token}};
  return by_form(asking, user.token_url, std::move(form), "log in again: gcloud auth application-default login");
}

net::HttpRequest metadata_request(const GoogleMachine& machine, const std::string& path) {
  net::HttpRequest request;
  request.url = machine.origin + "/computeMetadata/v1/" + path;
  request.headers = {{"Metadata-Flavor", "Google"}};
  request.connect_timeout = request.idle_timeout = metadata_patience;
  return request;
}

asio::awaitable<AccessToken> of_machine(Asking asking, GoogleMachine machine) {
  net::HttpRequest request = metadata_request(
      machine, "instance/service-accounts/default/token?" +
                   net::form_encoded({{"scopes", fmt::format("{}", fmt::join(own_scopes(asking.settings), ","))}}));
  const std::string url = request.url;
  net::HttpAnswer answer;
  std::string failed;
  try {
    answer = co_await ask_for_token(asking, std::move(request), "has this machine a service account?");
  } catch (const TaskFailed& e) {
    failed = e.what();
  }
  if (!failed.empty()) {
    throw TaskFailed(failed +
                     "; the connection has no credentials of its own: outside of Google's machines give it keyfile_dict, "
                     "key_path or credential_config_file, or the worker GOOGLE_APPLICATION_CREDENTIALS");
  }
  co_return token_in(asking, answer, url);
}

// With `bearer`'s token the one of `url`'s service account.
asio::awaitable<AccessToken> impersonated(Asking asking, std::string url, std::string bearer, Array delegates,
                                          std::vector<std::string> scopes, std::chrono::seconds lasts) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url;
  request.headers = {
      {"Content-Type", "application/json"}, {"Authorization", "Bearer " + bearer}, {"User-Agent", "venturi/" VENTURI_VERSION}};
  request.body = to_json(Object{{"delegates", std::move(delegates)},
                                {"scope", Array(scopes.begin(), scopes.end())},
                                {"lifetime", fmt::format("{}s", lasts.count())}});
  const net::HttpAnswer answer =
      co_await ask_for_token(asking, as_connected(asking.settings, std::move(request)),
                             "who acts as a service account needs the role Service Account Token Creator on it");
  const auto body = parse_json(answer.body);
  const auto ends = body ? parse_time(body->get_string("expireTime")) : std::nullopt;
  AccessToken token{.text = body ? body->get_string("accessToken") : std::string(), .lasts = lasts};
  if (token.text.empty()) throw asking.failed(net::shown_url(url) + " gave an answer without a token");
  if (ends) token.lasts = std::chrono::duration_cast<std::chrono::seconds>(*ends - std::chrono::system_clock::now());
  asking.mask(token.text);
  co_return token;
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw TaskFailed("the file of the subject's token cannot be read: " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Read anew for each token: whoever writes it replaces it before it ends.
asio::awaitable<std::string> subject_token(Asking asking, GoogleExternalAccount account) {
  std::string text;
  if (!account.file.empty()) {
    auto reading = [path = account.file] { return read_whole(path); };
    text = co_await net::in_background(std::move(reading));
  } else {
    net::HttpRequest request;
    request.url = account.url;
    request.headers = account.headers;
    net::HttpAnswer answer = co_await ask_for_token(asking, as_connected(asking.settings, std::move(request)),
                                                    "it is asked for the subject's token");
    text = std::move(answer.body);
  }
  if (!account.json_member.empty()) {
    const auto json = parse_json(text);
    text = json ? json->get_string(account.json_member) : std::string();
  }
  text = trim(text);
  if (text.empty())
    throw asking.failed("there is no subject's token in " + (account.file.empty() ? "the answer" : account.file));
  asking.mask(text);
  co_return text;
}

asio::awaitable<AccessToken> of_external_account(Asking asking, GoogleExternalAccount account) {
  const std::string subject = co_await subject_token(asking, account);
  const bool acts = !account.impersonation_url.empty();
  net::QueryItems form{{"grant_type", std::string(exchange_grant)},
                       {"audience", account.audience},
                       {"scope", acts ? std::string(cloud_scope) : joined_scopes(own_scopes(asking.settings))},
                       {"requested_token_type", std::string(access_token_type)},
                       {"subject_token_type", account.subject_token_type},
                       {"subject_token", subject}};
  if (!account.user_project.empty() && account.client_id.empty())
    form.emplace_back("options", to_json(Object{{"userProject", account.user_project}}));
  net::HttpRequest request = token_request(account.token_url, form);
  if (!account.client_id.empty()) {
    request.headers.emplace_back("Authorization", "Basic " + net::base64(account.client_id + ":" + account.client_secret));
  }
  const net::HttpAnswer answer =
      co_await ask_for_token(asking, as_connected(asking.settings, std::move(request)),
                             "do audience, subject_token_type and the pool's provider fit the token?");
  AccessToken token = token_in(asking, answer, account.token_url);
  if (acts) {
    token = co_await impersonated(asking, account.impersonation_url, std::move(token.text), {}, own_scopes(asking.settings),
                                  account.impersonated);
  }
  co_return token;
}

asio::awaitable<AccessToken> of_chain(Asking asking, std::string bearer) {
  const std::vector<std::string>& chain = asking.settings.impersonation_chain;
  Array delegates;
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) delegates.emplace_back("projects/-/serviceAccounts/" + chain[i]);
  std::string url = fmt::format("{}/v1/projects/-/serviceAccounts/{}:generateAccessToken",
                                google_origin(asking.settings, "iamcredentials"), chain.back());
  return impersonated(asking, std::move(url), std::move(bearer), std::move(delegates), asking.settings.scopes, token_lasts);
}

asio::awaitable<AccessToken> of_credentials(Asking asking) {
  const GoogleCredentials& credentials = asking.settings.credentials;
  if (const auto* account = std::get_if<GoogleServiceAccount>(&credentials)) return of_service_account(asking, *account);
  if (const auto* user = std::get_if<GoogleUser>(&credentials)) return of_user(asking, *user);
  if (const auto* external = std::get_if<GoogleExternalAccount>(&credentials)) return of_external_account(asking, *external);
  return of_machine(asking, std::get<GoogleMachine>(credentials));
}

}  // namespace

std::string signed_assertion(const GoogleServiceAccount& account, const std::vector<std::string>& scopes, Time now) {
  Object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.key_id.empty()) header.set("kid", account.key_id);
  const Object claims{{"iss", account.email},
                      {"scope", joined_scopes(scopes)},
                      {"aud", account.token_url},
                      {"iat", seconds_of(now)},
                      {"exp", seconds_of(now) + assertion_lasts.count()}};
  std::string text = base64url_encode(to_json(header), false) + "." + base64url_encode(to_json(claims), false);
  const auto signature = rsa_sha256_signature(account.private_key, text);
  if (!signature) {
    throw TaskFailed(
        fmt::format("the private_key of {}: {}: take the key file as Google gave it", account.email, signature.error().text()));
  }
  text += "." + base64url_encode(*signature, false);
  return text;
}

asio::awaitable<std::string> GoogleTokens::token(const GoogleSettings& settings, operators::TryLog* log) {
  if (std::holds_alternative<GoogleNobody>(settings.credentials)) co_return std::string();
  if (!token_.empty() && std::chrono::steady_clock::now() < renew_at_) co_return token_;
  const Asking asking{settings, log};
  AccessToken token = co_await of_credentials(asking);
  if (!settings.impersonation_chain.empty()) token = co_await of_chain(asking, std::move(token.text));
  token_ = std::move(token.text);
  const std::chrono::milliseconds lasts = token.lasts;
  renew_at_ = std::chrono::steady_clock::now() + lasts - std::min<std::chrono::milliseconds>(renewed_before, lasts / 2);
  co_return token_;
}

bool GoogleTokens::forget(const std::string& refused) {
  if (refused.empty()) return false;
  if (token_ == refused) token_.clear();
  return true;
}

std::string token_owner(const GoogleSettings& settings) {
  Array parts{settings.credentials.index(), Array(settings.scopes.begin(), settings.scopes.end()),
              Array(settings.impersonation_chain.begin(), settings.impersonation_chain.end())};
  for (const auto& [service, origin] : settings.origins) parts.push_back(Array{service, origin});
  const auto add = [&parts](std::initializer_list<std::string> texts) {
    for (const std::string& text : texts) parts.push_back(text);
  };
  const GoogleCredentials& credentials = settings.credentials;
  if (const auto* its = std::get_if<GoogleMachine>(&credentials)) add({its->origin});
  if (const auto* its = std::get_if<GoogleServiceAccount>(&credentials))
    add({its->email, its->private_key, its->key_id, its->token_url});
  if (const auto* its = std::get_if<GoogleUser>(&credentials))
    add({its->client_id, its->client_secret, its->refresh_token, its->token_url});
  if (const auto* its = std::get_if<GoogleExternalAccount>(&credentials)) {
    add({its->audience, its->subject_token_type, its->token_url, its->client_id, its->client_secret, its->user_project,
         its->file, its->url, its->json_member, its->impersonation_url, std::to_string(its->impersonated.count())});
    for (const auto& [name, value] : its->headers) add({name, value});
  }
  return sha256_hex(to_json(Value(std::move(parts))));
}

asio::awaitable<std::string> google_project(const GoogleSettings& settings, operators::TryLog* log) {
  const auto* machine = std::get_if<GoogleMachine>(&settings.credentials);
  if (!settings.project.empty() || machine == nullptr) co_return settings.project;
  const net::HttpAnswer answer = co_await ask_for_token({settings, log}, metadata_request(*machine, "project/project-id"), {});
  co_return std::string(trim(answer.body));
}

}  // namespace venturi::providers
