// `dags next-execution` and `tasks failed-deps`: what is going to run, and why something does not.
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"
#include "server/command_client.h"
#include "server/dag_source.h"
#include "server/program_questions.h"

namespace venturi::cli {

namespace {

// The runs that follow each other behind `last`.
Result<std::vector<schedule::RunInfo>> next_runs(const Config& config, const std::shared_ptr<const Dag>& dag,
                                                 const schedule::Timetable& timetable,
                                                 std::optional<schedule::DataInterval> last, std::int64_t most) {
  const schedule::Restriction restriction{dag->start_date, dag->end_date, dag->catchup};
  const Time now = SystemClock().now();
  if (timetable.is_user_defined()) {
    auto told = server::ask_timetable(config, dag,
                                      {.now = now, .last = last, .restriction = restriction, .most = static_cast<int>(most)});
    if (!told) return std::unexpected(std::move(told.error()));
    return std::move(told->runs);
  }
  std::vector<schedule::RunInfo> runs;
  while (std::ssize(runs) < most) {
    const auto run = timetable.next(last, restriction, now);
    if (!run) break;
    runs.push_back(*run);
    last = run->interval;
  }
  return runs;
}

}  // namespace

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
  const auto runs = next_runs(metadata->config, *dag, **timetable, last, arguments.integer("num-executions"));
  if (!runs) return std::unexpected(runs.error());
  Rows rows{{"logical_date", "data_interval_start", "data_interval_end", "run_after"}, {}};
  for (const schedule::RunInfo& run : *runs) {
    rows.rows.push_back({format_time_offset(run.logical_date), format_time_offset(run.interval.start),
                         format_time_offset(run.interval.end), format_time_offset(run.run_after)});
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
