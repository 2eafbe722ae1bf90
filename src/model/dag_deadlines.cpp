#include "model/dag_deadlines.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "model/dag_operator.h"

namespace venturi {
namespace {

constexpr std::int64_t most_runs = 100'000;
constexpr double longest_interval = 100.0 * 366 * 86'400;

// Airflow's names, in the order of DeadlineAlert::Reference.
constexpr std::array<std::string_view, 4> reference_types{"DagRunQueuedAtDeadline", "DagRunLogicalDateDeadline",
                                                          "FixedDatetimeDeadline", "AverageRuntimeDeadline"};

void read_reference(Fields& fields, DeadlineAlert& alert) {
  const std::string type = fields.string("reference_type");
  const auto known = std::ranges::find(reference_types, type);
  if (known == reference_types.end()) {
    return fields.refuse("the deadline's reference " + to_json(Value(type)) + " is not known",
                         "take one of DAGRUN_QUEUED_AT, DAGRUN_LOGICAL_DATE, FIXED_DATETIME, AVERAGE_RUNTIME");
  }
  alert.reference = static_cast<DeadlineAlert::Reference>(known - reference_types.begin());
  if (alert.reference == DeadlineAlert::Reference::fixed_datetime) {
    alert.datetime = fields.time("datetime");
    if (!alert.datetime && !fields.error()) fields.refuse("a deadline at a fixed date has no date", "give it one");
  }
  if (alert.reference == DeadlineAlert::Reference::average_runtime) {
    alert.max_runs = static_cast<std::int32_t>(fields.integer("max_runs", 10, 1, most_runs));
    alert.min_runs = static_cast<std::int32_t>(fields.integer("min_runs", alert.max_runs, 1, most_runs));
    if (alert.min_runs > alert.max_runs)
      fields.refuse("a deadline's min_runs is more than its max_runs", "it is at most as many");
  }
}

DeadlineAlert read_deadline(Fields& fields) {
  DeadlineAlert alert;
  alert.name = fields.string("name");
  const Value* reference = fields.find("reference");
  if (reference == nullptr || !reference->is_object()) {
    fields.refuse("a deadline has no reference", "say from when its interval counts");
    return alert;
  }
  Fields inner(fields.where(), {&reference->as_object()});
  read_reference(inner, alert);
  if (inner.error()) {
    fields.refuse(inner.error()->what, inner.error()->hint);
    return alert;
  }
  alert.interval = from_seconds(fields.number("interval", 0, -longest_interval));
  const Value* callback = fields.find("callback");
  if (callback == nullptr || !callback->is_object()) return alert;
  Fields given(fields.where(), {&callback->as_object()});
  alert.has_function = given.boolean("has_callback", false);
  Callbacks callbacks = read_callbacks(given);
  if (given.error()) fields.refuse(given.error()->what, given.error()->hint);
  if (Value* list = callbacks.notifiers.find("callback")) alert.notifiers = std::move(*list);
  return alert;
}

}  // namespace

std::vector<DeadlineAlert> read_deadlines(Fields& fields) {
  std::vector<DeadlineAlert> alerts;
  const Value* list = fields.find("deadline");
  if (list == nullptr) return alerts;
  if (!list->is_array()) {
    fields.refuse("the DAG's deadline is no list of deadline alerts", "build the DAG program with the SDK of this Venturi");
    return alerts;
  }
  for (const Value& item : list->as_array()) {
    const Value& alert = unwrapped(item);
    if (!alert.is_object()) {
      fields.refuse("a deadline is no object", "build the DAG program with the SDK of this Venturi");
      return alerts;
    }
    Fields members(fields.where() + ", deadline " + std::to_string(alerts.size() + 1), {&alert.as_object()});
    alerts.push_back(read_deadline(members));
    if (members.error()) {
      fields.refuse("deadline " + std::to_string(alerts.size()) + ": " + members.error()->what, members.error()->hint);
      return alerts;
    }
  }
  return alerts;
}

}  // namespace venturi
