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
// Nothing of this is a row of its own: the first instance's says how many there are, and after a restart those that are there
// how far it was.
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
  bool all = true;
  list.for_each_source([&](const MappedList& source) { all = all && (!source.task || has_ended(run, *source.task)); });
  return all;
}

// Of a mapped task's XCom: how many of its instances gave one.
std::int64_t given_by_instances(const Run& run, TaskIndex task, const std::string& key) {
  std::int64_t count = 0;
  for (const auto& [of, length] : run.lengths) {
    if (run.slots[of.first].task == task && of.second == key) ++count;
  }
  return count;
}

ListLength length_of_source(const Run& run, const MappedList& source) {
  if (!source.task) return source.length;
  if (run.dag->tasks[*source.task].is_mapped()) {
    if (!run.progress[*source.task].is_expanded) return std::nullopt;  // it was skipped, or failed before
    return given_by_instances(run, *source.task, source.key);
  }
  const auto found = run.lengths.find({run.first_slot(*source.task), source.key});
  return found == run.lengths.end() || found->second < 0 ? std::nullopt : ListLength(found->second);
}

template <class LengthOf>
std::optional<std::uint32_t> product_of(const std::vector<MappedList>& axes, const LengthOf& length_of_source) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max() / 4;
  std::int64_t product = 1;
  for (const MappedList& axis : axes) {
    const ListLength length = length_of_list(axis, length_of_source);
    if (!length) return std::nullopt;
    product = *length == 0 ? 0 : std::min(product, most / *length) * *length;
  }
  return static_cast<std::uint32_t>(product);
}

ListLength constant_length_of(const MappedList& source) {
  return source.task ? std::nullopt : ListLength(source.length);
}

// Which instances of a mapped task gave an XCom, in order; empty where all did.
std::vector<std::int32_t> those_that_gave(const Run& run, const MappedList& source) {
  std::vector<std::int32_t> map_indexes;
  if (!source.task || !run.dag->tasks[*source.task].is_mapped()) return map_indexes;
  for (const auto& [of, length] : run.lengths) {
    const TaskSlot& slot = run.slots[of.first];
    if (slot.task == *source.task && of.second == source.key) map_indexes.push_back(slot.map_index);
  }
  if (map_indexes.size() == run.progress[*source.task].instances) return {};
  std::ranges::sort(map_indexes);
  return map_indexes;
}

// What items_of() needs of the lists that a task is mapped over, as they are now.
void measure_sources(Run& run, TaskIndex task) {
  MappedProgress& progress = *run.progress[task].mapped;
  const std::vector<MappedList>& axes = run.dag->tasks[task].mapped_over;
  // Where there is one list alone, its items are the instances.
  const bool needs_lengths = axes.size() > 1 || axes.front().join != MappedList::Join::none;
  progress.source_lengths.clear();
  progress.sources_gave.clear();
  for (const MappedList& axis : axes) {
    axis.for_each_source([&](const MappedList& source) {
      if (needs_lengths) progress.source_lengths.push_back(length_of_source(run, source).value_or(0));
      progress.sources_gave.push_back(those_that_gave(run, source));
    });
  }
}

// It has `more` instances than were counted so far, or fewer (below 0).
void count_more(Run& run, TaskIndex task, std::int32_t by) {
  const auto more = static_cast<std::uint32_t>(by);  // counts go round
  run.progress[task].instances += more;
  run.unfinished += more;
  const Task& declared = run.dag->tasks[task];
  if (declared.edges_below) run.edges[*declared.edges_below].expected += more;
  for (const TaskIndex below : declared.edges_below ? TaskList() : declared.downstream) {
    if (below >= run.progress.size()) continue;  // tasks that are not created yet count for themselves
    if (!declared.is_in_group_of(run.dag->tasks[below])) run.progress[below].expected += more;
  }
}

void begin_expansion(Run& run, TaskIndex task, std::uint32_t instances) {
  TaskProgress& progress = run.progress[task];
  progress.will_expand = progress.is_expanded = true;
  count_more(run, task, static_cast<std::int32_t>(instances) - 1);
  measure_sources(run, task);
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
  const std::vector<MappedList>& axes = run.dag->tasks[task].mapped_over;
  length.is_open = !std::ranges::all_of(axes, [&](const MappedList& axis) { return have_ended(run, axis); });
  if (!length.is_open)
    length.instances = product_of(axes, [&](const MappedList& source) { return length_of_source(run, source); });
  return length;
}

std::optional<std::uint32_t> constant_length(const Task& task) {
  if (!task.is_mapped()) return std::nullopt;
  return product_of(task.mapped_over, constant_length_of);
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
  const SlotIndex first = run.first_slot(task);
  if (map_index == 0 && (run.slots[first].state != TaskState::none || run.sweep)) {  // skipped while it waited for its turn
    run.progress[task].will_expand = false;
    run.expansions.pop_front();
    return end_if_done(run, now);
  }
  if (static_cast<std::uint32_t>(++expansion.next) == instances) run.expansions.pop_front();
  const Task& declared = run.dag->tasks[task];
  TaskProgress& progress = run.progress[task];
  SlotIndex index = first;
  if (map_index == 0) {
    progress.mapped = std::make_unique<MappedProgress>();
    begin_expansion(run, task, instances);
    run.slots[first].map_index = 0;
    run.slots[first].instances = instances;
    // What it gave when its task was not mapped is not what this instance gives.
    run.lengths.erase(run.lengths.lower_bound({first, {}}), run.lengths.lower_bound({first + 1, {}}));
    mark(run, first);
    for (const TaskIndex below : declared.downstream) {
      if (declared.is_in_group_of(run.dag->tasks[below])) run.to_judge.push_back(below);
    }
  } else {
    index = static_cast<SlotIndex>(run.slots.size());
    add_slot(run, task, map_index, now);
    run.place_instance(progress, index);
  }
  ++progress.made;
  if (declared.mapped_group) progress.mapped->by_index.push_back(finished_beside(run, declared, map_index));
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
  const TaskSlot& first = run.slots[run.first_slot(task)];
  if (!run.progress[task].will_expand && first.state == TaskState::none && !first.is_absent) {
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
  measure_sources(run, task);
  if (!length.instances || *length.instances > most_instances || progress.made < progress.instances) return true;
  for (auto i = static_cast<std::int32_t>(*length.instances); const auto slot = run.instance(task, i); ++i) {
    if (run.slots[*slot].state != TaskState::none) continue;
    run.slots[*slot].end_date = now;
    set_state(run, *slot, TaskState::removed, "the list that it is mapped over has become shorter");
  }
  if (*length.instances > progress.made) {
    count_more(run, task, static_cast<std::int32_t>(*length.instances - progress.made));
    run.slots[run.first_slot(task)].instances = *length.instances;
    mark(run, run.first_slot(task));
    run.expansions.push_back({task, *length.instances, static_cast<std::int32_t>(progress.made)});
    add_work(run);
  }
  return true;
}

// Instances are cleared while others are still to be made: how many there are is asked anew when the rule lets them run. Those
// that have a rule each, or a constant's length, are all made.
void Engine::State::cut_expansion(Run& run, TaskIndex task) {
  TaskProgress& progress = run.progress[task];
  if (progress.made == progress.instances || is_judged_by_instance(run.dag->tasks[task])) return;
  std::erase_if(run.expansions, [&](const Expansion& expansion) { return expansion.task == task; });
  count_more(run, task, static_cast<std::int32_t>(progress.made) - static_cast<std::int32_t>(progress.instances));
  run.slots[run.first_slot(task)].instances = progress.made;
  mark(run, run.first_slot(task));
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

// Its slots are taken up.
void Engine::State::load_lengths(Run& run, const std::vector<const XComLength*>& lengths) {
  std::map<std::pair<std::string_view, std::int32_t>, SlotIndex> gone;
  for (const auto& [slot, row] : run.gone) gone.emplace(std::pair(std::string_view(row.task_id), row.map_index), slot);
  const auto slot_of = [&](const XComLength& length) -> std::optional<SlotIndex> {
    if (const auto found = gone.find({length.task_id, length.map_index}); found != gone.end()) return found->second;
    const auto task = run.dag->find_task(length.task_id);
    if (!task || *task >= run.progress.size()) return std::nullopt;
    const SlotIndex index = run.first_slot(*task);
    const TaskSlot& first = run.slots[index];
    if (first.is_absent) return std::nullopt;
    if (first.map_index == length.map_index) return index;
    return first.map_index >= 0 && length.map_index > 0 ? run.instance(*task, length.map_index) : std::nullopt;
  };
  for (const XComLength* length : lengths) {
    if (const auto slot = slot_of(*length)) run.lengths[{*slot, length->key}] = length->length;
  }
}

// How many instances the task has if it is expanded, and what was still to be made or judged.
void Engine::State::load_expansion(Run& run, TaskIndex task) {
  TaskProgress& progress = run.progress[task];
  const Task& declared = run.dag->tasks[task];
  const TaskSlot& first = run.slots[run.first_slot(task)];
  if (progress.made == 0) {
    const auto known =
        declared.is_mapped() && first.state == TaskState::none && !first.is_absent ? constant_length(declared) : std::nullopt;
    if (!known || *known == 0 || *known > most_instances) return;
    progress.will_expand = true;
    run.expansions.push_back({task, *known, 0});
    return;
  }
  // Without a rule of their own, only those that were cleared wait.
  const bool by_instance = is_judged_by_instance(declared), was_cleared = progress.to_revise && !by_instance;
  // A row that an older Venturi wrote does not say how many there are.
  const std::uint32_t expected = first.instances > 0 ? first.instances
                                 : was_cleared       ? progress.made
                                                     : length_of(run, task).instances.value_or(0);
  const std::uint32_t instances = std::max(expected, progress.made);
  begin_expansion(run, task, instances);
  if (declared.mapped_group) progress.mapped->by_index.resize(progress.made);
  if (progress.made < instances) run.expansions.push_back({task, instances, static_cast<std::int32_t>(progress.made)});
  if (by_instance || was_cleared) run.judgings.push_back({task, 0, {}});
}

}  // namespace venturi::engine
