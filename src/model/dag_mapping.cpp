// Task groups that are mapped (Airflow's MappedTaskGroup): which tasks have to be looked at when a list that they are mapped
// over is there, though it comes from a task that does not stand directly above them.
#include <algorithm>

#include "model/dag_graph.h"

namespace venturi {
namespace {

void add_size(std::vector<Task>& tasks, TaskIndex mapped, const MappedList& list) {
  if (list.task) {
    std::vector<TaskIndex>& sizes = tasks[*list.task].sizes;
    const bool is_below = std::ranges::find(tasks[*list.task].downstream, mapped) != tasks[*list.task].downstream.end();
    if (!is_below && std::ranges::find(sizes, mapped) == sizes.end()) sizes.push_back(mapped);
  }
  for (const MappedList& behind : list.behind) add_size(tasks, mapped, behind);
}

}  // namespace

void apply_mapping(std::vector<Task>& tasks) {
  for (TaskIndex i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].mapped_group) continue;
    for (const MappedAxis& axis : tasks[i].mapped_over) {
      for (const MappedList& list : axis) add_size(tasks, i, list);
    }
  }
}

}  // namespace venturi
