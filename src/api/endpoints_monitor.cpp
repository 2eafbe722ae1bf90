// What needs no token: version, health, log-in, the API's own document.
#include "api/api.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

constexpr std::chrono::hours token_lasts{24}, cli_token_lasts{1};  // as in Airflow's simple auth manager

void get_version(const Call&, const Reply& reply) {
  reply(json(Object{{"version", VENTURI_VERSION}, {"git_version", Value()}}));
}

void get_health(const Call& call, const Reply& reply) {
  const bool reads = call.api->reader().pools().has_value();
  // The server's loop answers, or nobody does.
  call.api->command(Object{{"command", "ping"}}, reply, [reads, now = format_time(call.api->now())](const Value&) {
    const auto part = [&](const char* heartbeat) { return Value(Object{{"status", "healthy"}, {heartbeat, now}}); };
    return json(Object{{"metadatabase", Object{{"status", reads ? "healthy" : "unhealthy"}}},
                       {"scheduler", part("latest_scheduler_heartbeat")},
                       {"triggerer", part("latest_triggerer_heartbeat")},
                       {"dag_processor", part("latest_dag_processor_heartbeat")}});
  });
}

void make_token(const Call& call, const Reply& reply, std::chrono::seconds lasts) {
  const Value *user = call.body.get("username"), *password = call.body.get("password");
  if (user == nullptr || password == nullptr || !user->is_string() || !password->is_string())
    throw Refusal{422, "Username and password must be provided"};
  if (!call.api->is_password(user->as_string(), password->as_string())) throw Refusal{401, "Invalid credentials"};
  reply(json(Object{{"access_token", call.api->token_for(user->as_string(), Role::admin, lasts)}}, 201));
}

void create_token(const Call& call, const Reply& reply) {
  make_token(call, reply, token_lasts);
}
void create_token_cli(const Call& call, const Reply& reply) {
  make_token(call, reply, cli_token_lasts);
}

void get_document(const Call&, const Reply& reply) {
  reply(json(openapi_document()));
}

constexpr Field credentials[] = {{"username", Field::Type::any}, {"password", Field::Type::any}};

}  // namespace

std::span<const Endpoint> monitor_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/version", "get_version", Permission::open_to_all, get_version},
      {"GET", "/api/v2/monitor/health", "get_health", Permission::open_to_all, get_health},
      {"GET", "/openapi.json", "openapi", Permission::open_to_all, get_document},
      {"POST", "/auth/token", "create_token", Permission::open_to_all, create_token, {}, credentials},
      {"POST", "/auth/token/cli", "create_token_cli", Permission::open_to_all, create_token_cli, {}, credentials},
  };
  return list;
}

const std::vector<Endpoint>& endpoints() {
  static const std::vector<Endpoint> all = [] {
    std::vector<Endpoint> list;
    for (const auto group : {monitor_endpoints(), dag_endpoints(), run_endpoints(), task_instance_endpoints(),
                             change_endpoints(), asset_endpoints(), xcom_endpoints(), pool_endpoints(), variable_endpoints(),
                             connection_endpoints(), backfill_endpoints()})
      list.insert(list.end(), group.begin(), group.end());
    return list;
  }();
  return all;
}

}  // namespace venturi::api
