// `dags next-execution` and `tasks failed-deps`: what is going to run, and why something does not.
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/command_client.h"
#include "server/dag_source.h"

namespace venturi::cli {

Result<int> dags_next_execution(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto dag = need_dag(metadata->reader(), arguments.text("dag_id"));
  if (!dag) return std::unexpected(dag.error());
  const auto states = metadata->reader().dag_states();
  if (!states) return std::unexpected(states.error());
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  if (auto fine = server::check_schedule(**dag, *zones); !fine) return std::unexpected(fine.error());
  const auto timetable = schedule::make_timetable((*dag)->timetable, *zones);
  if (!timetable) return std::unexpected(timetable.error());

  std::optional<schedule::DataInterval> last;
  for (const DagState& state : *states) {
    if (state.dag_id != (*dag)->dag_id) continue;
    if (state.last_interval_start) last = {*state.last_interval_start, *state.last_interval_end};
    if (state.is_paused) print_note("note: DAG " + state.dag_id + " is paused");
  }
  const Time now = SystemClock().now();
  Rows rows{{"logical_date", "data_interval_start", "data_interval_end", "run_after"}, {}};
  for (std::int64_t i = 0; i < arguments.integer("num-executions"); ++i) {
    const auto run = (*timetable)->next(last, {(*dag)->start_date, (*dag)->end_date, (*dag)->catchup}, now);
    if (!run) break;
    rows.rows.push_back({format_time_offset(run->logical_date), format_time_offset(run->interval.start),
                         format_time_offset(run->interval.end), format_time_offset(run->run_after)});
    last = run->interval;
  }
  if (rows.rows.empty())
    print_note("note: its schedule (" + (*timetable)->summary() + ") makes no further run of DAG " + (*dag)->dag_id);
  if (const auto format = arguments.maybe("output")) {
    print(format_rows(rows, output_format(*format)));
    return exit_done;
  }
  for (const auto& row : rows.rows) print(row.front().as_string() + "\n");
  return exit_done;
}

Result<int> tasks_failed_deps(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(run.error());
  const auto answer = server::run_command(metadata->home, metadata->config,
                                          Object{{"command", "tasks failed-deps"},
                                                 {"dag_id", run->dag_id},
                                                 {"run_id", run->run_id},
                                                 {"task_id", arguments.text("task_id")},
                                                 {"map_index", arguments.integer("map-index")}});
  if (!answer) return std::unexpected(answer.error());
  const Array& unmet = answer->at("dependencies").as_array();
  if (unmet.empty()) {
    print("Task instance dependencies are all met.\n");
    return exit_done;
  }
  print("Task instance dependencies not met:\n");
  for (const Value& dependency : unmet) print(dependency.get_string("name") + ": " + dependency.get_string("reason") + "\n");
  return exit_done;
}

}  // namespace venturi::cli
