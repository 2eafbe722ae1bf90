#include "schedule/interval_timetable.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "schedule/timetable_parts.h"

namespace venturi::schedule {
namespace {

struct CronGrid {
  CronSchedule cron;

  [[nodiscard]] std::optional<Time> next(Time t) const { return cron.next(t); }
  [[nodiscard]] std::optional<Time> previous(Time t) const { return cron.previous(t); }
  [[nodiscard]] std::optional<Time> align_to_next(Time t) const { return cron.align_to_next(t); }
  [[nodiscard]] std::optional<Time> align_to_previous(Time t) const { return cron.align_to_previous(t); }
  [[nodiscard]] std::string summary() const { return cron.expression(); }

  // The start of the last interval that is over by `now`.
  [[nodiscard]] std::optional<Time> last_complete(std::optional<Time> /*earliest*/, Time now) const {
    const auto start = cron.previous(now);
    if (!start) return std::nullopt;
    const auto end = cron.next(*start);
    if (!end || *end == now) return start;
    return cron.previous(*start);
  }
  // The last whole interval before run_after: at one o'clock the day before, if a day is the interval.
  [[nodiscard]] DataInterval manual(Time run_after) const {
    const Time end = cron.align_to_previous(run_after).value_or(run_after);
    return {cron.previous(end).value_or(end), end};
  }
};

struct DeltaGrid {
  Delta delta;

  [[nodiscard]] std::optional<Time> next(Time t) const { return delta.after(t); }
  [[nodiscard]] std::optional<Time> previous(Time t) const { return delta.before(t); }
  [[nodiscard]] static std::optional<Time> align_to_next(Time t) { return t; }
  [[nodiscard]] static std::optional<Time> align_to_previous(Time t) { return t; }
  [[nodiscard]] std::string summary() const { return delta.text(); }

  [[nodiscard]] std::optional<Time> last_complete(std::optional<Time> earliest, Time now) const {
    const Time end = delta.needs_anchor() ? step_up_to(now, earliest.value_or(now)) : round_down(now);
    return delta.before(end);
  }
  [[nodiscard]] DataInterval manual(Time run_after) const { return {delta.before(run_after), run_after}; }

 private:
  // To the grid of this length that begins with 1970.
  [[nodiscard]] Time round_down(Time t) const {
    const std::int64_t grid = std::llround(delta.grid_seconds() * 1e6);
    if (grid <= 0) return t;
    const std::int64_t us = t.time_since_epoch().count(), rest = us % grid;
    return Time{Duration{us - rest - (rest < 0 ? grid : 0)}};
  }
  // Months and years have no fixed length, and adding one to the 31st clamps: only steps from the anchor give the boundaries
  // that catching up would give. Spans that come to a halt or crawl are no use of a calendar; they end the search.
  [[nodiscard]] Time step_up_to(Time t, Time anchor) const {
    constexpr int most_steps = 200'000;
    Time boundary = anchor;
    for (int step = 0; step < most_steps; ++step) {
      const Time after = delta.after(boundary);
      if (after > t || after <= boundary) break;
      boundary = after;
    }
    return boundary;
  }
};

template <class Grid>
class IntervalTimetable final : public Timetable {
 public:
  explicit IntervalTimetable(Grid grid) : grid_(std::move(grid)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    auto start = earliest_start(restriction, now);  // an empty one is less than any time
    if (last) {
      // Not simply the end of the last one: the schedule may have been changed since.
      start = std::max(start, grid_.align_to_previous(last->end));
      // By such a change it may even go back.
      if (start && *start <= last->start) start = grid_.next(*start);
      if (!start || *start <= last->start) return std::nullopt;
    }
    if (!start || (restriction.latest && *start > *restriction.latest)) return std::nullopt;
    const auto end = grid_.next(*start);
    return end ? run_of(*start, *end) : std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return grid_.manual(run_after); }
  bool is_scheduled() const override { return true; }
  std::string summary() const override { return grid_.summary(); }

 private:
  std::optional<Time> earliest_start(const Restriction& restriction, Time now) const {
    std::optional<Time> start;
    if (!restriction.catchup) start = grid_.last_complete(restriction.earliest, now);
    if (restriction.earliest) start = std::max(start, grid_.align_to_next(*restriction.earliest));
    return start;
  }

  Grid grid_;
};

}  // namespace

MadeTimetable make_cron_data_interval(const SerializedTimetable& serialized) {
  auto cron = serialized.cron();
  if (!cron) return std::unexpected(std::move(cron.error()));
  return std::make_shared<IntervalTimetable<CronGrid>>(CronGrid{std::move(*cron)});
}

MadeTimetable make_delta_data_interval(const SerializedTimetable& serialized) {
  auto delta = serialized.delta();
  if (!delta) return std::unexpected(std::move(delta.error()));
  return std::make_shared<IntervalTimetable<DeltaGrid>>(DeltaGrid{*delta});
}

}  // namespace venturi::schedule
