// What holds for the runs of any schedule: each follows the one before, intervals adjoin, catching up leaves nothing out, and
// what is guessed for a run by hand is an interval that was over.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include "schedule/cron_schedule.h"
#include "schedule/time_zone.h"
#include "schedule/timetable.h"

namespace venturi::schedule {
namespace {

namespace chr = std::chrono;
using namespace std::chrono_literals;

const TimeZones& zones() {
  static const TimeZones all = [] {
    auto made = TimeZones::load();
    if (!made) throw std::runtime_error(made.error().text());
    for (const char* name : {"Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"}) {
      if (auto added = made->add(name); !added) throw std::runtime_error(added.error().text());
    }
    return std::move(*made);
  }();
  return all;
}

// Not Australia/Lord_Howe, whose summer time is half an hour: there Airflow's arithmetic (schedule/cron_schedule.h) takes the
// times of an expression with a free hour off their minute, and a data interval may find no next one.
std::string any_zone() {
  return *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia");
}
// Whether the clock is put forward or back meanwhile.
bool changes(const TimeZone& zone, Time from, Time to) {
  for (Time t = from; t < to; t += 1h) {
    if (zone.to_local(t + 1h) - zone.to_local(t) != 1h) return true;
  }
  return false;
}

std::string any_cron() {
  return *rc::gen::element<std::string>("* * * * *", "*/7 * * * *", "5 * * * *", "30 2 * * *", "0 */5 * * *", "15 1,13 * * *",
                                        "0 0 * * mon-fri", "0 6 1 * *", "20 3 13 * fri", "59 23 28-31 * *");
}
Time any_time() {
  const Time from{chr::sys_days{chr::year{2023} / 1 / 1}};
  return from + chr::minutes{*rc::gen::inRange(0, 3 * 366 * 24 * 60)} +
         Duration{*rc::gen::element<std::int64_t>(0, 1, 30'000'000)};
}

std::shared_ptr<const Timetable> make(const std::string& type, Object var) {
  auto made = make_timetable(Object{{"__type", "airflow.timetables." + type}, {"__var", std::move(var)}}, zones());
  if (!made) throw std::runtime_error(made.error().text());
  return *made;
}

struct Scheduled {
  std::shared_ptr<const Timetable> timetable;
  std::string words, zone = "UTC";
};
Scheduled by_cron(const std::string& type) {
  const std::string cron = any_cron(), zone = any_zone();
  Object var{{"expression", cron}, {"timezone", zone}, {"interval", 0.0}, {"run_immediately", true}};
  return {make(type, std::move(var)), cron + " in " + zone, zone};
}
Scheduled by_delta(const std::string& type) {
  const int seconds = *rc::gen::element(1, 60, 97, 3600, 86'400);
  return {make(type, {{"delta", seconds}, {"interval", 0.0}}), std::to_string(seconds) + " s"};
}
Scheduled any_of_intervals() {
  return *rc::gen::arbitrary<bool>() ? by_cron("interval.CronDataIntervalTimetable")
                                     : by_delta("interval.DeltaDataIntervalTimetable");
}
Scheduled any_of_triggers() {
  return *rc::gen::arbitrary<bool>() ? by_cron("trigger.CronTriggerTimetable") : by_delta("trigger.DeltaTriggerTimetable");
}

std::vector<RunInfo> runs_in_turn(const Timetable& timetable, Time from, Time now, std::size_t most) {
  std::vector<RunInfo> runs;
  std::optional<DataInterval> last;
  while (runs.size() < most) {
    const auto next = timetable.next(last, {from, {}, true}, now);
    if (!next) break;
    runs.push_back(*next);
    last = next->interval;
  }
  return runs;
}

RC_GTEST_PROP(TimetableProperty, RunsFollowEachOther, ()) {
  const auto [timetable, words, zone] = *rc::gen::arbitrary<bool>() ? any_of_intervals() : any_of_triggers();
  const Time from = any_time();
  RC_LOG() << words << " from " << format_time(from);
  const auto runs = runs_in_turn(*timetable, from, from + 24h, 20);
  RC_ASSERT(runs.size() == 20u);
  RC_ASSERT(runs.front().logical_date >= from);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    RC_ASSERT(runs[i].logical_date == runs[i].interval.start);
    RC_ASSERT(runs[i].run_after == runs[i].interval.end);
    if (i == 0) continue;
    RC_ASSERT(runs[i - 1].logical_date < runs[i].logical_date);
    RC_ASSERT(runs[i - 1].run_after < runs[i].run_after);
  }
}

RC_GTEST_PROP(TimetableProperty, IntervalsAdjoinAndDoNotOverlap, ()) {
  const auto [timetable, words, zone] = any_of_intervals();
  const Time from = any_time();
  RC_LOG() << words << " from " << format_time(from);
  const auto runs = runs_in_turn(*timetable, from, from + 24h, 20);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    RC_ASSERT(runs[i].interval.start < runs[i].interval.end);
    if (i > 0) RC_ASSERT(runs[i - 1].interval.end == runs[i].interval.start);
  }
}

// The one that is made up for is the newest that is due, and it is one of those that catching up makes. In the hour that the
// clock shows twice "before now" may be its second time, which is to come.
RC_GTEST_PROP(TimetableProperty, WithoutCatchupTheNewestIsMadeUpFor, ()) {
  const auto [timetable, words, zone] =
      by_cron(*rc::gen::element<std::string>("interval.CronDataIntervalTimetable", "trigger.CronTriggerTimetable"));
  const Time from = any_time(), now = from + chr::minutes{*rc::gen::inRange(1, 40 * 24 * 60)};
  RC_LOG() << words << " from " << format_time(from) << " at " << format_time(now);
  if (changes(**zones().find(zone), now - 25h, now + 25h)) return;
  const auto newest = timetable->next({}, {from, {}, false}, now);
  RC_ASSERT(newest.has_value());
  const auto all = runs_in_turn(*timetable, std::max(from, now - 100h), now, 7'000);
  const auto due = std::ranges::find_if(all, [now](const RunInfo& run) { return run.run_after > now; });
  RC_PRE(due != all.begin());  // nothing is due yet
  RC_ASSERT(newest->run_after <= now);
  RC_ASSERT(newest->interval == std::prev(due)->interval);
}

RC_GTEST_PROP(TimetableProperty, EndDatesAreTheLast, ()) {
  const auto [timetable, words, zone] = *rc::gen::arbitrary<bool>() ? any_of_intervals() : any_of_triggers();
  const Time from = any_time(), until = from + chr::minutes{*rc::gen::inRange(0, 5'000)};
  RC_LOG() << words << " from " << format_time(from) << " until " << format_time(until);
  std::optional<DataInterval> last;
  for (int i = 0; i < 50; ++i) {
    const auto next = timetable->next(last, {from, until, true}, until);
    if (!next) break;
    RC_ASSERT(next->logical_date <= until);
    last = next->interval;
  }
}

// What a run by hand works on: the last whole interval before it. At a time that the clock passes over Airflow's arithmetic
// goes back to where it came from.
RC_GTEST_PROP(TimetableProperty, AManualRunHasTheLastWholeInterval, ()) {
  const auto [timetable, words, zone] = by_cron("interval.CronDataIntervalTimetable");
  const Time at = any_time();
  RC_LOG() << words << " at " << format_time(at);
  if (changes(**zones().find(zone), at - 50h, at + 25h)) return;
  const DataInterval manual = timetable->manual_interval(at);
  RC_ASSERT(manual.start < manual.end);
  RC_ASSERT(manual.end <= at);
  const auto next = timetable->next(manual, {{}, {}, true}, at);
  RC_ASSERT(next.has_value());
  RC_ASSERT(next->interval.start == manual.end);
  RC_ASSERT(next->interval.end > at);
}

// ---- cron in zones with summer time --------------------------------------------------------------------------------------

// Whether the clock on the wall shows a time that "30 2 * * *" and its like name.
bool is_at(const TimeZone& zone, Time t, int hour, int minute) {
  const WallTime wall = zone.to_local(t);
  return wall - chr::floor<chr::days>(wall) == chr::hours{hour} + chr::minutes{minute};
}
// Away from a change of the clock the next time is the first minute that the clock shows it; at one it comes all the same.
RC_GTEST_PROP(CronScheduleProperty, FindsWhatTryingEveryMinuteFinds, ()) {
  const std::string name = any_zone();
  const auto zone = *zones().find(name);
  const int hour = *rc::gen::inRange(0, 24), minute = *rc::gen::inRange(0, 60);
  const std::string text = std::to_string(minute) + " " + std::to_string(hour) + " * * *";
  const auto cron = CronSchedule::make(text, zone);
  RC_ASSERT(cron.has_value());
  const Time from = any_time();
  RC_LOG() << text << " in " << name << " from " << format_time(from);
  const auto next = cron->next(from);
  RC_ASSERT(next.has_value());
  RC_ASSERT(*next > from);
  RC_ASSERT(*next <= from + 50h);
  if (changes(*zone, from - 25h, *next + 25h)) return;
  for (Time t = chr::floor<chr::minutes>(from) + 1min; t <= *next; t += 1min)
    RC_ASSERT(is_at(*zone, t, hour, minute) == (t == *next));
}

// Where the hour is free, every hour that passes has its run, also the one that the clock shows twice.
RC_GTEST_PROP(CronScheduleProperty, EveryHourIsEveryHour, ()) {
  const std::string name = *rc::gen::element<std::string>("UTC", "Europe/Berlin", "America/New_York");
  const auto cron = CronSchedule::make("0 * * * *", *zones().find(name));
  Time t = any_time();
  RC_LOG() << name << " from " << format_time(t);
  t = *cron->next(t);
  for (int i = 0; i < 48; ++i) {
    const Time next = *cron->next(t);
    RC_ASSERT(next - t == 1h);
    t = next;
  }
}

}  // namespace
}  // namespace venturi::schedule
