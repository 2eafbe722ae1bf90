#include "server/cleaning_commands.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/time.h"

namespace venturi::server {
namespace {

constexpr std::array<std::string_view, 5> tables_to_clean{"asset_event", "dag_run", "dag_version", "log", "xcom"};

void clean(Retention& retention, const Value& command, const OnResult& on_result) {
  const auto before = parse_time(command.at("before").as_string());
  if (!before) return on_result(fail(ErrorKind::invalid, "this is no date", "before"));
  CleaningOrder order;
  for (const Value& name : command.at("tables").as_array()) {
    if (name.as_string() == "dag_run") order.rules.runs_before = *before;
    if (name.as_string() == "xcom") order.rules.xcoms_before = *before;
    if (name.as_string() == "dag_version") order.rules.versions_before = *before;
    if (name.as_string() == "log") order.rules.event_logs_before = *before;
    if (name.as_string() == "asset_event") order.rules.asset_events_before = *before;
  }
  for (const auto& [member, names] :
       {std::pair("dag_ids", &order.rules.dags.only), std::pair("exclude_dag_ids", &order.rules.dags.without)}) {
    if (const Value* list = command.as_object().find(member)) {
      for (const Value& name : list->as_array()) names->push_back(name.as_string());
    }
  }
  order.archive = command.get_string("archive");
  order.is_dry_run = command.get_bool("dry_run");
  if (order.is_dry_run) order.rules.most_runs = std::size_t(-1);
  retention.clean(std::move(order), [command, on_result](const Result<CleaningReport>& report) {
    if (!report) return on_result(std::unexpected(report.error()));
    Object rows;
    for (const Value& name : command.at("tables").as_array()) {
      if (name.as_string() == "dag_run") {
        rows.set("dag_run", report->runs);
        rows.set("task_instance", report->task_instances);
      }
      if (name.as_string() == "xcom") rows.set("xcom", report->xcoms);
      if (name.as_string() == "dag_version") rows.set("dag_version", report->dag_versions);
      if (name.as_string() == "log") rows.set("log", report->event_logs);
      if (name.as_string() == "asset_event") rows.set("asset_event", report->asset_events);
    }
    on_result(Value(Object{{"type", "CommandResult"}, {"tables", std::move(rows)}, {"kept", report->kept}}));
  });
}

void drop(Scheduler& scheduler, const Value& command, const OnResult& on_result) {
  for (const Value& name : command.at("tables").as_array()) {
    if (!name.as_string().starts_with(store::archive_prefix))
      return on_result(fail(ErrorKind::invalid, name.as_string() + " is no archived table"));
    scheduler.writes().cleaning.dropped_archives.push_back(name.as_string());
  }
  scheduler.when_durable([on_result] { on_result(Value(Object{{"type", "CommandResult"}})); });
}

}  // namespace

std::span<const std::string_view> cleanable_tables() {
  return tables_to_clean;
}

void add_cleaning_commands(Commands& commands, Scheduler& scheduler, Retention& retention) {
  commands.add("db clean",
               [&retention](const Value& command, const OnResult& on_result) { clean(retention, command, on_result); });
  commands.add("db drop-archived",
               [&scheduler](const Value& command, const OnResult& on_result) { drop(scheduler, command, on_result); });
}

}  // namespace venturi::server
