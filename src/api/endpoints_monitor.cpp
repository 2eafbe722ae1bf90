// What needs no token: version, health, log-in and log-out, the API's own document.
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
#include "base/metrics_text.h"
#include "base/percent.h"
#include "net/web_fields.h"

namespace venturi::api {
namespace {

constexpr std::chrono::hours token_lasts{24}, cli_token_lasts{1};  // as in Airflow's simple auth manager

void get_version(const Call&, const Reply& reply) {
  reply(json(Object{{"version", VENTURI_VERSION}, {"git_version", Value()}}));
}

// ---- health, metrics -----------------------------------------------------------------------------------------------------

// How long the server's loop may take to say how it is.
constexpr std::chrono::seconds health_waits{5};

void get_health(const Call& call, const Reply& reply) {
  // Whoever comes first answers: the server's loop, or the time.
  auto answered = std::make_shared<bool>(false);
  const Reply once = [answered, reply](net::HttpServerResponse response) {
    if (!std::exchange(*answered, true)) reply(std::move(response));
  };
  const bool reads = call.api->reader().pools().has_value();
  const auto unhealthy = [](const std::string& detail) { return Value(Object{{"status", "unhealthy"}, {"detail", detail}}); };
  const auto no_answer = [unhealthy](const std::string& detail) {
    return Object{{"metadatabase", unhealthy(detail)},
                  {"scheduler", unhealthy(detail)},
                  {"triggerer", unhealthy(detail)},
                  {"dag_processor", unhealthy(detail)}};
  };
  call.api->after(health_waits, [once, no_answer] { once(json(no_answer("the scheduler does not answer"))); });
  call.api->command(
      Object{{"command", "health of parts"}}, once,
      [reads, unhealthy](const Value& told) {
        Object health;
        for (const auto& [name, part] : told.as_object()) {
          if (name != "type" && name != "started_at") health.set(name, part);
        }
        if (!reads) health.set("metadatabase", unhealthy("the database cannot be read"));
        return json(std::move(health));
      },
      [no_answer](const Error& error) { return json(no_answer(error.text())); });
}

void get_metrics(const Call& call, const Reply& reply) {
  call.api->command(Object{{"command", "metrics"}}, reply, [](const Value& told) {
    return net::HttpServerResponse{200, told.get_string("text"), std::string(metrics_content_type)};
  });
}

// ---- tokens --------------------------------------------------------------------------------------------------------------

void make_token(const Call& call, const Reply& reply, std::chrono::seconds lasts) {
  const Value *user = call.body.get("username"), *password = call.body.get("password");
  if (user == nullptr || password == nullptr || !user->is_string() || !password->is_string())
    throw Refusal{422, "Username and password must be provided"};
  const std::string name = user->as_string();
  call.api->log_in(name, password->as_string(), reply, [api = call.api, name, lasts](Role role) {
    return json(Object{{"access_token", api->token_for(name, role, lasts)}}, 201);
  });
}

void create_token(const Call& call, const Reply& reply) {
  make_token(call, reply, token_lasts);
}
void create_token_cli(const Call& call, const Reply& reply) {
  make_token(call, reply, cli_token_lasts);
}

net::HttpServerResponse redirect(std::string to) {
  return {.status = 307, .body = {}, .content_type = {}, .headers = {{"location", std::move(to)}}};
}

// To the page where one logs in (src/pages).
void login(const Call& call, const Reply& reply) {
  const auto next = call.text("next");
  if (!next || next->empty()) return reply(redirect("/login"));
  if (!net::is_own_path(*next)) throw Refusal{400, "Invalid or unsafe next URL"};
  reply(redirect("/login?next=" + percent_encoded(*next)));
}

void logout(const Call& call, const Reply& reply) {
  call.api->revoke(call.api->tokens_of(*call.request), reply, [] {
    constexpr const char* taken_away = "{}={}; HttpOnly; Max-Age=0; Path=/; SameSite={}";
    auto response = redirect("/login");
    response.headers.emplace_back("set-cookie", fmt::format(taken_away, token_cookie, "\"\"", "lax"));
    response.headers.emplace_back("set-cookie", fmt::format(taken_away, session_cookie, "", "Strict"));
    return response;
  });
}

void get_document(const Call&, const Reply& reply) {
  reply(json(openapi_document()));
}

constexpr Field credentials[] = {{"username", Field::Type::any}, {"password", Field::Type::any}};
constexpr Field next_query[] = {{"next", Field::Type::text}};

}  // namespace

std::span<const Endpoint> monitor_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/version", "get_version", Permission::open_to_all, get_version},
      {"GET", "/api/v2/monitor/health", "get_health", Permission::open_to_all, get_health},
      {"GET", "/api/v2/auth/login", "login", Permission::open_to_all, login, next_query},
      {"GET", "/api/v2/auth/logout", "logout", Permission::open_to_all, logout},
      {"GET", "/metrics", "metrics", Permission::viewer, get_metrics},
      {"GET", "/openapi.json", "openapi", Permission::open_to_all, get_document},
      {"POST", "/auth/token", "create_token", Permission::open_to_all, create_token, {}, credentials},
      {"POST", "/auth/token/cli", "create_token_cli", Permission::open_to_all, create_token_cli, {}, credentials},
  };
  return list;
}

const std::vector<Endpoint>& endpoints() {
  static const std::vector<Endpoint> all = [] {
    std::vector<Endpoint> list;
    for (const auto group :
         {monitor_endpoints(), system_endpoints(), event_log_endpoints(),     dag_endpoints(),      dag_file_endpoints(),
          state_endpoints(),   run_endpoints(),    task_instance_endpoints(), try_endpoints(),      log_endpoints(),
          batch_endpoints(),   change_endpoints(), many_endpoints(),          group_endpoints(),    asset_queue_endpoints(),
          asset_endpoints(),   xcom_endpoints(),   pool_endpoints(),          variable_endpoints(), connection_endpoints(),
          backfill_endpoints()})
      list.insert(list.end(), group.begin(), group.end());
    return list;
  }();
  return all;
}

}  // namespace venturi::api
