#include "seeds/usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

#include "engine/task_slot.h"

namespace venturi::seeds {

namespace {

std::int64_t active_runs_limit(const Dag& dag, const engine::Config& config) {
  const bool one_by_one = dag.timetable.get_string("__type") == "airflow.timetables.simple.ContinuousTimetable";
  const int limit = dag.max_active_runs.value_or(config.max_active_runs_per_dag);
  return one_by_one ? 1 : limit;
}

}  // namespace

const Dag& dag_of(const View& view, const DagRun& run) {
  const auto stored = view.ahead.versions().find(run.dag_version_id);
  if (stored != view.ahead.versions().end()) return *stored->second;
  for (const auto* seen : {&view.memory->dags, &view.memory->older_versions}) {  // a moment ago
    for (const auto& dag : *seen) {
      if (dag->version_id == run.dag_version_id) return *dag;
    }
  }
  throw std::logic_error("nobody has version " + run.dag_version_id);
}

std::map<RunNo, const DagRun*> runs_by_number(const engine::Snapshot& memory) {
  std::map<RunNo, const DagRun*> runs;
  for (const DagRun& run : memory.runs) runs.emplace(run.no, &run);
  return runs;
}

Usage count_usage(const View& view) {
  const engine::Snapshot& memory = *view.memory;
  Usage usage;
  const auto limited = [&](LimitOf what, std::string name, std::int64_t number, std::int64_t limit) -> Use& {
    Use& use = usage[{what, std::move(name), number}];
    use.limit = std::max(use.limit, limit);
    return use;
  };
  Use& parallelism = limited(LimitOf::parallelism, {}, 0, view.config.parallelism);
  limited(LimitOf::pool, default_pool, 0, view.config.default_pool_task_slot_count);
  for (const PoolRecord& pool : memory.pools)
    usage[{LimitOf::pool, pool.pool, 0}] = {.limit = pool.slots, .counted_so = pool.include_deferred};

  std::map<std::string, const Dag*> present;
  for (const auto& dag : memory.dags) present.emplace(dag->dag_id, dag.get());
  const auto runs = runs_by_number(memory);
  for (const auto& [no, run] : runs) {
    if (run->backfill_id != 0) {
      if (run->state == RunState::running) ++usage[{LimitOf::runs_of_a_backfill, {}, run->backfill_id}].taken;
      continue;
    }
    std::int64_t limit = 0;
    if (const auto dag = present.find(run->dag_id); dag != present.end()) {
      limit = active_runs_limit(*dag->second, view.config);
    } else {  // gone: the newest version, or after a start that which a run follows
      for (const auto& [id, version] : view.ahead.versions()) {
        if (version->dag_id == run->dag_id) limit = std::max(limit, active_runs_limit(*version, view.config));
      }
    }
    limited(LimitOf::max_active_runs, run->dag_id, 0, limit).taken += run->state == RunState::running ? 1 : 0;
  }
  for (const Backfill& backfill : memory.backfills)
    usage[{LimitOf::runs_of_a_backfill, {}, backfill.id}].limit = backfill.max_active_runs;
  for (const TaskInstance& ti : memory.task_instances) {
    const DagRun& run = *runs.at(ti.run);
    const Dag& dag = dag_of(view, run);
    const auto index = dag.find_task(ti.task_id);
    if (!index) continue;  // removed: the run follows a DAG without it
    const Task& task = dag.tasks[*index];
    Use& pool = usage[{LimitOf::pool, task.pool, 0}];
    pool.limit = std::max<std::int64_t>(pool.limit, 0);  // one that does not exist has no slots
    const bool runs_now = engine::is_under_way(ti.state);
    if (runs_now || (ti.state == TaskState::deferred && pool.counted_so)) pool.taken += task.pool_slots;
    limited(LimitOf::max_active_tasks, {}, run.no, dag.max_active_tasks.value_or(view.config.max_active_tasks_per_dag)).taken +=
        runs_now ? 1 : 0;
    parallelism.taken += runs_now ? 1 : 0;
    if (task.max_active_tis_per_dag) {
      limited(LimitOf::tis_per_dag, run.dag_id + "/" + ti.task_id, 0, *task.max_active_tis_per_dag).taken += runs_now ? 1 : 0;
    }
    if (task.max_active_tis_per_dagrun) {
      limited(LimitOf::tis_per_dagrun, ti.task_id, run.no, *task.max_active_tis_per_dagrun).taken += runs_now ? 1 : 0;
    }
  }
  return usage;
}

std::string words(const LimitedThing& thing) {
  static constexpr auto names =
      std::to_array<std::string_view>({"parallelism", "pool", "max_active_tasks", "max_active_tis_per_dag",
                                       "max_active_tis_per_dagrun", "max_active_runs", "max_active_runs of the backfill"});
  const auto& [what, name, number] = thing;
  return fmt::format("{} {}{}", names.at(static_cast<std::size_t>(what)), name, number == 0 ? "" : fmt::format(" {}", number));
}

}  // namespace venturi::seeds
