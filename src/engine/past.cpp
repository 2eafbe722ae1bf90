// depends_on_past and wait_for_downstream (ti_deps/deps/prev_dagrun_dep.py): a task that may run by its trigger rule waits
// until it succeeded, or was skipped, in the DAG's run before. Which run that is, the store knows; it is asked once for each
// run, when the first of its tasks wants to know:
//
//   unknown ─LookBack─▶ asked ─PastFound─▶ known    a run with a logical date in between, or one that lives again: unknown
//
// A run before that is active is looked at in memory, and brings its followers back when a task of it ends. What one that ended
// left is remembered by those that follow it. Nothing of this is a row: after a start it is asked again.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {

namespace {

bool is_good(TaskState state) {
  return state == TaskState::success || state == TaskState::skipped;
}

// Whether all instances of the task ended well; nothing: the run has no such task instance. What is not created yet has not
// ended.
std::optional<bool> outcome_in(const Run& run, std::string_view task_id) {
  const auto task = run.dag->find_task(task_id);
  if (!task) return std::nullopt;
  if (run.change) return false;  // it may be cleared
  if (*task >= run.progress.size()) return false;
  const TaskSlot& first = run.slots[run.first_slot(*task)];
  if (first.is_absent) return std::nullopt;
  const TaskProgress& progress = run.progress[*task];
  if (progress.ended < progress.instances) return false;
  if (!progress.is_expanded) return is_good(first.state);
  for (std::int32_t i = 0; const auto slot = run.instance(*task, i); ++i) {
    if (!is_good(run.slots[*slot].state)) return false;
  }
  return true;
}

std::optional<bool> outcome_of(const Past& past, std::string_view task_id) {
  const auto found = past.tasks.find(task_id);
  return found == past.tasks.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

// Why not, or an empty text. Asked of a run whose past is known.
std::string Engine::State::past_trouble(const Run& run, TaskIndex index) const {
  const Task& task = run.dag->tasks[index];
  const Past& past = run.past;
  if (past.previous == 0) return {};
  if (run.dag->catchup && task.start_date && past.logical_date && *past.logical_date < *task.start_date) return {};
  const auto active = runs.find(past.previous);
  const auto outcome = [&](std::string_view task_id) {
    return active == runs.end() ? outcome_of(past, task_id) : outcome_in(*active->second, task_id);
  };
  const std::string before = past.logical_date ? "the run before, of " + format_time(*past.logical_date) : "the run before";
  const auto own = outcome(task.task_id);
  if (!own) {
    if (task.ignore_first_depends_on_past && !past.seen_before.contains(task.task_id)) return {};
    return fmt::format("depends_on_past: {} has no such task instance", before);
  }
  if (!*own) return fmt::format("depends_on_past: it has neither succeeded nor been skipped in {}", before);
  if (!task.wait_for_downstream) return {};
  for (const TaskIndex below : task.downstream) {
    if (outcome(run.dag->tasks[below].task_id).value_or(true)) continue;
    return fmt::format("wait_for_downstream: {} has neither succeeded nor been skipped in {}", run.dag->tasks[below].task_id,
                       before);
  }
  return {};
}

bool Engine::State::past_allows(Run& run, TaskIndex task) {
  if (!run.dag->tasks[task].depends_on_past) return true;
  if (!run.row.logical_date) return true;  // nothing comes before it
  if (run.past.state == Past::State::unknown) ask_for_past(run);
  return run.past.state == Past::State::known && past_trouble(run, task).empty();
}

void Engine::State::ask_for_past(Run& run) {
  run.past.state = Past::State::asked;
  LookBack question{.run = run.row.no,
                    .question = ++run.past.question,
                    .dag_id = run.row.dag_id,
                    .before = *run.row.logical_date,
                    .without_manual = run.dag->catchup,
                    .task_ids = {}};
  for (const Task& task : run.dag->tasks) {
    if (task.depends_on_past && task.ignore_first_depends_on_past) question.task_ids.push_back(task.task_id);
  }
  run.machine->looking_back.insert(run.row.no);
  effects.emplace_back(std::move(question));
}

void Engine::State::past_found(const PastFound& e) {
  const auto found = runs.find(e.run);
  if (found == runs.end()) return;
  Run& run = *found->second;
  if (run.past.state != Past::State::asked || run.past.question != e.question) return;
  Past& past = run.past;
  past.state = Past::State::known;
  past.previous = e.previous ? e.previous->no : 0;
  past.logical_date = e.previous ? e.previous->logical_date : std::nullopt;
  past.tasks.clear();
  past.seen_before = {e.seen_before.begin(), e.seen_before.end()};
  if (const auto active = runs.find(past.previous); active != runs.end()) {
    auto& followers = active->second->followers;
    if (std::ranges::find(followers, run.row.no) == followers.end()) followers.push_back(run.row.no);
  } else if (e.previous && !is_finished(e.previous->state) && !std::exchange(past.asked_again, true)) {
    return past_changed(run);  // it has ended since: the next answer, behind that in the store, knows how
  }
  // One that stays active without being here waits for a program that can read its DAG.
  past.asked_again = false;
  for (const TaskInstance& ti : e.task_instances) {
    bool& is_all_good = past.tasks.try_emplace(ti.task_id, true).first->second;
    is_all_good = is_all_good && is_good(ti.state);
  }
  judge_patient_tasks(run);
}

// If it waits, the task is judged again, in its turn.
void Engine::State::judge_patient_task(Run& run, TaskIndex task) {
  if (task >= run.progress.size() || !run.dag->tasks[task].depends_on_past) return;
  if (run.progress[task].is_expanded)
    run.judgings.push_back({task, 0, {}});
  else if (run.slots[run.first_slot(task)].state == TaskState::none)
    run.to_judge.push_back(task);
}

void Engine::State::judge_patient_tasks(Run& run) {
  if (run.row.state != RunState::running || run.sweep) return;
  for (TaskIndex task = 0; task < run.progress.size(); ++task) judge_patient_task(run, task);
  add_work(run);
}

// Of an active run a task has ended: the same task waits for it in those that follow, and tasks above it may.
void Engine::State::tell_followers(Run& run, TaskIndex task) {
  if (run.followers.empty() || run.progress[task].ended < run.progress[task].instances) return;
  for (const RunNo no : run.followers) {
    const auto found = runs.find(no);
    if (found == runs.end() || found->second->past.previous != run.row.no) continue;
    Run& follower = *found->second;
    const auto same = follower.dag->find_task(run.dag->tasks[task].task_id);
    if (!same || follower.row.state != RunState::running || follower.sweep) continue;
    judge_patient_task(follower, *same);
    for (const TaskIndex above : follower.dag->tasks[*same].upstream) {
      if (follower.dag->tasks[above].wait_for_downstream) judge_patient_task(follower, above);
    }
    add_work(follower);
  }
}

// The run has ended, and is going to leave the memory: those that follow it keep how its tasks ended.
void Engine::State::leave_followers(Run& run) {
  for (const RunNo no : std::exchange(run.followers, {})) {
    const auto found = runs.find(no);
    if (found == runs.end() || found->second->past.previous != run.row.no) continue;
    Run& follower = *found->second;
    for (const Task& task : run.dag->tasks) {
      if (const auto good = outcome_in(run, task.task_id)) follower.past.tasks[task.task_id] = *good;
    }
    judge_patient_tasks(follower);
  }
  run.machine->looking_back.erase(run.row.no);
}

// A run has come in between, or has changed: those for which it may be the one before ask again.
void Engine::State::past_changed(const Run& run) {
  for (const RunNo no : run.machine->looking_back) {
    Run& other = *runs.at(no);
    Past& past = other.past;
    if (past.state == Past::State::unknown) continue;
    const bool is_itself = &other == &run;
    const bool is_before = run.row.logical_date && *run.row.logical_date < *other.row.logical_date;
    const bool is_nearer = past.state == Past::State::asked || past.previous == 0 || !past.logical_date ||
                           (run.row.logical_date && *past.logical_date <= *run.row.logical_date);
    if (!is_itself && !(is_before && is_nearer)) continue;
    past.state = Past::State::unknown;
    judge_patient_tasks(other);
  }
}

}  // namespace venturi::engine
