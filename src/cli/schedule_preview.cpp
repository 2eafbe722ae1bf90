// `dags next-execution`, `dags list-upcoming` and `tasks failed-deps`: what is going to run, and why something does not.
#include <algorithm>
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

namespace {

struct Schedule {
  std::shared_ptr<const schedule::Timetable> timetable;
  std::vector<schedule::RunInfo> runs;
};

// The runs of the DAG that come next, as its schedule has them.
Result<Schedule> schedule_of(const Config& config, const std::shared_ptr<const Dag>& dag, const DagState& state,
                             schedule::TimeZones& zones, std::int64_t most) {
  if (auto fine = server::check_schedule(*dag, zones); !fine) return std::unexpected(std::move(fine.error()));
  auto timetable = schedule::make_timetable(dag->timetable, zones);
  if (!timetable) return std::unexpected(std::move(timetable.error()));
  std::optional<schedule::DataInterval> last;
  if (state.last_interval_start) last = {*state.last_interval_start, *state.last_interval_end};
  auto runs = next_runs(config, dag, **timetable, last, most);
  if (!runs) return std::unexpected(std::move(runs.error()));
  return Schedule{std::move(*timetable), std::move(*runs)};
}

DagState state_in(const std::vector<DagState>& states, const std::string& dag_id) {
  const auto found = std::ranges::find(states, dag_id, &DagState::dag_id);
  if (found != states.end()) return *found;
  DagState unseen;
  unseen.dag_id = dag_id;
  return unseen;
}

// In the order of Airflow's --table; a run of a partition has the second ones.
const std::vector<std::string> next_columns{"logical_date", "data_interval_start", "data_interval_end", "run_after"};
const std::vector<std::string> partition_columns{"partition_key", "partition_date", "run_after"};

std::vector<Value> next_row(const schedule::Timetable& timetable, const schedule::RunInfo& run) {
  const Value run_after = format_time_offset(run.run_after);
  if (const auto partition = timetable.partition_of(run.run_after))
    return {partition->key, partition->date ? Value(format_time_offset(*partition->date)) : Value(), run_after};
  return {format_time_offset(run.logical_date), format_time_offset(run.interval.start), format_time_offset(run.interval.end),
          run_after};
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
  const DagState state = state_in(*states, (*dag)->dag_id);
  if (state.is_paused) print_note("note: DAG " + state.dag_id + " is paused");
  const auto next = schedule_of(metadata->config, *dag, state, *zones, arguments.integer("num-executions"));
  if (!next) return std::unexpected(next.error());
  const bool is_partitioned = !next->runs.empty() && next->timetable->partition_of(next->runs.front().run_after).has_value();
  Rows rows{is_partitioned ? partition_columns : next_columns, {}};
  for (const schedule::RunInfo& run : next->runs) rows.rows.push_back(next_row(*next->timetable, run));
  if (rows.rows.empty())
    print_note("note: its schedule (" + next->timetable->summary() + ") makes no further run of DAG " + (*dag)->dag_id);
  if (arguments.has("table") || arguments.has("output")) {
    print(format_rows(rows, output_format(arguments.has("output") ? arguments.text("output") : "table")));
    return exit_done;
  }
  std::string field = arguments.has("field") ? arguments.text("field") : is_partitioned ? "partition_key" : "logical_date";
  std::ranges::replace(field, '.', '_');
  const auto column = static_cast<std::size_t>(std::ranges::find(rows.columns, field) - rows.columns.begin());
  for (const auto& row : rows.rows) {
    const Value value = column < row.size() ? row[column] : Value();
    print((value.is_null() ? "None" : value.as_string()) + "\n");
  }
  return exit_done;
}

Result<int> dags_list_upcoming(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto dags = metadata->reader().dags();
  if (!dags) return std::unexpected(dags.error());
  const auto states = metadata->reader().dag_states();
  if (!states) return std::unexpected(states.error());
  auto zones = schedule::TimeZones::load();
  if (!zones) return std::unexpected(zones.error());
  const std::int64_t most = arguments.integer("limit");
  struct Upcoming {
    std::pair<Time, std::string> order;  // when, then which DAG
    std::vector<Value> row;
  };
  std::vector<Upcoming> all;
  int paused = 0;
  for (const auto& dag : *dags) {
    const DagState state = state_in(*states, dag->dag_id);
    if (state.is_paused && !arguments.has("all")) {
      ++paused;
      continue;
    }
    const auto next = schedule_of(metadata->config, dag, state, *zones, most);
    if (!next) {
      print_note("note: DAG " + dag->dag_id + " is left out: " + next.error().text());
      continue;
    }
    for (const schedule::RunInfo& run : next->runs) {
      const bool is_partition = next->timetable->partition_of(run.run_after).has_value();
      const auto cells = next_row(*next->timetable, run);
      all.push_back(
          {{run.run_after, dag->dag_id},
           {cells.back(), dag->dag_id, is_partition ? Value() : cells[0], is_partition ? cells[0] : Value(), state.is_paused}});
    }
  }
  std::ranges::sort(all, {}, &Upcoming::order);
  if (std::ssize(all) > most) all.resize(static_cast<std::size_t>(most));
  Rows rows{{"run_after", "dag_id", "logical_date", "partition_key", "is_paused"}, {}};
  for (Upcoming& run : all) rows.rows.push_back(std::move(run.row));
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (paused > 0) print_note("note: " + std::to_string(paused) + " paused DAGs are left out; --all shows them too");
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
