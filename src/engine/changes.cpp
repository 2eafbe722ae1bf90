// Which rows a batch writes: each that changed, once, as it is at the batch's end.
#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

bool Changes::empty() const {
  return dags.empty() && gone_dags.empty() && deleted_dags.empty() && dag_states.empty() && runs.empty() &&
         task_instances.empty() && ended_tries.empty() && outbox.empty() && outbox_done.empty() && pools.empty() &&
         deleted_pools.empty() && assets.empty() && asset_aliases.empty() && aliased_assets.empty() && asset_events.empty() &&
         queued_assets.empty() && unqueued_assets.empty() && partitioned_runs.empty() && partitioned_events.empty() &&
         backfills.empty() && backfill_dag_runs.empty() && transitions.empty() && !next_sequence;
}

TaskInstance Run::task_instance(SlotIndex i) const {
  if (const auto found = gone.find(i); found != gone.end()) return found->second;
  const TaskSlot& slot = slots[i];
  TaskInstance ti;
  ti.no = row.first_task_instance + i;
  ti.run = row.no;
  ti.task_id = dag->tasks[slot.task].task_id;
  ti.map_index = slot.map_index;
  ti.instances = static_cast<std::int32_t>(slot.instances);
  ti.state = slot.state;
  ti.end_reason = slot.end_reason;
  ti.end_detail = slot.end_detail;
  ti.try_number = slot.try_number;
  ti.max_tries = slot.max_tries;
  ti.losses = slot.losses;
  ti.id = slot.id;
  ti.token = slot.token;
  ti.queued_at = slot.queued_at.optional();
  ti.start_date = slot.start_date.optional();
  ti.end_date = slot.end_date.optional();
  ti.next_try_at = slot.next_try_at.optional();
  ti.pid = slot.pid;
  if (slot.error) ti.error = *slot.error;
  if (const auto deferral = deferrals.find(i); deferral != deferrals.end()) ti.deferral = deferral->second;
  if (const auto weight = weights.find(i); weight != weights.end()) ti.priority_weight = weight->second;
  return ti;
}

void Engine::State::mark(DagMachine& m) {
  if (!std::exchange(m.row_dirty, true)) dirty_machines.push_back(&m);
}

void Engine::State::mark(Run& run) {
  run.row_dirty = true;
  if (!std::exchange(run.is_dirty, true)) dirty_runs.push_back(&run);
}

void Engine::State::mark(Run& run, SlotIndex slot) {
  if (!std::exchange(run.slots[slot].dirty, true)) run.dirty_slots.push_back(slot);
  if (!std::exchange(run.is_dirty, true)) dirty_runs.push_back(&run);
}

void Engine::State::note(const Run& run, Transition transition) {
  changes.transitions.push_back(std::move(transition));
  changes.transition_runs.push_back(run.row.no);
}

Changes Engine::State::take_changes() {
  std::ranges::sort(dirty_machines, {}, [](const DagMachine* m) -> std::string_view { return m->row.dag_id; });
  for (DagMachine* m : std::exchange(dirty_machines, {})) {
    m->row_dirty = false;
    changes.dag_states.push_back(m->row);
  }
  std::ranges::sort(dirty_runs, {}, [](const Run* run) { return run->row.no; });
  for (Run* run : std::exchange(dirty_runs, {})) {
    if (std::exchange(run->row_dirty, false)) changes.runs.push_back(run->row);
    std::ranges::sort(run->dirty_slots);
    for (const SlotIndex slot : std::exchange(run->dirty_slots, {})) {
      run->slots[slot].dirty = false;
      changes.task_instances.push_back(run->task_instance(slot));
    }
    run->is_dirty = false;
  }
  if (std::exchange(sequence_changed, false)) changes.next_sequence = next_sequence;
  for (auto& [id, row] : std::exchange(changed_backfills, {})) changes.backfills.push_back(std::move(row));
  ended_runs.clear();
  return std::exchange(changes, {});
}

}  // namespace venturi::engine
