// A run that follows its DAG as it is now, though that has other tasks (Airflow's DagRun.verify_integrity): new tasks get a
// task instance, those of tasks that are gone are `removed`, whatever they were, and those of tasks that came back are to run
// again.
//
// Task instances keep their numbers. So they do not stand in the order of the DAG's tasks any more (DagRun::is_renumbered): new
// ones come behind all others, and rows of tasks that are gone stay in between, as Run::gone. Of a task that is mapped now, or
// is not any more, either the instance without a map_index counts or those with one; the others are removed. Which of them
// follows from the rows: find_first_slots() after a start has to find what follow() left.
//
// Unlike what is cleared with it, this is done in one piece, and its cost grows with the run: a person asks for it.
#include "engine/following.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"
#include "engine/mapping.h"

namespace venturi::engine {
namespace {

bool has_same_tasks(const Dag& a, const Dag& b) {
  return std::ranges::equal(a.tasks, b.tasks, [](const Task& one, const Task& other) {
    return one.task_id == other.task_id && one.is_mapped() == other.is_mapped() && one.mapped_group == other.mapped_group &&
           constant_length(one) == constant_length(other);
  });
}

constexpr SlotIndex no_slot = static_cast<SlotIndex>(-1);

}  // namespace

std::optional<Error> room_trouble(const DagRun& row, const Dag& followed, const Dag& latest) {
  if (row.task_instance_numbers > 0 || has_same_tasks(followed, latest)) return std::nullopt;
  return Error{ErrorKind::conflict,
               "the run was made by an older Venturi, which left no numbers for task instances of other tasks",
               "dag " + row.dag_id + ", run " + row.run_id, "clear it by the version that it began with, or trigger a new run"};
}

std::optional<TaskSelection> selection_in(const Change& change, const Dag& followed, const Dag& latest) {
  TaskSelection selection{.only_failed = change.selection.only_failed, .only_running = change.selection.only_running};
  if (change.selection.tasks.empty()) return selection;
  for (TaskSelection::Named& one : change.cleared.named(followed)) {
    if (latest.find_task(one.task_id)) selection.tasks.push_back(std::move(one));
  }
  return selection.tasks.empty() ? std::nullopt : std::optional(std::move(selection));
}

void leave_out(Run& run, SlotIndex index, TaskInstance row) {
  TaskSlot& slot = run.slots[index];
  slot.task = no_task;
  slot.is_absent = true;
  slot.counted = false;
  slot.state = TaskState::removed;
  run.deferrals.erase(index);
  run.gone.insert_or_assign(index, std::move(row));
}

std::map<std::string, Engine::State::SlotsOfTask, std::less<>> Engine::State::slots_by_task(const Run& run) {
  std::map<std::string, SlotsOfTask, std::less<>> all;
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const auto gone = run.gone.find(i);
    if (run.slots[i].is_absent && gone == run.gone.end()) continue;
    const bool is_gone = gone != run.gone.end();
    SlotsOfTask& of = all[is_gone ? gone->second.task_id : run.declared(i).task_id];
    if ((is_gone ? gone->second.map_index : run.slots[i].map_index) < 0)
      of.single = i;
    else
      of.instances.push_back(i);
  }
  return all;
}

void Engine::State::follow(Run& run, const std::shared_ptr<const Dag>& version, const std::string& cause, Time now) {
  while (run.progress.size() < run.dag->tasks.size()) create_task(run, now);
  let_go(run);
  close_gates(run);
  run.task_gates.clear();
  std::map<std::string, SlotsOfTask, std::less<>> had;
  const bool is_other = !has_same_tasks(*run.dag, *version);
  if (is_other) had = slots_by_task(run);
  for (const auto& [task_id, slots] : had) {
    const auto task = version->find_task(task_id);
    const bool is_mapped = task && version->tasks[*task].is_mapped();
    const char* why = !task       ? "the DAG does not have its task any more"
                      : is_mapped ? "its task is mapped now"
                                  : "its task is not mapped any more";
    if (slots.single && (!task || (is_mapped && !slots.instances.empty()))) give_up(run, *slots.single, why, now);
    if (is_mapped) continue;
    for (const SlotIndex slot : slots.instances) give_up(run, slot, why, now);
  }
  const auto from = std::exchange(run.dag, version);
  run.row.dag_version_id = version->version_id;
  mark(run);
  note(run, {0, TaskState::none, TaskState::none, run.row.state, 0, "it follows the DAG as it is now: " + cause});
  if (is_other) {
    run.row.is_renumbered = true;
    run.first.assign(version->tasks.size(), no_slot);
    for (TaskSlot& slot : run.slots) {  // those that are free: tasks that need one take it below
      if (slot.is_absent) slot.task = no_task;
    }
    SlotIndex free = 0;
    for (TaskIndex task = 0; task < version->tasks.size(); ++task) {
      const auto found = had.find(version->tasks[task].task_id);
      const SlotsOfTask slots = found == had.end() ? SlotsOfTask{} : found->second;
      if (slots.instances.empty() && !slots.single && !has_instance(run.row, version->tasks[task]))
        take_absent_slot(run, task, free);
      else
        follow_task(run, task, slots, *from, now);
    }
  }
  forget_weights(run);
  take_up(run);
}

void Engine::State::follow_task(Run& run, TaskIndex task, const SlotsOfTask& had, const Dag& from, Time now) {
  const Task& declared = run.dag->tasks[task];
  if (declared.is_mapped() && !had.instances.empty()) {
    run.first[task] = had.instances.front();
    for (const SlotIndex slot : had.instances) keep(run, slot, task, now);
    // Of constants it is known at once how many there are; otherwise it is found out when they are let run.
    auto instances = static_cast<std::uint32_t>(had.instances.size());
    if (const auto known = constant_length(declared); known && *known <= most_instances) {
      for (std::uint32_t i = *known; i < instances; ++i) {
        TaskSlot& slot = run.slots[had.instances[i]];
        if (slot.state == TaskState::removed) continue;
        mark_removed(run, had.instances[i], "the list that it is mapped over has become shorter", now);
      }
      instances = std::max(instances, *known);
    }
    run.slots[run.first[task]].instances = instances;
    return mark(run, run.first[task]);
  }
  if (had.single) {
    run.first[task] = *had.single;
    keep(run, *had.single, task, now);
    const auto before = from.find_task(declared.task_id);
    if (declared.is_mapped() && before && !from.tasks[*before].is_mapped())
      run_anew(run, *had.single, "its task is mapped now", now);
    return;
  }
  run.first[task] = static_cast<SlotIndex>(run.slots.size());
  add_slot(run, task, -1, now);
}

// Its row stays, as removed.
void Engine::State::give_up(Run& run, SlotIndex index, const std::string& cause, Time now) {
  if (run.gone.contains(index)) return;
  mark_removed(run, index, cause, now);
  TaskInstance row = run.task_instance(index);
  leave_out(run, index, std::move(row));
}

void Engine::State::mark_removed(Run& run, SlotIndex index, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = slot.state;
  if (from == TaskState::removed) return;
  if (is_launched(slot)) {
    fence(slot, EndReason::killed);
    slot.end_reason = EndReason::killed;
    slot.end_date.reset();
  }
  slot.state = TaskState::removed;
  if (!slot.end_date) slot.end_date = now;
  slot.next_try_at.reset();
  slot.same_try = false;
  run.deferrals.erase(index);
  mark(run, index);
  note(run, {run.row.first_task_instance + index, from, TaskState::removed, RunState::queued, slot.try_number, cause});
}

// Under its task of now. One that was removed is to run again.
void Engine::State::keep(Run& run, SlotIndex index, TaskIndex task, Time now) {
  TaskSlot& slot = run.slots[index];
  if (const auto gone = run.gone.find(index); gone != run.gone.end()) {
    slot.map_index = gone->second.map_index;
    slot.is_absent = false;
    TaskInstance row = std::move(gone->second);
    run.gone.erase(gone);
    slot.try_number = row.try_number;
    slot.id = row.id;
    slot.start_date = row.start_date;
    slot.end_date = row.end_date;
    slot.end_reason = row.end_reason;
    slot.token = row.token;
  }
  slot.task = task;
  if (slot.state == TaskState::removed) run_anew(run, index, "its task is there again", now);
}

// Counts nothing: take_up() follows.
void Engine::State::run_anew(Run& run, SlotIndex index, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = slot.state;
  if (from == TaskState::none || from == TaskState::restarting) return;
  slot.max_tries = slot.try_number + run.declared(index).retries;
  if (is_under_way(from)) {
    slot.state = TaskState::restarting;
    effects.emplace_back(Kill{slot.token, EndReason::cleared});
  } else {
    if (is_launched(slot)) fence(slot, EndReason::cleared);
    reset(run, index, now);
    slot.state = TaskState::none;
  }
  mark(run, index);
  note(run, {run.row.first_task_instance + index, from, slot.state, RunState::queued, slot.try_number, cause});
}

// Of a task whose dates exclude the run: a slot without a row, from `free` on.
void Engine::State::take_absent_slot(Run& run, TaskIndex task, SlotIndex& free) {
  const auto is_free = [&](SlotIndex i) {
    return run.slots[i].is_absent && run.slots[i].task == no_task && !run.gone.contains(i);
  };
  while (free < run.slots.size() && !is_free(free)) ++free;
  if (free == run.slots.size()) {
    add_absent_slot(run);
    ++run.row.created_task_instances;
  }
  run.slots[free].task = task;
  run.first[task] = free++;
}

// Of a run that is renumbered, as its rows say; before the slots are taken up.
void Engine::State::find_first_slots(Run& run) {
  if (!run.row.is_renumbered) return;
  const auto tasks = static_cast<TaskIndex>(run.dag->tasks.size());
  run.first.assign(tasks, no_slot);
  std::vector<SlotIndex> singles(tasks, no_slot);
  for (SlotIndex i = 0; i < run.slots.size(); ++i) {
    const TaskSlot& slot = run.slots[i];
    if (slot.is_absent) continue;
    if (slot.map_index < 0)
      singles[slot.task] = i;
    else if (!run.dag->tasks[slot.task].is_mapped())
      leave_out(run, i, run.task_instance(i));
    else if (slot.map_index == 0)
      run.first[slot.task] = i;
  }
  SlotIndex free = 0;
  for (TaskIndex task = 0; task < tasks; ++task) {
    if (run.first[task] != no_slot) {
      if (singles[task] != no_slot) leave_out(run, singles[task], run.task_instance(singles[task]));
      continue;
    }
    run.first[task] = singles[task];
    if (singles[task] != no_slot) continue;
    while (free < run.slots.size() && !(run.slots[free].is_absent && !run.gone.contains(free))) ++free;
    if (free == run.slots.size()) {
      run.slots.emplace_back().is_absent = true;
      ++run.row.created_task_instances;
    }
    run.slots[free].task = task;
    run.first[task] = free++;
  }
}

}  // namespace venturi::engine
