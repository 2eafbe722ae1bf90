// Mapped tasks (Airflow's expand), and those of mapped task groups. Until its trigger rule lets it run, one has one task
// instance without a map_index; then that one becomes the instance with map_index 0, and the others are made, in slices, one
// task after the other:
//
//   none ─judged, lengths known─▶ expand ─▶ map_index 0 … n-1 ─▶ each on its own from here
//                                   └─ 0 ─▶ skipped         lengths cannot be known ─▶ upstream_failed
//
// A task that is mapped over constants only is expanded when the run is created. Its instances, and those of a mapped group's
// tasks, are judged each; the others' rule was asked before they were made.
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
  return task < run.progress.size() && run.progress[task].ended == run.progress[task].instances;
}

bool have_ended(const Run& run, const MappedList& list) {
  return (!list.task || has_ended(run, *list.task)) &&
         std::ranges::all_of(list.behind, [&](const MappedList& behind) { return have_ended(run, behind); });
}

// Of a mapped task's XCom: how many of its instances gave one.
std::int64_t given_by_instances(const Run& run, TaskIndex task, const std::string& key) {
  std::int64_t count = 0;
  for (const auto& [of, length] : run.lengths) {
    if (run.slots[of.first].task == task && of.second == key) ++count;
  }
  return count;
}

using ListLength = std::optional<std::int64_t>;  // nothing: there is none

ListLength length_of_one(const Run& run, const MappedList& list) {
  if (!list.task) return list.length;
  if (run.dag->tasks[*list.task].is_mapped()) {
    if (!run.progress[*list.task].is_expanded) return std::nullopt;  // it was skipped, or failed before
    return given_by_instances(run, *list.task, list.key);
  }
  const auto found = run.lengths.find({*list.task, list.key});
  return found == run.lengths.end() || found->second < 0 ? std::nullopt : ListLength(found->second);
}

ListLength length_of_list(const Run& run, const MappedList& list) {
  ListLength length = length_of_one(run, list);
  for (const MappedList& behind : list.behind) {
    const ListLength more = length_of_list(run, behind);
    length = length && more ? ListLength(*length + *more) : std::nullopt;
  }
  return length;
}

template <class LengthOf>
ListLength length_of_axis(const MappedAxis& axis, LengthOf length_of_list) {
  ListLength length;
  for (const MappedList& list : axis) {
    const ListLength found = length_of_list(list);
    if (!found) return std::nullopt;
    length = !length ? found : axis.is_longest ? std::max(length, found) : std::min(length, found);
  }
  return length;
}

template <class LengthOf>
std::optional<std::uint32_t> product_of(const std::vector<MappedAxis>& axes, LengthOf length_of_list) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max() / 4;
  std::int64_t product = 1;
  for (const MappedAxis& axis : axes) {
    const ListLength length = length_of_axis(axis, length_of_list);
    if (!length) return std::nullopt;
    product = *length == 0 ? 0 : std::min(product, most / *length) * *length;
  }
  return static_cast<std::uint32_t>(product);
}

ListLength constant_length_of(const MappedList& list) {
  ListLength length = list.task ? std::nullopt : ListLength(list.length);
  for (const MappedList& behind : list.behind) {
    const ListLength more = constant_length_of(behind);
    length = length && more ? ListLength(*length + *more) : std::nullopt;
  }
  return length;
}

// It has `more` instances than were counted so far.
void count_more(Run& run, TaskIndex task, std::uint32_t more) {
  run.progress[task].instances += more;
  run.unfinished += more;
  const Task& declared = run.dag->tasks[task];
  for (const TaskIndex below : declared.downstream) {
    if (below >= run.progress.size()) continue;  // tasks that are not created yet count for themselves
    if (!declared.is_in_group_of(run.dag->tasks[below])) run.progress[below].expected += more;
  }
}

void begin_expansion(Run& run, TaskIndex task, std::uint32_t instances) {
  TaskProgress& progress = run.progress[task];
  progress.will_expand = progress.is_expanded = true;
  count_more(run, task, instances - 1);
  const Task& declared = run.dag->tasks[task];
  for (const TaskIndex below : declared.downstream) {
    if (below >= run.progress.size() || !declared.is_in_group_of(run.dag->tasks[below])) continue;
    --run.progress[below].expected;
    ++run.progress[below].expected_by_index;
  }
}

// Its rule is asked for each instance.
bool is_judged_by_instance(const Task& task) {
  return task.mapped_group || constant_length(task);
}

// What an instance that is being made finds of its upstreams in the group.
FinishedUpstreams finished_beside(const Run& run, const Task& task, std::int32_t map_index) {
  FinishedUpstreams finished;
  for (const TaskIndex upstream : task.upstream) {
    if (!task.is_in_group_of(run.dag->tasks[upstream]) || !run.progress[upstream].is_expanded) continue;
    const auto slot = run.instance(upstream, map_index);
    if (slot && run.slots[*slot].counted) finished.count(run.slots[*slot].state, 1);
  }
  return finished;
}

}  // namespace

Length length_of(const Run& run, TaskIndex task) {
  Length length;
  const std::vector<MappedAxis>& axes = run.dag->tasks[task].mapped_over;
  length.is_open = !std::ranges::all_of(axes, [&](const MappedAxis& axis) {
    return std::ranges::all_of(axis, [&](const MappedList& list) { return have_ended(run, list); });
  });
  if (!length.is_open) length.instances = product_of(axes, [&](const MappedList& list) { return length_of_list(run, list); });
  return length;
}

std::optional<std::uint32_t> constant_length(const Task& task) {
  if (!task.is_mapped()) return std::nullopt;
  return product_of(task.mapped_over, constant_length_of);
}

std::vector<std::int64_t> axis_lengths(const Run& run, TaskIndex task) {
  std::vector<std::int64_t> lengths;
  for (const MappedAxis& axis : run.dag->tasks[task].mapped_over) {
    lengths.push_back(length_of_axis(axis, [&](const MappedList& list) { return length_of_list(run, list); }).value_or(0));
  }
  return lengths;
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
    run.progress[task].will_expand = false;
    run.expansions.pop_front();
    return end_if_done(run, now);
  }
  if (static_cast<std::uint32_t>(++expansion.next) == instances) run.expansions.pop_front();
  const Task& declared = run.dag->tasks[task];
  TaskProgress& progress = run.progress[task];
  SlotIndex index = task;
  if (map_index == 0) {
    begin_expansion(run, task, instances);
    run.slots[task].map_index = 0;
    mark(run, task);
    for (const TaskIndex below : declared.downstream) {
      if (declared.is_in_group_of(run.dag->tasks[below])) run.to_judge.push_back(below);
    }
  } else {
    index = static_cast<SlotIndex>(run.slots.size());
    add_slot(run, task, map_index, now);
    run.place_instance(progress, index);
  }
  ++progress.made;
  if (declared.mapped_group) progress.by_index.push_back(finished_beside(run, declared, map_index));
  if (is_judged_by_instance(declared)) {
    judge_instance(run, index, {}, now);
    return end_if_done(run, now);
  }
  make_ready(run, index, "mapped over " + std::to_string(instances) + " items");
}

// All instances of a task that is expanded, or can be, at once: somebody is going to say what becomes of them.
void Engine::State::make_instances(Run& run, TaskIndex task, Time now) {
  if (!run.dag->tasks[task].is_mapped()) return;
  while (run.progress.size() < run.dag->tasks.size()) create_task(run, now);
  if (!run.progress[task].will_expand && run.slots[task].state == TaskState::none && !run.slots[task].is_absent) {
    const Length length = length_of(run, task);
    if (length.is_open || !length.instances || *length.instances == 0 || *length.instances > most_instances) return;
    expand(run, task, *length.instances);
  }
  while (std::ranges::any_of(run.expansions, [&](const Expansion& e) { return e.task == task; })) continue_expansion(run, now);
}

// Some instances were cleared, and what they are mapped over may have run again: those behind the end of a list that is shorter
// now are removed, those that it has got in addition are made. False: a list is not there yet.
bool Engine::State::revise(Run& run, TaskIndex task, Time now) {
  TaskProgress& progress = run.progress[task];
  const Length length = length_of(run, task);
  if (length.is_open) return false;
  progress.to_revise = false;
  if (!length.instances || *length.instances > most_instances || progress.made < progress.instances) return true;
  for (auto i = static_cast<std::int32_t>(*length.instances); const auto slot = run.instance(task, i); ++i) {
    if (run.slots[*slot].state != TaskState::none) continue;
    run.slots[*slot].end_date = now;
    set_state(run, *slot, TaskState::removed, "the list that it is mapped over has become shorter");
  }
  if (*length.instances > progress.made) {
    count_more(run, task, *length.instances - progress.made);
    run.expansions.push_back({task, *length.instances, static_cast<std::int32_t>(progress.made)});
    add_work(run);
  }
  return true;
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

// How many instances expanded tasks have, and what was still to be made or judged.
void Engine::State::load_expansions(Run& run) {
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const TaskSlot& slot = run.slots[i];
    if (slot.map_index < 0) continue;
    TaskProgress& progress = run.progress[slot.task];
    ++progress.made;
    run.place_instance(progress, i);
    if (slot.state == TaskState::none) progress.to_revise = true;
  }
  for (TaskIndex task = 0; task < run.progress.size(); ++task) {
    TaskProgress& progress = run.progress[task];
    const Task& declared = run.dag->tasks[task];
    if (progress.made == 0) {
      const auto known = declared.is_mapped() && run.slots[task].state == TaskState::none && !run.slots[task].is_absent
                             ? constant_length(declared)
                             : std::nullopt;
      if (!known || *known == 0 || *known > most_instances) continue;
      progress.will_expand = true;
      run.expansions.push_back({task, *known, 0});
      continue;
    }
    // Without a rule of their own, only those that were cleared wait.
    const bool by_instance = is_judged_by_instance(declared), was_cleared = progress.to_revise && !by_instance;
    const std::uint32_t instances =
        was_cleared ? progress.made : std::max(length_of(run, task).instances.value_or(0), progress.made);
    begin_expansion(run, task, instances);
    if (declared.mapped_group) progress.by_index.resize(progress.made);
    if (progress.made < instances) run.expansions.push_back({task, instances, static_cast<std::int32_t>(progress.made)});
    if (by_instance || was_cleared) run.judgings.push_back({task, 0, {}});
  }
}

}  // namespace venturi::engine
