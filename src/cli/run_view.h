// The one run of `dags test`, followed by what is committed of it, and shown.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/output.h"
#include "model/dag.h"
#include "model/records.h"
#include "store/store.h"

namespace venturi::cli {

class RunView {
 public:
  void begin(std::shared_ptr<const Dag> dag) { dag_ = std::move(dag); }
  void apply(const store::Batch& batch);

  [[nodiscard]] const Dag& dag() const { return *dag_; }
  [[nodiscard]] const std::map<TaskInstanceNo, TaskInstance>& tasks() const { return tasks_; }
  // Callbacks and notifiers that are owed and were not tried yet.
  [[nodiscard]] bool has_callbacks() const { return !callbacks_.empty(); }

  // A line for each transition of the batch: "08:30:01.123Z  extract  up_for_retry  try 1  try 1 of 3 failed: ...".
  [[nodiscard]] std::string transition_lines(const store::Batch& batch) const;
  // All tasks with state, try, duration and why; running ones count to `now`.
  [[nodiscard]] Rows task_rows(Time now) const;

 private:
  std::shared_ptr<const Dag> dag_;
  std::map<TaskInstanceNo, TaskInstance> tasks_;
  std::map<TaskInstanceNo, std::string> names_;   // of mapped tasks' instances, by their map_index_template
  std::map<TaskInstanceNo, std::string> causes_;  // of those that were passed over
  std::set<std::int64_t> callbacks_;
};

}  // namespace venturi::cli
