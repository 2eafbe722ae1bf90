// `tasks` as far as it only reads the metadata.
#include <algorithm>
#include <map>
#include <utility>

#include "base/edit_distance.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/task_rows.h"

namespace venturi::cli {

Result<int> tasks_list(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto dag = need_dag(metadata->reader(), arguments.text("dag_id"));
  if (!dag) return std::unexpected(dag.error());
  std::vector<const Task*> tasks;
  for (const Task& task : (*dag)->tasks) tasks.push_back(&task);
  std::ranges::sort(tasks, {}, &Task::task_id);
  const auto format = arguments.maybe("output");
  if (!format) {
    for (const Task* task : tasks) print(task->task_id + "\n");
    return exit_done;
  }
  Rows rows{{"task_id", "task_type", "trigger_rule", "retries", "pool", "owner"}, {}};
  for (const Task* task : tasks) {
    rows.rows.push_back(
        {task->task_id, task->task_type, to_string(task->trigger_rule), task->retries, task->pool, task->owner});
  }
  print(format_rows(rows, output_format(*format)));
  return exit_done;
}

namespace {

struct StatesOfRun {
  Metadata metadata;
  DagRun run;
  std::vector<TaskInstance> task_instances;
};
Result<StatesOfRun> states_of_run(const Arguments& arguments) {
  auto metadata = open_metadata();
  if (!metadata) return std::unexpected(std::move(metadata.error()));
  auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(std::move(run.error()));
  auto task_instances = metadata->reader().task_instances(run->no);
  if (!task_instances) return std::unexpected(std::move(task_instances.error()));
  return StatesOfRun{std::move(*metadata), std::move(*run), std::move(*task_instances)};
}

// By the numbers of task instances that were passed over.
Result<std::map<TaskInstanceNo, std::string>> causes_in(store::Reader& reader, RunNo run) {
  const auto history = reader.history(run);
  if (!history) return std::unexpected(history.error());
  std::map<TaskInstanceNo, std::string> causes;
  for (const auto& [at, transition] : *history) {
    if (is_passed_over(transition.to)) causes[transition.task_instance] = transition.cause;
  }
  return causes;
}

}  // namespace

Result<int> tasks_states_for_dag_run(const Arguments& arguments) {
  const auto asked = states_of_run(arguments);
  if (!asked) return std::unexpected(asked.error());
  const auto& [metadata, run, task_instances] = *asked;
  const auto time_value = [](const std::optional<Time>& time) { return time ? Value(format_time_offset(*time)) : Value(); };
  const bool is_mapped = std::ranges::any_of(task_instances, [](const TaskInstance& ti) { return ti.map_index >= 0; });
  std::map<TaskInstanceNo, std::string> causes;
  if (std::ranges::any_of(task_instances, [](const TaskInstance& ti) { return is_passed_over(ti.state); })) {
    auto read = causes_in(metadata.reader(), run.no);
    if (!read) return std::unexpected(read.error());
    causes = *std::move(read);
  }
  Rows rows{{"dag_id", "logical_date", "task_id", "state", "start_date", "end_date", "try_number", "why"}, {}};
  const auto names = metadata.reader().rendered_map_indexes(run.no);
  if (!names) return std::unexpected(names.error());
  if (is_mapped) rows.columns.emplace_back("map_index");
  if (!names->empty()) rows.columns.emplace_back("rendered_map_index");
  for (const TaskInstance& ti : task_instances) {
    const auto cause = is_passed_over(ti.state) ? causes.find(ti.no) : causes.end();
    auto& row = rows.rows.emplace_back(std::vector<Value>{run.dag_id, time_value(run.logical_date), ti.task_id,
                                                          ti.state == TaskState::none ? Value() : Value(to_string(ti.state)),
                                                          time_value(ti.start_date), time_value(ti.end_date), ti.try_number,
                                                          cause == causes.end() ? end_text(ti) : cause->second});
    if (is_mapped) row.push_back(ti.map_index >= 0 ? Value(ti.map_index) : Value());
    if (names->empty()) continue;
    const auto name = std::ranges::lower_bound(*names, ti.no, {}, &store::RenderedMapIndex::task_instance);
    row.push_back(name != names->end() && name->task_instance == ti.no ? Value(name->name)
                  : ti.map_index >= 0                                  ? Value(std::to_string(ti.map_index))  // as in Airflow
                                                                       : Value());
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> tasks_state(const Arguments& arguments) {
  const auto asked = states_of_run(arguments);
  if (!asked) return std::unexpected(asked.error());
  const auto& [metadata, run, task_instances] = *asked;
  const std::string task_id = arguments.text("task_id");
  const std::int64_t map_index = arguments.has("map-index") ? arguments.integer("map-index") : -1;
  std::vector<std::string> known;
  for (const TaskInstance& ti : task_instances) {
    known.push_back(ti.task_id);
    if (ti.task_id != task_id || ti.map_index != map_index) continue;
    print((ti.state == TaskState::none ? std::string("None") : std::string(to_string(ti.state))) + "\n");
    return exit_done;
  }
  const bool is_task = std::ranges::find(known, task_id) != known.end();
  const std::string near = nearest(task_id, known);
  return fail(ErrorKind::not_found,
              is_task ? "the run has no instance of task " + task_id + " with map_index " + std::to_string(map_index)
                      : "the run has no task " + task_id,
              "dag " + run.dag_id + ", run " + run.run_id,
              is_task || near.empty() ? "see: venturi tasks states-for-dag-run " + run.dag_id + " " + run.run_id
                                      : "did you mean " + near + "?");
}

}  // namespace venturi::cli
