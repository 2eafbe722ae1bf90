#include "model/pool_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace venturi {

std::vector<std::string> pool_warnings(const Dag& dag, const std::vector<PoolRecord>& pools) {
  std::vector<std::string> warnings;
  std::map<std::string_view, std::pair<std::string_view, int>> missing;  // pool → its first task, and how many more
  for (const Task& task : dag.tasks) {
    if (task.engine_ends_it()) continue;  // takes no slot
    const auto pool = std::ranges::find(pools, task.pool, &PoolRecord::pool);
    if (pool == pools.end()) {
      const auto [found, is_new] = missing.try_emplace(task.pool, task.task_id, 0);
      if (!is_new) ++found->second.second;
    } else if (pool->slots >= 0 && task.pool_slots > pool->slots) {
      warnings.push_back(fmt::format(
          "DAG {}: task {} takes {} slots of pool {}, which has {}: it waits until the pool has more: venturi pools set "
          "{} SLOTS DESCRIPTION",
          dag.dag_id, task.task_id, task.pool_slots, task.pool, pool->slots, task.pool));
    }
  }
  for (const auto& [pool, tasks] : missing) {
    const auto& [task_id, more] = tasks;
    warnings.push_back(
        fmt::format("DAG {}: there is no pool {}: task {}{} until there is: venturi pools set {} SLOTS DESCRIPTION", dag.dag_id,
                    pool, task_id, more == 0 ? " waits" : fmt::format(" and {} more wait", more), pool));
  }
  return warnings;
}

}  // namespace venturi
