// DAGs in Airflow's serialized form, version 3 (serialization/schema.json of apache-airflow 3.3). The same DAG gives the same
// bytes: lists have the order of the file or are sorted, and nothing depends on when or where it was described.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/dag_node.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

struct SourceFile {
  std::string file;         // as users know it, absolute
  std::string bundle_path;  // the DAGs folder
  [[nodiscard]] std::string relative() const;
};

// {"__version": 3, "dag": {...}}, of a DAG without mistakes.
[[nodiscard]] Value serialize_dag(const detail::DagNode& dag, const SourceFile& source);

// {"__type": "operator", "__var": {...}}
[[nodiscard]] Value serialize_task(const detail::TaskNode& task);

// has_on_failure_callback and the like for functions, and "notifiers" for the rest, into a task or DAG.
struct NamedCallbacks {
  std::string_view name;  // "on_failure_callback"
  const Callbacks* callbacks;
};
void add_callbacks(Object& to, const std::vector<NamedCallbacks>& callbacks);

// Adds to `mistakes` what is wrong with schedule, dates and time zone.
void check_schedule(const DagOptions& options, std::vector<std::string>& mistakes);
// {"__type": "airflow.timetables.trigger.CronTriggerTimetable", "__var": {...}}
[[nodiscard]] Value serialize_timetable(const DagOptions& options);
[[nodiscard]] std::string_view timezone_of(const DagOptions& options);
[[nodiscard]] std::optional<int> max_active_runs_of(const DagOptions& options);
// Nothing where it is not given; throws std::invalid_argument for what check_schedule() refuses.
[[nodiscard]] std::optional<Time> time_of(const Date& date, const DagOptions& options);

[[nodiscard]] inline double seconds_of(Duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace venturi::inline sdk::internal
