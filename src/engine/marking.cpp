// Task instances and runs that are said to have ended in a way (Airflow's mark_tasks.py). Where it makes up for a failure, what
// failed or was not run below it is cleared, and runs again; nobody is called back for what a person said.
#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

std::string marked(std::string_view state, const std::string& user) {
  return "marked " + std::string(state) + (user.empty() ? "" : " by " + user);
}

// The named tasks and, as they stand in the graph, those above and below; a teardown below is left alone.
class MarkedTasks {
 public:
  static Result<MarkedTasks> of(const MarkTasks& e, const Dag& dag) {
    MarkedTasks marked;
    if (auto selected = SelectedTasks::of({.tasks = e.tasks}, dag); !selected)  // says which task there is not
      return std::unexpected(std::move(selected.error()));
    marked.all_.resize(dag.tasks.size());
    std::vector<bool> is_named(dag.tasks.size());
    for (const auto& one : e.tasks) {
      const TaskIndex task = *dag.find_task(one.task_id);
      is_named[task] = true;
      if (one.map_index)
        marked.some_.emplace_back(task, *one.map_index);
      else
        marked.all_[task] = true;
    }
    std::vector<bool> under = is_named, over = is_named;
    for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
      if (!under[t]) continue;
      for (const TaskIndex below : dag.tasks[t].downstream) under[below] = true;
    }
    for (auto t = static_cast<TaskIndex>(dag.tasks.size()); t-- > 0;) {
      if (!over[t]) continue;
      for (const TaskIndex upstream : dag.tasks[t].upstream) over[upstream] = true;
    }
    for (TaskIndex t = 0; t < dag.tasks.size(); ++t) {
      if (is_named[t]) continue;
      if ((e.downstream && under[t] && !dag.tasks[t].is_teardown) || (e.upstream && over[t])) marked.all_[t] = true;
    }
    marked.is_named_ = std::move(is_named);
    return marked;
  }
  [[nodiscard]] bool has(TaskIndex task, std::int32_t map_index) const {
    return all_[task] || std::ranges::find(some_, std::pair(task, map_index)) != some_.end();
  }
  [[nodiscard]] bool is_named(TaskIndex task) const { return is_named_[task]; }

 private:
  std::vector<bool> all_, is_named_;
  std::vector<std::pair<TaskIndex, std::int32_t>> some_;
};

}  // namespace

// Counts nothing: let_go() went before, and take_up() follows.
void Engine::State::mark_instance(Run& run, SlotIndex index, TaskState to, const std::string& cause, Time now) {
  TaskSlot& slot = run.slots[index];
  const TaskState from = std::exchange(slot.state, to);
  if (is_under_way(from)) {
    effects.emplace_back(Kill{slot.token, EndReason::killed});
    outstanding.erase(slot.token);
    slot.end_reason = EndReason::killed;
  }
  if (!slot.start_date) slot.start_date = now;
  if (!slot.end_date || is_under_way(from)) slot.end_date = now;
  slot.next_try_at.reset();
  slot.same_try = false;
  run.deferrals.erase(index);
  mark(run, index);
  note(run, {run.row.first_task_instance + index, from, to, RunState::queued, slot.try_number, cause});
}

void Engine::State::mark_tasks(const MarkTasks& e, Time now) {
  const auto refuse = [&](Error error) { answer(e.command, std::move(error), {}); };
  const std::string where = "dag " + e.dag_id + ", run " + e.run_id;
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr && e.ended == nullptr)
    return refuse({ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + e.dag_id});
  if (run != nullptr && run->sweep)
    return refuse({ErrorKind::conflict, "the run is being stopped", where, "mark its tasks when it has ended"});
  const Dag& dag = run != nullptr ? *run->dag : *e.ended->dag;
  const auto tasks = MarkedTasks::of(e, dag);
  if (!tasks) return refuse(tasks.error());
  const auto below = SelectedTasks::of({.tasks = e.tasks, .downstream = true, .only_failed = true}, dag);

  Answer done{e.command, {}, run != nullptr ? run->row : e.ended->row};
  const bool was_ended = run == nullptr;
  if (was_ended) run = &load_ended(*e.ended);
  std::vector<SlotIndex> to_mark, to_clear;
  for (SlotIndex i = 0; i < run->slots.size(); ++i) {
    const TaskSlot& slot = run->slots[i];
    if (slot.is_absent) continue;
    TaskState state = slot.state;
    if (tasks->has(slot.task, slot.map_index) && state != e.state) {
      done.task_instances.push_back(run->task_instance(i));
      to_mark.push_back(i);
      state = e.state;
    }
    if (!tasks->is_named(slot.task) && below->has(slot.task, slot.map_index, state)) to_clear.push_back(i);
  }
  if (e.dry_run || (to_mark.empty() && to_clear.empty())) {
    if (was_ended) put_back(*run);
    effects.emplace_back(std::move(done));
    return;
  }
  const std::string cause = marked(to_string(e.state), e.user);
  if (!was_ended) let_go(*run);
  for (const SlotIndex slot : to_mark) mark_instance(*run, slot, e.state, cause, now);
  for (const SlotIndex slot : to_clear)
    clear_instance(*run, slot, "cleared, since " + e.tasks.front().task_id + " was " + cause, now);
  if (was_ended && to_clear.empty()) {  // the run stays as it ended
    put_back(*run);
    effects.emplace_back(std::move(done));
    return;
  }
  if (was_ended) queue_again(*run, "a task was " + cause, now);
  take_up(*run);
  past_changed(*run);
  start_runs(*run->machine, now);
  find_place(*run);
  add_work(*run);
  done.run = run->row;
  schedule(*run->machine, now);
  const RunNo no = run->row.no;
  effects.emplace_back(std::move(done));
  if (const auto found = runs.find(no);
      found != runs.end() && found->second->row.state == RunState::running && !has_work(*found->second))
    end_if_done(*found->second, now);
}

void Engine::State::mark_run(const MarkRun& e, Time now) {
  const auto refuse = [&](Error error) { answer(e.command, std::move(error), {}); };
  const std::string where = "dag " + e.dag_id + ", run " + e.run_id, cause = marked(to_string(e.state), e.user);
  Run* run = find_active(e.dag_id, e.run_id);
  if (run == nullptr && e.ended == nullptr)
    return refuse({ErrorKind::not_found, "there is no such run", where, "see: venturi dags list-runs " + e.dag_id});
  if (e.state == RunState::running)
    return refuse({ErrorKind::invalid, "a run cannot be marked running", where, "mark it queued, success or failed"});
  if (run != nullptr && run->sweep) return refuse({ErrorKind::conflict, "the run is being stopped already", where, ""});
  if (run != nullptr) {
    if (e.state == RunState::queued) return answer(e.command, {}, run->row);  // it goes on as it does
    return begin_sweep(*run, {.of_running = e.state == RunState::success ? TaskState::success : TaskState::failed,
                              .cause = cause,
                              .run_ends_as = e.state,
                              .command = e.command,
                              .calls_back = false});
  }
  Run& ended = load_ended(*e.ended);
  if (e.state == RunState::queued) {
    queue_again(ended, cause, now);
    take_up(ended);
    past_changed(ended);
    answer(e.command, {}, ended.row);
    return start_runs(*ended.machine, now);
  }
  ended.row.state = e.state;
  ended.row.end_date = now;
  if (e.state == RunState::success) meet_deadlines(ended, now);
  mark(ended);
  note(ended, {0, TaskState::none, TaskState::none, e.state, 0, cause});
  answer(e.command, {}, ended.row);
  put_back(ended);
}

// A run that ended is looked at again: it stands among the active ones until put_back() or queue_again().
Run& Engine::State::load_ended(const EndedRun& ended) {
  if (ended.backfill) know_backfill(*ended.backfill);
  std::size_t first = 0;
  Run& run = load_run(ended.row, ended.dag, ended.task_instances, first);
  std::vector<const XComLength*> lengths;
  for (const XComLength& length : ended.xcom_lengths) lengths.push_back(&length);
  load_lengths(run, lengths);
  return run;
}

// It is no active run any more; what is changed of its rows is written with the batch.
void Engine::State::put_back(Run& run) {
  if (BackfillMachine* b = unlist(run)) forget_if_over(*b);
  const auto found = runs.find(run.row.no);
  ended_runs.push_back(std::move(found->second));
  runs.erase(found);
}

}  // namespace venturi::engine
