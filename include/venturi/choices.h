// Operators that choose by the clock which of the tasks directly below them run: Airflow's LatestOnlyOperator,
// BranchDayOfWeekOperator and BranchDateTimeOperator. Not part of venturi/dag.h: include it beside that.
//
//   auto latest = dag.add(LatestOnlyOperator{.task_id = "latest_only"});
//   latest >> mail;                                    // not mailed by runs that are caught up
#pragma once

#include <string>
#include <vector>

#include "venturi/field.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// Skips what is directly below it unless the run is the latest of the schedule. Runs started by hand go on.
struct LatestOnlyOperator {
  std::string task_id{};
  using Result = void;
};

// By the day of the week.
struct BranchDayOfWeekOperator {
  std::string task_id{};
  std::vector<std::string> week_day{};                         // required: {"Saturday", "Sunday"}
  Field<std::vector<std::string>> follow_task_ids_if_true{};   // required
  Field<std::vector<std::string>> follow_task_ids_if_false{};  // required
  Field<bool> use_task_logical_date{};                         // false: today, in the DAG's time zone
  using Result = void;
};

// By whether it is between two points in time, or times of day ("22:00" to "06:00" goes over midnight).
struct BranchDateTimeOperator {
  std::string task_id{};
  std::string target_lower{}, target_upper{};                  // at least one: "2026-01-31T07:30:00+01:00" or "07:30"
  Field<std::vector<std::string>> follow_task_ids_if_true{};   // required
  Field<std::vector<std::string>> follow_task_ids_if_false{};  // required
  Field<bool> use_task_logical_date{};                         // false: now
  using Result = void;
};

namespace detail {
struct GroupNode;
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const LatestOnlyOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const BranchDayOfWeekOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const BranchDateTimeOperator& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
