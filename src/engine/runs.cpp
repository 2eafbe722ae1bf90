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

namespace venturi::engine {

namespace {

std::string_view words_for(TaskState state) {
  switch (state) {
    case TaskState::success:
      return "succeeded";
    case TaskState::skipped:
      return "was skipped";
    case TaskState::upstream_failed:
      return "was not run because of its own upstreams";
    case TaskState::removed:
      return "was removed";
    default:
      return "failed";
  }
}

}  // namespace

// ---- what a task instance waits for
// ------------------------------------------------------------------------------------------

namespace {

UpstreamCounts counts_of(const Run& run, const std::vector<TaskIndex>& tasks) {
  UpstreamCounts counts;
  counts.total = static_cast<std::uint32_t>(tasks.size());
  for (const TaskIndex task : tasks) {
    if (task < run.tasks.size()) counts.finished.count(run.tasks[task].state, 1);
  }
  return counts;
}

UpstreamCounts upstream_counts(const Run& run, TaskIndex task) {
  const Task& declared = run.dag->tasks[task];
  UpstreamCounts counts;
  counts.total = static_cast<std::uint32_t>(declared.upstream.size());
  counts.finished = run.tasks[task].upstreams;
  if (declared.trigger_rule != TriggerRule::all_done_setup_success) return counts;
  for (const TaskIndex upstream : declared.upstream) {
    if (!run.dag->tasks[upstream].is_setup) continue;
    ++counts.setups;
    if (!run.tasks[upstream].counted) continue;
    if (run.tasks[upstream].state == TaskState::success) ++counts.setup_success;
    if (run.tasks[upstream].state == TaskState::skipped) ++counts.setup_skipped;
  }
  return counts;
}

}  // namespace

// ---- work in slices ------------------------------------------------------------------------------------------------------

bool Engine::State::has_work(const Run& run) const {
  if (run.row.state != RunState::running) return run.sweep.has_value();
  return !run.finished.empty() || !run.to_judge.empty() || !run.is_created() || run.sweep ||
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
    if (!run.finished.empty()) {
      const TaskIndex task = run.finished.front();
      run.finished.pop_front();
      done += static_cast<int>(run.dag->tasks[task].downstream.size());
      count_finished(run, task, now);
    } else if (!run.to_judge.empty()) {
      const TaskIndex task = run.to_judge.front();
      run.to_judge.pop_front();
      judge_task(run, task, {}, now);
    } else if (!run.sweep && !run.engine_ends.empty() && run.machine->may_progress()) {
      const TaskIndex task = run.engine_ends.front();
      run.engine_ends.pop_front();
      end_by_engine(run, task, now);
    } else if (!run.is_created()) {
      create_task(run, now);
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

void Engine::State::create_task(Run& run, Time now) {
  const auto index = static_cast<TaskIndex>(run.tasks.size());
  const Task& declared = run.dag->tasks[index];
  TaskSlot& slot = run.tasks.emplace_back();
  slot.id = new_id(now);
  slot.max_tries = declared.retries;
  // Upstreams stand before it in topological order; those that are not counted yet will be.
  for (const TaskIndex upstream : declared.upstream) {
    if (run.tasks[upstream].counted) slot.upstreams.count(run.tasks[upstream].state, 1);
  }
  ++run.waiting;
  ++run.row.created_task_instances;
  mark(run);
  mark(run, index);
  judge_task(run, index, {}, now);
}

void Engine::State::set_state(Run& run, TaskIndex task, TaskState to, std::string cause) {
  TaskSlot& slot = run.tasks[task];
  const TaskState from = std::exchange(slot.state, to);
  if (is_under_way(from) != is_under_way(to)) {
    const int by = is_under_way(to) ? 1 : -1;
    run.under_way += static_cast<std::uint32_t>(by);
    slots_used += by;
    if (by < 0) find_place(run);
  }
  if (from == TaskState::none) --run.waiting;
  if (is_finished(to)) {
    --run.unfinished;
    if (is_bad(to) && run.dag->tasks[task].decides_run) ++run.bad_leaves;
    run.finished.push_back(task);
    add_work(run);
  }
  mark(run, task);
  note(run, {run.row.first_task_instance + task, from, to, RunState::queued, slot.try_number, std::move(cause)});
}

void Engine::State::count_finished(Run& run, TaskIndex task, Time now) {
  const TaskState state = run.tasks[task].state;
  run.tasks[task].counted = true;
  for (const TaskIndex downstream : run.dag->tasks[task].downstream) {
    if (downstream >= run.tasks.size()) continue;  // counted when it is created
    run.tasks[downstream].upstreams.count(state, 1);
    judge_task(run, downstream, task, now);
  }
  for (const TaskIndex guarded : run.dag->tasks[task].guarded) {
    if (guarded < run.tasks.size()) judge_task(run, guarded, task, now);
  }
  end_if_done(run, now);
}

// `because`: the upstream whose end is the reason for looking.
void Engine::State::judge_task(Run& run, TaskIndex task, std::optional<TaskIndex> because, Time now) {
  TaskSlot& slot = run.tasks[task];
  if (slot.state != TaskState::none || run.sweep) return;
  const Task& declared = run.dag->tasks[task];
  Verdict verdict = declared.setups.empty() ? Verdict::run : judge_setups(counts_of(run, declared.setups));
  const bool by_setups = verdict != Verdict::run;
  if (!by_setups) verdict = judge(declared.trigger_rule, upstream_counts(run, task));
  if (verdict == Verdict::wait) return;
  std::string cause = "it has no upstreams";
  if (!declared.upstream.empty()) {
    cause = by_setups ? "all its setups have to succeed" : fmt::format("trigger rule {}", to_string(declared.trigger_rule));
    if (because) {
      cause += fmt::format(": upstream {} {}", run.dag->tasks[*because].task_id, words_for(run.tasks[*because].state));
    }
  }
  switch (verdict) {
    case Verdict::wait:
      return;
    case Verdict::run:
      return make_ready(run, task, std::move(cause));
    case Verdict::skipped:
      slot.end_date = now;
      return set_state(run, task, TaskState::skipped, std::move(cause));
    case Verdict::upstream_failed:
      slot.end_date = now;
      return set_state(run, task, TaskState::upstream_failed, std::move(cause));
    case Verdict::removed:
      return set_state(run, task, TaskState::removed, std::move(cause));
  }
}

// As Airflow's scheduler does with an EmptyOperator without callbacks and outlets: a success without a worker.
void Engine::State::end_by_engine(Run& run, TaskIndex task, Time now) {
  TaskSlot& slot = run.tasks[task];
  if (slot.state != TaskState::scheduled) return;
  ++slot.try_number;
  slot.start_date = now;
  slot.end_date = now;
  set_state(run, task, TaskState::success, "there is nothing to run");
}

// ---- sweeps --------------------------------------------------------------------------------------------------------------

void Engine::State::begin_sweep(Run& run, Sweep sweep) {
  run.sweep = std::move(sweep);
  find_place(run);  // it has none any more
  add_work(run);
}

void Engine::State::sweep_task(Run& run, Time now) {
  Sweep& sweep = *run.sweep;
  if (sweep.next < run.tasks.size()) {
    const TaskIndex task = sweep.next++;
    TaskSlot& slot = run.tasks[task];
    if (is_finished(slot.state) || (sweep.spares_teardowns && run.dag->tasks[task].is_teardown)) return;
    const bool was_running =
        slot.state == TaskState::running || slot.state == TaskState::up_for_reschedule || slot.state == TaskState::deferred;
    if (is_under_way(slot.state)) {
      effects.emplace_back(Kill{slot.token, sweep.reason});
      outstanding.erase(slot.token);
    }
    if (was_running) slot.end_reason = sweep.reason;
    slot.end_date = now;
    set_state(run, task, was_running ? sweep.of_running : sweep.of_waiting, sweep.cause);
    return;
  }
  const Sweep done = std::move(*std::exchange(run.sweep, std::nullopt));
  if (run.unfinished > 0) {  // teardowns
    for (TaskIndex task = 0; task < run.tasks.size(); ++task) {
      if (run.tasks[task].state == TaskState::none) run.to_judge.push_back(task);
    }
    find_place(run);
    add_work(run);
  } else if (done.run_ends_as) {
    end_run(run, *done.run_ends_as, now, done.cause);
  } else {
    end_if_done(run, now);
  }
  if (done.command) answer(*done.command, {}, run.row);
}

void Engine::State::stop_run(const StopRun& e) {
  DagMachine* m = find_machine(e.dag_id);
  if (m != nullptr) {
    for (const RunNo no : m->active) {
      Run& run = *runs.at(no);
      if (run.row.run_id != e.run_id) continue;
      if (run.sweep && run.sweep->command) {
        return answer(
            e.command,
            Error{ErrorKind::conflict, "the run is being stopped already", "dag " + e.dag_id + ", run " + e.run_id, ""}, {});
      }
      return begin_sweep(run, {.cause = e.why, .run_ends_as = RunState::failed, .command = e.command});
    }
  }
  answer(e.command,
         Error{ErrorKind::not_found, "there is no active run " + e.run_id, "dag " + e.dag_id,
               "see: venturi dags list-runs " + e.dag_id},
         {});
}

// ---- the end of a run ----------------------------------------------------------------------------------------------------

// Leaves alone decide, as in Airflow: a failed task that somebody below made up for does not fail the run.
void Engine::State::end_if_done(Run& run, Time now) {
  if (is_finished(run.row.state) || run.sweep || !run.finished.empty() || !run.to_judge.empty() || !run.is_created()) return;
  if (run.unfinished == 0) {
    return run.bad_leaves > 0 ? end_run(run, RunState::failed, now, "a leaf failed")
                              : end_run(run, RunState::success, now, "all leaves succeeded or were skipped");
  }
  if (run.unfinished == run.waiting) end_run(run, RunState::failed, now, "deadlock: what is left waits for what never comes");
}

void Engine::State::end_run(Run& run, RunState state, Time now, std::string cause) {
  run.row.state = state;
  run.row.end_date = now;
  if (!run.row.start_date) run.row.start_date = now;
  mark(run);
  note(run, {0, TaskState::none, TaskState::none, state, 0, std::move(cause)});
  owe(run, {}, state == RunState::success ? "success" : "failure", true);
  effects.emplace_back(RunEnded{run.row});
  find_place(run);
  DagMachine& m = *run.machine;
  m.active.erase(run.row.no);
  m.queued.erase(run.row.no);
  const auto found = runs.find(run.row.no);
  ended_runs.push_back(std::move(found->second));
  runs.erase(found);
  start_runs(m, now);
  schedule(m, now);
}

}  // namespace venturi::engine
