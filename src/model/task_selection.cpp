// After Airflow's DAG.partial_subset and DAG.clear.
#include "model/task_selection.h"

#include <algorithm>
#include <utility>

#include "base/edit_distance.h"

namespace venturi {
namespace {

using Marks = std::vector<bool>;  // by task

// Everything below those that are marked, or above. Tasks are in topological order: one pass finds it.
Marks below(const Dag& dag, const Marks& from) {
  Marks found(dag.tasks.size());
  for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
    if (!from[t] && !found[t]) continue;
    for (const TaskIndex d : dag.tasks[t].downstream) found[d] = true;
  }
  return found;
}

Marks above(const Dag& dag, const Marks& from) {
  Marks found(dag.tasks.size());
  for (auto t = static_cast<TaskIndex>(dag.tasks.size()); t-- > 0;) {
    if (!from[t] && !found[t]) continue;
    for (const TaskIndex u : dag.tasks[t].upstream) found[u] = true;
  }
  return found;
}

void add_teardowns(const Dag& dag, TaskIndex setup, Marks& marks) {
  for (const TaskIndex d : dag.tasks[setup].downstream) {
    if (dag.tasks[d].is_teardown) marks[d] = true;
  }
}

// The setups whose scope a task is in, and their teardowns: those that have a teardown below it, or none at all.
void add_setups(const Dag& dag, TaskIndex task, Marks& marks) {
  Marks itself(dag.tasks.size());
  itself[task] = true;
  const Marks over = above(dag, itself), under = below(dag, itself);
  for (TaskIndex setup = 0; setup < dag.tasks.size(); ++setup) {
    if (!over[setup] || !dag.tasks[setup].is_setup) continue;
    bool has_teardown = false, is_around = false;
    for (const TaskIndex d : dag.tasks[setup].downstream) {
      has_teardown |= dag.tasks[d].is_teardown;
      is_around |= dag.tasks[d].is_teardown && under[d];
    }
    if (has_teardown && !is_around) continue;
    marks[setup] = true;
    add_teardowns(dag, setup, marks);
  }
}

// What comes with the named tasks.
Marks related(const Dag& dag, const Marks& named, const TaskSelection& selection) {
  Marks marks(dag.tasks.size()), in_scopes = named;  // tasks that need their setups
  const Marks none(dag.tasks.size());
  const Marks under = selection.downstream ? below(dag, named) : none, over = selection.upstream ? above(dag, named) : none;
  for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
    if (under[t] || over[t]) marks[t] = true;
    if (under[t]) in_scopes[t] = true;
    if (dag.tasks[t].is_setup && (over[t] || (named[t] && !selection.downstream))) add_teardowns(dag, t, marks);
  }
  if (std::ranges::none_of(dag.tasks, &Task::is_setup)) return marks;
  for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
    if (in_scopes[t] && !dag.tasks[t].is_setup && !dag.tasks[t].is_teardown) add_setups(dag, t, marks);
  }
  return marks;
}

Error unknown_task(const std::string& task_id, const Dag& dag) {
  std::vector<std::string> ids;
  for (const Task& task : dag.tasks) ids.push_back(task.task_id);
  const std::string near = nearest(task_id, ids);
  return {ErrorKind::not_found, "there is no task " + task_id, "dag " + dag.dag_id,
          near.empty() ? "see: venturi tasks list " + dag.dag_id : "did you mean " + near + "?"};
}

}  // namespace

Result<SelectedTasks> SelectedTasks::of(const TaskSelection& selection, const Dag& dag) {
  SelectedTasks selected;
  selected.only_failed_ = selection.only_failed;
  selected.only_running_ = selection.only_running;
  selected.by_task_.resize(dag.tasks.size());
  if (selection.tasks.empty()) {
    for (Instances& instances : selected.by_task_) instances.all = true;
    return selected;
  }
  Marks named(dag.tasks.size());
  for (const TaskSelection::Named& one : selection.tasks) {
    const auto task = dag.find_task(one.task_id);
    if (!task) return std::unexpected(unknown_task(one.task_id, dag));
    named[*task] = true;
    if (one.map_index)
      selected.by_task_[*task].some.push_back(*one.map_index);
    else
      selected.by_task_[*task].all = true;
  }
  const Marks with = related(dag, named, selection);
  for (TaskIndex t = 0; t < with.size(); ++t) {
    if (with[t]) selected.by_task_[t].all = true;
  }
  return selected;
}

Result<SelectedTasks> SelectedTasks::to_mark(const TaskSelection& selection, const Dag& dag) {
  auto selected = of({.tasks = selection.tasks}, dag);  // says which task there is not
  if (!selected) return selected;
  SelectedTasks marked;
  marked.by_task_.resize(dag.tasks.size());
  Marks named(dag.tasks.size());
  for (const TaskSelection::Named& one : selection.tasks) {
    const TaskIndex task = *dag.find_task(one.task_id);
    named[task] = true;
    if (one.map_index)
      marked.by_task_[task].some.push_back(*one.map_index);
    else
      marked.by_task_[task].all = true;
  }
  const Marks none(dag.tasks.size());
  const Marks under = selection.downstream ? below(dag, named) : none, over = selection.upstream ? above(dag, named) : none;
  for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
    if (!named[t] && ((under[t] && !dag.tasks[t].is_teardown) || over[t])) marked.by_task_[t].all = true;
  }
  return marked;
}

Result<SelectedTasks> SelectedTasks::failed_below(const TaskSelection& selection, const Dag& dag) {
  auto selected = of({.tasks = selection.tasks, .downstream = true, .only_failed = true}, dag);
  if (!selected) return selected;
  for (const TaskSelection::Named& one : selection.tasks) selected->by_task_[*dag.find_task(one.task_id)] = {};
  return selected;
}

std::vector<TaskSelection::Named> SelectedTasks::named(const Dag& dag) const {
  std::vector<TaskSelection::Named> all;
  for (TaskIndex t = 0; t < by_task_.size(); ++t) {
    if (by_task_[t].all) {
      all.push_back({dag.tasks[t].task_id});
    } else {
      for (const std::int32_t map_index : by_task_[t].some) all.push_back({dag.tasks[t].task_id, map_index});
    }
  }
  return all;
}

bool SelectedTasks::has(TaskIndex task, std::int32_t map_index, TaskState state) const {
  if (only_failed_ && state != TaskState::failed && state != TaskState::upstream_failed) return false;
  if (only_running_ && state != TaskState::running) return false;
  const Instances& instances = by_task_[task];
  return instances.all || std::ranges::find(instances.some, map_index) != instances.some.end();
}

}  // namespace venturi
