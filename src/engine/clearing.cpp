// Task instances that are to run again (Airflow's clear_task_instances), in slices (changing.cpp).
//
//   finished, waiting ─cleared─▶ none        queued, running ─cleared─▶ restarting ─killed, or ended by itself─▶ none
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"
#include "engine/following.h"

namespace venturi::engine {
namespace {

// Whether its last try is in the history of tries already, or there was none.
bool is_recorded(const TaskSlot& slot) {
  return !slot.start_date || (slot.next_try_at && !slot.same_try);
}

}  // namespace

// The version that a run follows from its clearing on.
const std::shared_ptr<const Dag>& Engine::State::version_after(const ClearTasks& e, const DagMachine& m,
                                                               const std::shared_ptr<const Dag>& followed) const {
  const bool is_wanted = e.latest_version.value_or(m.dag->rerun_with_latest_version.value_or(config.rerun_with_latest_version));
  return is_wanted && m.dag->version_id != followed->version_id ? m.dag : followed;
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
  if (auto trouble = change_trouble(e.dag_id, e.run_id)) return refuse(std::move(*trouble));
  const auto followed = run != nullptr ? run->dag : e.ended->dag;
  auto version = version_after(e, *m, followed);
  if (auto trouble = room_trouble(run != nullptr ? run->row : e.ended->row, *followed, *version)) {
    if (e.latest_version) return refuse(std::move(*trouble));
    version = followed;  // nobody asked for it expressly
  }
  // As in Airflow the run's own version says what is meant.
  auto change = make_change(e.selection, {}, e.user, *followed);
  if (!change) return refuse(change.error());
  if (run == nullptr)
    return visit(*e.ended,
                 {.change = std::move(*change),
                  .version = followed,
                  .next_version = version,
                  .command = e.command,
                  .is_dry = e.dry_run,
                  .wants_rows = e.wants_rows},
                 now);
  if (e.dry_run) {
    for (SlotIndex i = 0; i < run->slots.size(); ++i) {
      if (!run->slots[i].is_absent && change->clears(run->slots[i])) tell(*change, *run, i);
    }
    effects.emplace_back(answer_of(*change, e.command, run->row));
    return;
  }
  const bool is_meant = version == followed || std::ranges::any_of(run->slots, [&](const TaskSlot& slot) {
                          return !slot.is_absent && change->clears(slot);
                        });
  if (!is_meant) return answer(e.command, {}, run->row);
  begin_clear(*run, std::move(*change), version, e.command, e.wants_rows, now);
}

void Engine::State::begin_clear(Run& run, Change change, const std::shared_ptr<const Dag>& version, std::int64_t command,
                                bool wants_rows, Time now) {
  if (version != run.dag) {
    const std::string cause = cause_of_clears(change);
    auto selection = selection_in(change, *run.dag, *version);
    follow(run, version, cause, now);
    if (!selection) {  // all that was meant is gone
      past_changed(run);
      find_place(run);
      add_work(run);
      answer(command, {}, run.row);
      if (run.row.state == RunState::running && !has_work(run)) end_if_done(run, now);
      return;
    }
    change = make_change(std::move(*selection), {}, std::move(change.user), *version).value();
  }
  if (wants_rows) change.command = command;
  begin_change(run, std::move(change));
  if (!wants_rows) answer(command, {}, run.row);
}

// Why a command that changes task instances has to wait; nothing: it need not.
std::optional<Error> Engine::State::change_trouble(std::string_view dag_id, std::string_view run_id) {
  const std::string where = fmt::format("dag {}, run {}", dag_id, run_id);
  const Run* run = find_active(dag_id, run_id);
  if (run != nullptr && run->sweep)
    return Error{ErrorKind::conflict, "the run is being stopped", where, "repeat it when it has ended"};
  if (is_changing(dag_id, run_id))
    return Error{ErrorKind::conflict, "task instances of the run are being cleared or marked", where,
                 "repeat it when that is done"};
  return std::nullopt;
}

bool Engine::State::is_changing(std::string_view dag_id, std::string_view run_id) {
  const Run* run = find_active(dag_id, run_id);
  return (run != nullptr && run->change) || find_visit(dag_id, run_id) != nullptr;
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

// The run's change goes on with it: nobody looks at it before that is done.
void Engine::State::clear_instance(Run& run, SlotIndex index, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = slot.state;
  const std::int32_t max_tries = slot.try_number + run.declared(index).retries;
  if (from == TaskState::restarting || (from == TaskState::none && !slot.start_date && slot.max_tries == max_tries)) return;
  slot.max_tries = max_tries;
  if (is_under_way(from)) {
    slot.state = TaskState::restarting;
    effects.emplace_back(Kill{slot.token, EndReason::cleared});
  } else {
    if (is_finished(from)) take_back(run, index);
    if (is_launched(slot)) fence(slot, EndReason::cleared);  // it only waits: nobody has to wait for its end
    if (from == TaskState::deferred) count_deferred(run, index, -1);
    reset(run, index, now);
    slot.state = TaskState::none;
    if (from != TaskState::none) ++run.waiting;
    judge_again(run, index);
  }
  mark(run, index);
  if (from != slot.state)
    note(run, {run.row.first_task_instance + index, from, slot.state, RunState::queued, slot.try_number, cause});
}

// What has ended does not count any more as having ended.
void Engine::State::take_back(Run& run, SlotIndex index) {
  TaskSlot& slot = run.slots[index];
  const Task& declared = run.declared(index);
  if (std::exchange(slot.counted, false)) {
    count_below(run, index, -1);
    if (declared.edges_below) run.edges[*declared.edges_below].verdict = Verdict::wait;
  }
  ++run.unfinished;
  --run.progress[slot.task].ended;
  if (is_bad(slot.state) && declared.decides_run) --run.bad_leaves;
  if (declared.depends_on_past) ++run.patient;
}

// It is in state none again, and looked at in its turn. A list that it is mapped over may be another one then.
void Engine::State::judge_again(Run& run, SlotIndex index) {
  const TaskSlot& slot = run.slots[index];
  if (slot.map_index < 0) return run.to_judge.push_back(slot.task);
  run.progress[slot.task].to_revise = true;
  cut_expansion(run, slot.task);
  judge_all_instances(run, slot.task);
}

void Engine::State::judge_all_instances(Run& run, TaskIndex task) {
  if (!std::exchange(run.progress[task].all_to_judge, true)) run.judgings.push_back({task, 0, {}});
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
  reset(run, index, now);
  set_state(run, index, TaskState::none, "what ran when it was cleared has ended");
  judge_again(run, index);
  add_work(run);
}

}  // namespace venturi::engine
