// State stores: what task instances keep for their later tries, and what is kept beside assets. Clients read and write both.
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/endpoints.h"
#include "base/json.h"

namespace venturi::api {
namespace {

constexpr std::int64_t hours_of_a_day = 24;

[[noreturn]] void refuse_member(const char* name, std::string type, std::string message, Value input) {
  throw Refusal{422, Array{problem(std::move(type), {Value("body"), Value(name)}, std::move(message), std::move(input))}};
}

std::int32_t map_index_of(const Call& call) {
  return map_index_of_query(call).value_or(-1);
}

Value value_of_body(const Call& call) {
  const Value& value = *call.body.as_object().find("value");
  if (value.is_null()) refuse_member("value", "value_error", "Value error, value cannot be null", value);
  const std::int64_t most = call.api->config().integer("state_store.max_value_storage_bytes");
  if (most > 0 && to_json(value).size() > static_cast<std::size_t>(most)) {
    refuse_member("value", "value_error",
                  fmt::format("Value error, value exceeds max_value_storage_bytes ({}); raise [state_store] "
                              "max_value_storage_bytes or set it to 0 to disable the limit",
                              most),
                  Value());  // it is large
  }
  return value;
}

// Nothing: never.
std::optional<Time> expiry_of_body(const Call& call) {
  const Value* given = call.body.as_object().find("expires_at");
  if (given == nullptr || (given->is_string() && given->as_string() == "default")) {
    const std::int64_t days = call.api->config().integer("state_store.default_retention_days");
    return days == 0 ? std::nullopt : std::optional(call.api->now() + std::chrono::hours(hours_of_a_day * days));
  }
  if (given->is_null()) return std::nullopt;
  constexpr Field as_date[] = {{"expires_at", Field::Type::date}};
  Array problems;
  check_members(as_date, Object{{"expires_at", *given}}, {Value("body")}, problems);
  if (!problems.empty()) throw Refusal{422, std::move(problems)};
  return call.body_date("expires_at");
}

std::string no_such_key(const char* what, const std::string& key) {
  return fmt::format("{} state store key '{}' not found", what, key);
}

// ---- of task instances ---------------------------------------------------------------------------------------------------

Value task_state_body(const store::StoredState& state) {
  return Object{{"key", state.key},
                {"value", must(parse_json(state.value_json))},
                {"updated_at", format_time(state.updated_at)},
                {"expires_at", date_or_null(state.expires_at)}};
}

// Nothing where there is no such run, which is no error where one reads: there is nothing in its stores.
std::optional<store::TaskStateKey> store_of(const Call& call) {
  const std::int32_t map_index = map_index_of(call);
  const auto run = must(call.api->reader().run(call.at("dag_id"), call.at("dag_run_id")));
  if (!run) return std::nullopt;
  return store::TaskStateKey{run->no, call.at("task_id"), map_index};
}

void list_task_state_store(const Call& call, const Reply& reply) {
  const auto page = call.page();
  Array rows;
  std::int64_t total = 0;
  if (const auto of = store_of(call)) {
    const auto found = must(
        call.api->reader().task_states(*of, static_cast<std::int64_t>(page.offset), static_cast<std::int64_t>(page.limit)));
    for (const store::StoredState& state : found.first) rows.push_back(task_state_body(state));
    total = found.second;
  }
  reply(page_of("task_state_store", std::move(rows), static_cast<std::size_t>(total)));
}

void get_task_state_store(const Call& call, const Reply& reply) {
  const auto of = store_of(call);
  const auto state = of ? must(call.api->reader().task_state(*of, call.at("key"))) : std::nullopt;
  if (!state) throw Refusal{404, no_such_key("Task", call.at("key"))};
  reply(json(task_state_body(*state)));
}

Object task_command(const Call& call, const char* command) {
  return Object{{"command", command},
                {"dag_id", call.at("dag_id")},
                {"run_id", call.at("dag_run_id")},
                {"task_id", call.at("task_id")},
                {"map_index", map_index_of(call)}};
}

void change_task_states(const Call& call, Object command, const Reply& reply, net::HttpServerResponse done) {
  const std::string addressed_by =
      command.contains("all_map_indices") ? "all_map_indices=True" : fmt::format("map_index={}", map_index_of(call));
  const std::string no_instance = fmt::format("Task instance not found for dag_id='{}', run_id='{}', task_id='{}', {}",
                                              call.at("dag_id"), call.at("dag_run_id"), call.at("task_id"), addressed_by);
  const Value* key = command.find("key");
  const std::string no_key = key == nullptr ? std::string() : no_such_key("Task", key->as_string());
  call.run(
      std::move(command), reply, [done = std::move(done)](const Value&) { return done; },
      [no_instance, no_key](const Error& error) -> net::HttpServerResponse {
        if (error.kind != ErrorKind::not_found) throw refusal_of(error);
        throw Refusal{404, error.what.starts_with("there is no key") ? no_key : no_instance};
      });
}

void set_task_state_store(const Call& call, const Reply& reply) {
  Object command = task_command(call, "task-states set");
  command.set("key", call.at("key"));
  command.set("value", value_of_body(call));
  if (const auto expires_at = expiry_of_body(call)) command.set("expires_at", format_time(*expires_at));
  change_task_states(call, std::move(command), reply, no_content());
}

void patch_task_state_store(const Call& call, const Reply& reply) {
  Object command = task_command(call, "task-states set");
  command.set("key", call.at("key"));
  command.set("value", value_of_body(call));
  command.set("keeps_expiry", true);
  change_task_states(call, std::move(command), reply, json(Value()));
}

void delete_task_state_store(const Call& call, const Reply& reply) {
  Object command = task_command(call, "task-states delete");
  command.set("key", call.at("key"));
  change_task_states(call, std::move(command), reply, no_content());
}

void clear_task_state_store(const Call& call, const Reply& reply) {
  Object command = task_command(call, "task-states delete");
  if (call.boolean("all_map_indices", false)) command.set("all_map_indices", true);
  change_task_states(call, std::move(command), reply, no_content());
}

// ---- of assets -----------------------------------------------------------------------------------------------------------

// Nobody but this API writes there: tasks do not yet (docs/api.md).
Value asset_state_body(const store::StoredState& state) {
  return Object{
      {"key", state.key},
      {"value", must(parse_json(state.value_json))},
      {"updated_at", format_time(state.updated_at)},
      {"last_updated_by",
       Object{{"kind", "api"}, {"dag_id", Value()}, {"run_id", Value()}, {"task_id", Value()}, {"map_index", Value()}}}};
}

void list_asset_state_store(const Call& call, const Reply& reply) {
  const auto page = call.page();
  const AssetRecord asset = find_asset(*call.api, call.path_integer("asset_id"));
  const auto found = must(
      call.api->reader().asset_states(asset.no, static_cast<std::int64_t>(page.offset), static_cast<std::int64_t>(page.limit)));
  Array rows;
  for (const store::StoredState& state : found.first) rows.push_back(asset_state_body(state));
  reply(page_of("asset_state_store", std::move(rows), static_cast<std::size_t>(found.second)));
}

void get_asset_state_store(const Call& call, const Reply& reply) {
  const AssetRecord asset = find_asset(*call.api, call.path_integer("asset_id"));
  const auto state = must(call.api->reader().asset_state(asset.no, call.at("key")));
  if (!state) throw Refusal{404, no_such_key("Asset", call.at("key"))};
  reply(json(asset_state_body(*state)));
}

void change_asset_states(const Call& call, const char* command, Object members, const Reply& reply) {
  const AssetRecord asset = find_asset(*call.api, call.path_integer("asset_id"));
  members.set("command", command);
  members.set("asset", asset.no);
  call.run(std::move(members), reply, [](const Value&) { return no_content(); });
}

void set_asset_state_store(const Call& call, const Reply& reply) {
  change_asset_states(call, "asset-states set", {{"key", call.at("key")}, {"value", value_of_body(call)}}, reply);
}
void delete_asset_state_store(const Call& call, const Reply& reply) {
  change_asset_states(call, "asset-states delete", {{"key", call.at("key")}}, reply);
}
void clear_asset_state_store(const Call& call, const Reply& reply) {
  change_asset_states(call, "asset-states delete", {}, reply);
}

constexpr Field task_states_query[] = {
    {"limit", Field::Type::integer}, {"offset", Field::Type::integer}, {"map_index", Field::Type::integer}};
constexpr Field asset_states_query[] = {{"limit", Field::Type::integer}, {"offset", Field::Type::integer}};
constexpr Field instance_query[] = {{"map_index", Field::Type::integer}};
constexpr Field clear_states_query[] = {{"map_index", Field::Type::integer}, {"all_map_indices", Field::Type::boolean}};
constexpr Field new_state[] = {{"value", Field::Type::any, true}, {"expires_at", Field::Type::any}};
constexpr Field changed_state[] = {{"value", Field::Type::any, true}};

#define STATES_OF_TASK "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/state-store"
#define STATES_OF_ASSET "/api/v2/assets/{asset_id}/state-store"

}  // namespace

// The changes are in line: one that keeps what another wrote is to see it.
std::span<const Endpoint> state_endpoints() {
  static const Endpoint list[] = {
      {"GET", STATES_OF_TASK, "list_task_state_store", Permission::viewer, list_task_state_store, task_states_query},
      {"DELETE",
       STATES_OF_TASK,
       "clear_task_state_store",
       Permission::user,
       clear_task_state_store,
       clear_states_query,
       {},
       "states"},
      {"GET", STATES_OF_TASK "/{key}", "get_task_state_store", Permission::viewer, get_task_state_store, instance_query},
      {"PUT", STATES_OF_TASK "/{key}", "set_task_state_store", Permission::user, set_task_state_store, instance_query,
       new_state, "states"},
      {"PATCH", STATES_OF_TASK "/{key}", "patch_task_state_store", Permission::user, patch_task_state_store, instance_query,
       changed_state, "states"},
      {"DELETE",
       STATES_OF_TASK "/{key}",
       "delete_task_state_store",
       Permission::user,
       delete_task_state_store,
       instance_query,
       {},
       "states"},
      {"GET", STATES_OF_ASSET, "list_asset_state_store", Permission::viewer, list_asset_state_store, asset_states_query},
      {"DELETE", STATES_OF_ASSET, "clear_asset_state_store", Permission::op, clear_asset_state_store, {}, {}, "states"},
      {"GET", STATES_OF_ASSET "/{key}", "get_asset_state_store", Permission::viewer, get_asset_state_store},
      {"PUT",
       STATES_OF_ASSET "/{key}",
       "set_asset_state_store",
       Permission::op,
       set_asset_state_store,
       {},
       changed_state,
       "states"},
      {"DELETE",
       STATES_OF_ASSET "/{key}",
       "delete_asset_state_store",
       Permission::op,
       delete_asset_state_store,
       {},
       {},
       "states"},
  };
  return list;
}

}  // namespace venturi::api
