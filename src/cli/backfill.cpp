// `backfill`.
#include <algorithm>
#include <map>
#include <utility>

#include "cli/handlers.h"
#include "cli/home_access.h"
#include "cli/output.h"
#include "cli/user.h"
#include "server/backfill_value.h"
#include "server/command_client.h"

namespace venturi::cli {
namespace {

const std::vector<std::string> columns{"id",        "dag_id",          "from_date",  "to_date",     "reprocess_behavior",
                                       "is_paused", "max_active_runs", "created_at", "completed_at"};

std::vector<Value> cells(const Value& backfill) {
  std::vector<Value> row;
  for (const std::string& column : columns) row.push_back(backfill.at(column));
  return row;
}

void print_backfill(const Value& backfill, const Arguments& arguments) {
  print(format_rows(Rows{columns, {cells(backfill)}}, output_format(arguments.text("output"))));
}

Result<Object> create_command(const Arguments& arguments, const Config& config) {
  Object command{{"command", "backfill create"},
                 {"dag_id", arguments.text("dag-id")},
                 {"user", user_name()},
                 {"run_backwards", arguments.has("run-backwards")},
                 {"reprocess_behavior", arguments.text("reprocess-behavior")},
                 {"max_active_runs", arguments.integer("max-active-runs")},
                 {"dry_run", arguments.has("dry-run")}};
  for (const auto& [option, member] : {std::pair{"from-date", "from_date"}, std::pair{"to-date", "to_date"}}) {
    const auto date = read_date(arguments.text(option), config);
    if (!date) return std::unexpected(date.error());
    command.add(member, format_time(*date));
  }
  if (arguments.has("dag-run-conf")) command.add("dag_run_conf", arguments.json("dag-run-conf"));
  return command;
}

// What will keep its runs from starting, beside the answer.
void print_notes(const OpenedHome& opened, const std::string& dag_id) {
  const auto metadata = server::open_reader(opened.home, opened.config);
  const auto states =
      metadata ? metadata->reader->dag_states() : Result<std::vector<DagState>>(std::unexpected(metadata.error()));
  if (!states) {
    print_note("note: whether the DAG is paused cannot be read: " + states.error().text());
  } else if (const auto state = std::ranges::find(*states, dag_id, &DagState::dag_id);
             state != states->end() && state->is_paused) {
    print_note("note: DAG " + dag_id + " is paused: the runs stay queued until: venturi dags unpause " + dag_id);
  }
  if (!server_is_running(opened.home)) {
    print_note("note: no server runs on " + opened.home.root.string() +
               ": the runs are made when one does: venturi standalone");
  }
}

Result<int> change(const Arguments& arguments, const char* command) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  const auto done = server::run_command(opened->home, opened->config,
                                        Object{{"command", command}, {"backfill_id", arguments.integer("backfill_id")}});
  if (!done) return std::unexpected(done.error());
  print_backfill(done->at("backfill"), arguments);
  return exit_done;
}

}  // namespace

Result<void> check_backfill_create(const Arguments& arguments) {
  for (const char* option : {"dag-id", "from-date", "to-date"}) {
    if (!arguments.has(option))
      return fail(ErrorKind::invalid, std::string("--") + option + " is missing", "venturi backfill create",
                  "like: venturi backfill create --dag-id example --from-date 2026-01-01 --to-date 2026-01-31");
  }
  return {};
}

Result<int> backfill_create(const Arguments& arguments) {
  const auto opened = open_existing_home();
  if (!opened) return std::unexpected(opened.error());
  auto command = create_command(arguments, opened->config);
  if (!command) return std::unexpected(std::move(command.error()));
  const auto done = server::run_command(opened->home, opened->config, std::move(*command));
  if (!done) return std::unexpected(done.error());
  if (!arguments.has("dry-run")) {
    print_backfill(done->at("backfill"), arguments);
    print_notes(*opened, arguments.text("dag-id"));
    return exit_done;
  }
  print_note("These runs would be made, or run again, in this order; nothing was changed.");
  Rows rows{{"logical_date"}, {}};
  for (const Value& date : done->at("logical_dates").as_array()) rows.rows.push_back({date});
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> backfill_list(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  const auto backfills = metadata->reader().backfills(arguments.maybe("dag-id"));
  if (!backfills) return std::unexpected(backfills.error());
  Rows rows{columns, {}};
  for (const Backfill& backfill : *backfills) rows.rows.push_back(cells(server::backfill_value(backfill)));
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

// With its dates, and what became of each.
Result<int> backfill_get(const Arguments& arguments) {
  const auto metadata = open_metadata();
  if (!metadata) return std::unexpected(metadata.error());
  store::Reader& reader = metadata->reader();
  const std::int64_t id = arguments.integer("backfill_id");
  const auto backfill = reader.backfill(id);
  if (!backfill) return std::unexpected(backfill.error());
  if (!*backfill)
    return fail(ErrorKind::not_found, "there is no backfill " + std::to_string(id), "", "see: venturi backfill list");
  if (!arguments.has("runs")) {
    print_backfill(server::backfill_value(**backfill), arguments);
    return exit_done;
  }
  const auto dates = reader.backfill_dag_runs(id);
  if (!dates) return std::unexpected(dates.error());
  const auto runs = reader.runs({.dag_id = (*backfill)->dag_id, .limit = -1});
  if (!runs) return std::unexpected(runs.error());
  std::map<RunNo, const DagRun*> by_no;
  for (const DagRun& run : *runs) by_no.emplace(run.no, &run);
  Rows rows{{"sort_ordinal", "logical_date", "run_id", "state", "exception_reason"}, {}};
  for (const BackfillDagRun& date : *dates) {
    const auto run = date.run ? by_no.find(*date.run) : by_no.end();
    const bool has_run = run != by_no.end();
    rows.rows.push_back({date.sort_ordinal, format_time(date.logical_date), has_run ? Value(run->second->run_id) : Value(),
                         has_run ? Value(std::string(to_string(run->second->state))) : Value(),
                         date.exception_reason.empty() ? Value() : Value(date.exception_reason)});
  }
  print(format_rows(rows, output_format(arguments.text("output"))));
  return exit_done;
}

Result<int> backfill_pause(const Arguments& arguments) {
  return change(arguments, "backfill pause");
}
Result<int> backfill_unpause(const Arguments& arguments) {
  return change(arguments, "backfill unpause");
}
Result<int> backfill_cancel(const Arguments& arguments) {
  return change(arguments, "backfill cancel");
}

}  // namespace venturi::cli
