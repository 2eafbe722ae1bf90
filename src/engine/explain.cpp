// Why a task instance does not run yet: all that keeps it, not only the first thing, in the order of the way it has to go.
#include <fmt/format.h>

#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

namespace {

using Unmet = std::vector<Engine::UnmetDependency>;

std::optional<SlotIndex> find_slot(const Run& run, TaskIndex task, std::int32_t map_index) {
  if (task >= run.progress.size()) return std::nullopt;
  const SlotIndex first = run.first_slot(task);
  if (run.slots[first].is_absent) return std::nullopt;
  if (run.slots[first].map_index == map_index) return first;
  return map_index > 0 && run.progress[task].is_expanded ? run.instance(task, map_index) : std::nullopt;
}

void add_task_limit(Unmet& unmet, const Gate* gate, const std::optional<int>& limit, std::string_view of) {
  if (!limit || gate == nullptr || gate->taken < *limit) return;
  unmet.push_back(
      {"Task Concurrency", fmt::format("{} of its instances are under way in {}, and {} may be", gate->taken, of, *limit)});
}

std::string pool_trouble(const PoolGate& pool, const Task& task, bool exists) {
  if (!exists) return fmt::format("there is no pool {}; make it: venturi pools set {} SLOTS DESCRIPTION", task.pool, task.pool);
  if (pool.has_room(task.pool_slots)) return {};
  if (task.pool_slots > pool.limit) {
    return fmt::format(
        "it takes {} slots of pool {}, which has {} in all; give the pool more: venturi pools set {} SLOTS DESCRIPTION",
        task.pool_slots, task.pool, pool.limit, task.pool);
  }
  return fmt::format("it takes {} of pool {}, and {} of {} slots are taken", task.pool_slots, task.pool, pool.taken,
                     pool.limit);
}

}  // namespace

Result<std::vector<Engine::UnmetDependency>> Engine::unmet_dependencies(std::string_view dag_id, std::string_view run_id,
                                                                        std::string_view task_id,
                                                                        std::int32_t map_index) const {
  const std::string where = fmt::format("dag {}, run {}", dag_id, run_id);
  const DagMachine* m = state_->find_machine(dag_id);
  const Run* run = state_->find_active(dag_id, run_id);
  if (run == nullptr) {
    return fail(ErrorKind::not_found, "there is no such run that is queued or running", where,
                fmt::format("see: venturi dags list-runs {}", dag_id));
  }
  const auto task = run->dag->find_task(task_id);
  if (!task) return fail(ErrorKind::not_found, fmt::format("there is no task {}", task_id), where, "see: venturi tasks list");
  Unmet unmet;
  // A command that works on the metadata by itself launches nothing.
  if (state_->config.parallelism == 0) unmet.push_back({"Scheduler", "no server runs: venturi standalone"});
  if (!state_->hold.empty()) unmet.push_back({"Hold", "nothing new is begun: " + state_->hold});
  if (m->row.is_paused) unmet.push_back({"Dag Not Paused", "the DAG is paused: venturi dags unpause " + std::string(dag_id)});
  if (run->row.state == RunState::queued) {
    if (const BackfillMachine* b = run->backfill; b != nullptr && b->row.is_paused) {
      unmet.push_back(
          {"Dagrun Running", fmt::format("the run is queued: its backfill is paused: venturi backfill unpause {}", b->row.id)});
    } else if (run->machine->later.contains({run->row.run_after, run->row.no})) {
      unmet.push_back({"Dagrun Running", fmt::format("the run is queued: its run_after is {}, and it starts then",
                                                     format_time(run->row.run_after))});
    } else {
      const int running = b != nullptr ? b->running() : m->running();
      const int limit = b != nullptr ? b->row.max_active_runs : state_->max_active_runs(*m, run->dag.get());
      unmet.push_back({"Dagrun Running", fmt::format("the run is queued: {} runs of the {} are running, and {} may", running,
                                                     b != nullptr ? "backfill" : "DAG", limit)});
    }
    if (*task >= run->progress.size()) return unmet;
  }
  const auto index = find_slot(*run, *task, map_index);
  if (!index) {
    return fail(ErrorKind::not_found, fmt::format("the run has no instance of task {} with map_index {}", task_id, map_index),
                where, fmt::format("see: venturi tasks states-for-dag-run {} {}", dag_id, run_id));
  }
  const TaskSlot& slot = run->slots[*index];
  const Task& declared = run->declared(*index);
  if (is_finished(slot.state) || is_launched(slot)) {
    const auto deferral = slot.state == TaskState::deferred ? run->deferrals.find(*index) : run->deferrals.end();
    const std::string to = deferral == run->deferrals.end() ? "" : " to " + deferral->second.get_string("classpath");
    unmet.push_back({"Task Instance State", fmt::format("it is {}{}", to_string(slot.state), to)});
    return unmet;
  }
  if (slot.state == TaskState::none) {
    if (auto trouble = State::rule_trouble(*run, *index); !trouble.empty())
      unmet.push_back({"Trigger Rule", std::move(trouble)});
    if (declared.depends_on_past && run->past.state == Past::State::known) {
      if (auto trouble = state_->past_trouble(*run, *task); !trouble.empty())
        unmet.push_back({"Previous Dagrun State", std::move(trouble)});
    }
  }
  if (auto trouble = State::weight_text(*run, *index); !trouble.empty())
    unmet.push_back({"Priority Weight", std::move(trouble)});
  if (slot.next_try_at && waits_for_time(slot.state)) {
    const std::string when = format_time(*slot.next_try_at);
    if (slot.state == TaskState::deferred) {
      const Value& deferral = run->deferrals.at(*index);
      const bool times_out = !deferral.get_value("timeout_date").is_null();
      unmet.push_back({"Task Instance State", fmt::format("it is deferred to {}, which {} {}", deferral.get_string("classpath"),
                                                          times_out ? "times out at" : "fires at", when)});
    } else {
      unmet.push_back({slot.state == TaskState::up_for_retry ? "Not In Retry Period" : "Ready To Reschedule",
                       "its next try is due at " + when});
    }
  }
  const int limit = run->dag->max_active_tasks.value_or(state_->config.max_active_tasks_per_dag);
  if (run->under_way >= static_cast<std::uint32_t>(limit)) {
    unmet.push_back(
        {"Max Active Tasks", fmt::format("{} tasks of the run are under way, and {} may be", run->under_way, limit)});
  }
  const auto own = run->task_gates.find(*task);
  add_task_limit(unmet, own == run->task_gates.end() ? nullptr : &own->second, declared.max_active_tis_per_dagrun, "this run");
  const auto all = m->task_gates.find(declared.task_id);
  add_task_limit(unmet, all == m->task_gates.end() ? nullptr : &all->second, declared.max_active_tis_per_dag, "all runs");
  const PoolGate& pool = *run->progress[*task].pool;
  const bool exists = pool.is_stored || declared.pool == default_pool;
  if (auto trouble = pool_trouble(pool, declared, exists); !trouble.empty())
    unmet.push_back({"Pool Slots Available", std::move(trouble)});
  if (state_->slots_used >= state_->config.parallelism && state_->config.parallelism > 0) {
    unmet.push_back({"Parallelism", fmt::format("{} tasks are under way, and [core] parallelism is {}", state_->slots_used,
                                                state_->config.parallelism)});
  }
  return unmet;
}

}  // namespace venturi::engine
