// `dags details` and `dags report`.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/bodies.h"
#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"

namespace venturi::cli {
namespace {

Value time_or_null(const std::optional<Time>& time) {
  return time ? Value(format_time_offset(*time)) : Value();
}

Value names(const std::vector<std::string>& all) {
  Array list;
  for (const std::string& name : all) list.emplace_back(name);
  return list;
}

template <class T>
Value or_null(const std::optional<T>& value) {
  return value ? Value(*value) : Value();
}

Result<DagState> state_of(store::Reader& reader, const std::string& dag_id) {
  const auto states = reader.dag_states();
  if (!states) return std::unexpected(states.error());
  const auto found = std::ranges::find(*states, dag_id, &DagState::dag_id);
  return found == states->end() ? DagState{} : *found;
}

// Names and defaults: the serialized form has pairs of a name and a Param.
Value params_of(const Value* serialized) {
  Object params;
  if (serialized == nullptr || !serialized->get_value("params").is_array()) return params;
  for (const Value& pair : serialized->at("params").as_array())
    params.add(pair.as_array().at(0).as_string(), pair.as_array().at(1).get_value("default"));
  return params;
}

// In Airflow's words (its DAGDetailsResponse).
Object details_of(const Dag& dag, const DagState& state, const Config& config) {
  std::set<std::string> owners;
  for (const Task& task : dag.tasks) owners.insert(task.owner);
  const Value* serialized = dag.serialized.get("dag");
  const auto limit = [&](const std::optional<int>& own, std::int64_t otherwise) {
    return own ? Value(*own) : Value(otherwise);
  };
  return Object{{"dag_id", dag.dag_id},
                {"description", dag.description.empty() ? Value() : Value(dag.description)},
                {"is_paused", state.is_paused},
                {"bundle_name", dag.bundle},
                {"fileloc", dag.fileloc},
                {"relative_fileloc", dag.relative_fileloc},
                {"owners", names({owners.begin(), owners.end()})},
                {"tags", names(dag.tags)},
                {"timetable_summary", api::timetable_summary(dag)},
                {"timetable_description", api::timetable_description(dag)},
                {"timezone", dag.timezone},
                {"catchup", dag.catchup},
                {"start_date", time_or_null(dag.start_date)},
                {"end_date", time_or_null(dag.end_date)},
                {"max_active_tasks", limit(dag.max_active_tasks, config.integer("core.max_active_tasks_per_dag"))},
                {"max_active_runs", limit(dag.max_active_runs, config.integer("core.max_active_runs_per_dag"))},
                {"max_consecutive_failed_dag_runs",
                 limit(dag.max_consecutive_failed_dag_runs, config.integer("core.max_consecutive_failed_dag_runs_per_dag"))},
                {"dag_run_timeout", dag.dagrun_timeout ? Value(to_seconds(*dag.dagrun_timeout)) : Value()},
                {"is_paused_upon_creation", or_null(dag.is_paused_upon_creation)},
                {"params", params_of(serialized)},
                {"doc_md", serialized == nullptr ? Value() : serialized->get_value("doc_md")},
                {"template_search_path", names(dag.template_searchpath)},
                {"task_count", static_cast<std::int64_t>(dag.tasks.size())},
                {"next_dagrun_logical_date", time_or_null(state.next_logical_date)},
                {"next_dagrun_data_interval_start", time_or_null(state.next_interval_start)},
                {"next_dagrun_data_interval_end", time_or_null(state.next_interval_end)},
                {"next_dagrun_run_after", time_or_null(state.next_run_after)},
                {"dag_version_id", dag.version_id}};
}

}  // namespace

Result<int> dags_details(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto dag = need_dag(metadata->reader(), arguments.text("dag_id"));
  if (!dag) return std::unexpected(dag.error());
  const auto state = state_of(metadata->reader(), (*dag)->dag_id);
  if (!state) return std::unexpected(state.error());
  const Object details = details_of(**dag, *state, metadata->config);
  const OutputFormat format = output_format(arguments.text("output"));
  Rows rows;
  if (format == OutputFormat::table || format == OutputFormat::plain) {
    rows.columns = {"property_name", "property_value"};
    for (const auto& [name, value] : details) rows.rows.push_back({name, value});
  } else {
    auto& row = rows.rows.emplace_back();
    for (const auto& [name, value] : details) {
      rows.columns.push_back(name);
      row.push_back(value);
    }
  }
  print(format_rows(rows, format));
  return exit_done;
}

Result<int> dags_report(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto dags = metadata->reader().dags();
  if (!dags) return std::unexpected(dags.error());
  const auto problems = metadata->reader().import_errors();
  if (!problems) return std::unexpected(problems.error());
  struct File {
    std::int64_t tasks = 0;
    std::vector<std::string> dags;
    bool has_error = false;
  };
  std::map<std::pair<std::string, std::string>, File> files;  // by bundle and name
  for (const auto& dag : *dags) {
    File& file = files[{dag->bundle, dag->relative_fileloc}];
    file.tasks += std::ssize(dag->tasks);
    file.dags.push_back(dag->dag_id);
  }
  for (const store::ImportError& problem : *problems) files[{problem.bundle, problem.filename}].has_error = true;
  Rows rows{{"bundle_name", "file", "dag_num", "task_num", "dags", "import_error"}, {}};
  for (auto& [place, file] : files) {
    std::ranges::sort(file.dags);
    rows.rows.push_back(
        {place.first, place.second, static_cast<std::int64_t>(file.dags.size()), file.tasks, names(file.dags), file.has_error});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace venturi::cli
