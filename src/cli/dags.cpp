// `dags` as far as it only reads.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include "base/edit_distance.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

Value time_value(const std::optional<Time>& time) {
  return time ? Value(format_time_offset(*time)) : Value();
}

// ---- dags list -----------------------------------------------------------------------------------------------------------

std::string owners_of(const Dag& dag) {
  std::set<std::string> owners;
  for (const Task& task : dag.tasks) owners.insert(task.owner);
  std::string list;
  for (const std::string& owner : owners) list += (list.empty() ? "" : ", ") + owner;
  return list;
}

Value tags_of(const Dag& dag) {
  Array tags;
  for (const std::string& tag : dag.tags) tags.emplace_back(tag);
  return tags;
}

// Nothing where [core] decides.
Value limit_value(const std::optional<int>& limit) {
  return limit ? Value(*limit) : Value();
}

struct Column {
  std::string name;
  std::function<Value(const Dag&, const DagState&)> value;
};

// In Airflow's words (its DAGResponse).
const std::vector<Column>& dag_columns() {
  static const std::vector<Column> columns{
      {"dag_id", [](const Dag& d, const DagState&) { return Value(d.dag_id); }},
      {"description", [](const Dag& d, const DagState&) { return Value(d.description); }},
      {"fileloc", [](const Dag& d, const DagState&) { return Value(d.fileloc); }},
      {"relative_fileloc", [](const Dag& d, const DagState&) { return Value(d.relative_fileloc); }},
      {"owners", [](const Dag& d, const DagState&) { return Value(owners_of(d)); }},
      {"tags", [](const Dag& d, const DagState&) { return tags_of(d); }},
      {"is_paused", [](const Dag&, const DagState& s) { return Value(s.is_paused); }},
      {"bundle_name", [](const Dag& d, const DagState&) { return Value(d.bundle); }},
      {"bundle_version", [](const Dag&, const DagState&) { return Value(); }},
      {"max_active_tasks", [](const Dag& d, const DagState&) { return limit_value(d.max_active_tasks); }},
      {"max_active_runs", [](const Dag& d, const DagState&) { return limit_value(d.max_active_runs); }},
      {"next_dagrun_logical_date", [](const Dag&, const DagState& s) { return time_value(s.next_logical_date); }},
      {"next_dagrun_data_interval_start", [](const Dag&, const DagState& s) { return time_value(s.next_interval_start); }},
      {"next_dagrun_data_interval_end", [](const Dag&, const DagState& s) { return time_value(s.next_interval_end); }},
      {"next_dagrun_run_after", [](const Dag&, const DagState& s) { return time_value(s.next_run_after); }}};
  return columns;
}

Result<std::vector<const Column*>> chosen_columns(const std::string& names) {
  std::vector<const Column*> chosen;
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    const auto found = std::ranges::find(dag_columns(), name, &Column::name);
    if (found == dag_columns().end()) {
      std::vector<std::string> known;
      for (const Column& column : dag_columns()) known.push_back(column.name);
      std::string all;
      for (const std::string& k : known) all += (all.empty() ? "" : ", ") + k;
      const std::string near = nearest(name, known);
      return fail(ErrorKind::invalid, "there is no column " + name, "venturi dags list --columns",
                  near.empty() ? "there are: " + all : "did you mean " + near + "?");
    }
    chosen.push_back(&*found);
  }
  return chosen;
}

// What a home without DAGs needs first.
std::string no_dags_note(const Metadata& metadata) {
  std::string note = "note: there are no DAGs yet: put a .yaml or .cpp file, or a compiled DAG program, into " +
                     metadata.config.path("core.dags_folder").string();
  if (!server_is_running(metadata.home)) note += ", and start a server, which finds it: venturi standalone";
  return note;
}

}  // namespace

Result<void> check_dags_list(const Arguments& arguments) {
  auto columns = chosen_columns(arguments.text("columns"));
  if (!columns) return std::unexpected(std::move(columns.error()));
  return {};
}

Result<int> dags_list(const Arguments& arguments) {
  auto columns = chosen_columns(arguments.text("columns"));
  if (!columns) return std::unexpected(std::move(columns.error()));
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto dags = metadata->reader().dags();
  if (!dags) return std::unexpected(std::move(dags.error()));
  const auto states = metadata->reader().dag_states();
  if (!states) return std::unexpected(states.error());
  const auto problems = metadata->reader().import_errors();
  if (!problems) return std::unexpected(problems.error());
  std::map<std::string_view, const DagState*> state_of;
  for (const DagState& state : *states) state_of[state.dag_id] = &state;

  std::ranges::sort(*dags, {}, [](const auto& dag) { return dag->dag_id; });
  Rows rows;
  for (const Column* column : *columns) rows.columns.push_back(column->name);
  for (const auto& dag : *dags) {
    const auto found = state_of.find(dag->dag_id);
    std::vector<Value>& row = rows.rows.emplace_back();
    for (const Column* column : *columns)
      row.push_back(column->value(*dag, found == state_of.end() ? DagState{} : *found->second));
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (!problems->empty())
    print_note("note: not all files give their DAGs; see: venturi dags list-import-errors");
  else if (dags->empty())
    print_note(no_dags_note(*metadata));
  return exit_done;
}

Result<int> dags_state(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(run.error());
  const bool has_conf = run->conf.is_object() && !run->conf.as_object().empty();
  if (const auto format = arguments.maybe("output")) {
    const Rows rows{{"dag_id", "run_id", "state", "conf"},
                    {{run->dag_id, run->run_id, to_string(run->state), has_conf ? run->conf : Value()}}};
    print(format_rows(rows, output_format(*format)));
  } else {
    print(std::string(to_string(run->state)) + (has_conf ? ", " + to_json(run->conf) : "") + "\n");
  }
  return exit_done;
}

Result<int> dags_list_runs(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const std::string dag_id = arguments.text("dag_id");
  store::RunFilter filter{dag_id, std::nullopt, std::numeric_limits<int>::max()};
  filter.without_backfill = arguments.has("no-backfill");
  if (const auto state = arguments.maybe("state")) filter.state = parse_run_state(*state);
  std::optional<Time> from, to;
  for (const auto& [key, time] : {std::pair{"start-date", &from}, {"end-date", &to}}) {
    const auto text = arguments.maybe(key);
    if (!text) continue;
    const auto date = read_date(*text, metadata->config);
    if (!date) return std::unexpected(date.error());
    *time = *date;
  }
  const auto limit =
      arguments.has("limit") ? static_cast<std::size_t>(arguments.integer("limit")) : std::numeric_limits<std::size_t>::max();
  if (!from && !to && arguments.has("limit")) filter.limit = static_cast<int>(limit);
  auto runs = metadata->reader().runs(filter);
  if (!runs) return std::unexpected(std::move(runs.error()));
  if (runs->empty()) {
    if (auto dag = need_dag(metadata->reader(), dag_id); !dag) return std::unexpected(std::move(dag.error()));
  }
  Rows rows{{"dag_id", "run_id", "state", "run_after", "logical_date", "start_date", "end_date"}, {}};
  for (const DagRun& run : *runs) {
    if ((from && (!run.logical_date || *run.logical_date < *from)) || (to && (!run.logical_date || *run.logical_date > *to)))
      continue;
    if (rows.rows.size() == limit) break;
    rows.rows.push_back({run.dag_id, run.run_id, to_string(run.state), format_time_offset(run.run_after),
                         time_value(run.logical_date), time_value(run.start_date), time_value(run.end_date)});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

// Airflow ends with 1 where there are any, so that a build can be stopped by it.
Result<int> dags_list_import_errors(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto problems = metadata->reader().import_errors();
  if (!problems) return std::unexpected(problems.error());
  Rows rows{{"bundle_name", "filepath", "error"}, {}};
  for (const store::ImportError& problem : *problems)
    rows.rows.push_back({problem.bundle, problem.filename, problem.stacktrace});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return problems->empty() ? exit_done : exit_failed;
}

}  // namespace venturi::cli
