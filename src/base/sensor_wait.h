// How long a sensor waits for its next poke: the arithmetic of Airflow's BaseSensorOperator._get_next_poke_interval, which
// spreads sensors with exponential_backoff by a hash of their names. tests/oracle/tables/sensor_waits.json was recorded on
// Airflow. Part of DAG programs too: C++20, without third parties.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace venturi {

struct SensorTimes {
  double poke_interval = 60, timeout = 604'800;  // seconds; [sensors] default_timeout is seven days
  bool exponential_backoff = false;
  std::optional<double> max_wait;  // none and 0: no limit
  bool reschedule = false;
};

// `name` is "dag_id#task_id", `started_at` Python's text of the time when the sensor began; run_duration is since then.
[[nodiscard]] double next_poke_interval(const SensorTimes& times, std::string_view name, std::string_view started_at,
                                        double run_duration, int poke_count);

}  // namespace venturi
