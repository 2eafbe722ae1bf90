// The event logs: who asked for which change. A row goes with the batch of the change itself, so that there is no change
// without one; where the command is refused after all, it is taken back.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "server/commands.h"

namespace venturi::server {
namespace {

// That change nothing.
constexpr std::array<std::string_view, 6> questions{"connections test", "pools use", "tasks failed-deps",
                                                    "health of parts",  "metrics",   "ping"};

// What the command line says no more of: whose the change is.
std::string subject_of(const Value& command) {
  Object subject;
  for (const char* name : {"conn_id", "key", "pool", "backfill_id", "asset", "file", "state", "username", "role"}) {
    if (const Value* member = command.get(name)) subject.set(name, *member);
  }
  for (const auto& [list, id] : {std::pair("connections", "conn_id"), std::pair("variables", "key")}) {
    const Value* items = command.get(list);
    if (items == nullptr || !items->is_array()) continue;
    Array ids;
    for (const Value& item : items->as_array()) ids.push_back(item.get_value(id));
    subject.set(list, std::move(ids));
  }
  return subject.empty() ? std::string() : to_json(Value(std::move(subject)));
}

}  // namespace

Result<OnResult> Commands::with_audit(const Value& command, const OnResult& on_result) {
  const Value* audit = command.get("audit");
  const bool changes = std::ranges::find(questions, command.get_string("command")) == questions.end();
  if (audit == nullptr || !changes || command.get_bool("dry_run")) return on_result;
  if (last_event_log_ < 0) {
    const auto last = reader_.last_event_log();
    if (!last) return std::unexpected(last.error());
    last_event_log_ = *last;
  }
  store::EventLog row;
  row.no = ++last_event_log_;
  row.at = scheduler_.now();
  row.event = audit->get_string("event");
  row.owner = audit->get_string("owner");
  row.dag_id = command.get_string("dag_id");
  row.run_id = command.get_string("run_id");
  row.task_id = command.get_string("task_id");
  if (const Value* map_index = command.get("map_index"); map_index != nullptr && map_index->is_int())
    row.map_index = static_cast<std::int32_t>(map_index->as_int());
  row.extra = audit->get_string("extra");
  if (row.extra.empty()) row.extra = subject_of(command);
  scheduler_.writes().event_logs.push_back(row);
  return [this, no = row.no, on_result](Result<Value> result) {
    if (!result) scheduler_.writes().withdrawn_event_logs.push_back(no);
    on_result(std::move(result));
  };
}

}  // namespace venturi::server
