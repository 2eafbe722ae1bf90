// Backfills (models/backfill.py): how they are asked for, changed and end, and when their runs start. What becomes of their
// dates is backfill_dates.cpp's.
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

constexpr std::size_t runs_in_slice = 32;  // of a backfill that is cancelled

std::optional<Error> trouble_with_past(const Dag& dag, const Backfill& backfill, const std::string& where) {
  const auto task = std::ranges::find_if(dag.tasks, &Task::depends_on_past);
  if (task == dag.tasks.end()) return {};
  if (backfill.run_backwards) {
    return Error{ErrorKind::invalid,
                 "a backfill cannot run backwards when the DAG has tasks with depends_on_past, as " + task->task_id + " is",
                 where, "leave out run_backwards"};
  }
  if (backfill.reprocess_behavior == ReprocessBehavior::none) {
    return Error{ErrorKind::invalid,
                 "a backfill of a DAG with tasks with depends_on_past, as " + task->task_id +
                     " is, needs the reprocess behavior completed or failed",
                 where, "a date that is left alone could hold up those behind it"};
  }
  return {};
}

}  // namespace

Error no_dates(const Backfill& b) {
  return {ErrorKind::invalid,
          fmt::format("no runs to create for DAG {} in the range [{}, {}]", b.dag_id, format_time(b.from_date),
                      format_time(b.to_date)),
          "dag " + b.dag_id, "both dates are logical dates; those whose data interval is not over yet are left out"};
}

// ---- asked for ------------------------------------------------------------------------------------------------------------

std::optional<Error> Engine::State::backfill_trouble(const Backfill& b, Time now) {
  const std::string where = "dag " + b.dag_id;
  const DagMachine* m = find_machine(b.dag_id);
  if (m == nullptr || m->is_gone || !m->dag)
    return Error{ErrorKind::not_found, "there is no DAG " + b.dag_id, "", "see: venturi dags list"};
  if (!m->timetable || !m->timetable->is_periodic()) {
    return Error{ErrorKind::invalid, b.dag_id + " has a non-periodic schedule that does not support backfills", where,
                 "trigger its runs by hand: venturi dags trigger " + b.dag_id};
  }
  for (const std::int64_t id : m->backfills) {
    if (backfills.at(id).row.completed_at) continue;
    return Error{ErrorKind::conflict, fmt::format("there is already a running backfill for DAG {}: {}", b.dag_id, id), where,
                 fmt::format("wait until it is completed, or: venturi backfill cancel {}", id)};
  }
  if (b.from_date > b.to_date) {
    return Error{ErrorKind::invalid,
                 fmt::format("from_date ({}) must not be after to_date ({})", format_time(b.from_date), format_time(b.to_date)),
                 where, "exchange the two dates"};
  }
  if (b.from_date >= now) {
    return Error{ErrorKind::invalid, "a backfill cannot be executed for future dates", where,
                 "let it begin before " + format_time(now)};
  }
  if (b.max_active_runs < 1) {
    return Error{ErrorKind::invalid, fmt::format("max_active_runs must be at least 1, not {}", b.max_active_runs), where,
                 "to hold a backfill up, pause it"};
  }
  if (auto trouble = trouble_with_past(*m->dag, b, where)) return trouble;
  Backfill asked = b;
  asked.created_at = now;
  if (m->timetable->is_user_defined() || date_after(*m->timetable, asked, {})) return {};
  return no_dates(b);
}

void Engine::State::create_backfill(const CreateBackfill& e, Time now, const schedule::TimetableAnswer* first_dates) {
  if (auto trouble = backfill_trouble(e.backfill, now)) return answer(e.command, std::move(trouble), {});
  const DagMachine& m = *find_machine(e.backfill.dag_id);
  if (e.dry_run) {
    OfDryRun of{.event = e, .dates = {}, .last = {}};
    of.event.backfill.created_at = now;
    return tell_dates(std::move(of), now);
  }
  if (m.timetable->is_user_defined()) {
    if (first_dates == nullptr) return ask_for_first_dates(m, e, now);  // it comes back here with them
    if (first_dates->runs.empty() || first_dates->runs.front().interval.end >= now)
      return answer(e.command, no_dates(e.backfill), {});
  }
  Backfill row = e.backfill;
  row.id = next_backfill++;
  row.created_at = row.updated_at = now;
  BackfillMachine& b = know_backfill(std::move(row));
  mark(b);
  add_work(b);
  effects.emplace_back(Answer{.command = e.command, .error = {}, .run = {}, .backfill = b.row});
}

BackfillMachine& Engine::State::know_backfill(Backfill row) {
  const std::int64_t id = row.id;
  const auto [found, is_new] = backfills.try_emplace(id);
  BackfillMachine& b = found->second;
  if (!is_new) return b;
  b.machine = &machine_of(row.dag_id);
  b.machine->backfills.insert(id);
  b.row = std::move(row);
  return b;
}

void Engine::State::mark(const BackfillMachine& b) {
  changed_backfills.insert_or_assign(b.row.id, b.row);
}

void Engine::State::add_work(BackfillMachine& b) {
  const bool has_work = !b.row.completed_at && (b.row.is_cancelled || (!b.row.is_made && b.slice.empty()));
  if (!has_work || b.machine->is_gone || std::exchange(b.is_busy, true)) return;
  busy_backfills.push_back(b.row.id);
}

void Engine::State::resume_backfills(const DagMachine& m) {
  for (const std::int64_t id : m.backfills) add_work(backfills.at(id));
}

void Engine::State::change_backfill(const ChangeBackfill& e, Time now) {
  const std::string where = fmt::format("backfill {}", e.backfill_id);
  const auto found = backfills.find(e.backfill_id);
  if (found == backfills.end() || found->second.row.completed_at)
    return answer(e.command, Error{ErrorKind::conflict, "the backfill is already completed", where, ""}, {});
  BackfillMachine& b = found->second;
  if (b.row.is_cancelled)
    return answer(e.command, Error{ErrorKind::conflict, "the backfill is being cancelled", where, ""}, {});
  const bool is_cancelled = e.to == ChangeBackfill::To::cancelled, is_paused = e.to != ChangeBackfill::To::unpaused;
  if (is_cancelled || b.row.is_paused != is_paused) {
    b.row.is_paused = is_paused;
    b.row.is_cancelled = is_cancelled;
    b.row.updated_at = now;
    mark(b);
  }
  if (is_cancelled) {
    b.cancel_command = e.command;
    b.slice.clear();
    return add_work(b);
  }
  effects.emplace_back(Answer{.command = e.command, .error = {}, .run = {}, .backfill = b.row});
  start_runs(*b.machine, now);
}

// ---- ends -----------------------------------------------------------------------------------------------------------------

// Its queued runs fail without a word to anybody: as in Airflow they never ran, and nobody is called back.
int Engine::State::cancel_some(BackfillMachine& b, Time now) {
  for (std::size_t i = 0; i < runs_in_slice && !b.queued.empty(); ++i)
    end_run(*runs.at(b.queued.begin()->second), RunState::failed, now, "the backfill was cancelled", {});
  if (!b.queued.empty())
    add_work(b);
  else
    complete(b, now);
  return static_cast<int>(runs_in_slice);
}

void Engine::State::complete_if_done(BackfillMachine& b, Time now) {
  if (b.row.completed_at)
    forget_if_over(b);
  else if (b.row.is_made && !b.row.is_cancelled && b.active == 0)
    complete(b, now);
}

void Engine::State::complete(BackfillMachine& b, Time now) {
  b.row.completed_at = b.row.updated_at = now;
  mark(b);
  if (b.cancel_command) effects.emplace_back(Answer{.command = *b.cancel_command, .error = {}, .run = {}, .backfill = b.row});
  b.cancel_command.reset();
  forget_if_over(b);
}

void Engine::State::forget_if_over(BackfillMachine& b) {
  if (!b.row.completed_at || b.active > 0) return;
  const std::int64_t id = b.row.id;
  b.machine->backfills.erase(id);
  backfills.erase(id);
}

// ---- their runs -----------------------------------------------------------------------------------------------------------

// A run that became active: its place among those that wait to start.
void Engine::State::enter(Run& run) {
  run.machine->active.insert(run.row.no);
  if (const auto found = backfills.find(run.row.backfill_id); found != backfills.end()) {
    run.backfill = &found->second;
    ++run.backfill->active;
    ++run.machine->of_backfills;
  }
  if (run.row.state == RunState::queued) join_queue(run);
}

void Engine::State::join_queue(const Run& run) {
  if (run.backfill != nullptr)
    run.backfill->queued.emplace(run.row.sort_ordinal, run.row.no);
  else
    run.machine->queued.emplace(run.row.run_after, run.row.no);  // sort_queue() sees whether it is for later
}

void Engine::State::leave_queue(const Run& run) {
  if (run.backfill != nullptr)
    run.backfill->queued.erase({run.row.sort_ordinal, run.row.no});
  else if (const std::pair place(run.row.run_after, run.row.no); run.machine->queued.erase(place) == 0)
    run.machine->later.erase(place);
}

BackfillMachine* Engine::State::unlist(Run& run) {
  leave_queue(run);
  run.machine->active.erase(run.row.no);
  BackfillMachine* b = std::exchange(run.backfill, nullptr);
  if (b == nullptr) return nullptr;
  --b->active;
  --run.machine->of_backfills;
  return b;
}

// It has ended.
void Engine::State::leave(Run& run, Time now) {
  if (BackfillMachine* b = unlist(run)) complete_if_done(*b, now);
}

// Those of backfills start when the DAG's other runs have, and have a limit of their own.
void Engine::State::start_backfill_runs(DagMachine& m, Time now) {
  if (!hold.empty()) return;
  const std::vector<std::int64_t> ids(m.backfills.begin(), m.backfills.end());
  for (const std::int64_t id : ids) {
    for (auto b = backfills.find(id); b != backfills.end() && b->second.may_start() && m.may_start_runs();
         b = backfills.find(id))
      start_run(*runs.at(b->second.queued.begin()->second), now, "the backfill's max_active_runs has room");
  }
}

bool Engine::knows_backfill(std::int64_t id) const {
  return state_->backfills.contains(id);
}

}  // namespace venturi::engine
