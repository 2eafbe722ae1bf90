// From ready to launched, and from there to the end of the try.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"
#include "engine/mapping.h"
#include "schedule/timetable.h"

namespace venturi::engine {

constexpr std::int32_t most_losses_in_place = 5;

// ---- limits --------------------------------------------------------------------------------------------------------------

void Engine::State::make_ready(Run& run, SlotIndex slot, std::string cause) {
  // The try goes on: its row says so by having a token and no end (load_slot() reads it like that).
  if (run.slots[slot].same_try)
    run.slots[slot].end_date.reset();
  else if (!run.weights.empty())
    run.weights.erase(slot);  // of the try before
  set_state(run, slot, TaskState::scheduled, std::move(cause));
  run.slots[slot].ready_at = present;
  run.slots[slot].held_by = Limit::none;
  const Task& declared = run.declared(slot);
  if (declared.engine_ends_it()) {
    run.engine_ends.push_back(slot);
    return add_work(run);
  }
  if (!is_weighed(run, slot)) return add_work(run);
  run.ready.push({run.priority(slot), slot});
  find_place(run);
}

bool Engine::State::may_launch(const Run& run) const {
  const int limit = run.dag->max_active_tasks.value_or(config.max_active_tasks_per_dag);
  return run.row.state == RunState::running && !run.change && !run.sweep && run.machine->may_progress() &&
         run.under_way < static_cast<std::uint32_t>(limit);
}

// Whether and where the run stands among those that may launch: high priority first, then the run that has the fewest tasks
// under way (a small run is not kept waiting by a large one), then the older one.
void Engine::State::find_place(Run& run) {
  if (run.place) places.erase(*std::exchange(run.place, std::nullopt));
  while (!run.ready.empty() && !run.may_start(run.ready.top().slot)) run.ready.pop();
  if (run.ready.empty()) return;
  if (!may_launch(run)) {
    run.held_by = run.row.state == RunState::running && run.machine->may_progress() ? Limit::max_active_tasks : Limit::paused;
    return;
  }
  if (run.held_by != Limit::none) {
    run.released_from = std::exchange(run.held_by, Limit::none);
    run.released_at = present;
  }
  run.place = Run::Place{run.ready.top().priority, run.under_way, run.row.no};
  places.insert(*run.place);
}

void Engine::State::launch(Run& run, SlotIndex index, Time now) {
  TaskSlot& slot = run.slots[index];
  if (!std::exchange(slot.same_try, false)) {
    ++slot.try_number;
    slot.start_date.reset();
  }
  slot.token = {config.epoch, next_sequence++};
  sequence_changed = true;
  slot.queued_at = now;
  slot.end_date.reset();
  slot.next_try_at.reset();
  slot.end_reason = EndReason::none;
  slot.end_detail = 0;
  slot.pid = 0;
  slot.error.reset();
  outstanding.emplace(slot.token, Attempt{&run, index});
  Duration waited{};
  Limit limit = Limit::none;
  if (slot.ready_at && now > *slot.ready_at) {
    waited = now - *slot.ready_at;
    limit = held_by(run, index, now);
  }
  slot.ready_at.reset();
  std::string cause = fmt::format("launched as try {}", slot.try_number);
  if (limit != Limit::none)
    cause += fmt::format(" after it had waited {:.3g} s for {}", to_seconds(waited), limit_text(run, index, limit));
  set_state(run, index, TaskState::queued, std::move(cause));
  find_place(run);
  Launch effect = launch_effect(run, index);
  effect.waited = waited;
  effect.held_by = limit;
  effects.emplace_back(std::move(effect));
}

// A gate knows whom it held. Of the two limits that stop whole runs it is the one that did so for longer.
Limit Engine::State::held_by(const Run& run, SlotIndex index, Time now) {
  const TaskSlot& slot = run.slots[index];
  if (slot.held_by != Limit::none) return slot.held_by;
  if (run.released_at && *run.released_at > *slot.ready_at && *run.released_at - *slot.ready_at >= now - *run.released_at)
    return run.released_from;
  return Limit::parallelism;
}

std::string Engine::State::limit_text(const Run& run, SlotIndex index, Limit limit) const {
  const Task& declared = run.declared(index);
  switch (limit) {
    case Limit::pool:
      return fmt::format("pool {} ({} slots)", declared.pool, run.progress[run.slots[index].task].pool->limit);
    case Limit::max_active_tasks:
      return fmt::format("max_active_tasks ({})", run.dag->max_active_tasks.value_or(config.max_active_tasks_per_dag));
    case Limit::parallelism:
      return fmt::format("parallelism ({})", config.parallelism);
    case Limit::max_active_tis_per_dag:
      return fmt::format("max_active_tis_per_dag ({})", declared.max_active_tis_per_dag.value_or(0));
    case Limit::max_active_tis_per_dagrun:
      return fmt::format("max_active_tis_per_dagrun ({})", declared.max_active_tis_per_dagrun.value_or(0));
    case Limit::paused:
      return "its DAG, which was paused";
    case Limit::none:
      break;
  }
  return "nothing";
}

Launch Engine::State::launch_effect(const Run& run, SlotIndex index) const {
  const TaskSlot& slot = run.slots[index];
  // As in Airflow's TIRunContext.should_retry: what the task's process is told to do when it fails.
  const bool should_retry = slot.max_tries != 0 && slot.try_number <= slot.max_tries;
  return {run.task_instance(index), run.dag, slot.task, run.row, should_retry, items_of(run, index)};
}

// ---- how tries go on and end ---------------------------------------------------------------------------------------------

// Nothing where the token does not count any more: another launch followed, or the try ended; and where its task instance was
// cleared, which is all that becomes of it.
std::optional<Engine::State::Attempt> Engine::State::end_attempt(LaunchToken token, Time at) {
  const auto found = outstanding.find(token);
  if (found == outstanding.end()) return std::nullopt;
  const Attempt attempt = found->second;
  outstanding.erase(found);
  TaskSlot& slot = attempt.run->slots[attempt.slot];
  if (!slot.start_date) slot.start_date = at;
  slot.end_date = at;
  attempt.run->deferrals.erase(attempt.slot);
  if (slot.state == TaskState::restarting) {
    restart(*attempt.run, attempt.slot, at);
    return std::nullopt;
  }
  return attempt;
}

// What it still says does not count.
void Engine::State::fence(const TaskSlot& slot, EndReason reason) {
  effects.emplace_back(Kill{slot.token, reason});
  outstanding.erase(slot.token);
}

void Engine::State::try_started(const TryStarted& e) {
  const auto found = outstanding.find(e.token);
  if (found == outstanding.end()) return;
  auto [run, index] = found->second;
  TaskSlot& slot = run->slots[index];
  if (slot.state != TaskState::queued) return;  // told again
  slot.pid = e.pid;
  if (!slot.start_date) slot.start_date = e.at;
  set_state(*run, index, TaskState::running, "started by the worker");
}

void Engine::State::try_succeeded(const TrySucceeded& e, Time now) {
  const auto attempt = end_attempt(e.token, e.at);
  if (!attempt) return;
  set_state(*attempt->run, attempt->slot, TaskState::success, "it succeeded");
  owe(*attempt->run, attempt->slot, "success", false);
  produce(*attempt->run, attempt->slot, e.outlet_events, now);
}

void Engine::State::try_skipped(const TrySkipped& e) {
  const auto attempt = end_attempt(e.token, e.at);
  if (!attempt) return;
  set_state(*attempt->run, attempt->slot, TaskState::skipped, "it asked to be skipped");
  owe(*attempt->run, attempt->slot, "skipped", false);
}

void Engine::State::try_rescheduled(const TryRescheduled& e) {
  const auto attempt = end_attempt(e.token, e.at);
  if (!attempt) return;
  TaskSlot& slot = attempt->run->slots[attempt->slot];
  slot.same_try = true;
  slot.next_try_at = e.reschedule_date;
  set_state(*attempt->run, attempt->slot, TaskState::up_for_reschedule, "it asked to be called again");
  timers.add({e.reschedule_date, Timer::Kind::task_due, attempt->run->row.no, attempt->slot});
}

void Engine::State::try_deferred(const TryDeferred& e) {
  const auto attempt = end_attempt(e.token, e.at);
  if (!attempt) return;
  Run& run = *attempt->run;
  TaskSlot& slot = run.slots[attempt->slot];
  const std::optional<Time> timeout_date = e.timeout ? std::optional(e.at + *e.timeout) : std::nullopt;
  slot.same_try = true;
  slot.end_date.reset();  // the try is not over
  slot.next_try_at = timeout_date ? std::min(*timeout_date, e.fires_at) : e.fires_at;
  run.deferrals.emplace(
      attempt->slot,
      Object{{"classpath", e.classpath},
             {"trigger_kwargs", e.trigger_kwargs},
             {"created_date", format_time(e.at)},
             {"timeout_date", timeout_date && *timeout_date < e.fires_at ? Value(format_time(*timeout_date)) : Value()},
             {"next_method", e.next_method},
             {"next_kwargs", e.next_kwargs},
             {"event", e.event}});
  set_state(run, attempt->slot, TaskState::deferred, "it deferred itself to " + e.classpath);
  timers.add({*slot.next_try_at, Timer::Kind::task_due, run.row.no, attempt->slot});
}

void Engine::State::try_deferred_in_place(const TryDeferredInPlace& e) {
  const auto found = outstanding.find(e.token);
  if (found == outstanding.end()) return;
  auto [run, index] = found->second;
  TaskSlot& slot = run->slots[index];
  if (slot.state != TaskState::queued && slot.state != TaskState::running) return;  // told again, or being killed
  if (!slot.start_date) slot.start_date = e.at;
  run->deferrals.insert_or_assign(
      index, Object{{"classpath", e.classpath}, {"trigger_kwargs", Object{}}, {"created_date", format_time(e.at)}});
  set_state(*run, index, TaskState::deferred, "it waits deferred, as Airflow does by " + e.classpath);
}

void Engine::State::resume_deferred(Run& run, SlotIndex slot) {
  Value& deferral = run.deferrals.at(slot);
  const bool is_over = !deferral.get_value("timeout_date").is_null();
  Object next{{"next_method", deferral.at("next_method")}, {"next_kwargs", deferral.at("next_kwargs")}};
  if (is_over) {
    next = {{"next_method", "__fail__"}, {"next_kwargs", Object{{"error", "Trigger timeout"}}}};
  } else {
    next.find("next_kwargs")->as_object().set("event", deferral.at("event"));
  }
  deferral = std::move(next);
  make_ready(run, slot, is_over ? "its deferral's timeout is over" : "its trigger fired");
}

void Engine::State::try_failed(const TryFailed& e, Time now) {
  if (const auto attempt = end_attempt(e.token, e.at)) fail_try(*attempt, e, now);
}

void Engine::State::try_lost(const TryLost& e, Time now) {
  const auto attempt = end_attempt(e.token, e.at);
  if (!attempt) return;
  TaskSlot& slot = attempt->run->slots[attempt->slot];
  // As a trigger of Airflow's that another triggerer takes up; but not one that brings down whatever it waits in.
  if (slot.state == TaskState::deferred && slot.losses < most_losses_in_place) {
    ++slot.losses;
    slot.same_try = true;
    return make_ready(*attempt->run, attempt->slot, "what it waited in ended: it begins to wait again");
  }
  if (slot.losses < attempt->run->declared(attempt->slot).retries_on_loss) {
    ++slot.losses;
    ++slot.max_tries;  // the budget for losses gives the try back
  }
  TryFailed failure;
  failure.token = e.token;
  failure.at = e.at;
  failure.reason = EndReason::lost;
  failure.error = e.error;
  fail_try(*attempt, failure, now);
}

void Engine::State::fail_try(const Attempt& attempt, const TryFailed& e, Time now) {
  Run& run = *attempt.run;
  const SlotIndex index = attempt.slot;
  TaskSlot& slot = run.slots[index];
  const Task& declared = run.declared(index);
  slot.end_reason = e.reason;
  slot.end_detail = e.detail;
  if (!e.error.empty()) slot.error = std::make_unique<std::string>(e.error);
  std::string cause =
      fmt::format("try {} failed: {}", slot.try_number,
                  e.error.empty() ? (e.reason == EndReason::none ? "it said so" : to_string(e.reason)) : e.error);
  const bool function_is_owed = e.reason != EndReason::none;
  if (!e.may_retry || slot.try_number > slot.max_tries || run.sweep) {
    set_state(run, index, TaskState::failed, std::move(cause));
    owe(run, index, "failure", function_is_owed);
    if (run.dag->fail_fast && !run.sweep) fail_fast(run, declared.task_id);
    return;
  }
  owe(run, index, "retry", function_is_owed);
  TaskInstance ended = run.task_instance(index);
  ended.state = TaskState::failed;
  changes.ended_tries.push_back(std::move(ended));
  const Duration delay =
      e.retry_delay ? *e.retry_delay
                    : schedule::retry_delay(run.row.dag_id, declared.task_id, run.row.logical_date, slot.try_number,
                                            declared.retry_delay, declared.retry_exponential_backoff, declared.max_retry_delay);
  slot.id = new_id(now);
  slot.next_try_at = e.at + delay;
  set_state(run, index, TaskState::up_for_retry, std::move(cause));
  timers.add({*slot.next_try_at, Timer::Kind::task_due, run.row.no, index});
}

// The worker says for sure that this launch never started: the same try again, under a new token.
void Engine::State::try_never_started(const TryNeverStarted& e, Time now) {
  const auto found = outstanding.find(e.token);
  if (found == outstanding.end()) return;
  const auto [run, slot] = found->second;
  outstanding.erase(found);
  if (run->slots[slot].state == TaskState::restarting) return restart(*run, slot, now);
  if (run->slots[slot].state == TaskState::deferred) run->deferrals.erase(slot);
  run->slots[slot].same_try = true;
  make_ready(*run, slot, "its launch never started");
}

// What a branch did not choose is skipped at once, whatever its own rule says, also where it was not to be run because of its
// upstreams; what runs or has run stays as it is. The rules are Airflow's (skipmixin.py, not_previously_skipped_dep.py), with
// what follows from them for mapped tasks:
//   - an instance in a mapped task group skips nothing: what it left is looked for under no map_index;
//   - an instance of a mapped branch skips the instance with its map_index of mapped tasks directly below;
//   - of a mapped task with instances they are skipped if it stands directly below, otherwise its rule decides.
void Engine::State::skip_downstream(const SkipDownstream& e, Time now) {
  const auto found = outstanding.find(e.token);
  if (found == outstanding.end()) return;
  const auto [run, by] = found->second;
  const Task& branch = run->declared(by);
  const std::int32_t map_index = run->slots[by].map_index;
  if (run->slots[by].state == TaskState::restarting || branch.mapped_group) return;
  const std::string cause = "skipped by " + branch.task_id;
  for (const std::string& task_id : e.task_ids) {
    const auto task = run->dag->find_task(task_id);
    if (!task) continue;
    const bool is_directly_below = std::ranges::find(branch.downstream, *task) != branch.downstream.end();
    if (map_index >= 0 && !(is_directly_below && run->dag->tasks[*task].is_mapped())) continue;
    while (run->progress.size() <= *task) create_task(*run, now);  // a large run that is still being created
    if (run->progress[*task].will_expand) make_instances(*run, *task, now);
    if (!run->progress[*task].is_expanded) {
      if (map_index < 0) skip(*run, run->first_slot(*task), cause, now);
    } else if (map_index >= 0) {
      if (const auto instance = run->instance(*task, map_index)) skip(*run, *instance, cause, now);
    } else if (is_directly_below) {
      for (std::int32_t i = 0; const auto instance = run->instance(*task, i); ++i) skip(*run, *instance, cause, now);
    }
  }
}

void Engine::State::skip(Run& run, SlotIndex index, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const bool never_ran = slot.state == TaskState::upstream_failed || slot.state == TaskState::removed;
  if (slot.is_absent || is_launched(slot) || (is_finished(slot.state) && !never_ran)) return;
  slot.end_date = now;
  if (never_ran) return change_end(run, index, TaskState::skipped, cause);
  set_state(run, index, TaskState::skipped, cause);
}

}  // namespace venturi::engine
