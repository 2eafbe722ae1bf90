// The dates of a backfill, and the runs that are made for them:
//
//   asked for ─▶ dates, a slice at a time ─▶ FindDates: which have runs? ─▶ a new run, an old one again, or a reason
//                        ▲                                                                │
//                        └────────── one batch has the slice's runs and how far it is ◀───┘
//
// A slice that was not committed is looked at again after a start: the row says where to go on, and nothing is made twice.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/changing.h"
#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

constexpr std::size_t dates_in_slice = 32;
// A date costs less than a run: so many are gone through before others have their turn.
constexpr std::size_t dates_in_turn = 256;

constexpr const char* already_exists = "already exists";
constexpr const char* in_flight = "in flight";

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

}  // namespace

// As Airflow iterates a timetable from a date on; only intervals that were over when the backfill was asked for.
std::optional<schedule::RunInfo> date_after(const schedule::Timetable& timetable, const Backfill& backfill,
                                            const std::optional<schedule::DataInterval>& last) {
  auto info = timetable.next(last, {backfill.from_date, backfill.to_date, true}, backfill.created_at);
  if (!info || info->interval.end >= backfill.created_at) return std::nullopt;
  if (last && info->interval.start <= last->start) return std::nullopt;  // it does not move on
  return info;
}

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
  if (b.row.run_backwards && !b.is_all_ahead) return look_ahead(b, now);
  ask_for_dates(b, now);
  return static_cast<int>(dates_in_slice);
}

// All dates, because the last one comes first.
int Engine::State::look_ahead(BackfillMachine& b, Time now) {
  const auto until = last_interval(b.row);
  for (std::size_t i = 0; i < dates_in_turn && !b.is_all_ahead; ++i) {
    const NextRun next = next_date(b, b.ahead_cursor, now);
    if (!next.is_known) return static_cast<int>(dates_in_slice);  // the answer brings it back
    b.is_all_ahead = !next.info || (until && next.info->interval.start >= until->start);
    if (b.is_all_ahead) break;
    b.ahead_cursor = next.info->interval;
    b.ahead.push_back(*next.info);
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
      const NextRun next = next_date(b, cursor, now);
      if (!next.is_known && b.slice.empty()) return;  // the answer brings it back
      info = next.info;
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
  for (const auto& [no, visit] : visits) {
    if (visit.run->machine == &m) look_at(visit.run->row);
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
  // One with another date has the id that this date's run would have.
  if (is_active || (old != nullptr && old->row.logical_date != info.logical_date)) {
    made.exception_reason = in_flight;
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
  // Where the schedule was another one before, the newest interval need not end last: ids of runs are made of ends, and none
  // comes twice.
  m.row.last_interval_end = std::max(m.row.last_interval_end.value_or(interval.end), interval.end);
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
  Visit visit{.version = ended.dag, .user = ""};
  visit.run = make_run(ended.row, ended.dag);
  visit.lengths = ended.xcom_lengths;
  add_rows(visit, ended.task_instances);
  fill_up(visit);
  connect_run(*visit.run);
  Run& run = take_in(std::move(visit.run), {});
  queue_again(run, cause, now);
  begin_change(run, make_change({}, {}, fmt::format("backfill {}", b.row.id), *run.dag).value());
  return run;
}

}  // namespace venturi::engine
