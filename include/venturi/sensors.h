// Sensors: operators that ask again until what they wait for is there. Airflow's standard ones:
//
//   #include <venturi/sensors.h>
//
//   auto there = dag.add(FileSensor{.task_id = "wait_for_orders", .filepath = "/in/orders-*.csv",
//                                   .poke_interval = 5min, .timeout = 12h, .mode = SensorMode::reschedule});
//   load << there;
//
// The members that all have: poke_interval (1min), timeout (7 days since the first poke: then it fails without a retry),
// max_wait (the longest of growing intervals; none), mode (poke), soft_fail (a time-out skips instead), never_fail (so does
// every failure of a poke), silent_fail (a failure of a poke counts as "not yet"), exponential_backoff (intervals grow). In
// mode poke a sensor keeps its pool slot; in mode reschedule it gives it back between pokes, and deferrable (false) it is
// deferred from the first poke on that says "not yet". None of them costs a process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "venturi/field.h"
#include "venturi/sensor_options.h"
#include "venturi/task_options.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

// A file, or a folder that holds one.
struct FileSensor {
  std::string task_id{};
  Field<std::string> filepath{};    // required; may be a pattern: * ? [] and, with .recursive, **
  Field<std::string> fs_conn_id{};  // "fs_default": its extra's `path` is where relative ones begin
  Field<bool> recursive{};          // false
  Option<bool> deferrable{};        // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A time of the day on which it began, in the DAG's time zone.
struct TimeSensor {
  std::string task_id{};
  std::string target_time{};  // required: "07:30" or "07:30:15"
  Option<bool> deferrable{};  // false; true: it ends at that time exactly, not at the first poke after it
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A distance from the end of the run's data interval, or from its run_after where it has none.
struct TimeDeltaSensor {
  std::string task_id{};
  Option<Duration> delta{};   // required
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A point in time.
struct DateTimeSensor {
  std::string task_id{};
  Field<std::string> target_time{};  // required: "2026-01-31T07:30:00+01:00"; without an offset UTC
  Option<bool> deferrable{};         // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A day of the week, in UTC.
struct DayOfWeekSensor {
  std::string task_id{};
  std::vector<std::string> week_day{};   // required: {"Saturday", "Sunday"}
  Option<bool> use_task_logical_date{};  // false: today's
  Option<bool> deferrable{};             // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A command of bash that ends with exit code 0.
struct BashSensor {
  std::string task_id{};
  Field<std::string> bash_command{};      // required
  Field<Texts> env{};                     // instead of the worker's environment
  Field<std::int64_t> retry_exit_code{};  // the only one that means "not yet"; without it each other than 0 does
  Option<bool> deferrable{};              // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;
};

// A while, from its own start.
struct WaitSensor {
  std::string task_id{};
  Option<Duration> time_to_wait{};  // required
  Option<bool> deferrable{};        // false
  using Result = void;
};

namespace detail {
struct GroupNode;
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const FileSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const TimeSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const TimeDeltaSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const DateTimeSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const DayOfWeekSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const BashSensor& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const WaitSensor& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
