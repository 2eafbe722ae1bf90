// `tasks set-state` and `dags set-state`: what is said to have ended in a way.
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

struct AskedRun {
  OpenedHome opened;
  DagRun run;
};
Result<AskedRun> asked_run(const Arguments& arguments) {
  auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  auto run = need_run(*metadata, arguments.text("dag_id"), arguments.text("logical_date_or_run_id"));
  if (!run) return std::unexpected(run.error());
  return AskedRun{{std::move(metadata->home), std::move(metadata->config)}, std::move(*run)};
}

}  // namespace

Result<int> tasks_set_state(const Arguments& arguments) {
  const auto asked = asked_run(arguments);
  if (!asked) return std::unexpected(asked.error());
  const auto& [opened, run] = *asked;
  Object task{{"task_id", arguments.text("task_id")}};
  if (const auto map_index = arguments.integer("map-index"); map_index >= 0) task.set("map_index", map_index);
  const auto done = server::run_command(opened.home, opened.config,
                                        Object{{"command", "tasks set-state"},
                                               {"dag_id", run.dag_id},
                                               {"run_id", run.run_id},
                                               {"tasks", Array{Value(std::move(task))}},
                                               {"state", arguments.text("state")},
                                               {"user", user_name()},
                                               {"upstream", arguments.has("upstream")},
                                               {"downstream", arguments.has("downstream")},
                                               {"future", arguments.has("future")},
                                               {"past", arguments.has("past")},
                                               {"dry_run", arguments.has("dry-run")}});
  if (!done) return std::unexpected(done.error());
  Rows rows{{"dag_id", "run_id", "task_id", "map_index", "state", "new_state"}, {}};
  for (const Value& ti : done->at("task_instances").as_array()) {
    rows.rows.push_back(
        {run.dag_id, ti.at("run_id"), ti.at("task_id"), ti.at("map_index"), ti.at("state"), arguments.text("state")});
  }
  if (rows.rows.empty()) print_note("note: it was " + arguments.text("state") + " already");
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> dags_set_state(const Arguments& arguments) {
  const auto asked = asked_run(arguments);
  if (!asked) return std::unexpected(asked.error());
  const auto& [opened, run] = *asked;
  const auto done = server::run_command(opened.home, opened.config,
                                        Object{{"command", "dags set-state"},
                                               {"dag_id", run.dag_id},
                                               {"run_id", run.run_id},
                                               {"state", arguments.text("state")},
                                               {"user", user_name()}});
  if (!done) return std::unexpected(done.error());
  print(format_rows({{"dag_id", "run_id", "state"}, {{run.dag_id, run.run_id, done->at("run").at("state")}}},
                    output_format(arguments.text("output"))));
  return exit_done;
}

}  // namespace venturi::cli
