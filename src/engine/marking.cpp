// Task instances and runs that are said to have ended in a way (Airflow's mark_tasks.py). Where it makes up for a failure, what
// failed or was not run below it is cleared, and runs again; nobody is called back for what a person said.
#include <algorithm>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"

namespace venturi::engine {

// Also of one that has ended already; the run's change goes on with it.
void Engine::State::mark_instance(Run& run, SlotIndex index, TaskState to, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = slot.state;
  const bool was_launched = is_launched(slot);
  if (was_launched) {
    fence(slot, EndReason::killed);
    slot.end_reason = EndReason::killed;
  }
  if (!slot.start_date) slot.start_date = now;
  if (!slot.end_date || was_launched) slot.end_date = now;
  slot.next_try_at.reset();
  slot.same_try = false;
  run.deferrals.erase(index);
  if (!is_finished(from)) return set_state(run, index, to, cause);
  change_end(run, index, to, cause);
  judge_below(run, index);
}

// Those that wait may have a reason to go on now.
void Engine::State::judge_below(Run& run, SlotIndex index) {
  const Task& declared = run.declared(index);
  const auto judge_all = [&](const auto& tasks) {
    for (const TaskIndex task : tasks) {
      if (task >= run.progress.size()) continue;
      if (run.progress[task].is_expanded)
        judge_all_instances(run, task);
      else if (run.to_judge.empty() || run.to_judge.back() != task)
        run.to_judge.push_back(task);
    }
  };
  if (declared.edges_below) {
    if (!std::exchange(run.edges[*declared.edges_below].all_to_judge, true))
      run.judgings.push_back({.of = *declared.edges_below, .next = 0, .because = index, .of_edges = true});
  } else {
    judge_all(declared.downstream);
  }
  judge_all(declared.guarded);
  judge_all(declared.sizes);
}

void Engine::State::mark_tasks(const MarkTasks& e, Time now) {
  const auto refuse = [&](Error error) { answer(e.command, std::move(error), {}); };
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr && e.ended == nullptr)
    return refuse({ErrorKind::not_found, "there is no such run", "dag " + e.dag_id + ", run " + e.run_id,
                   "see: venturi dags list-runs " + e.dag_id});
  if (auto trouble = change_trouble(e.dag_id, e.run_id)) return refuse(std::move(*trouble));
  auto change = make_change({.tasks = e.tasks, .upstream = e.upstream, .downstream = e.downstream}, e.state, e.user,
                            run != nullptr ? *run->dag : *e.ended->dag);
  if (!change) return refuse(change.error());
  if (run == nullptr)
    return visit(*e.ended, {.change = std::move(*change), .version = e.ended->dag, .command = e.command, .is_dry = e.dry_run},
                 now);
  if (e.dry_run) {
    for (SlotIndex i = 0; i < run->slots.size(); ++i) {
      if (!run->slots[i].is_absent && change->marks(run->slots[i])) tell(*change, *run, i);
    }
    effects.emplace_back(answer_of(*change, e.command, run->row));
    return;
  }
  change->command = e.command;
  begin_change(*run, std::move(*change));
}

void Engine::State::mark_run(const MarkRun& e, Time now) {
  const auto refuse = [&](Error error) { answer(e.command, std::move(error), {}); };
  const std::string where = "dag " + e.dag_id + ", run " + e.run_id,
                    cause = "marked " + std::string(to_string(e.state)) + (e.user.empty() ? "" : " by " + e.user);
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr && e.ended == nullptr)
    return refuse({ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + e.dag_id});
  if (e.state == RunState::running)
    return refuse({ErrorKind::invalid, "a run cannot be marked running", where, "mark it queued, success or failed"});
  if (run != nullptr && run->sweep) return refuse({ErrorKind::conflict, "the run is being stopped already", where, ""});
  if (run == nullptr && is_changing(e.dag_id, e.run_id)) return refuse(change_trouble(e.dag_id, e.run_id).value());
  if (run != nullptr) {
    if (e.state == RunState::queued) return answer(e.command, {}, run->row);  // it goes on as it does
    return begin_sweep(*run, {.of_running = e.state == RunState::success ? TaskState::success : TaskState::failed,
                              .cause = cause,
                              .run_ends_as = e.state,
                              .command = e.command,
                              .calls_back = false});
  }
  if (e.state == RunState::queued)
    return visit(*e.ended, {.change = {}, .version = e.ended->dag, .command = e.command, .user = e.user}, now);
  Run& ended = *ended_runs.emplace_back(make_run(e.ended->row, e.ended->dag));  // kept for its row
  ended.row.state = e.state;
  ended.row.end_date = now;
  if (e.state == RunState::success) meet_deadlines(ended, now);
  mark(ended);
  note(ended, {0, TaskState::none, TaskState::none, e.state, 0, cause});
  answer(e.command, {}, ended.row);
}

void Engine::State::forget_partition(const ForgetPartition& e) {
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr) {
    const std::string where = "dag " + e.dag_id + ", run " + e.run_id;
    if (e.ended == nullptr)
      return answer(e.command,
                    Error{ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + e.dag_id}, {});
    if (auto trouble = change_trouble(e.dag_id, e.run_id)) return answer(e.command, std::move(trouble), {});
    run = ended_runs.emplace_back(make_run(e.ended->row, e.ended->dag)).get();  // kept for its row
  }
  run->row.partition_key.reset();
  run->row.partition_date.reset();
  mark(*run);
  answer(e.command, {}, run->row);
}

}  // namespace venturi::engine
