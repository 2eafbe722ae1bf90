// `tasks clear` and `dags clear`: what is to run again, run by run.
#include <algorithm>
#include <regex>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

// As Airflow: every task whose id has a part that fits.
Result<Array> tasks_that_fit(const Dag& dag, const std::string& pattern) {
  Array named;
  try {
    const std::regex regex(pattern);
    for (const Task& task : dag.tasks) {
      if (std::regex_search(task.task_id, regex)) named.emplace_back(Object{{"task_id", task.task_id}});
    }
  } catch (const std::regex_error& e) {
    return fail(ErrorKind::invalid, "'" + pattern + "' is no regular expression: " + e.what(), "--task-regex");
  }
  if (named.empty()) {
    return fail(ErrorKind::not_found, "no task has an id that fits '" + pattern + "'", "dag " + dag.dag_id,
                "see: venturi tasks list " + dag.dag_id);
  }
  return named;
}

Result<std::vector<DagRun>> chosen_runs(const Arguments& arguments, const Metadata& metadata, const std::string& dag_id) {
  if (const auto text = arguments.maybe("run-id")) {
    auto run = need_run(metadata, dag_id, *text);
    if (!run) return std::unexpected(std::move(run.error()));
    return std::vector{std::move(*run)};
  }
  store::RunFilter filter{.dag_id = dag_id, .limit = -1};
  for (const auto& [key, time] :
       {std::pair{"start-date", &filter.logical_date_from}, std::pair{"end-date", &filter.logical_date_to}}) {
    const auto text = arguments.maybe(key);
    if (!text) continue;
    const auto date = read_date(*text, metadata.config);
    if (!date) return std::unexpected(date.error());
    *time = *date;
  }
  auto runs = metadata.reader().runs(filter);
  if (runs) std::ranges::reverse(*runs);  // the oldest first
  return runs;
}

Result<Value> clear(const OpenedHome& opened, Object command, const std::string& run_id, bool dry_run) {
  command.set("run_id", run_id);
  command.set("dry_run", dry_run);
  command.set("wants_rows", dry_run);
  return server::run_command(opened.home, opened.config, std::move(command));
}

// Lists what it is about to clear, asks, and clears.
Result<int> clear_runs(const Arguments& arguments, const OpenedHome& opened, const Object& command,
                       const std::vector<DagRun>& runs) {
  Rows rows{{"dag_id", "run_id", "task_id", "map_index", "state"}, {}};
  std::vector<std::string> run_ids;
  std::int64_t count = 0;
  for (const DagRun& run : runs) {
    const auto found = clear(opened, command, run.run_id, true);
    if (!found) return std::unexpected(found.error());
    const Array& cleared = found->at("task_instances").as_array();
    if (!cleared.empty()) run_ids.push_back(run.run_id);
    count += found->at("changed").as_int();
    for (const Value& ti : cleared)
      rows.rows.push_back({ti.at("dag_id"), ti.at("run_id"), ti.at("task_id"), ti.at("map_index"), ti.at("state")});
  }
  if (rows.rows.empty()) {
    print_note("Nothing to clear.");
    return exit_done;
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (const auto more = count - std::ssize(rows.rows); more > 0) print_note("... and " + std::to_string(more) + " more.");
  if (auto sure = confirm(arguments, "Clear " + std::to_string(count) + " task instances, so that they run again?"); !sure)
    return std::unexpected(std::move(sure.error()));
  for (const std::string& run_id : run_ids) {
    if (const auto done = clear(opened, command, run_id, false); !done) return std::unexpected(done.error());
  }
  return exit_done;
}

}  // namespace

Result<int> tasks_clear(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const std::string dag_id = arguments.text("dag_id");
  const auto dag = need_dag(metadata->reader(), dag_id);
  if (!dag) return std::unexpected(dag.error());

  Object command{{"command", "tasks clear"},
                 {"dag_id", dag_id},
                 {"user", user_name()},
                 {"upstream", arguments.has("upstream")},
                 {"downstream", arguments.has("downstream")},
                 {"only_failed", arguments.has("only-failed")},
                 {"only_running", arguments.has("only-running")}};
  if (arguments.has("run-on-latest-version")) command.add("run_on_latest_version", true);
  if (const auto pattern = arguments.maybe("task-regex")) {
    auto named = tasks_that_fit(**dag, *pattern);
    if (!named) return std::unexpected(std::move(named.error()));
    command.add("tasks", std::move(*named));
  }
  const auto runs = chosen_runs(arguments, *metadata, dag_id);
  if (!runs) return std::unexpected(runs.error());
  return clear_runs(arguments, *opened, command, *runs);
}

Result<void> check_dags_clear(const Arguments& arguments) {
  const bool is_window = arguments.has("partition-date-start") || arguments.has("partition-date-end");
  const int ways = (arguments.has("run-id") ? 1 : 0) + (arguments.has("partition-key") ? 1 : 0) + (is_window ? 1 : 0);
  if (ways == 1) return {};
  return fail(ErrorKind::invalid, ways == 0 ? "nothing says which runs" : "these are several ways to say which runs",
              "venturi dags clear",
              "give one of --run-id, --partition-key, or --partition-date-start and --partition-date-end");
}

Result<int> dags_clear(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const std::string dag_id = arguments.text("dag_id");
  if (const auto dag = need_dag(metadata->reader(), dag_id); !dag) return std::unexpected(dag.error());
  std::vector<DagRun> runs;
  if (const auto text = arguments.maybe("run-id")) {
    auto run = need_run(*metadata, dag_id, *text);
    if (!run) return std::unexpected(std::move(run.error()));
    runs.push_back(std::move(*run));
  } else {
    std::optional<Time> from, to;
    for (const auto& [key, time] : {std::pair{"partition-date-start", &from}, std::pair{"partition-date-end", &to}}) {
      const auto date_text = arguments.maybe(key);
      if (!date_text) continue;
      const auto date = read_date(*date_text, metadata->config);
      if (!date) return std::unexpected(date.error());
      *time = *date;
    }
    auto all = metadata->reader().runs({.dag_id = dag_id, .limit = -1});
    if (!all) return std::unexpected(std::move(all.error()));
    const auto key = arguments.maybe("partition-key");
    for (DagRun& run : *all) {
      const bool fits =
          key ? run.partition_key == *key
              : run.partition_date && (!from || *run.partition_date >= *from) && (!to || *run.partition_date <= *to);
      if (fits) runs.push_back(std::move(run));
    }
    std::ranges::reverse(runs);  // the oldest first
  }
  return clear_runs(arguments, *opened,
                    Object{{"command", "tasks clear"},
                           {"dag_id", dag_id},
                           {"user", user_name()},
                           {"only_failed", arguments.has("only-failed")},
                           {"only_running", arguments.has("only-running")}},
                    runs);
}

}  // namespace venturi::cli
