#include "model/dag_graph.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace venturi {
namespace {

// A cycle among tasks that have at least one upstream each that is not in the order: going upstream from any of them comes by
// a task twice. The cycle begins with the task that was declared first.
std::vector<TaskIndex> find_cycle(const std::vector<std::vector<TaskIndex>>& downstream,
                                  const std::vector<std::uint32_t>& waiting) {
  constexpr auto none = static_cast<TaskIndex>(-1);
  const auto is_left = [&](TaskIndex task) { return waiting[task] > 0; };
  std::vector<TaskIndex> above(downstream.size(), none);  // the first upstream that is left
  TaskIndex start = none;
  for (TaskIndex task = 0; task < downstream.size(); ++task) {
    if (!is_left(task)) continue;
    if (start == none) start = task;
    for (const TaskIndex below : downstream[task]) {
      if (above[below] == none) above[below] = task;
    }
  }
  std::vector<bool> seen(downstream.size());
  TaskIndex task = start;
  while (!seen[task]) {
    seen[task] = true;
    task = above[task];
  }
  std::vector<TaskIndex> cycle{task};
  for (TaskIndex at = above[task]; at != task; at = above[at]) cycle.push_back(at);
  std::ranges::reverse(cycle);  // was from each to its upstream
  std::ranges::rotate(cycle, std::ranges::min_element(cycle));
  return cycle;
}

}  // namespace

TopologicalOrder order_tasks(const std::vector<std::vector<TaskIndex>>& downstream) {
  TopologicalOrder result;
  std::vector<std::uint32_t> waiting(downstream.size());  // upstreams that are not in the order yet
  for (const auto& list : downstream) {
    for (const TaskIndex below : list) ++waiting[below];
  }
  std::priority_queue<TaskIndex, std::vector<TaskIndex>, std::greater<>> ready;
  for (TaskIndex task = 0; task < downstream.size(); ++task) {
    if (waiting[task] == 0) ready.push(task);
  }
  result.order.reserve(downstream.size());
  while (!ready.empty()) {
    const TaskIndex task = ready.top();
    ready.pop();
    result.order.push_back(task);
    for (const TaskIndex below : downstream[task]) {
      if (--waiting[below] == 0) ready.push(below);
    }
  }
  if (result.order.size() < downstream.size()) result.cycle = find_cycle(downstream, waiting);
  return result;
}

}  // namespace venturi
