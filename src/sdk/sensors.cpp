#include "venturi/sensors.h"

#include <algorithm>
#include <cctype>

#include "sdk/sensor_fields.h"

namespace venturi::inline sdk::detail {
namespace {

constexpr std::string_view week_days[] = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};

bool is_week_day(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return std::find(std::begin(week_days), std::end(week_days), name) != std::end(week_days);
}

void add_needed(OperatorFields& fields, std::string_view name, const Option<Duration>& given) {
  if (!given) add_mistake(fields.node(), fields.node().task_type + " needs ." + std::string(name) + ": give it");
  add_delta(fields, name, given);
}

}  // namespace

void add_week_days(OperatorFields& fields, const std::vector<std::string>& week_day) {
  Array days;
  for (const std::string& day : week_day) {
    if (!is_week_day(day)) add_mistake(fields.node(), "week_day: there is no '" + day + "'; the days are Monday, Tuesday, ...");
    days.emplace_back(day);
  }
  if (days.empty()) add_mistake(fields.node(), fields.node().task_type + " needs .week_day: give it");
  add_value(fields, "week_day", std::move(days));
}

TaskNode& add_operator(GroupNode& group, const FileSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "FileSensor", op.task_id, options);
  fields.required("filepath", op.filepath)
      .field("fs_conn_id", op.fs_conn_id)
      .field("recursive", op.recursive)
      .templates({"filepath", "fs_conn_id"});
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const TimeSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "TimeSensor", op.task_id, options);
  const bool is_time = op.target_time.find_first_not_of("0123456789:.") == std::string::npos &&
                       parse_time("1970-01-01T" + op.target_time).has_value();
  if (!is_time) add_mistake(fields.node(), "TimeSensor needs .target_time: a time of day like \"07:30\"");
  add_value(fields, "target_time", op.target_time);
  if (const std::string& zone = group.dag->options.timezone; !zone.empty()) add_value(fields, "timezone", zone);
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const TimeDeltaSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "TimeDeltaSensor", op.task_id, options);
  add_needed(fields, "delta", op.delta);
  fields.templates({"delta"});
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const DateTimeSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "DateTimeSensor", op.task_id, options);
  fields.required("target_time", op.target_time).templates({"target_time"});
  const Value& target = op.target_time.value();
  if (target.is_string() && target.as_string().find("{{") == std::string::npos && !parse_time(target.as_string())) {
    add_mistake(fields.node(), "target_time has to be a date and time like \"2026-01-31T07:30:00+01:00\"");
  }
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const DayOfWeekSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "DayOfWeekSensor", op.task_id, options);
  add_week_days(fields, op.week_day);
  add_flag(fields, "use_task_logical_date", op.use_task_logical_date);
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const BashSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "BashSensor", op.task_id, options);
  fields.required("bash_command", op.bash_command)
      .field("env", op.env)
      .field("retry_exit_code", op.retry_exit_code)
      .templates({"bash_command", "env"});
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const WaitSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "WaitSensor", op.task_id, options);
  add_needed(fields, "time_to_wait", op.time_to_wait);
  add_flag(fields, "deferrable", op.deferrable);
  fields.templates({"time_to_wait"});
  return fields.node();
}

}  // namespace venturi::inline sdk::detail
