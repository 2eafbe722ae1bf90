#include "schedule/serialized_timetable.h"

#include <fmt/format.h>

#include <algorithm>

namespace venturi::schedule {

std::unexpected<Error> SerializedTimetable::refuse(std::string what, std::string hint) const {
  if (hint.empty()) hint = "build the DAG program with the SDK of this Venturi";
  return fail(ErrorKind::invalid, std::move(what), type_.substr(type_.rfind('.') + 1), std::move(hint));
}

Result<std::shared_ptr<const TimeZone>> SerializedTimetable::zone() const {
  const Value* name = var_.get("timezone");
  if (name == nullptr) return zones_.find("UTC");
  if (name->is_string()) return zones_.find(name->as_string());
  if (name->is_int()) return zones_.find(std::to_string(name->as_int()));  // a fixed offset in seconds
  return refuse(fmt::format("timezone has to be a name or a number of seconds, not {}", to_json(*name)));
}

Result<CronSchedule> SerializedTimetable::cron() const {
  const Value* expression = var_.get("expression");
  if (expression == nullptr || !expression->is_string()) return refuse("it has no text \"expression\"");
  auto found = zone();
  if (!found) return std::unexpected(std::move(found.error()));
  return CronSchedule::make(expression->as_string(), std::move(*found));
}

Result<std::vector<CronSchedule>> SerializedTimetable::crons() const {
  const Value* expressions = var_.get("expressions");
  if (expressions == nullptr || !expressions->is_array() || expressions->as_array().empty()) {
    return refuse("it has no list \"expressions\" with at least one", "give it a cron expression");
  }
  auto found = zone();
  if (!found) return std::unexpected(std::move(found.error()));
  std::vector<CronSchedule> all;
  for (const Value& expression : expressions->as_array()) {
    if (!expression.is_string()) return refuse("one of its expressions is no text");
    auto cron = CronSchedule::make(expression.as_string(), *found);
    if (!cron) return std::unexpected(std::move(cron.error()));
    all.push_back(std::move(*cron));
  }
  return all;
}

Result<Delta> SerializedTimetable::delta() const {
  const Value* value = var_.get("delta");
  if (value == nullptr) return refuse("it has no \"delta\"");
  auto delta = Delta::from_serialized(*value);
  if (!delta) return delta;
  if (!delta->is_positive()) {
    return refuse("the time span between runs has to be longer than 0, not " + delta->text(), "give the DAG another schedule");
  }
  return delta;
}

Result<Delta> SerializedTimetable::interval() const {
  const Value* value = var_.get("interval");
  return value == nullptr ? Delta() : Delta::from_serialized(*value);
}

Result<RunImmediately> SerializedTimetable::run_immediately() const {
  RunImmediately run;
  const Value* value = var_.get("run_immediately");
  if (value == nullptr) return run;
  if (value->is_bool()) {
    run.always = value->as_bool();
    return run;
  }
  if (!value->is_number()) return refuse("run_immediately has to be true, false or a number of seconds");
  const auto span = Delta::from_serialized(*value);
  if (!span) return std::unexpected(span.error());
  run.within = span->after(Time{}) - Time{};
  return run;
}

Result<std::vector<Time>> SerializedTimetable::times(std::string_view key) const {
  const Value* list = var_.get(key);
  if (list == nullptr || !list->is_array()) return refuse(fmt::format("it has no list \"{}\"", key));
  std::vector<Time> all;
  for (const Value& item : list->as_array()) {
    const auto time = item.is_string() ? parse_time(item.as_string()) : std::nullopt;
    if (!time) {
      return refuse(fmt::format("{} has {}, which is no date", key, to_json(item)), "write dates as 2026-11-24T04:43:57+00:00");
    }
    all.push_back(*time);
  }
  std::ranges::sort(all);
  return all;
}

}  // namespace venturi::schedule
