// What people write about runs and task instances.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "server/commands.h"

namespace venturi::server {
namespace {

// Null takes it away.
std::string content_of(const Value& command) {
  return command.get_string("note");
}

}  // namespace

void Commands::set_note(const Value& command, const OnResult& on_result) {
  const std::string dag_id = command.at("dag_id").as_string(), run_id = command.at("run_id").as_string();
  const std::string where = "dag " + dag_id + ", run " + run_id;
  const auto run = reader_.run(dag_id, run_id);
  if (!run) return on_result(std::unexpected(run.error()));
  if (!*run)
    return on_result(fail(ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + dag_id));
  const RunNo no = (*run)->no;
  const std::string task_id = command.get_string("task_id");
  if (task_id.empty()) {
    scheduler_.writes().notes.push_back({no, 0, content_of(command)});
    return done(on_result);
  }
  const auto rows = reader_.task_instances(no);
  if (!rows) return on_result(std::unexpected(rows.error()));
  const Value* map_index = command.get("map_index");
  bool is_there = false;
  for (const TaskInstance& ti : *rows) {
    if (ti.task_id != task_id || (map_index != nullptr && map_index->as_int() != ti.map_index)) continue;
    scheduler_.writes().notes.push_back({no, ti.no, content_of(command)});
    is_there = true;
  }
  if (!is_there) return on_result(fail(ErrorKind::not_found, "the run has no such task instance", where + ", task " + task_id));
  done(on_result);
}

// The change is durable when its note is written: a crash between the two leaves it without one, and unanswered.
OnResult Commands::with_note(const Value& command, OnResult on_result) {
  const Value* note = command.is_object() ? command.as_object().find("note") : nullptr;
  if (note == nullptr || command.get_bool("dry_run") || command.get_string("command") == "notes set") return on_result;
  return [this, dag_id = command.get_string("dag_id"), of_run = command.get_bool("note_of_run"), content = content_of(command),
          on_result = std::move(on_result)](Result<Value> result) {
    if (!result) return on_result(std::move(result));
    const Value* changed = of_run ? nullptr : result->get("task_instances");
    std::set<std::pair<std::string, std::string>> addresses;
    if (changed == nullptr) {
      addresses.emplace(dag_id, result->at("run").get_string("run_id"));
    } else {
      for (const Value& row : changed->as_array()) addresses.emplace(row.get_string("dag_id"), row.get_string("run_id"));
    }
    for (const auto& address : addresses) {
      const auto run = reader_.run(address.first, address.second);
      if (!run) return on_result(std::unexpected(run.error()));
      if (!*run) continue;  // deleted meanwhile
      if (changed == nullptr) {
        scheduler_.writes().notes.push_back({(*run)->no, 0, content});
        continue;
      }
      const auto rows = reader_.task_instances((*run)->no);
      if (!rows) return on_result(std::unexpected(rows.error()));
      for (const TaskInstance& ti : *rows) {
        const bool is_meant = std::ranges::any_of(changed->as_array(), [&](const Value& row) {
          return row.get_string("dag_id") == address.first && row.get_string("run_id") == address.second &&
                 row.get_string("task_id") == ti.task_id && row.get_int("map_index", -1) == ti.map_index;
        });
        if (is_meant) scheduler_.writes().notes.push_back({(*run)->no, ti.no, content});
      }
    }
    scheduler_.when_durable([on_result, result = std::move(result)] { on_result(result); });
  };
}

}  // namespace venturi::server
