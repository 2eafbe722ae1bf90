// Mapped tasks (Airflow's expand). Until its trigger rule lets it run, a mapped task has one task instance without a map_index.
// Then that one becomes the instance with map_index 0, and the others are made, in slices, one task after the other:
//
//   none ─judged, lengths known─▶ expand ─▶ map_index 0 … n-1 ─▶ scheduled, each on its own from here
//                                   └─ 0 ─▶ skipped         lengths cannot be known ─▶ upstream_failed
//
// Nothing of this is a row of its own: after a restart the instances that are there, and the lengths of the XComs, say how far
// it was.
#include "engine/mapping.h"

#include <algorithm>
#include <limits>
#include <map>

#include "engine/engine_state.h"

namespace venturi::engine {

namespace {

bool has_ended(const Run& run, TaskIndex task) {
  return run.progress[task].ended == run.progress[task].instances;
}

// Of a mapped task's XCom: how many of its instances gave one.
std::int64_t given_by_instances(const Run& run, TaskIndex task, const std::string& key) {
  std::int64_t count = 0;
  for (const auto& [of, length] : run.lengths) {
    if (run.slots[of.first].task == task && of.second == key) ++count;
  }
  return count;
}

std::optional<std::int64_t> length_of_list(const Run& run, const MappedList& list) {
  if (!list.task) return list.length;
  if (run.dag->tasks[*list.task].is_mapped()) {
    if (!run.progress[*list.task].is_expanded) return std::nullopt;  // it was skipped, or failed before
    return given_by_instances(run, *list.task, list.key);
  }
  const auto found = run.lengths.find({*list.task, list.key});
  return found == run.lengths.end() || found->second < 0 ? std::nullopt : std::optional<std::int64_t>(found->second);
}

void begin_expansion(Run& run, TaskIndex task, std::uint32_t instances) {
  TaskProgress& progress = run.progress[task];
  progress.will_expand = progress.is_expanded = true;
  progress.instances = instances;
  run.unfinished += instances - 1;
  // Tasks that are not created yet count for themselves.
  for (const TaskIndex below : run.dag->tasks[task].downstream) {
    if (below < run.progress.size()) run.progress[below].expected += instances - 1;
  }
}

}  // namespace

Length length_of(const Run& run, TaskIndex task) {
  Length length;
  std::optional<std::int64_t> product = 1;
  for (const MappedAxis& axis : run.dag->tasks[task].mapped_over) {
    std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
    for (const MappedList& list : axis) {
      if (list.task && !has_ended(run, *list.task)) length.is_open = true;
      const auto found = length_of_list(run, list);
      if (!found)
        product.reset();
      else
        shortest = std::min(shortest, *found);
    }
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max() / 4;
    if (product) product = shortest == 0 ? 0 : std::min(*product, most / shortest) * shortest;
  }
  if (product) length.instances = static_cast<std::uint32_t>(*product);
  return length;
}

void Engine::State::expand(Run& run, TaskIndex task, std::uint32_t instances) {
  run.progress[task].will_expand = true;
  run.expansions.push_back({task, instances, 0});
  add_work(run);
}

// One instance.
void Engine::State::continue_expansion(Run& run, Time now) {
  Expansion& expansion = run.expansions.front();
  const auto [task, instances, map_index] = expansion;
  if (map_index == 0 && (run.slots[task].state != TaskState::none || run.sweep)) {  // skipped while it waited for its turn
    run.expansions.pop_front();
    return end_if_done(run, now);
  }
  if (static_cast<std::uint32_t>(++expansion.next) == instances) run.expansions.pop_front();
  SlotIndex index = task;
  if (map_index == 0) {
    begin_expansion(run, task, instances);
    run.slots[task].map_index = 0;
    mark(run, task);
  } else {
    index = static_cast<SlotIndex>(run.slots.size());
    add_slot(run, task, map_index, now);
  }
  make_ready(run, index, "mapped over " + std::to_string(instances) + " items");
}

void Engine::State::take_length(const XComChanged& e) {
  const auto found = outstanding.find(e.token);
  if (found == outstanding.end()) return;
  const auto [run, slot] = found->second;
  const auto& keys = run->declared(slot).mapped_keys;
  if (std::ranges::find(keys, e.key) == keys.end()) return;
  if (e.length)
    run->lengths[{slot, e.key}] = *e.length;
  else
    run->lengths.erase({slot, e.key});
}

// ---- after a start -------------------------------------------------------------------------------------------------------

void Engine::State::load_lengths(Run& run, const std::vector<const XComLength*>& lengths) {
  if (lengths.empty()) return;
  std::map<std::pair<TaskIndex, std::int32_t>, SlotIndex> slots;
  for (SlotIndex i = 0; i < run.slots.size(); ++i) slots.emplace(std::pair(run.slots[i].task, run.slots[i].map_index), i);
  for (const XComLength* length : lengths) {
    const auto task = run.dag->find_task(length->task_id);
    const auto slot = task ? slots.find({*task, length->map_index}) : slots.end();
    if (slot != slots.end()) run.lengths[{slot->second, length->key}] = length->length;
  }
}

// How many instances expanded tasks have, and what was still to be made.
void Engine::State::load_expansions(Run& run) {
  std::vector<std::int32_t> made(run.progress.size());
  for (const TaskSlot& slot : run.slots) {
    if (slot.map_index >= 0) ++made[slot.task];
  }
  for (TaskIndex task = 0; task < run.progress.size(); ++task) {
    if (made[task] == 0) continue;
    const auto count = static_cast<std::uint32_t>(made[task]);
    const std::uint32_t instances = std::max(length_of(run, task).instances.value_or(0), count);
    begin_expansion(run, task, instances);
    if (count < instances) run.expansions.push_back({task, instances, made[task]});
  }
}

}  // namespace venturi::engine
