// Task instances that are to run again (Airflow's clear_task_instances). What the states of the others mean is worked out anew,
// as after a start: it costs as much as the run is large, and happens when a person or an operator asks for it.
//
//   finished, waiting ─cleared─▶ none        queued, running ─cleared─▶ restarting ─killed, or ended by itself─▶ none
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

std::string cause_of(const ClearTasks& e) {
  return e.user.empty() ? "cleared" : "cleared by " + e.user;
}

// Whether its last try is in the history of tries already, or there was none.
bool is_recorded(const TaskSlot& slot) {
  return !slot.start_date || (slot.next_try_at && !slot.same_try);
}

// Why a run of `followed` cannot go on as `latest`: nothing where it can.
std::string what_differs(const Dag& followed, const Dag& latest) {
  std::string differences;
  const auto note = [&](const char* what, const Dag& has, const Dag& lacks) {
    for (const Task& task : has.tasks) {
      if (!lacks.find_task(task.task_id))
        differences += fmt::format("{}{} {}", differences.empty() ? "" : ", ", what, task.task_id);
    }
  };
  note("without", followed, latest);
  note("with", latest, followed);
  if (!differences.empty()) return differences;
  for (TaskIndex i = 0; i < followed.tasks.size(); ++i) {
    const Task &before = followed.tasks[i], &now = latest.tasks[i];
    if (before.task_id != now.task_id) return "in another order";
    if (before.is_mapped() != now.is_mapped() || before.mapped_group.has_value() != now.mapped_group.has_value())
      return fmt::format("and {} is mapped otherwise", now.task_id);
  }
  return {};
}

}  // namespace

// The version that a run follows from its clearing on; an error where that is asked for and cannot be.
Result<std::shared_ptr<const Dag>> Engine::State::version_after(const ClearTasks& e, const DagMachine& m,
                                                                const std::shared_ptr<const Dag>& followed) const {
  const bool is_wanted = e.latest_version.value_or(m.dag->rerun_with_latest_version.value_or(config.rerun_with_latest_version));
  if (!is_wanted || m.dag->version_id == followed->version_id) return followed;
  const std::string differences = what_differs(*followed, *m.dag);
  if (differences.empty()) return m.dag;
  if (!e.latest_version) return followed;
  return fail(ErrorKind::conflict, "the run cannot follow the DAG as it is now, " + differences,
              "dag " + e.dag_id + ", run " + e.run_id, "clear it by the version that it began with, or trigger a new run");
}

void Engine::State::clear(const ClearTasks& e, Time now) {
  const auto refuse = [&](Error error) { answer(e.command, std::move(error), {}); };
  const std::string where = "dag " + e.dag_id + ", run " + e.run_id;
  const DagMachine* m = find_machine(e.dag_id);
  if (m == nullptr || m->is_gone)
    return refuse({ErrorKind::not_found, "there is no DAG " + e.dag_id, "", "see: venturi dags list"});
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr && e.ended == nullptr)
    return refuse({ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + e.dag_id});
  if (run != nullptr && run->sweep)
    return refuse({ErrorKind::conflict, "the run is being stopped", where, "clear it when it has ended"});
  const auto followed = run != nullptr ? run->dag : e.ended->dag;
  const auto version = version_after(e, *m, followed);
  if (!version) return refuse(version.error());
  const Dag& dag = **version;
  const auto selected = SelectedTasks::of(e.selection, dag);
  if (!selected) return refuse(selected.error());

  Answer done{e.command, {}, run != nullptr ? run->row : e.ended->row};
  std::vector<SlotIndex> slots;
  const auto look_at = [&](const TaskInstance& ti) {
    if (!selected->has(dag.find_task(ti.task_id).value(), ti.map_index, ti.state)) return;
    done.task_instances.push_back(ti);
    slots.push_back(static_cast<SlotIndex>(ti.no - done.run->first_task_instance));
  };
  if (run != nullptr) {
    for (SlotIndex i = 0; i < run->slots.size(); ++i) {
      if (!run->slots[i].is_absent) look_at(run->task_instance(i));
    }
  } else {
    for (const TaskInstance& ti : e.ended->task_instances) look_at(ti);
  }
  if (!slots.empty() && !e.dry_run) {
    const std::string cause = cause_of(e);
    Run& cleared = run != nullptr ? *run : load_ended(*e.ended);
    if (run == nullptr) {
      queue_again(cleared, cause, now);
      take_up(cleared);
    }
    let_go(cleared);
    if (*version != cleared.dag) {
      cleared.dag = *version;
      cleared.row.dag_version_id = dag.version_id;
      mark(cleared);
      note(cleared, {0, TaskState::none, TaskState::none, cleared.row.state, 0, "it follows the DAG as it is now: " + cause});
    }
    std::vector<SlotIndex> skipped;
    for (const SlotIndex slot : slots) {
      if (stays_skipped(cleared, slot, slots)) skipped.push_back(slot);
    }
    for (const SlotIndex slot : slots) clear_instance(cleared, slot, cause, now);
    for (const SlotIndex slot : skipped) mark_instance(cleared, slot, TaskState::skipped, "its branch has not chosen it", now);
    take_up(cleared);
    past_changed(cleared);
    start_runs(*cleared.machine, now);
    find_place(cleared);
    add_work(cleared);
    schedule(*cleared.machine, now);
    done.run = cleared.row;
  }
  effects.emplace_back(std::move(done));
}

// It keeps its number, its id and the version that it followed, and takes its turn among the DAG's queued runs.
void Engine::State::queue_again(Run& run, const std::string& cause, Time now) {
  run.row.state = RunState::queued;
  run.row.queued_at = now;
  run.row.start_date.reset();
  run.row.end_date.reset();
  join_queue(run);
  move_deadlines(run);
  mark(run);
  note(run, {0, TaskState::none, TaskState::none, RunState::queued, 0, cause});
}

// A branch above it that is not cleared has not chosen it, and holds to that (Airflow's NotPreviouslySkippedDep): it was
// skipped though its rule would have let it run.
bool Engine::State::stays_skipped(const Run& run, SlotIndex index, const std::vector<SlotIndex>& cleared) {
  const TaskSlot& slot = run.slots[index];
  if (slot.state != TaskState::skipped || slot.try_number > 0) return false;
  const bool has_branch = std::ranges::any_of(run.declared(index).upstream, [&](TaskIndex above) {
    return above < run.slots.size() && run.dag->tasks[above].serialized.get_bool("_can_skip_downstream") &&
           run.slots[above].state == TaskState::success && std::ranges::find(cleared, above) == cleared.end();
  });
  return has_branch && verdict_of(run, index) == Verdict::run;
}

// Counts nothing: let_go() went before, and take_up() follows.
void Engine::State::clear_instance(Run& run, SlotIndex index, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = slot.state;
  if (from == TaskState::restarting) return;
  slot.max_tries = slot.try_number + run.declared(index).retries;
  if (is_under_way(from)) {
    slot.state = TaskState::restarting;
    effects.emplace_back(Kill{slot.token, EndReason::cleared});
  } else {
    reset(run, index, now);
    slot.state = TaskState::none;
  }
  mark(run, index);
  if (from != slot.state)
    note(run, {run.row.first_task_instance + index, from, slot.state, RunState::queued, slot.try_number, cause});
}

// As if it had never run; what it was goes to the history of tries.
void Engine::State::reset(Run& run, SlotIndex index, Time now) {
  TaskSlot& slot = run.slots[index];
  if (!is_recorded(slot)) {
    TaskInstance ended = run.task_instance(index);
    if (!is_finished(ended.state)) {
      ended.state = TaskState::failed;
      ended.end_reason = EndReason::cleared;
      if (!ended.end_date) ended.end_date = now;
    }
    changes.ended_tries.push_back(std::move(ended));
  }
  slot.id = new_id(now);
  slot.token = {};
  slot.queued_at.reset();
  slot.start_date.reset();
  slot.end_date.reset();
  slot.next_try_at.reset();
  slot.end_reason = EndReason::none;
  slot.end_detail = slot.pid = slot.losses = 0;
  slot.same_try = false;
  slot.error.reset();
  run.deferrals.erase(index);
  run.weights.erase(index);
}

// The try of a task instance that was cleared while it ran is over.
void Engine::State::restart(Run& run, SlotIndex index, Time now) {
  TaskSlot& slot = run.slots[index];
  reset(run, index, now);
  if (slot.map_index >= 0) run.progress[slot.task].to_revise = true;
  set_state(run, index, TaskState::none, "what ran when it was cleared has ended");
  if (slot.map_index < 0)
    run.to_judge.push_back(slot.task);
  else
    judge_instance(run, index, {}, now);
  add_work(run);
}

}  // namespace venturi::engine
