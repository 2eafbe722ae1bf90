// Setups and teardowns: which of them a task waits for, and which tasks decide over the run. The rules are Airflow's
// (sdk/definitions/_internal/abstractoperator.py, get_upstreams_only_setups; models/dagrun.py, the leaves of a run).
#include <algorithm>

#include "model/dag_graph.h"

namespace venturi {
namespace {

using Marks = std::vector<bool>;

// All that is reached from `from`, itself included, along `next`; tasks are in topological order.
Marks all_below(const std::vector<Task>& tasks, TaskIndex from) {
  Marks marks(tasks.size());
  marks[from] = true;
  for (TaskIndex i = from; i < tasks.size(); ++i) {
    if (!marks[i]) continue;
    for (const TaskIndex below : tasks[i].downstream) marks[below] = true;
  }
  return marks;
}

Marks all_above(const std::vector<Task>& tasks, const std::vector<TaskIndex>& from) {
  Marks marks(tasks.size());
  for (const TaskIndex i : from) marks[i] = true;
  for (TaskIndex i = static_cast<TaskIndex>(tasks.size()); i-- > 0;) {
    if (!marks[i]) continue;
    for (const TaskIndex above : tasks[i].upstream) marks[above] = true;
  }
  return marks;
}

bool is_above(const Task& task, TaskIndex other) {
  return std::ranges::find(task.upstream, other) != task.upstream.end();
}

// A setup counts for what is below it and above one of its teardowns; without a teardown, for all that is below it.
void guard_from(std::vector<Task>& tasks, TaskIndex setup) {
  std::vector<TaskIndex> teardowns;
  for (const TaskIndex below : tasks[setup].downstream) {
    if (tasks[below].is_teardown) teardowns.push_back(below);
  }
  const Marks below = all_below(tasks, setup);
  const Marks above = all_above(tasks, teardowns);
  for (TaskIndex i = setup + 1; i < tasks.size(); ++i) {
    if (!below[i] || tasks[i].is_teardown || is_above(tasks[i], setup)) continue;
    if (!teardowns.empty() && !above[i]) continue;
    tasks[i].setups.push_back(setup);
    tasks[setup].guarded.push_back(i);
  }
}

bool looked_through(const Task& task) {
  return task.is_teardown && !task.on_failure_fail_dagrun;
}

}  // namespace

void apply_setups(std::vector<Task>& tasks) {
  for (TaskIndex i = 0; i < tasks.size(); ++i) {
    if (tasks[i].is_setup) guard_from(tasks, i);
  }
  bool any = false;
  for (Task& task : tasks) {
    task.decides_run = !looked_through(task) &&
                       std::ranges::all_of(task.downstream, [&](TaskIndex below) { return looked_through(tasks[below]); });
    any = any || task.decides_run;
  }
  if (any) return;
  for (Task& task : tasks) task.decides_run = task.downstream.empty();  // nothing but teardowns
}

}  // namespace venturi
