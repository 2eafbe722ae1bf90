// Which task instances of a run are meant, as Airflow's clear takes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dag.h"

namespace venturi {

struct TaskSelection {
  struct Named {
    std::string task_id;
    std::optional<std::int32_t> map_index = std::nullopt;  // nothing: all instances
  };
  std::vector<Named> tasks = {};              // empty: all tasks
  bool upstream = false, downstream = false;  // also what stands above or below them, all instances of it
  bool only_failed = false;                   // of those: what is failed or upstream_failed
  bool only_running = false;                  // of those: what is running
};

// A selection, looked up in a DAG.
class SelectedTasks {
 public:
  // Fails (not_found) where it names a task that the DAG does not have. As in Airflow, what needs a setup comes with its setups
  // and their teardowns.
  [[nodiscard]] static Result<SelectedTasks> of(const TaskSelection& selection, const Dag& dag);
  // Those that are marked: the named ones and, as they stand in the graph, those above and below; a teardown below is left
  // alone.
  [[nodiscard]] static Result<SelectedTasks> to_mark(const TaskSelection& selection, const Dag& dag);
  // Those that run again where the named ones are said to have ended otherwise: what failed below them.
  [[nodiscard]] static Result<SelectedTasks> failed_below(const TaskSelection& selection, const Dag& dag);
  [[nodiscard]] bool has(TaskIndex task, std::int32_t map_index, TaskState state) const;
  // All of them by name, whatever their state.
  [[nodiscard]] std::vector<TaskSelection::Named> named(const Dag& dag) const;

 private:
  struct Instances {
    bool all = false;
    std::vector<std::int32_t> some;
  };
  std::vector<Instances> by_task_;
  bool only_failed_ = false, only_running_ = false;
};

}  // namespace venturi
