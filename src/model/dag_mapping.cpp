// Task groups that are mapped (Airflow's MappedTaskGroup): which tasks have to be looked at when a list that they are mapped
// over is there, though it comes from a task that does not stand directly above them.
#include <algorithm>

#include "model/dag_graph.h"

namespace venturi {
namespace {

void add_size(std::vector<Task>& tasks, TaskIndex mapped, const MappedList& source) {
  if (!source.task) return;
  std::vector<TaskIndex>& sizes = tasks[*source.task].sizes;
  const TaskList& below = tasks[*source.task].downstream;
  const bool is_below = std::ranges::find(below, mapped) != below.end();
  if (!is_below && std::ranges::find(sizes, mapped) == sizes.end()) sizes.push_back(mapped);
}

}  // namespace

void apply_mapping(std::vector<Task>& tasks) {
  for (TaskIndex i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].mapped_group) continue;
    for (const MappedList& axis : tasks[i].mapped_over) {
      axis.for_each_source([&](const MappedList& source) { add_size(tasks, i, source); });
    }
  }
}

}  // namespace venturi
