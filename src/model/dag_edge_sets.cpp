// Edges that are kept, counted and judged together: where each task of one list stands directly above each of another.
#include <algorithm>
#include <map>

#include "model/dag_graph.h"

namespace venturi {
namespace {

// Equal lists become one.
void share_lists(std::vector<Task>& tasks, TaskList Task::* side) {
  const auto less = [](const TaskList* a, const TaskList* b) { return !a->is_shared_with(*b) && a->tasks() < b->tasks(); };
  std::map<const TaskList*, TaskList, decltype(less)> lists(less);
  for (Task& task : tasks) {
    TaskList& list = task.*side;
    if (list.size() < 2) continue;
    const auto [found, is_new] = lists.try_emplace(&list, list);
    if (!is_new) list = found->second;
  }
}

// Whether what becomes of it follows from its trigger rule and the counts of its upstreams alone: then it is the same for all
// tasks with the same rule and upstreams.
bool follows_the_counts(const Task& task) {
  return !task.is_mapped() && task.setups.empty() && task.trigger_rule != TriggerRule::all_done_setup_success;
}

bool are_one_set(const std::vector<Task>& tasks, const TaskList& upstream, const TaskList& downstream) {
  const Task& first = tasks[downstream.front()];
  return std::ranges::all_of(upstream, [&](TaskIndex i) { return tasks[i].downstream.is_shared_with(downstream); }) &&
         std::ranges::all_of(downstream, [&](TaskIndex i) {
           return tasks[i].upstream.is_shared_with(upstream) && follows_the_counts(tasks[i]) &&
                  tasks[i].trigger_rule == first.trigger_rule;
         });
}

}  // namespace

void apply_edge_sets(Dag& dag) {
  share_lists(dag.tasks, &Task::upstream);
  share_lists(dag.tasks, &Task::downstream);
  for (TaskIndex i = 0; i < dag.tasks.size(); ++i) {
    const TaskList downstream = dag.tasks[i].downstream;
    if (downstream.size() < 2) continue;
    const TaskList upstream = dag.tasks[downstream.front()].upstream;
    // Looked at once, from the first of the tasks above.
    if (upstream.size() < 2 || upstream.front() != i || !are_one_set(dag.tasks, upstream, downstream)) continue;
    const auto set = static_cast<std::uint32_t>(dag.edge_sets.size());
    dag.edge_sets.push_back({upstream, downstream});
    for (const TaskIndex above : upstream) dag.tasks[above].edges_below = set;
    for (const TaskIndex below : downstream) dag.tasks[below].edges_above = set;
  }
}

}  // namespace venturi
