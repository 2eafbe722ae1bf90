// Which dates a backfill would have: nothing is made, and nothing kept but the questions to a timetable of the user's.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/engine_state.h"

namespace venturi::engine {
namespace {

constexpr std::size_t most_dates = 100'000;
constexpr int dates_in_answer = 256;

Error too_many(const Backfill& asked) {
  return {ErrorKind::invalid, fmt::format("the range has more than {} dates", most_dates), "dag " + asked.dag_id,
          "give dates that are nearer to each other"};
}

}  // namespace

void Engine::State::tell_dates(OfDryRun of, Time now) {
  const Backfill& asked = of.event.backfill;
  const DagMachine* m = find_machine(asked.dag_id);
  if (m == nullptr || m->is_gone || !m->timetable)  // meanwhile: its program was asked
    return answer(of.event.command, backfill_trouble(asked, now), {});
  if (m->timetable->is_user_defined()) {
    const schedule::TimetableQuestion about{.now = now,
                                            .last = of.last,
                                            .restriction = {asked.from_date, asked.to_date, true},
                                            .most = dates_in_answer,
                                            .until = asked.created_at};
    (void)ask(*m, about, std::move(of));
    return;
  }
  while (const auto info = date_after(*m->timetable, asked, of.last)) {
    if (of.dates.size() == most_dates) return answer(of.event.command, too_many(asked), {});
    of.dates.push_back(info->logical_date);
    of.last = info->interval;
  }
  answer_dates(std::move(of));
}

// As date_after(): only intervals that were over when it was asked.
void Engine::State::add_dates(OfDryRun of, const schedule::TimetableAnswer& told, Time now) {
  const Backfill& asked = of.event.backfill;
  for (const schedule::RunInfo& info : told.runs) {
    if (info.interval.end >= asked.created_at) return answer_dates(std::move(of));
    if (of.dates.size() == most_dates) return answer(of.event.command, too_many(asked), {});
    of.dates.push_back(info.logical_date);
    of.last = info.interval;
  }
  if (told.is_all) return answer_dates(std::move(of));
  tell_dates(std::move(of), now);
}

void Engine::State::answer_dates(OfDryRun of) {
  if (of.dates.empty()) return answer(of.event.command, no_dates(of.event.backfill), {});
  if (of.event.backfill.run_backwards) std::ranges::reverse(of.dates);
  effects.emplace_back(Answer{.command = of.event.command, .error = {}, .run = {}, .dates = std::move(of.dates)});
}

}  // namespace venturi::engine
