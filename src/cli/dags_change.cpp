// `dags trigger`, `dags delete`, `dags delete-run`, `dags reserialize`, `dags pause`, `dags unpause`.
#include <algorithm>
#include <regex>
#include <set>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/trigger_run.h"
#include "cli/user.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

Result<bool> is_paused(const OpenedHome& opened, const std::string& dag_id) {
  const auto metadata = server::open_reader(opened.home, opened.config);
  if (!metadata) return std::unexpected(metadata.error());
  const auto states = metadata->reader->dag_states();
  if (!states) return std::unexpected(states.error());
  const auto found = std::ranges::find(*states, dag_id, &DagState::dag_id);
  return found != states->end() && found->is_paused;
}

void print_warnings(const Value& result) {
  const Value* warnings = result.get("warnings");
  if (warnings == nullptr || !warnings->is_array()) return;
  for (const Value& warning : warnings->as_array()) print_note("note: " + warning.as_string());
}

// The DAG of that id; or those whose ids fit it as a regular expression, and that are not yet as they are to be.
Result<std::vector<std::string>> meant_dags(const Arguments& arguments, const OpenedHome& opened, bool paused) {
  const std::string dag_id = arguments.text("dag_id");
  if (!arguments.has("treat-dag-id-as-regex")) return std::vector{dag_id};
  const auto metadata = server::open_reader(opened.home, opened.config);
  if (!metadata) return std::unexpected(metadata.error());
  const auto states = metadata->reader->dag_states();
  if (!states) return std::unexpected(states.error());
  std::vector<std::string> fitting;
  try {
    const std::regex regex(dag_id);
    for (const DagState& state : *states) {
      if (state.is_paused != paused && std::regex_search(state.dag_id, regex)) fitting.push_back(state.dag_id);
    }
  } catch (const std::regex_error& e) {
    return fail(ErrorKind::invalid, "'" + dag_id + "' is no regular expression: " + e.what(), "--treat-dag-id-as-regex");
  }
  return fitting;
}

Result<int> set_paused(const Arguments& arguments, bool paused) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto dag_ids = meant_dags(arguments, *opened, paused);
  if (!dag_ids) return std::unexpected(dag_ids.error());
  if (dag_ids->empty()) {
    print(std::string("No ") + (paused ? "un" : "") + "paused DAGs were found\n");
    return exit_done;
  }
  if (arguments.has("treat-dag-id-as-regex")) {
    std::string list;
    for (const std::string& dag_id : *dag_ids) list += (list.empty() ? "" : ", ") + dag_id;
    const std::string question = (paused ? "Pause " : "Unpause ") + std::to_string(dag_ids->size()) + " DAGs: " + list + "?";
    if (auto sure = confirm(arguments, question); !sure) return std::unexpected(std::move(sure.error()));
  }
  Rows rows{{"dag_id", "is_paused"}, {}};
  for (const std::string& dag_id : *dag_ids) {
    const auto done = server::run_command(opened->home, opened->config,
                                          Object{{"command", paused ? "dags pause" : "dags unpause"}, {"dag_id", dag_id}});
    if (!done) return std::unexpected(done.error());
    rows.rows.push_back({dag_id, paused});
    print_warnings(*done);
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  if (!paused && !server_is_running(opened->home)) {
    print_note("note: no server runs on " + opened->home.root.string() + ": its runs begin when one does: venturi standalone");
  }
  return exit_done;
}

}  // namespace

Result<int> trigger_run(const OpenedHome& opened, const Value& command, const std::string& output) {
  const std::string dag_id = command.get_string("dag_id");
  const auto done = server::run_command(opened.home, opened.config, command);
  if (!done) return std::unexpected(done.error());
  const Value& run = done->at("run");
  Rows rows{{"dag_id", "dag_run_id", "state", "run_type", "logical_date", "run_after", "conf", "triggering_user_name"}, {{}}};
  for (const std::string& column : rows.columns)
    rows.rows.front().push_back(run.at(column == "dag_run_id" ? "run_id" : column));
  print(format_rows(rows, output_format(output)));

  // The run is made; whether it goes on is said beside it.
  print_warnings(*done);
  const auto paused = is_paused(opened, dag_id);
  if (!paused)
    print_note("note: whether the DAG is paused cannot be read: " + paused.error().text());
  else if (*paused)
    print_note("note: DAG " + dag_id + " is paused: the run stays queued until: venturi dags unpause " + dag_id);
  if (!server_is_running(opened.home)) {
    print_note("note: no server runs on " + opened.home.root.string() +
               ": the run stays queued until one does: venturi standalone");
  }
  return exit_done;
}

Result<int> dags_trigger(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string dag_id = arguments.text("dag_id");
  Object command{{"command", "dags trigger"}, {"dag_id", dag_id}, {"user", user_name()}};
  if (const auto run_id = arguments.maybe("run-id")) command.add("run_id", *run_id);
  if (arguments.has("conf")) command.add("conf", arguments.json("conf"));
  if (const auto date = arguments.maybe("logical-date")) {
    const auto time = read_date(*date, opened->config);
    if (!time) return std::unexpected(time.error());
    command.add("logical_date", format_time(*time));
  }
  if (const auto date = arguments.maybe("run-after")) {
    const auto time = read_date(*date, opened->config);
    if (!time) return std::unexpected(time.error());
    command.add("run_after", format_time(*time));
  }
  if (const auto key = arguments.maybe("partition-key")) command.add("partition_key", *key);
  return trigger_run(*opened, command, arguments.text("output"));
}

Result<int> dags_delete_run(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string dag_id = arguments.text("dag_id"), run_id = arguments.text("run_id");
  const std::string what = "run " + printable(run_id, false) + " of DAG " + printable(dag_id, false);
  if (auto sure = confirm(arguments, "Remove " + what + " with its XComs, files and logs?"); !sure)
    return std::unexpected(std::move(sure.error()));
  const auto done = server::run_command(opened->home, opened->config,
                                        Object{{"command", "dags delete-run"}, {"dag_id", dag_id}, {"run_id", run_id}});
  if (!done) return std::unexpected(done.error());
  print("Removed " + what + "\n");
  return exit_done;
}

Result<int> dags_delete(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const std::string dag_id = arguments.text("dag_id");
  const std::string what = "all runs of DAG " + printable(dag_id, false);
  if (auto sure = confirm(arguments, "Remove " + what + " with their XComs, files and logs?"); !sure)
    return std::unexpected(std::move(sure.error()));
  const auto done = server::run_command(opened->home, opened->config, Object{{"command", "dags delete"}, {"dag_id", dag_id}});
  if (!done) return std::unexpected(done.error());
  print("Removed " + what + "; while its file is there, the DAG is too\n");
  return exit_done;
}

Result<int> dags_reserialize(const Arguments&) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  std::set<std::string> files;
  const auto dags = metadata->reader().dags();
  if (!dags) return std::unexpected(dags.error());
  for (const auto& dag : *dags) files.insert(dag->relative_fileloc);
  const auto problems = metadata->reader().import_errors();
  if (!problems) return std::unexpected(problems.error());
  for (const store::ImportError& problem : *problems) files.insert(problem.filename);
  files.insert("");  // the folder, for what is new
  for (const std::string& file : files) {
    const auto done =
        server::run_command(metadata->home, metadata->config, Object{{"command", "dags reparse"}, {"file", file}});
    if (!done) return std::unexpected(done.error());
  }
  print(std::to_string(files.size() - 1) + " files are read anew, and the DAGs folder is looked through for others\n");
  return exit_done;
}

Result<int> dags_pause(const Arguments& arguments) {
  return set_paused(arguments, true);
}
Result<int> dags_unpause(const Arguments& arguments) {
  return set_paused(arguments, false);
}

}  // namespace venturi::cli
