// Backfills (models/backfill.py): the runs of a DAG's schedule for dates that lie behind.
//
//   asked for ─▶ dates, a slice at a time ─▶ FindDates: which of them have runs? ─▶ a run, an old one that runs again, or a
//   reason
//                        ▲                                                                      │
//                        └───────────── one batch has the slice's runs and how far it is ◀──────┘
//
// A slice that was not committed is looked at again after a start: the row says where to go on, and nothing is made twice.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

constexpr std::size_t dates_in_slice = 32;
// A date costs less than a run: so many are gone through before others have their turn.
constexpr std::size_t dates_in_turn = 256;
constexpr std::size_t most_dates_shown = 100'000;

constexpr const char* already_exists = "already exists";
constexpr const char* in_flight = "in flight";

// As Airflow iterates a timetable from a date on; only intervals that were over when the backfill was asked for.
std::optional<schedule::RunInfo> date_after(const schedule::Timetable& timetable, const Backfill& backfill,
                                            const std::optional<schedule::DataInterval>& last) {
  auto info = timetable.next(last, {backfill.from_date, backfill.to_date, true}, backfill.created_at);
  if (!info || info->interval.end >= backfill.created_at) return std::nullopt;
  if (last && info->interval.start <= last->start) return std::nullopt;  // it does not move on
  return info;
}

// Why a date with this run gets none; nullptr where the run is to run again.
const char* exception_reason(RunState state, ReprocessBehavior behavior) {
  if (!is_finished(state)) return in_flight;
  if (behavior == ReprocessBehavior::completed) return nullptr;
  return behavior == ReprocessBehavior::failed && state == RunState::failed ? nullptr : already_exists;
}

std::optional<schedule::DataInterval> last_interval(const Backfill& backfill) {
  if (!backfill.last_interval_start) return std::nullopt;
  return schedule::DataInterval{*backfill.last_interval_start, *backfill.last_interval_end};
}

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
  if (date_after(*m->timetable, asked, {})) return {};
  return Error{ErrorKind::invalid,
               fmt::format("no runs to create for DAG {} in the range [{}, {}]", b.dag_id, format_time(b.from_date),
                           format_time(b.to_date)),
               where, "both dates are logical dates; those whose data interval is not over yet are left out"};
}

void Engine::State::create_backfill(const CreateBackfill& e, Time now) {
  if (auto trouble = backfill_trouble(e.backfill, now)) return answer(e.command, std::move(trouble), {});
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

// ---- slices ---------------------------------------------------------------------------------------------------------------

int Engine::State::work_on_backfill(Time now) {
  const auto found = backfills.find(busy_backfills.front());
  busy_backfills.pop_front();
  if (found == backfills.end()) return 1;
  BackfillMachine& b = found->second;
  b.is_busy = false;
  if (b.row.completed_at) return 1;
  if (b.row.is_cancelled) return cancel_some(b, now);
  const DagMachine& m = *b.machine;
  if (b.row.is_made || !b.slice.empty() || m.is_gone || !m.timetable) return 1;  // a DAG that comes back goes on
  if (b.row.run_backwards && !b.is_all_ahead) return look_ahead(b);
  ask_for_dates(b, now);
  return static_cast<int>(dates_in_slice);
}

// All dates, because the last one comes first.
int Engine::State::look_ahead(BackfillMachine& b) {
  const auto until = last_interval(b.row);
  for (std::size_t i = 0; i < dates_in_turn && !b.is_all_ahead; ++i) {
    const auto info = date_after(*b.machine->timetable, b.row, b.ahead_cursor);
    b.is_all_ahead = !info || (until && info->interval.start >= until->start);
    if (b.is_all_ahead) break;
    b.ahead_cursor = info->interval;
    b.ahead.push_back(*info);
  }
  add_work(b);
  return static_cast<int>(dates_in_slice);
}

void Engine::State::ask_for_dates(BackfillMachine& b, Time now) {
  FindDates question{.backfill_id = b.row.id,
                     .question = ++b.question,
                     .dag_id = b.row.dag_id,
                     .dates = {},
                     .reprocess_behavior = b.row.reprocess_behavior};
  auto cursor = last_interval(b.row);
  while (b.slice.size() < dates_in_slice) {
    std::optional<schedule::RunInfo> info;
    if (!b.row.run_backwards) {
      info = date_after(*b.machine->timetable, b.row, cursor);
    } else if (!b.ahead.empty()) {
      info = b.ahead.back();
      b.ahead.pop_back();
    }
    if (!info) break;
    cursor = info->interval;
    question.dates.push_back({info->logical_date, schedule::make_run_id(RunType::backfill, info->run_after)});
    b.slice.push_back(*info);
  }
  if (!b.slice.empty()) {
    effects.emplace_back(std::move(question));
    return;
  }
  b.row.is_made = true;
  mark(b);
  complete_if_done(b, now);
}

void Engine::State::dates_found(const DatesFound& e, Time now) {
  const auto found = backfills.find(e.backfill_id);
  if (found == backfills.end() || found->second.question != e.question) return;
  BackfillMachine& b = found->second;
  const auto slice = std::exchange(b.slice, {});
  if (slice.empty() || b.row.is_cancelled) return;
  DagMachine& m = *b.machine;
  if (m.is_gone) {  // looked at again when it comes back
    if (b.row.run_backwards) b.ahead.insert(b.ahead.end(), slice.rbegin(), slice.rend());
    return;
  }
  std::set<Time> active_dates;
  std::set<std::string_view> active_ids;
  const auto look_at = [&](const DagRun& run) {
    if (run.logical_date) active_dates.insert(*run.logical_date);
    active_ids.insert(run.run_id);
  };
  for (const RunNo no : m.active) look_at(runs.at(no)->row);
  for (const auto& run : ended_runs) {  // a moment ago: the store does not know it yet
    if (run->machine == &m) look_at(run->row);
  }
  std::map<Time, const EndedRun*> existing;
  for (const auto& [date, run] : e.existing) existing.emplace(date, run.get());
  for (const schedule::RunInfo& info : slice) {
    const auto old = existing.find(info.logical_date);
    const bool is_active = active_dates.contains(info.logical_date) ||
                           active_ids.contains(schedule::make_run_id(RunType::backfill, info.run_after));
    make_backfill_run(b, info, is_active, old == existing.end() ? nullptr : old->second, now);
  }
  b.row.last_interval_start = slice.back().interval.start;
  b.row.last_interval_end = slice.back().interval.end;
  mark(b);
  add_work(b);
  start_runs(m, now);
  schedule(m, now);
}

void Engine::State::make_backfill_run(BackfillMachine& b, const schedule::RunInfo& info, bool is_active, const EndedRun* old,
                                      Time now) {
  BackfillDagRun made{b.row.id, ++b.row.looked_at, {}, {}, info.logical_date};
  if (is_active) {
    made.exception_reason = in_flight;
  } else if (old != nullptr && old->row.logical_date != info.logical_date) {
    made.exception_reason = in_flight;  // it has the id that this date's run would have
  } else if (old != nullptr) {
    if (const char* reason = exception_reason(old->row.state, b.row.reprocess_behavior))
      made.exception_reason = reason;
    else
      made.run = reprocess(b, *old, made.sort_ordinal, now).row.no;
  } else {
    DagRun row;
    row.run_type = RunType::backfill;
    row.logical_date = info.logical_date;
    row.data_interval_start = info.interval.start;
    row.data_interval_end = info.interval.end;
    row.run_after = info.run_after;
    row.run_id = schedule::make_run_id(RunType::backfill, info.run_after);
    row.conf = b.row.dag_run_conf;
    row.triggered_by = b.row.triggering_user_name;
    row.backfill_id = b.row.id;
    row.sort_ordinal = made.sort_ordinal;
    made.run = create_run(*b.machine, std::move(row), now).row.no;
  }
  if (made.run) remember_interval(*b.machine, info.interval);
  changes.backfill_dag_runs.push_back(std::move(made));
}

// As in Airflow the schedule goes on behind the newest automatic run, and backfills count as such.
void Engine::State::remember_interval(DagMachine& m, const schedule::DataInterval& interval) {
  if (m.row.last_interval_start && *m.row.last_interval_start >= interval.start) return;
  m.row.last_interval_start = interval.start;
  m.row.last_interval_end = interval.end;
  mark(m);
}

// A run that ended is cleared, whole, and is the backfill's from then on.
Run& Engine::State::reprocess(const BackfillMachine& b, const EndedRun& old, std::int32_t sort_ordinal, Time now) {
  EndedRun ended = old;
  ended.backfill.reset();  // of before, which has nothing to do with it any more
  ended.row.run_type = RunType::backfill;
  ended.row.backfill_id = b.row.id;
  ended.row.sort_ordinal = sort_ordinal;
  if (!b.row.dag_run_conf.is_null()) ended.row.conf = b.row.dag_run_conf;
  const std::string cause = fmt::format("cleared by backfill {}", b.row.id);
  Run& run = load_ended(ended);
  queue_again(run, cause, now);
  let_go(run);
  for (SlotIndex slot = 0; slot < run.slots.size(); ++slot) {
    if (!run.slots[slot].is_absent) clear_instance(run, slot, cause, now);
  }
  take_up(run);
  past_changed(run);
  return run;
}

// ---- ends -----------------------------------------------------------------------------------------------------------------

// Its queued runs fail without a word to anybody: as in Airflow they never ran, and nobody is called back.
int Engine::State::cancel_some(BackfillMachine& b, Time now) {
  for (std::size_t i = 0; i < dates_in_slice && !b.queued.empty(); ++i)
    end_run(*runs.at(b.queued.begin()->second), RunState::failed, now, "the backfill was cancelled", false);
  if (!b.queued.empty())
    add_work(b);
  else
    complete(b, now);
  return static_cast<int>(dates_in_slice);
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
    run.machine->queued.insert(run.row.no);
}

void Engine::State::leave_queue(const Run& run) {
  if (run.backfill != nullptr)
    run.backfill->queued.erase({run.row.sort_ordinal, run.row.no});
  else
    run.machine->queued.erase(run.row.no);
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
  const std::vector<std::int64_t> ids(m.backfills.begin(), m.backfills.end());
  for (const std::int64_t id : ids) {
    for (auto b = backfills.find(id); b != backfills.end() && b->second.may_start() && m.may_progress(); b = backfills.find(id))
      start_run(*runs.at(b->second.queued.begin()->second), now, "the backfill's max_active_runs has room");
  }
}

bool Engine::knows_backfill(std::int64_t id) const {
  return state_->backfills.contains(id);
}

Result<std::vector<Time>> Engine::backfill_dates(const Backfill& backfill, Time now) const {
  if (auto trouble = state_->backfill_trouble(backfill, now)) return std::unexpected(std::move(*trouble));
  const auto& timetable = *state_->find_machine(backfill.dag_id)->timetable;
  Backfill asked = backfill;
  asked.created_at = now;
  std::vector<Time> dates;
  std::optional<schedule::DataInterval> last;
  while (const auto info = date_after(timetable, asked, last)) {
    if (dates.size() == most_dates_shown) {
      return fail(ErrorKind::invalid, fmt::format("the range has more than {} dates", most_dates_shown),
                  "dag " + backfill.dag_id, "give dates that are nearer to each other");
    }
    dates.push_back(info->logical_date);
    last = info->interval;
  }
  if (backfill.run_backwards) std::ranges::reverse(dates);
  return dates;
}

}  // namespace venturi::engine
