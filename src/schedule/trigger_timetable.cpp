#include "schedule/trigger_timetable.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "schedule/timetable_parts.h"

namespace venturi::schedule {
namespace {

// The first run of a DAG without start date, and none before it.
std::optional<Time> first_run(const CronSchedule& cron, const RunImmediately& rule, Time now) {
  const auto past = cron.align_to_previous(now), next = cron.align_to_next(now);
  if (!past || rule.always) return rule.always ? past : next;
  if (!next) return next;
  const Duration patience = rule.within.value_or(std::max<Duration>((*next - *past) / 10, std::chrono::minutes(5)));
  return now - *past <= patience ? past : next;
}

struct CronTrigger {
  CronSchedule cron;
  RunImmediately rule;

  [[nodiscard]] std::optional<Time> next(Time t) const { return cron.next(t); }
  [[nodiscard]] std::optional<Time> align_to_next(Time t) const { return cron.align_to_next(t); }
  [[nodiscard]] std::optional<Time> align_to_previous(Time t) const { return cron.align_to_previous(t); }
  [[nodiscard]] std::optional<Time> first(Time now) const { return first_run(cron, rule, now); }
  [[nodiscard]] std::string summary() const { return cron.expression(); }
};

// A time span has no grid: it begins wherever it is begun.
struct DeltaTrigger {
  Delta delta;

  [[nodiscard]] std::optional<Time> next(Time t) const { return delta.after(t); }
  [[nodiscard]] static std::optional<Time> align_to_next(Time t) { return t; }
  [[nodiscard]] static std::optional<Time> align_to_previous(Time t) { return t; }
  [[nodiscard]] static std::optional<Time> first(Time now) { return now; }
  [[nodiscard]] std::string summary() const { return delta.text(); }
};

template <class Trigger>
class TriggerTimetable final : public Timetable {
 public:
  TriggerTimetable(Trigger trigger, Delta interval) : trigger_(std::move(trigger)), interval_(interval) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    const auto start = restriction.catchup ? next_in_turn(last, restriction, now) : latest(last, restriction, now);
    if (!start || (restriction.latest && *restriction.latest < *start)) return std::nullopt;
    return run_of(interval_.before(*start), *start);
  }
  DataInterval manual_interval(Time run_after) const override { return {interval_.before(run_after), run_after}; }
  bool is_scheduled() const override { return true; }
  std::string summary() const override { return trigger_.summary(); }

 private:
  std::optional<Time> next_in_turn(const std::optional<DataInterval>& last, const Restriction& restriction, Time now) const {
    if (last) return trigger_.next(last->end);
    if (restriction.earliest) return trigger_.align_to_next(*restriction.earliest);
    return trigger_.first(now);
  }
  // Of all that was missed the last one only.
  std::optional<Time> latest(const std::optional<DataInterval>& last, const Restriction& restriction, Time now) const {
    std::optional<Time> start = trigger_.align_to_previous(now);  // an empty one is less than any time
    if (last) {
      start = std::max(start, trigger_.next(last->end));
    } else if (!restriction.earliest) {
      start = std::max(start, trigger_.first(now));
    }
    if (restriction.earliest) start = std::max(start, trigger_.align_to_next(*restriction.earliest));
    return start;
  }

  Trigger trigger_;
  Delta interval_;
};

// Whichever of several wants to run next.
class MultipleCronTrigger final : public Timetable {
 public:
  explicit MultipleCronTrigger(std::vector<TriggerTimetable<CronTrigger>> timetables) : timetables_(std::move(timetables)) {}

  std::optional<RunInfo> next(const std::optional<DataInterval>& last, const Restriction& restriction,
                              Time now) const override {
    std::optional<RunInfo> best;
    // With catchup the earliest; without it the last that is due, or else the earliest that will be.
    const auto order = [&](const RunInfo& run) {
      const auto t = run.logical_date.time_since_epoch().count();
      return !restriction.catchup && run.logical_date <= now ? -t : t;
    };
    for (const auto& timetable : timetables_) {
      const auto run = timetable.next(last, restriction, now);
      if (run && (!best || order(*run) < order(*best))) best = run;
    }
    return best;
  }
  DataInterval manual_interval(Time run_after) const override { return timetables_.front().manual_interval(run_after); }
  bool is_scheduled() const override { return true; }
  std::string summary() const override {
    std::string text;
    for (const auto& timetable : timetables_) text += (text.empty() ? "" : ", ") + timetable.summary();
    return text;
  }

 private:
  std::vector<TriggerTimetable<CronTrigger>> timetables_;  // at least one, all with the same interval
};

}  // namespace

MadeTimetable make_cron_trigger(const SerializedTimetable& serialized) {
  auto cron = serialized.cron();
  if (!cron) return std::unexpected(std::move(cron.error()));
  auto interval = serialized.interval();
  if (!interval) return std::unexpected(std::move(interval.error()));
  auto rule = serialized.run_immediately();
  if (!rule) return std::unexpected(std::move(rule.error()));
  return std::make_shared<TriggerTimetable<CronTrigger>>(CronTrigger{std::move(*cron), *rule}, *interval);
}

MadeTimetable make_delta_trigger(const SerializedTimetable& serialized) {
  auto delta = serialized.delta();
  if (!delta) return std::unexpected(std::move(delta.error()));
  auto interval = serialized.interval();
  if (!interval) return std::unexpected(std::move(interval.error()));
  return std::make_shared<TriggerTimetable<DeltaTrigger>>(DeltaTrigger{*delta}, *interval);
}

MadeTimetable make_multiple_cron_trigger(const SerializedTimetable& serialized) {
  auto crons = serialized.crons();
  if (!crons) return std::unexpected(std::move(crons.error()));
  auto interval = serialized.interval();
  if (!interval) return std::unexpected(std::move(interval.error()));
  auto rule = serialized.run_immediately();
  if (!rule) return std::unexpected(std::move(rule.error()));
  std::vector<TriggerTimetable<CronTrigger>> timetables;
  for (CronSchedule& cron : *crons) timetables.emplace_back(CronTrigger{std::move(cron), *rule}, *interval);
  return std::make_shared<MultipleCronTrigger>(std::move(timetables));
}

}  // namespace venturi::schedule
