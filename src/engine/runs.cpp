// A run from its creation to its end. A task instance's way:
//
//   none ─judged─▶ scheduled ─▶ queued ─▶ running ─▶ success | failed | skipped
//     │                ▲           └────────┴──────▶ up_for_retry | up_for_reschedule ─time─▶ scheduled
//     └─judged─▶ skipped | upstream_failed | removed       (also from scheduled and up_for_retry, by a branch or a sweep)
//
// Each finished task instance is counted once in each of its downstreams: the cost of a transition is its out-degree.
#include <fmt/format.h>

#include <utility>

#include "engine/engine_state.h"
#include "engine/mapping.h"

namespace venturi::engine {

// ---- work in slices ------------------------------------------------------------------------------------------------------

bool Engine::State::has_work(const Run& run) const {
  if (run.change) return true;
  if (run.row.state != RunState::running) return run.sweep.has_value();
  return !run.judgings.empty() || !run.finished.empty() || !run.to_judge.empty() || !run.is_created() || run.sweep ||
         (!run.engine_ends.empty() && run.machine->may_progress());
}

void Engine::State::add_work(Run& run) {
  if (!run.is_busy && has_work(run)) {
    run.is_busy = true;
    busy.push_back(run.row.no);
  }
}

int Engine::State::work_on(Run& run, Time now, int budget) {
  int done = 0;
  while (done < budget) {
    ++done;
    if (run.change) {
      done += continue_change(run, now) - 1;
      if (!has_work(run)) break;  // it waits to start: its tasks are looked at then
    } else if (!run.judgings.empty()) {
      continue_judging(run, now);
    } else if (!run.finished.empty()) {
      const SlotIndex slot = run.finished.front();
      run.finished.pop_front();
      if (!run.declared(slot).edges_below) done += static_cast<int>(run.declared(slot).downstream.size());
      count_finished(run, slot, now);
    } else if (!run.to_judge.empty()) {
      const TaskIndex task = run.to_judge.front();
      run.to_judge.pop_front();
      judge_task(run, task, {}, now);
      end_if_done(run, now);
    } else if (!run.sweep && !run.engine_ends.empty() && run.machine->may_progress()) {
      const SlotIndex slot = run.engine_ends.front();
      run.engine_ends.pop_front();
      end_by_engine(run, slot, now);
    } else if (run.progress.size() < run.dag->tasks.size()) {
      create_task(run, now);
      end_if_done(run, now);  // all its tasks may be absent, or wait for one that is
    } else if (!run.expansions.empty()) {
      continue_expansion(run, now);
    } else if (run.sweep) {
      sweep_task(run, now);
    } else {
      break;
    }
    if (is_finished(run.row.state)) break;
  }
  return done;
}

// ---- task instances ------------------------------------------------------------------------------------------------------

void Engine::State::add_slot(Run& run, TaskIndex task, std::int32_t map_index, Time now) {
  const auto index = static_cast<SlotIndex>(run.slots.size());
  TaskSlot& slot = run.slots.emplace_back();
  slot.task = task;
  slot.map_index = map_index;
  slot.id = new_id(now);
  slot.max_tries = run.dag->tasks[task].retries;
  ++run.waiting;
  if (run.dag->tasks[task].depends_on_past) ++run.patient;
  ++run.row.created_task_instances;
  mark(run);
  mark(run, index);
}

// Of the next task, which has no instance in this run: its number stays free. For what is below it that is as if it never
// ended. take_up_slot() follows.
void Engine::State::add_absent_slot(Run& run) {
  TaskSlot& slot = run.slots.emplace_back();
  slot.task = run.row.is_renumbered ? no_task : static_cast<TaskIndex>(run.slots.size() - 1);
  slot.is_absent = true;
}

// As in Airflow: a run's tasks are those whose dates include its logical date. Backfills may begin before them.
bool has_instance(const DagRun& run, const Task& task) {
  if (!run.logical_date) return true;
  if (task.end_date && *task.end_date < *run.logical_date) return false;
  return run.run_type == RunType::backfill || !task.start_date || *task.start_date <= *run.logical_date;
}

void Engine::State::create_task(Run& run, Time now) {
  const auto task = static_cast<TaskIndex>(run.progress.size());
  if (task == 0) {
    run.slots.reserve(run.dag->tasks.size());
    run.progress.reserve(run.dag->tasks.size());
  }
  const Task& declared = run.dag->tasks[task];
  if (!has_instance(run.row, declared)) {
    add_absent_slot(run);
    take_up_slot(run, task);
    ++run.row.created_task_instances;
    return mark(run);
  }
  add_slot(run, task, -1, now);
  TaskProgress& progress = run.progress.emplace_back();
  progress.pool = &pool_of(declared.pool);
  // Upstreams stand before it in topological order; those that are not counted yet will be.
  for (const TaskIndex upstream : declared.edges_above ? TaskList() : declared.upstream) {
    progress.expected += run.progress[upstream].instances;  // no task has its instances before all are created
    if (run.slots[upstream].counted) progress.upstreams.count(run.slots[upstream].state, 1);
  }
  // As in Airflow, what is known when the run is created is there from the beginning.
  const auto instances = declared.is_mapped() ? constant_length(declared) : std::nullopt;
  if (instances && *instances > 0 && *instances <= most_instances) return expand(run, task, *instances);
  judge_task(run, task, {}, now);
}

void Engine::State::set_state(Run& run, SlotIndex index, TaskState to, std::string cause) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = std::exchange(slot.state, to);
  if (is_under_way(from) != is_under_way(to)) {
    const int by = is_under_way(to) ? 1 : -1;
    run.under_way += static_cast<std::uint32_t>(by);
    slots_used += by;
    count_under_way(run, index, by);
    if (by < 0) find_place(run);
  }
  if ((from == TaskState::deferred) != (to == TaskState::deferred))
    count_deferred(run, index, to == TaskState::deferred ? 1 : -1);
  if (from == TaskState::none) --run.waiting;
  if (to == TaskState::none) ++run.waiting;
  if (is_finished(to)) {
    if (!run.deferrals.empty()) run.deferrals.erase(index);
    --run.unfinished;
    ++run.progress[slot.task].ended;
    if (is_bad(to) && run.declared(index).decides_run) ++run.bad_leaves;
    if (run.declared(index).depends_on_past) --run.patient;
    run.finished.push_back(index);
    add_work(run);
    tell_followers(run, slot.task);
  }
  mark(run, index);
  note(run, {run.row.first_task_instance + index, from, to, RunState::queued, slot.try_number, std::move(cause)});
}

// It ended, and is now said to have ended otherwise: what has become of those below because of it stays.
void Engine::State::change_end(Run& run, SlotIndex index, TaskState to, std::string cause) {
  TaskSlot& slot = run.slots[index];
  const Task& declared = run.declared(index);
  const TaskState from = slot.state;
  if (slot.counted) count_below(run, index, -1);
  slot.state = to;
  if (slot.counted) count_below(run, index, 1);
  if (declared.decides_run) run.bad_leaves += static_cast<std::uint32_t>(is_bad(to)) - static_cast<std::uint32_t>(is_bad(from));
  mark(run, index);
  note(run, {run.row.first_task_instance + index, from, to, RunState::queued, slot.try_number, std::move(cause)});
}

// As Airflow's scheduler does with an EmptyOperator without callbacks and outlets: a success without a worker.
void Engine::State::end_by_engine(Run& run, SlotIndex index, Time now) {
  TaskSlot& slot = run.slots[index];
  if (slot.state != TaskState::scheduled) return;
  ++slot.try_number;
  slot.start_date = now;
  slot.end_date = now;
  set_state(run, index, TaskState::success, "there is nothing to run");
}

// ---- sweeps --------------------------------------------------------------------------------------------------------------

void Engine::State::begin_sweep(Run& run, Sweep sweep) {
  run.sweep = std::move(sweep);
  find_place(run);  // it has none any more
  add_work(run);
}

// The row says so until it is done: a start goes on with it.
void Engine::State::fail_fast(Run& run, std::string_view task_id) {
  run.row.fails_fast = true;
  mark(run);
  begin_sweep(run, {.cause = fmt::format("the DAG fails fast, and {} failed", task_id), .run_ends_as = {}, .command = {}});
}

void Engine::State::sweep_task(Run& run, Time now) {
  Sweep& sweep = *run.sweep;
  if (sweep.next < run.slots.size()) {
    const SlotIndex index = sweep.next++;
    TaskSlot& slot = run.slots[index];
    if (slot.is_absent || is_finished(slot.state) || (sweep.spares_teardowns && run.declared(index).is_teardown)) return;
    const bool was_running = slot.state == TaskState::running || slot.state == TaskState::restarting ||
                             slot.state == TaskState::up_for_reschedule || slot.state == TaskState::deferred;
    if (is_launched(slot)) fence(slot, sweep.reason);
    if (was_running) slot.end_reason = sweep.reason;
    slot.end_date = now;
    set_state(run, index, was_running ? sweep.of_running : sweep.of_waiting, sweep.cause);
    return;
  }
  const Sweep done = std::move(*std::exchange(run.sweep, std::nullopt));
  if (std::exchange(run.row.fails_fast, false)) mark(run);
  if (run.unfinished > 0) {  // teardowns
    for (TaskIndex task = 0; task < run.progress.size(); ++task) {
      if (run.progress[task].is_expanded)
        run.judgings.push_back({task, 0, {}});
      else if (const TaskSlot& slot = run.slots[run.first_slot(task)]; slot.state == TaskState::none && !slot.is_absent)
        run.to_judge.push_back(task);
    }
    find_place(run);
    add_work(run);
  } else if (done.run_ends_as) {
    const std::string_view reason = done.reason == EndReason::dagrun_timeout ? "timed_out" : "task_failure";
    end_run(run, *done.run_ends_as, now, done.cause, done.calls_back ? reason : std::string_view());
  } else {
    end_if_done(run, now);
  }
  if (done.command) answer(*done.command, {}, run.row);
}

void Engine::State::stop_run(const StopRun& e) {
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr) {
    return answer(e.command,
                  Error{ErrorKind::not_found, "there is no active run " + e.run_id, "dag " + e.dag_id,
                        "see: venturi dags list-runs " + e.dag_id},
                  {});
  }
  if (run->sweep && run->sweep->command) {
    return answer(e.command,
                  Error{ErrorKind::conflict, "the run is being stopped already", "dag " + e.dag_id + ", run " + e.run_id, ""},
                  {});
  }
  begin_sweep(*run, {.cause = e.why, .run_ends_as = RunState::failed, .command = e.command});
}

// ---- the end of a run ----------------------------------------------------------------------------------------------------

// Leaves alone decide, as in Airflow: a failed task that somebody below made up for does not fail the run.
void Engine::State::end_if_done(Run& run, Time now) {
  if (is_finished(run.row.state) || run.change || run.sweep || !run.judgings.empty() || !run.finished.empty() ||
      !run.to_judge.empty() || !run.is_created())
    return;
  if (run.unfinished == 0) {
    return run.bad_leaves > 0 ? end_run(run, RunState::failed, now, "a leaf failed", "task_failure")
                              : end_run(run, RunState::success, now, "all leaves succeeded or were skipped");
  }
  if (run.patient > 0) return;  // the run before may let it go on
  if (run.unfinished == run.waiting) {
    end_run(run, RunState::failed, now, "deadlock: what is left waits for what never comes", "all_tasks_deadlocked");
  }
}

void Engine::State::end_run(Run& run, RunState state, Time now, std::string cause, std::string_view reason) {
  const bool has_begun = run.row.state == RunState::running;  // those of a cancelled backfill need not have
  run.row.state = state;
  run.row.end_date = now;
  if (!run.row.start_date) run.row.start_date = now;
  if (state == RunState::success) meet_deadlines(run, now);
  if (const auto change = std::exchange(run.change, std::nullopt)) {
    run.row.change = {};
    if (change->command) {
      answer(*change->command,
             Error{ErrorKind::conflict, "the run ended while its task instances were being changed",
                   "dag " + run.row.dag_id + ", run " + run.row.run_id, "do it again, if it is still wanted"},
             {});
    }
  }
  mark(run);
  DagMachine& m = *run.machine;
  // One that somebody marked failed tells nothing of the DAG.
  if (has_begun && state == RunState::failed && !reason.empty()) look_for_failures(run);
  note(run, {0, TaskState::none, TaskState::none, state, 0, std::move(cause)});
  if (!reason.empty()) owe(run, {}, state == RunState::success ? "success" : "failure", true, reason);
  effects.emplace_back(RunEnded{run.row});
  find_place(run);
  close_gates(run);
  leave_followers(run);
  leave(run, now);
  const auto found = runs.find(run.row.no);
  ended_runs.push_back(std::move(found->second));
  runs.erase(found);
  start_runs(m, now);
  schedule(m, now);
}

}  // namespace venturi::engine
