// What every sensor has, in the words of Airflow's BaseSensorOperator.
#pragma once

#include <cstdint>

#include "venturi/task_options.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

enum class SensorMode : std::uint8_t { poke, reschedule };

// Of a sensor of one's own (venturi/own_sensor.h); designated in this order, which is that of the built-in ones.
struct SensorOptions {
  Option<Duration> poke_interval{};    // 1min
  Option<Duration> timeout{};          // 7 days since the first poke: then it fails without a retry
  Option<Duration> max_wait{};         // none; the longest of intervals that grow
  Option<SensorMode> mode{};           // poke; reschedule: the process and the pool's slot are free between pokes
  Option<bool> soft_fail{};            // false; true: a time-out, or fail_task(), skips instead
  Option<bool> never_fail{};           // false; true: so does every failure of a poke
  Option<bool> silent_fail{};          // false; true: a failure of a poke counts as "not yet"
  Option<bool> exponential_backoff{};  // false; true: intervals grow
};

}  // namespace venturi::inline sdk
