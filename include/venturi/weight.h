// Weight rules of one's own (Airflow's PriorityWeightStrategy): which of the task instances that wait goes first. Not part of
// venturi/dag.h: include it beside that.
//
//   struct OldestFirst : PriorityWeightStrategy {
//     int get_weight(const TaskInstanceInfo& ti) const override { return ti.try_number == 0 ? 1 : 10; }
//   };
//
//   dag.task<load>({.weight_rule = OldestFirst{}});
//
// The server asks the DAG's program when a try is ready, for all task instances of the run at once; they wait for the answer,
// and no others. What throws, hangs or crashes is an import error of the file: `venturi tasks why` says so, and it is asked
// again a minute later, then ever more seldom, and at once when the server starts.
#pragma once

#include <optional>
#include <string>

#include "venturi/time.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// What a weight may depend on.
struct TaskInstanceInfo {
  std::string dag_id{}, run_id{}, task_id{};
  int map_index = -1;
  int try_number = 0;       // tries that it has had: 0 before the first
  int max_tries = 0;        // retries
  int priority_weight = 1;  // of the task, as the DAG says
  std::string pool{};
  std::string run_type{};  // "scheduled", "manual", "backfill", ...
  std::optional<Time> logical_date{};
  Time run_after{};
  Value conf{};  // of the run
};

class PriorityWeightStrategy {
 public:
  PriorityWeightStrategy() = default;
  PriorityWeightStrategy(const PriorityWeightStrategy&) = default;
  PriorityWeightStrategy& operator=(const PriorityWeightStrategy&) = default;
  virtual ~PriorityWeightStrategy();

  // Higher goes first.
  [[nodiscard]] virtual int get_weight(const TaskInstanceInfo& ti) const = 0;
};

}  // namespace venturi::inline sdk
