// The members that all sensors have, in serialized form: the names of Airflow's BaseSensorOperator.
#pragma once

#include <string>
#include <string_view>

#include "sdk/dag_node.h"
#include "sdk/encode.h"
#include "venturi/built_in.h"
#include "venturi/sensors.h"

namespace venturi::inline sdk::detail {

[[nodiscard]] inline double seconds_of(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

inline void add_value(TaskNode& node, std::string_view name, Value value) {
  node.fields.add(std::string(name), std::move(value));
}
inline void add_flag(TaskNode& node, std::string_view name, const Option<bool>& given) {
  if (given) add_value(node, name, *given);
}
// Airflow's timedelta.
inline void add_delta(TaskNode& node, std::string_view name, const Option<Duration>& given) {
  if (given) add_value(node, name, internal::typed("timedelta", seconds_of(*given)));
}
inline void add_value(OperatorFields& fields, std::string_view name, Value value) {
  add_value(fields.node(), name, std::move(value));
}
inline void add_flag(OperatorFields& fields, std::string_view name, const Option<bool>& given) {
  add_flag(fields.node(), name, given);
}
inline void add_delta(OperatorFields& fields, std::string_view name, const Option<Duration>& given) {
  add_delta(fields.node(), name, given);
}

// Required; names of days.
void add_week_days(OperatorFields& fields, const std::vector<std::string>& week_day);

// `op`: a built-in sensor, or the SensorOptions of one of the program's own.
template <class Sensor>
TaskNode& add_sensor_fields(TaskNode& fields, const Sensor& op) {
  const auto seconds = [&fields](std::string_view name, const Option<Duration>& given) {
    if (given && *given < Duration::zero()) add_mistake(fields, std::string(name) + " has to be at least 0");
    return given;
  };
  if (seconds("poke_interval", op.poke_interval)) add_value(fields, "poke_interval", seconds_of(*op.poke_interval));
  if (seconds("timeout", op.timeout)) add_value(fields, "timeout", seconds_of(*op.timeout));
  add_delta(fields, "max_wait", seconds("max_wait", op.max_wait));
  if constexpr (requires { op.mode; })
    if (op.mode) add_value(fields, "mode", *op.mode == SensorMode::reschedule ? "reschedule" : "poke");
  if constexpr (requires { op.deferrable; }) add_flag(fields, "deferrable", op.deferrable);
  add_flag(fields, "soft_fail", op.soft_fail);
  add_flag(fields, "never_fail", op.never_fail);
  add_flag(fields, "silent_fail", op.silent_fail);
  add_flag(fields, "exponential_backoff", op.exponential_backoff);
  if (op.soft_fail.value_or(false) && op.never_fail.value_or(false)) {
    add_mistake(fields, "soft_fail and never_fail exclude each other: take one away");
  }
  add_value(fields, "_is_sensor", true);
  return fields;
}
template <class Sensor>
TaskNode& add_sensor_fields(OperatorFields& fields, const Sensor& op) {
  return add_sensor_fields(fields.node(), op);
}

}  // namespace venturi::inline sdk::detail
