#include "schedule/simple_timetable.h"

#include <algorithm>
#include <utility>

#include "schedule/timetable_parts.h"

namespace venturi::schedule {
namespace {

class NullTimetable final : public Timetable {
 public:
  std::optional<RunInfo> next(const std::optional<DataInterval>&, const Restriction&, Time) const override {
    return std::nullopt;
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return false; }
  std::string summary() const override { return "None"; }
};

// At the start date, however long ago that is, or else at once.
class OnceTimetable final : public Timetable {
 public:
  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    if (last) return std::nullopt;
    const Time t = restriction.earliest.value_or(now);
    if (restriction.latest && t > *restriction.latest) return std::nullopt;
    return run_at(t);
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return true; }
  bool is_periodic() const override { return false; }
  std::string summary() const override { return "@once"; }
};

// One run after the other.
class ContinuousTimetable final : public Timetable {
 public:
  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    Time start = restriction.earliest.value_or(now), end = std::max(start, now);
    if (last && last->end <= now) {
      start = last->end;
      end = now;
    } else if (last) {  // the start date lies in the future
      end = start + (last->end - last->start);
    }
    if (restriction.latest && end > *restriction.latest) return std::nullopt;
    return run_of(start, end);
  }
  DataInterval manual_interval(Time run_after) const override { return {run_after, run_after}; }
  bool is_scheduled() const override { return true; }
  bool is_periodic() const override { return false; }
  std::optional<int> active_runs_limit() const override { return 1; }
  std::string summary() const override { return "@continuous"; }
};

class EventsTimetable final : public Timetable {
 public:
  EventsTimetable(std::vector<Time> events, bool restrict_to_events, std::string summary)
      : events_(std::move(events)), restrict_to_events_(restrict_to_events), summary_(std::move(summary)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    auto earliest = restriction.earliest;
    if (!restriction.catchup) earliest = std::max(earliest, std::optional(now));  // an empty one is less than any time
    auto event = earliest ? std::ranges::lower_bound(events_, *earliest) : events_.begin();
    if (last) event = std::max(event, std::ranges::upper_bound(events_, last->end));
    if (event == events_.end() || (restriction.latest && *event > *restriction.latest)) return std::nullopt;
    return run_at(*event);
  }
  DataInterval manual_interval(Time run_after) const override {
    if (!restrict_to_events_ || events_.empty()) return {run_after, run_after};
    const auto after = std::ranges::upper_bound(events_, run_after);
    const Time event = after == events_.begin() ? events_.front() : *std::prev(after);
    return {event, event};
  }
  bool is_scheduled() const override { return true; }
  std::string summary() const override { return summary_; }

 private:
  std::vector<Time> events_;  // sorted
  bool restrict_to_events_;
  std::string summary_;
};

}  // namespace

MadeTimetable make_null(const SerializedTimetable& /*serialized*/) {
  return std::make_shared<NullTimetable>();
}
MadeTimetable make_once(const SerializedTimetable& /*serialized*/) {
  return std::make_shared<OnceTimetable>();
}
MadeTimetable make_continuous(const SerializedTimetable& /*serialized*/) {
  return std::make_shared<ContinuousTimetable>();
}

MadeTimetable make_events(const SerializedTimetable& serialized) {
  auto events = serialized.times("event_dates");
  if (!events) return std::unexpected(std::move(events.error()));
  const Value& var = serialized.var();
  std::string summary = var.get_string("_summary", var.get_string("description"));
  if (summary.empty()) summary = std::to_string(events->size()) + " events";
  return std::make_shared<EventsTimetable>(std::move(*events), var.get_bool("restrict_to_events"), std::move(summary));
}

}  // namespace venturi::schedule
