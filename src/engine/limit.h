// What keeps a task instance from being launched although nothing else does: what it is said to have waited for, in the history
// of its run (`tasks why`) and by the simulator.
#pragma once

#include <cstdint>
#include <string_view>

namespace venturi::engine {

enum class Limit : std::uint8_t {
  none,
  parallelism,
  max_active_tasks,
  max_active_tis_per_dag,
  max_active_tis_per_dagrun,
  pool,
  paused,  // the DAG was
};

// As the limit is configured: "max_active_tasks".
[[nodiscard]] constexpr std::string_view to_string(Limit limit) {
  switch (limit) {
    case Limit::none:
      return "none";
    case Limit::parallelism:
      return "parallelism";
    case Limit::max_active_tasks:
      return "max_active_tasks";
    case Limit::max_active_tis_per_dag:
      return "max_active_tis_per_dag";
    case Limit::max_active_tis_per_dagrun:
      return "max_active_tis_per_dagrun";
    case Limit::pool:
      return "pool";
    case Limit::paused:
      return "paused";
  }
  return "none";
}

}  // namespace venturi::engine
