// Pools, and how many instances of one task may be under way, in a run or in all runs of the DAG (Airflow's
// max_active_tis_per_dagrun and max_active_tis_per_dag). A task instance that is scheduled passes these when it is to be
// launched; one that finds a gate full waits at it (gate.h), and leaves it when it is launched or finds another full.
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

// ---- pools ---------------------------------------------------------------------------------------------------------------

void Engine::State::load_pools(std::vector<PoolRecord> rows) {
  PoolGate& standard = pools[default_pool];
  standard.row = {default_pool, config.default_pool_task_slot_count, "Default pool", false};
  standard.update(true);
  if (config.ignores_pools) standard.limit = -1;
  for (PoolRecord& row : rows) {
    PoolGate& pool = pools[row.pool];
    pool.row = std::move(row);
    pool.is_stored = true;
    pool.update(true);
  }
}

// One that does not exist has no slots: tasks that name it wait until somebody makes it.
PoolGate& Engine::State::pool_of(const std::string& name) {
  const auto found = pools.find(name);
  if (found != pools.end()) return found->second;
  PoolGate& pool = pools[name];
  pool.row.pool = name;
  if (config.ignores_pools) pool.limit = -1;
  return pool;
}

void Engine::State::set_pool(const SetPool& e) {
  PoolGate& pool = pool_of(e.pool.pool);
  if (!pool.is_stored || pool.row != e.pool) {
    changes.pools.push_back(e.pool);
    std::erase(changes.deleted_pools, e.pool.pool);  // a batch writes first and deletes then
  }
  pool.row = e.pool;
  pool.is_stored = true;
  pool.update(true);
  open(pool);
  answer(e.command, {}, {});
}

void Engine::State::delete_pool(const DeletePool& e) {
  if (e.pool == default_pool) {
    return answer(e.command,
                  Error{ErrorKind::invalid, "default_pool cannot be deleted", "",
                        "tasks without a pool run in it; for fewer slots: venturi pools set default_pool SLOTS DESCRIPTION"},
                  {});
  }
  const auto found = pools.find(e.pool);
  if (found == pools.end() || !found->second.is_stored) {
    return answer(e.command, Error{ErrorKind::not_found, "there is no pool " + e.pool, "", "see: venturi pools list"}, {});
  }
  found->second.is_stored = false;
  found->second.row = {e.pool, 0, {}, false};
  found->second.update(false);
  std::erase_if(changes.pools, [&](const PoolRecord& row) { return row.pool == e.pool; });
  changes.deleted_pools.push_back(e.pool);
  answer(e.command, {}, {});
}

// ---- what is taken -------------------------------------------------------------------------------------------------------

void Engine::State::open(Gate& gate) {
  if (!gate.waiting.empty() && !std::exchange(gate.is_open, true)) open_gates.push_back(&gate);
}

void Engine::State::count_under_way(Run& run, SlotIndex index, int by) {
  const Task& declared = run.declared(index);
  const auto count = [&](Gate& gate, int size) {
    gate.taken += static_cast<std::int64_t>(by) * size;
    if (by < 0) open(gate);
  };
  if (declared.max_active_tis_per_dagrun) count(run.task_gates[run.slots[index].task], 1);
  if (declared.max_active_tis_per_dag) count(run.machine->task_gates[declared.task_id], 1);
  PoolGate& pool = *run.progress[run.slots[index].task].pool;
  pool.under_way += static_cast<std::int64_t>(by) * declared.pool_slots;
  count(pool, declared.pool_slots);
}

void Engine::State::count_deferred(Run& run, SlotIndex index, int by) {
  PoolGate& pool = *run.progress[run.slots[index].task].pool;
  const std::int64_t slots = static_cast<std::int64_t>(by) * run.declared(index).pool_slots;
  pool.deferred += slots;
  if (!pool.row.include_deferred) return;
  pool.taken += slots;
  if (by < 0) open(pool);
}

// A run's own gates go with it.
void Engine::State::close_gates(Run& run) {
  for (auto& [task, gate] : run.task_gates) {
    if (gate.is_open) std::erase(open_gates, &gate);
  }
}

// ---- who may pass --------------------------------------------------------------------------------------------------------

Gate* Engine::State::full_gate(Run& run, SlotIndex index) {
  const Task& declared = run.declared(index);
  if (declared.max_active_tis_per_dagrun) {
    Gate& gate = run.task_gates[run.slots[index].task];
    if (!gate.has_room(*declared.max_active_tis_per_dagrun)) return &gate;
  }
  if (declared.max_active_tis_per_dag) {
    Gate& gate = run.machine->task_gates[declared.task_id];
    if (!gate.has_room(*declared.max_active_tis_per_dag)) return &gate;
  }
  PoolGate& pool = *run.progress[run.slots[index].task].pool;
  return pool.has_room(declared.pool_slots) ? nullptr : &pool;
}

// The one with the highest priority of those that fit; smaller ones pass larger ones that do not, as in Airflow. Those whose
// run cannot go on now are handed back to it: it brings them again when it can.
std::optional<WaitingTask> Engine::State::first_through(Gate& gate) {
  std::optional<WaitingTask> first;
  for (auto size = gate.waiting.begin(); size != gate.waiting.end();) {
    auto& tasks = size->second;
    while (!tasks.empty()) {
      const WaitingTask task = *tasks.begin();
      const auto found = runs.find(task.run);
      const bool waits = found != runs.end() && found->second->may_start(task.slot);
      if (waits && may_launch(*found->second)) break;
      tasks.erase(tasks.begin());
      if (waits) found->second->ready.push({task.priority, task.slot});
    }
    if (tasks.empty()) {
      size = gate.waiting.erase(size);
      continue;
    }
    if (gate.has_room(size->first) && (!first || *tasks.begin() < *first)) first = *tasks.begin();
    ++size;
  }
  return first;
}

std::optional<std::pair<Gate*, WaitingTask>> Engine::State::first_through_gates() {
  std::optional<std::pair<Gate*, WaitingTask>> first;
  std::erase_if(open_gates, [&](Gate* gate) {
    const auto task = first_through(*gate);
    gate->is_open = task.has_value();
    if (task && (!first || *task < first->second)) first = {gate, *task};
    return !gate->is_open;
  });
  return first;
}

void Engine::State::launch_or_wait(Run& run, SlotIndex index, Time now) {
  Gate* gate = full_gate(run, index);
  if (gate == nullptr) return launch(run, index, now);
  const Task& declared = run.declared(index);
  const auto own = run.task_gates.find(run.slots[index].task);
  const auto [held_by, key] = gate == run.progress[run.slots[index].task].pool ? std::pair(Limit::pool, declared.pool_slots)
                              : own != run.task_gates.end() && gate == &own->second
                                  ? std::pair(Limit::max_active_tis_per_dagrun, *declared.max_active_tis_per_dagrun)
                                  : std::pair(Limit::max_active_tis_per_dag, *declared.max_active_tis_per_dag);
  run.slots[index].held_by = held_by;
  gate->waiting[key].insert({run.priority(index), run.row.no, index});
  find_place(run);
}

void Engine::State::fill_slots(Time now) {
  while (slots_used < config.parallelism && hold.empty()) {
    const auto waiting = first_through_gates();
    if (waiting && (places.empty() || waiting->second.priority >= places.begin()->priority)) {
      const auto& [gate, task] = *waiting;
      Run& run = *runs.at(task.run);
      for (auto& [size, tasks] : gate->waiting) tasks.erase(task);
      launch_or_wait(run, task.slot, now);
      continue;
    }
    if (places.empty()) return;
    Run& run = *runs.at(places.begin()->run);
    const SlotIndex slot = run.ready.top().slot;
    run.ready.pop();
    if (run.may_start(slot))
      launch_or_wait(run, slot, now);
    else
      find_place(run);  // skipped since, or asked for its weight anew
  }
}

std::vector<PoolRecord> Engine::pools() const {
  std::vector<PoolRecord> list;
  for (const auto& [name, pool] : state_->pools) {
    if (pool.is_stored || name == default_pool) list.push_back(pool.row);
  }
  return list;
}

std::vector<Engine::PoolUse> Engine::pool_use() const {
  std::vector<PoolUse> list;
  std::map<const PoolGate*, std::size_t> places;
  for (const auto& [name, pool] : state_->pools) {
    if (!pool.is_stored && name != default_pool) continue;
    places.emplace(&pool, list.size());
    PoolUse& use = list.emplace_back(PoolUse{.pool = pool.row, .occupied = pool.taken});
    use.deferred = pool.deferred;
    for (const auto& [size, tasks] : pool.waiting) use.scheduled += size * static_cast<std::int64_t>(tasks.size());
  }
  for (const auto& [token, attempt] : state_->outstanding) {
    const TaskSlot& slot = attempt.run->slots[attempt.slot];
    const auto place = places.find(attempt.run->progress[slot.task].pool);
    if (place == places.end() || slot.state == TaskState::deferred) continue;
    (slot.state == TaskState::queued ? list[place->second].queued : list[place->second].running) +=
        attempt.run->declared(attempt.slot).pool_slots;
  }
  return list;
}

}  // namespace venturi::engine
