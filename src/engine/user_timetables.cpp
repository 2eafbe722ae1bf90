// Timetables that are classes of the user's. What they say the DAG's program is asked; only what depends on the answer waits
// for it:
//
//   the DAG's next runs     forecast.h; with catchup up to 32 at once, so that what lies behind does not cost a process for
//   each a manual run            its command is answered when its data interval is known; a restart forgets both, as any
//   command that
//                           was not answered
//   a backfill              its first dates before the command is answered, the others when they are wanted; of a dry run all
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using schedule::TimetableQuestion;

constexpr int runs_in_answer = 32;
constexpr int dates_in_answer = 256;  // of a backfill
// Without catchup an answer that is older than that when its run could begin is no more: another run may be the newest now.
constexpr Duration most_late = 1min;

// Goes on behind a run that was made of it.
void advance(Forecast& forecast, const std::optional<schedule::DataInterval>& last) {
  if (forecast.state != Forecast::State::known || forecast.runs.empty() || last != forecast.runs.front().interval) return;
  forecast.last = last;
  forecast.runs.pop_front();
}

bool tells(const Forecast& forecast, const std::optional<schedule::DataInterval>& last) {
  return forecast.state == Forecast::State::known && forecast.last == last && (!forecast.runs.empty() || forecast.is_all);
}

// An answer is on its way, or it is too early to ask again.
bool waits(const Forecast& forecast, const std::optional<schedule::DataInterval>& last) {
  return forecast.state == Forecast::State::failed || (forecast.state == Forecast::State::asked && forecast.last == last);
}

std::optional<schedule::RunInfo> first_of(const Forecast& forecast) {
  return forecast.runs.empty() ? std::nullopt : std::optional(forecast.runs.front());
}

bool is_too_late(const Forecast& forecast, Time now) {
  return !forecast.runs.empty() && now > std::max(forecast.runs.front().run_after, forecast.told_at) + most_late;
}

void put(Forecast& forecast, const Result<schedule::TimetableAnswer>& answer, Time now) {
  if (answer) {
    forecast.state = Forecast::State::known;
    forecast.runs = {answer->runs.begin(), answer->runs.end()};
    forecast.is_all = answer->is_all;
    forecast.told_at = now;
    forecast.failures = 0;
    return;
  }
  forecast.state = Forecast::State::failed;
  forecast.runs.clear();
  forecast.ask_again_at = now + pause_before_asking_again(forecast.failures);
  ++forecast.failures;
}

// As in date_after(): only intervals that were over when the backfill was asked for.
std::optional<schedule::RunInfo> within(std::optional<schedule::RunInfo> info, Time created_at) {
  return info && info->interval.end < created_at ? info : std::nullopt;
}

}  // namespace

std::int64_t Engine::State::ask(const DagMachine& m, const TimetableQuestion& about, Asker asker) {
  const std::int64_t question = next_question++;
  effects.emplace_back(AskTimetable{question, m.dag, about, std::holds_alternative<OfDag>(asker)});
  questions.emplace(question, std::move(asker));
  return question;
}

Engine::State::NextRun Engine::State::next_scheduled(DagMachine& m, const std::optional<schedule::DataInterval>& last,
                                                     Time now) {
  Forecast& f = m.forecast;
  if (waits(f, last)) return {};
  advance(f, last);
  const bool catchup = m.dag->catchup;
  if (tells(f, last) && (catchup || !is_too_late(f, now))) return {true, first_of(f)};
  f.question = ask(m,
                   {.now = now,
                    .last = last,
                    .restriction = {m.dag->start_date, m.dag->end_date, catchup},
                    .most = catchup ? runs_in_answer : 1,
                    .until = now},
                   OfDag{m.number});
  f.state = Forecast::State::asked;
  f.last = last;
  return {};
}

Engine::State::NextRun Engine::State::next_date(BackfillMachine& b, const std::optional<schedule::DataInterval>& last,
                                                Time now) {
  if (!b.machine->timetable->is_user_defined()) return {true, date_after(*b.machine->timetable, b.row, last)};
  Forecast& f = b.forecast;
  if (waits(f, last)) return {};
  advance(f, last);
  if (tells(f, last)) return {true, within(first_of(f), b.row.created_at)};
  f.question = ask(*b.machine,
                   {.now = now,
                    .last = last,
                    .restriction = {b.row.from_date, b.row.to_date, true},
                    .most = dates_in_answer,
                    .until = b.row.created_at},
                   OfBackfill{b.row.id});
  f.state = Forecast::State::asked;
  f.last = last;
  return {};
}

void Engine::State::ask_for_interval(DagMachine& m, const TriggerRun& e, Time asked_at, Time now) {
  m.last_manual = asked_at;
  (void)ask(m, {.about = TimetableQuestion::About::manual_interval, .now = now, .run_after = e.logical_date.value_or(asked_at)},
            OfTrigger{e, asked_at});
}

// A run of its id or logical date is being made, and its data interval asked for.
bool Engine::State::is_asked_for(const TriggerRun& e) const {
  return std::ranges::any_of(questions, [&](const auto& open) {
    const auto* of = std::get_if<OfTrigger>(&open.second);
    return of != nullptr && of->event.dag_id == e.dag_id &&
           ((e.run_id && of->event.run_id == e.run_id) || (e.logical_date && of->event.logical_date == e.logical_date));
  });
}

void Engine::State::ask_for_first_dates(const DagMachine& m, const CreateBackfill& e, Time now) {
  (void)ask(
      m, {.now = now, .restriction = {e.backfill.from_date, e.backfill.to_date, true}, .most = dates_in_answer, .until = now},
      e);
}

void Engine::State::timetable_told(const TimetableTold& e, Time now) {
  auto open = questions.extract(e.question);
  if (open.empty()) return;
  if (const auto* of = std::get_if<OfDag>(&open.mapped())) {
    DagMachine& m = *machines_by_number.at(of->number);
    if (m.forecast.question != e.question) return;  // another version is asked
    put(m.forecast, e.answer, now);
    if (e.answer) return schedule(m, now);
    show_next_run(m, {});
    timers.add({m.forecast.ask_again_at, Timer::Kind::ask_again, m.number, 0});
  } else if (const auto* of_backfill = std::get_if<OfBackfill>(&open.mapped())) {
    const auto found = backfills.find(of_backfill->id);
    if (found == backfills.end() || found->second.forecast.question != e.question) return;
    BackfillMachine& b = found->second;
    put(b.forecast, e.answer, now);
    if (e.answer) return add_work(b);
    timers.add({b.forecast.ask_again_at, Timer::Kind::ask_again, b.machine->number, 0});
  } else if (const auto* asked = std::get_if<OfTrigger>(&open.mapped())) {
    if (!e.answer) return answer(asked->event.command, e.answer.error(), {});
    const InferredInterval inferred{asked->asked_at, e.answer->interval};
    trigger(asked->event, now, &inferred);
  } else if (auto* of_dry_run = std::get_if<OfDryRun>(&open.mapped())) {
    if (!e.answer) return answer(of_dry_run->event.command, e.answer.error(), {});
    add_dates(std::move(*of_dry_run), *e.answer, now);
  } else if (const auto* of_creation = std::get_if<CreateBackfill>(&open.mapped())) {
    const CreateBackfill& create = *of_creation;
    if (!e.answer) return answer(create.command, e.answer.error(), {});
    create_backfill(create, now, &*e.answer);
  }
}

// After an answer that was an error.
void Engine::State::ask_again(DagMachine& m, Time now) {
  const auto is_time = [&](Forecast& forecast) {
    if (forecast.state != Forecast::State::failed || forecast.ask_again_at > now) return false;
    forecast.state = Forecast::State::unknown;
    return true;
  };
  if (is_time(m.forecast)) schedule(m, now);
  if (!m.unmapped.empty()) map_events(m, now);
  for (const std::int64_t id : m.backfills) {
    if (is_time(backfills.at(id).forecast)) add_work(backfills.at(id));
  }
}

// Another version, or none: what the former one said is no more.
void Engine::State::forget_forecasts(DagMachine& m) {
  m.forecast = {};
  for (const std::int64_t id : m.backfills) backfills.at(id).forecast = {};
}

}  // namespace venturi::engine
