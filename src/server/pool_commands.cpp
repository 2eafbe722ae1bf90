// Commands of pools, and of what waits for them.
#include <algorithm>
#include <limits>
#include <utility>

#include "model/pool_warnings.h"
#include "server/commands.h"

namespace venturi::server {
namespace {

void done_or(const OnResult& on_result, const engine::Answer& answer) {
  if (answer.error) return on_result(std::unexpected(*answer.error));
  on_result(Value(Object{{"type", "CommandResult"}}));
}

// Airflow's rule for the name of a pool: it stands in URLs.
bool is_valid_pool(std::string_view name) {
  return !name.empty() && name.size() <= 256 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-. :").find(c) != std::string_view::npos;
  });
}

}  // namespace

Array Commands::warnings(const std::string& dag_id) const {
  const auto dag = scheduler_.engine().find_dag(dag_id);
  Array list;
  if (!dag) return list;
  for (std::string& warning : pool_warnings(*dag, scheduler_.engine().pools())) list.emplace_back(std::move(warning));
  return list;
}

void Commands::set_pool(const Value& command, const OnResult& on_result) {
  const std::string name = command.at("pool").as_string();
  const std::int64_t slots = command.at("slots").as_int();
  if (!is_valid_pool(name)) {
    return on_result(fail(ErrorKind::invalid, "the pool name '" + name + "' is not allowed", "",
                          "use at most 256 letters, digits, blanks and _ - . :"));
  }
  if (slots < -1 || slots > std::numeric_limits<std::int32_t>::max()) {
    return on_result(fail(ErrorKind::invalid, "a pool cannot have " + std::to_string(slots) + " slots", "pool " + name,
                          "give it 0 or more, or -1 for no limit"));
  }
  engine::SetPool event;
  event.pool = {name, static_cast<std::int32_t>(slots), command.get_string("description"),
                command.get_bool("include_deferred")};
  scheduler_.command(std::move(event), [on_result](const engine::Answer& answer) { done_or(on_result, answer); });
}

void Commands::delete_pool(const Value& command, const OnResult& on_result) {
  engine::DeletePool event;
  event.pool = command.at("pool").as_string();
  scheduler_.command(std::move(event), [on_result](const engine::Answer& answer) { done_or(on_result, answer); });
}

void Commands::pool_use(const Value&, const OnResult& on_result) {
  Array list;
  for (const engine::Engine::PoolUse& use : scheduler_.engine().pool_use()) {
    list.emplace_back(Object{{"pool", use.pool.pool},
                             {"slots", use.pool.slots},
                             {"description", use.pool.description},
                             {"include_deferred", use.pool.include_deferred},
                             {"occupied", use.occupied},
                             {"running", use.running},
                             {"queued", use.queued},
                             {"scheduled", use.scheduled},
                             {"deferred", use.deferred}});
  }
  on_result(Value(Object{{"type", "CommandResult"}, {"pools", std::move(list)}}));
}

void Commands::failed_deps(const Value& command, const OnResult& on_result) {
  const auto unmet = scheduler_.engine().unmet_dependencies(command.at("dag_id").as_string(), command.at("run_id").as_string(),
                                                            command.at("task_id").as_string(),
                                                            static_cast<std::int32_t>(command.get_int("map_index", -1)));
  if (!unmet) return on_result(std::unexpected(unmet.error()));
  Array list;
  for (const auto& [name, reason] : *unmet) list.emplace_back(Object{{"name", name}, {"reason", reason}});
  on_result(Value(Object{{"type", "CommandResult"}, {"dependencies", std::move(list)}}));
}

}  // namespace venturi::server
