// What people write about runs and task instances.
#include <cstdint>
#include <map>
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

// The note follows the change in a batch of its own: a crash between the two leaves the change without it, and unanswered.
OnResult Commands::with_note(const Value& command, OnResult on_result) {
  const Value* note = command.is_object() ? command.as_object().find("note") : nullptr;
  if (note == nullptr || command.get_bool("dry_run") || command.get_string("command") == "notes set") return on_result;
  return [this, dag_id = command.get_string("dag_id"), of_run = command.get_bool("note_of_run"), content = content_of(command),
          on_result = std::move(on_result)](Result<Value> result) {
    if (!result) return on_result(std::move(result));
    const Value* changed = of_run ? nullptr : result->get("task_instances");
    // By DAG and run the task instances that are meant, by task and map_index.
    std::map<std::pair<std::string, std::string>, std::set<std::pair<std::string, std::int64_t>>> addresses;
    if (changed == nullptr) {
      addresses[{dag_id, result->at("run").get_string("run_id")}];
    } else {
      for (const Value& row : changed->as_array())
        addresses[{row.get_string("dag_id"), row.get_string("run_id")}].emplace(row.get_string("task_id"),
                                                                                row.get_int("map_index", -1));
    }
    for (const auto& [address, meant] : addresses) {
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
        if (meant.contains({ti.task_id, ti.map_index})) scheduler_.writes().notes.push_back({(*run)->no, ti.no, content});
      }
    }
    scheduler_.when_durable([on_result, result = std::move(result)] { on_result(result); });
  };
}

}  // namespace venturi::server
