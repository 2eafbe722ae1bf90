// What somebody else than a task writes into the state stores of task instances and assets.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/json.h"
#include "server/commands.h"

namespace venturi::server {
namespace {

// As Airflow's columns have it.
constexpr std::size_t longest_key = 512;

Result<void> check_key(const std::string& key) {
  if (!key.empty() && key.size() <= longest_key) return {};
  return fail(ErrorKind::invalid, fmt::format("a key of a state store has 1 to {} bytes", longest_key));
}

std::string where_of(const Value& command) {
  return fmt::format("dag {}, run {}, task {}", command.get_string("dag_id"), command.get_string("run_id"),
                     command.get_string("task_id"));
}

// `map_index` of the command is left aside where all of them are meant.
Result<store::TaskStateKey> find_instance(store::Reader& reader, const Value& command) {
  const auto run = reader.run(command.at("dag_id").as_string(), command.at("run_id").as_string());
  if (!run) return std::unexpected(run.error());
  const Error missing{ErrorKind::not_found, "there is no such task instance", where_of(command), ""};
  if (!*run) return std::unexpected(missing);
  store::TaskStateKey of{(*run)->no, command.at("task_id").as_string(),
                         static_cast<std::int32_t>(command.get_int("map_index", -1))};
  if (command.get_bool("all_map_indices")) {
    const auto any = reader.task_instances_of(of.run, of.task_id, 0, 1);
    if (!any) return std::unexpected(any.error());
    if (any->empty()) return std::unexpected(missing);
    return of;
  }
  const auto instance = reader.task_instance(of.run, of.task_id, of.map_index);
  if (!instance) return std::unexpected(instance.error());
  if (!*instance) return std::unexpected(missing);
  return of;
}

Result<void> check_asset(store::Reader& reader, std::int64_t asset) {
  const auto found = reader.assets({.no = asset});
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return fail(ErrorKind::not_found, fmt::format("there is no asset {}", asset));
  return {};
}

std::optional<std::string> key_to_delete(const Value& command) {
  const Value* key = command.get("key");
  return key == nullptr ? std::nullopt : std::optional(key->as_string());
}

}  // namespace

void Commands::store_task_state(const Value& command, const OnResult& on_result) {
  store::StoredState state{command.at("key").as_string(), to_json(command.at("value")), scheduler_.now()};
  if (auto good = check_key(state.key); !good) return on_result(std::unexpected(std::move(good.error())));
  auto of = find_instance(reader_, command);
  if (!of) return on_result(std::unexpected(std::move(of.error())));
  if (command.get_bool("keeps_expiry")) {
    const auto stored = reader_.task_state(*of, state.key);
    if (!stored) return on_result(std::unexpected(stored.error()));
    if (!*stored)
      return on_result(fail(ErrorKind::not_found, "there is no key '" + state.key + "' in the state store", where_of(command)));
    state.expires_at = (*stored)->expires_at;
  } else if (const Value* expires_at = command.get("expires_at")) {
    state.expires_at = parse_time(expires_at->as_string());
    if (!state.expires_at) return on_result(fail(ErrorKind::invalid, "this is no date", "expires_at"));
  }
  scheduler_.writes().task_states.push_back({.of = *std::move(of), .written = std::move(state)});
  done(on_result);
}

void Commands::delete_task_states(const Value& command, const OnResult& on_result) {
  auto of = find_instance(reader_, command);
  if (!of) return on_result(std::unexpected(std::move(of.error())));
  scheduler_.writes().task_states.push_back(
      {.of = *std::move(of), .removed = key_to_delete(command), .of_all_map_indexes = command.get_bool("all_map_indices")});
  done(on_result);
}

void Commands::store_asset_state(const Value& command, const OnResult& on_result) {
  store::StoredState state{command.at("key").as_string(), to_json(command.at("value")), scheduler_.now()};
  const std::int64_t asset = command.at("asset").as_int();
  if (auto good = check_key(state.key); !good) return on_result(std::unexpected(std::move(good.error())));
  if (auto known = check_asset(reader_, asset); !known) return on_result(std::unexpected(std::move(known.error())));
  scheduler_.writes().asset_states.push_back({.asset = asset, .written = std::move(state)});
  done(on_result);
}

void Commands::delete_asset_states(const Value& command, const OnResult& on_result) {
  const std::int64_t asset = command.at("asset").as_int();
  if (auto known = check_asset(reader_, asset); !known) return on_result(std::unexpected(std::move(known.error())));
  scheduler_.writes().asset_states.push_back({.asset = asset, .removed = key_to_delete(command)});
  done(on_result);
}

}  // namespace venturi::server
