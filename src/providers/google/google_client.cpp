#include "providers/google/google_client.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/json.h"
#include "net/background.h"
#include "net/request_turn.h"
#include "providers/http/ask_again.h"
#include "providers/http/tested_connection.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::TaskFailed;

// An answer is JSON about at most 1000 objects.
constexpr std::size_t most_google_answer = 16UL << 20U;

bool is_an_answer(int status, const GooglePurpose& purpose) {
  return status < google_status::first_refusal || std::ranges::find(purpose.accepts, status) != purpose.accepts.end();
}

}  // namespace

asio::awaitable<std::shared_ptr<GoogleClient>> GoogleClient::make(CallContext t, std::string conn_id, GoogleChoice choice) {
  Connection connection = co_await t.host.connection(std::move(conn_id));
  // Keys are files.
  auto reading = [connection = std::move(connection), choice = std::move(choice)] {
    return google_settings(connection, choice, net::process_environment());
  };
  GoogleSettings settings = co_await net::in_background(std::move(reading));
  t.log.add_secrets(google_secrets(settings.credentials));
  // One token for all tries of the host: servers of tokens count who asks.
  std::shared_ptr<void>& slot = t.host.shared("google tokens " + token_owner(settings));
  if (slot == nullptr) slot = std::make_shared<GoogleTokens>();
  auto tokens = std::static_pointer_cast<GoogleTokens>(slot);
  co_return std::make_shared<GoogleClient>(std::move(settings), &t.log, std::move(tokens));
}

asio::awaitable<net::HttpRequest> GoogleClient::http_request(const GoogleRequest& request, std::string shown) {
  net::HttpRequest http = settings_.http.request;
  http.method = request.method;
  http.decompress = false;  // what is stored compressed stays so, and sizes are those that Google says
  http.headers = request.headers;
  http.headers.emplace_back("User-Agent", "venturi/" VENTURI_VERSION);
  if (!settings_.quota_project.empty() && !request.is_secret)
    http.headers.emplace_back("X-Goog-User-Project", settings_.quota_project);
  if (!request.is_secret) {
    std::string token = co_await tokens_->token(settings_, log_);
    // Another try may have asked for it.
    if (log_ != nullptr && token != masked_) log_->add_secrets(std::array{token});
    masked_ = token;
    http.bearer = std::move(token);
  }
  set_url(http, settings_.http.settings, net::with_query(request.url, net::form_encoded(request.query)));
  const auto origin = net::origin_of(request.url);
  http.shown_as = origin ? fmt::format("{} ({}://{}:{})", shown, origin->scheme, origin->host, origin->port) : shown;
  co_return http;
}

asio::awaitable<GoogleAnswer> GoogleClient::call(GoogleRequest request, GooglePurpose purpose) {
  // It may be a part of a large file: it moves, and lies in memory once.
  std::optional<std::string> body = std::exchange(request.body, std::nullopt);
  bool is_renewed = false;
  for (int attempt = 1;; ++attempt) {
    std::optional<net::RequestTurn> turn(co_await net::RequestTurn::take(request.url));
    net::HttpRequest http = co_await http_request(request, purpose.shown);
    http.body = std::move(body);
    Result<net::HttpAnswer> answer = co_await ask_once(http, most_google_answer);
    body = std::move(http.body);
    turn.reset();
    if (!answer) {
      co_await wait_to_ask_again(settings_.retry, TaskFailed(answer.error().text()), attempt, nullptr, log_);
      continue;
    }
    if (is_an_answer(answer->head.status, purpose))
      co_return GoogleAnswer{std::move(answer->head), std::move(answer->body), attempt};
    if (answer->head.status == google_status::unauthorized && !is_renewed && renews(http.bearer)) {
      is_renewed = true;
      --attempt;
      continue;
    }
    GoogleRefused refused = google_refusal(settings_, purpose.shown, *answer);
    // Thrown as it is: callers look at its reason.
    if (!may_help_to_ask_again(settings_, refused) || attempt >= settings_.retry.attempts) throw refused;
    co_await wait_to_ask_again(settings_.retry, refused, attempt, &answer->head, log_);
  }
}

asio::awaitable<std::string> GoogleClient::project() {
  if (settings_.project.empty()) settings_.project = co_await google_project(settings_, log_);
  if (settings_.project.empty() && !std::holds_alternative<GoogleNobody>(settings_.credentials)) {
    throw TaskFailed(
        fmt::format("which project? Give project_id, or the connection {} project in its extra", settings_.conn_id));
  }
  co_return settings_.project;
}

namespace {

struct KeptClients {
  std::map<std::string, std::shared_ptr<GoogleClient>> of;
};

std::vector<std::string> chain_in(const Value* given) {
  std::vector<std::string> chain;
  if (given == nullptr) return chain;
  const auto add = [&](const Value& account) {
    if (!account.is_string())
      throw operators::TaskFailedForGood("the argument impersonation_chain must be a service account, or a list of them");
    if (!account.as_string().empty()) chain.push_back(account.as_string());
  };
  if (given->is_array()) {
    for (const Value& account : given->as_array()) add(account);
  } else {
    add(*given);
  }
  return chain;
}

}  // namespace

std::vector<std::string> impersonation_chain(const Arguments& arguments) {
  return chain_in(arguments.find("impersonation_chain"));
}

asio::awaitable<std::shared_ptr<GoogleClient>> google_of_hook(operators::HookSession& session, const operators::HookCall& call,
                                                              std::string service) {
  GoogleChoice choice{.service = service, .impersonation_chain = chain_in(call.arguments.get("impersonation_chain"))};
  const std::string key = to_json(Array{service, call.conn_id, call.arguments.get_value("impersonation_chain")});
  const auto kept = session.state<KeptClients>("google");
  if (const auto found = kept->of.find(key); found != kept->of.end()) co_return found->second;
  auto client = co_await GoogleClient::make(session, call.conn_id, std::move(choice));
  kept->of.emplace(key, client);
  co_return client;
}

operators::HookFailed failed_hook(const GoogleRefused& refused) {
  return {refused.what(), Object{{"reason", refused.reason}, {"status", refused.status}}};
}

// ---- is it good? ------------------------------------------------------------------------------------------------------------

namespace {

// As Airflow: what Google knows of the token.
asio::awaitable<std::string> whose_token(GoogleClient& client) {
  const GoogleSettings& settings = client.settings();
  if (std::holds_alternative<GoogleNobody>(settings.credentials)) {
    if (is_googles(settings, "storage")) co_return "anonymous: it reads what is for all";
    // An emulator: is it there?
    const GoogleRequest request{
        .url = client.origin("storage") + "/storage/v1/b",
        .query = {{"project", settings.project.empty() ? "none" : settings.project}, {"maxResults", "1"}}};
    (void)co_await client.call(request, {.shown = "GCS: list of buckets"});
    co_return "anonymous, at " + client.origin("storage");
  }
  GoogleTokens tokens;
  const std::string token = co_await tokens.token(settings, nullptr);
  const GoogleRequest request{.method = "POST",
                              .url = google_origin(settings, "oauth2") + "/tokeninfo",
                              .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                              .body = net::form_encoded({{"access_token", token}}),
                              .is_secret = true};
  (void)co_await client.call(request, {.shown = "Google: tokeninfo"});
  const std::string project = co_await google_project(settings, nullptr);
  co_return shown_identity(settings) + (project.empty() ? "" : ", project " + project);
}

}  // namespace

operators::ConnectionTest test_google_connection(const Connection& connection) {
  constexpr std::chrono::seconds patience{15};
  GoogleSettings settings = google_settings(connection, {.service = "storage"}, net::process_environment());
  settings.retry.attempts = 1;
  settings.http.request.connect_timeout = settings.http.request.idle_timeout = settings.http.request.total_timeout = patience;
  GoogleClient client(std::move(settings), nullptr);
  return tested(whose_token(client));
}

}  // namespace venturi::providers
