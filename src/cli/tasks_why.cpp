// `tasks why`: the way of a task instance so far, each step with its cause, and what keeps it from the next one.
#include <algorithm>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

Result<TaskInstance> need_task_instance(const Metadata& metadata, const DagRun& run, const std::string& task_id,
                                        std::int64_t map_index) {
  const auto task_instances = metadata.reader().task_instances(run.no);
  if (!task_instances) return std::unexpected(task_instances.error());
  bool is_there = false;
  for (const TaskInstance& ti : *task_instances) {
    if (ti.task_id != task_id) continue;
    if (ti.map_index == map_index) return ti;
    is_there = true;
  }
  // Task instances are made when the run begins: until then what holds the run holds them.
  if (!is_there && run.state == RunState::queued) {
    TaskInstance unmade;
    unmade.task_id = task_id;
    unmade.map_index = static_cast<std::int32_t>(map_index);
    return unmade;
  }
  const std::string where = "dag " + run.dag_id + ", run " + run.run_id;
  if (is_there && map_index < 0)
    return fail(ErrorKind::invalid, "task " + task_id + " is mapped: say which of its instances", where, "add --map-index N");
  if (is_there) return fail(ErrorKind::not_found, "task " + task_id + " has no instance " + std::to_string(map_index), where);
  return fail(ErrorKind::not_found, "the run has no task instance of " + task_id, where,
              "see: venturi tasks states-for-dag-run " + run.dag_id + " " + run.run_id);
}

Result<void> add_what_holds_it(std::vector<std::vector<Value>>& rows, const Metadata& metadata, const DagRun& run,
                               const TaskInstance& ti) {
  const auto answer = server::run_command(metadata.home, metadata.config,
                                          Object{{"command", "tasks failed-deps"},
                                                 {"dag_id", run.dag_id},
                                                 {"run_id", run.run_id},
                                                 {"task_id", ti.task_id},
                                                 {"map_index", static_cast<std::int64_t>(ti.map_index)}});
  if (!answer) {
    // It has ended since it was read: then its history says all.
    if (answer.error().kind == ErrorKind::not_found && ti.no != 0) return {};
    return std::unexpected(answer.error());
  }
  for (const Value& dependency : answer->at("dependencies").as_array())
    rows.push_back({Value(), Value(), "now", dependency.get_string("name") + ": " + dependency.get_string("reason")});
  return {};
}

}  // namespace

Result<int> tasks_why(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(run.error());
  const auto ti = need_task_instance(*metadata, *run, arguments.text("task_id"), arguments.integer("map-index"));
  if (!ti) return std::unexpected(ti.error());
  const auto history = metadata->reader().history(run->no);
  if (!history) return std::unexpected(history.error());
  Rows rows{{"at", "try_number", "state", "cause"}, {}};
  for (const auto& [at, transition] : *history) {
    if (ti->no != 0 && transition.task_instance == ti->no)
      rows.rows.push_back({format_time_offset(at), static_cast<std::int64_t>(transition.try_number), to_string(transition.to),
                           transition.cause});
  }
  const bool may_be_held =
      !is_finished(run->state) && !is_finished(ti->state) && ti->state != TaskState::queued && ti->state != TaskState::running;
  if (may_be_held) {
    if (auto added = add_what_holds_it(rows.rows, *metadata, *run, *ti); !added) return std::unexpected(added.error());
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace venturi::cli
