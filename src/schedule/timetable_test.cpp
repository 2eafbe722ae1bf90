// What the recorded tables (oracle_test.cpp) do not hold: the simple kinds, end dates, changed schedules, and the errors.
#include "schedule/timetable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "schedule/time_zone.h"

namespace venturi::schedule {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Time at(const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw std::runtime_error("no time: " + text);
  return *time;
}

Result<std::shared_ptr<const Timetable>> try_make(const std::string& type, const std::string& var) {
  static const TimeZones zones = TimeZones::utc_only();
  return make_timetable(Object{{"__type", "airflow.timetables." + type}, {"__var", *parse_json(var)}}, zones);
}
std::shared_ptr<const Timetable> make(const std::string& type, const std::string& var = "{}") {
  auto made = try_make(type, var);
  if (!made) throw std::runtime_error(made.error().text());
  return *made;
}
std::string refusal(const std::string& type, const std::string& var) {
  const auto made = try_make(type, var);
  if (!made)
    EXPECT_EQ(made.error().kind, made.error().what.starts_with("no time zone") ? ErrorKind::not_found : ErrorKind::invalid);
  return made ? "accepted" : made.error().text();
}

std::string shown(const std::optional<RunInfo>& run) {
  if (!run) return "none";
  return format_time(run->interval.start) + " " + format_time(run->interval.end) + " " + format_time(run->run_after);
}
std::string exact(const std::string& t) {
  return t + " " + t + " " + t;
}

const Time now = at("2024-06-15T12:34:56Z");

TEST(NullTimetable, NeverRunsByItself) {
  const auto timetable = make("simple.NullTimetable");
  EXPECT_FALSE(timetable->is_scheduled());
  EXPECT_FALSE(timetable->next({}, {}, now));
  EXPECT_EQ(timetable->summary(), "None");
  EXPECT_EQ(timetable->manual_interval(now), (DataInterval{now, now}));
}

TEST(OnceTimetable, RunsOnceAtTheStartDateOrNow) {
  const auto timetable = make("simple.OnceTimetable");
  EXPECT_EQ(timetable->summary(), "@once");
  EXPECT_TRUE(timetable->is_scheduled());
  EXPECT_EQ(shown(timetable->next({}, {}, now)), exact("2024-06-15T12:34:56Z"));
  EXPECT_EQ(shown(timetable->next({}, {at("2020-01-01T00:00:00Z"), {}, false}, now)), exact("2020-01-01T00:00:00Z"));
  EXPECT_EQ(shown(timetable->next({}, {at("2030-01-01T00:00:00Z"), {}, false}, now)), exact("2030-01-01T00:00:00Z"));
  EXPECT_EQ(shown(timetable->next({}, {{}, at("2024-01-01T00:00:00Z"), false}, now)), "none");
  EXPECT_EQ(shown(timetable->next(DataInterval{now, now}, {}, now)), "none");
}

TEST(ContinuousTimetable, RunsOneAfterTheOther) {
  const auto timetable = make("simple.ContinuousTimetable");
  EXPECT_EQ(timetable->summary(), "@continuous");
  EXPECT_EQ(timetable->active_runs_limit(), 1);
  EXPECT_EQ(make("simple.OnceTimetable")->active_runs_limit(), std::nullopt);
  const Restriction from{at("2024-06-01T00:00:00Z"), {}, false};
  EXPECT_EQ(shown(timetable->next({}, from, now)), "2024-06-01T00:00:00Z 2024-06-15T12:34:56Z 2024-06-15T12:34:56Z");
  const DataInterval last{at("2024-06-01T00:00:00Z"), at("2024-06-15T12:00:00Z")};
  EXPECT_EQ(shown(timetable->next(last, from, now)), "2024-06-15T12:00:00Z 2024-06-15T12:34:56Z 2024-06-15T12:34:56Z");
  const Restriction future{at("2030-01-01T00:00:00Z"), {}, false};
  EXPECT_EQ(shown(timetable->next({}, future, now)), exact("2030-01-01T00:00:00Z"));
  const DataInterval later{at("2030-01-01T00:00:00Z"), at("2030-01-01T01:00:00Z")};
  EXPECT_EQ(shown(timetable->next(later, future, now)), "2030-01-01T00:00:00Z 2030-01-01T01:00:00Z 2030-01-01T01:00:00Z");
  EXPECT_EQ(shown(timetable->next(last, {{}, at("2024-06-15T12:30:00Z"), false}, now)), "none");
}

TEST(EventsTimetable, RunsAtItsEvents) {
  const auto timetable =
      make("events.EventsTimetable",
           R"({"event_dates": ["2024-07-01T00:00:00+00:00", "2024-06-01T02:00:00+02:00", "2024-06-01T00:00:00Z"],
                                  "restrict_to_events": true, "description": null})");
  EXPECT_EQ(timetable->summary(), "3 events");
  const Restriction all{{}, {}, true};
  EXPECT_EQ(shown(timetable->next({}, all, now)), exact("2024-06-01T00:00:00Z"));
  const DataInterval first{at("2024-06-01T00:00:00Z"), at("2024-06-01T00:00:00Z")};
  EXPECT_EQ(shown(timetable->next(first, all, now)), exact("2024-07-01T00:00:00Z"));
  EXPECT_EQ(shown(timetable->next({}, {{}, {}, false}, now)), exact("2024-07-01T00:00:00Z"));
  EXPECT_EQ(shown(timetable->next({}, {at("2024-06-02T00:00:00Z"), {}, true}, now)), exact("2024-07-01T00:00:00Z"));
  EXPECT_EQ(shown(timetable->next({}, {{}, at("2024-06-30T00:00:00Z"), false}, now)), "none");
  EXPECT_EQ(shown(timetable->next({}, {}, at("2024-07-02T00:00:00Z"))), "none");
  EXPECT_EQ(timetable->manual_interval(now).start, at("2024-06-01T00:00:00Z"));
  EXPECT_EQ(timetable->manual_interval(at("2020-01-01T00:00:00Z")).end, at("2024-06-01T00:00:00Z"));
  EXPECT_EQ(make("events.EventsTimetable", R"({"event_dates": [], "description": "games"})")->manual_interval(now).start, now);
  EXPECT_EQ(make("events.EventsTimetable", R"({"event_dates": [], "description": "games"})")->summary(), "games");
  EXPECT_THAT(
      refusal("events.EventsTimetable", R"({"event_dates": ["soon"]})"),
      HasSubstr("EventsTimetable: event_dates has \"soon\", which is no date (write dates as 2026-11-24T04:43:57+00:00)"));
}

TEST(CronTimetables, EndDates) {
  const std::string var = R"({"expression": "0 0 * * *", "timezone": "UTC", "interval": 3600.0, "run_immediately": false})";
  const auto trigger = make("trigger.CronTriggerTimetable", var), interval = make("interval.CronDataIntervalTimetable", var);
  const DataInterval last{at("2024-06-09T00:00:00Z"), at("2024-06-10T00:00:00Z")};
  const auto until = [](const std::string& text) { return Restriction{{}, at(text), true}; };
  EXPECT_EQ(shown(trigger->next(last, until("2024-06-11T00:00:00Z"), now)),
            "2024-06-10T23:00:00Z 2024-06-11T00:00:00Z 2024-06-11T00:00:00Z");
  EXPECT_EQ(shown(trigger->next(last, until("2024-06-10T23:59:59Z"), now)), "none");
  EXPECT_EQ(shown(interval->next(last, until("2024-06-10T00:00:00Z"), now)),
            "2024-06-10T00:00:00Z 2024-06-11T00:00:00Z 2024-06-11T00:00:00Z");
  EXPECT_EQ(shown(interval->next(last, until("2024-06-09T23:59:59Z"), now)), "none");
  EXPECT_EQ(shown(interval->next({}, until("2024-06-10T00:00:00Z"), now)), "none");  // catchup from no start date
}

TEST(CronTimetables, AChangedScheduleNeverGivesTheSameLogicalDateAgain) {
  const auto monthly = make("interval.CronDataIntervalTimetable", R"({"expression": "0 0 1 * *"})");
  const DataInterval last{at("2024-06-01T00:00:00Z"), at("2024-06-01T01:00:00Z")};  // it was hourly
  EXPECT_EQ(shown(monthly->next(last, {at("2024-01-01T00:00:00Z"), {}, true}, now)),
            "2024-07-01T00:00:00Z 2024-08-01T00:00:00Z 2024-08-01T00:00:00Z");
}

// relativedelta(months=1) clamps the 31st, and goes on from there: as Airflow does since 3.3.
TEST(DeltaTimetables, MonthsAreCountedFromTheStartDate) {
  const auto monthly = make("interval.DeltaDataIntervalTimetable", R"({"delta": {"months": 1}})");
  EXPECT_EQ(monthly->summary(), "relativedelta(months=+1)");
  EXPECT_EQ(shown(monthly->next({}, {at("2024-01-31T06:00:00Z"), {}, false}, now)),
            "2024-04-29T06:00:00Z 2024-05-29T06:00:00Z 2024-05-29T06:00:00Z");
  EXPECT_EQ(shown(monthly->next({}, {{}, {}, false}, now)), "2024-05-15T12:34:56Z 2024-06-15T12:34:56Z 2024-06-15T12:34:56Z");
  EXPECT_EQ(shown(monthly->next({}, {at("2030-01-31T06:00:00Z"), {}, false}, now)),
            "2030-01-31T06:00:00Z 2030-02-28T06:00:00Z 2030-02-28T06:00:00Z");
  // A calendar that stands still must not keep the scheduler for ever.
  const auto stuck = make("interval.DeltaDataIntervalTimetable", R"({"delta": {"months": 1, "days": -31, "microseconds": 1}})");
  (void)stuck->next({}, {at("1970-01-01T00:00:00Z"), {}, false}, now);
}

TEST(Timetables, EndWithTheYear9999) {
  const auto timetable = make("trigger.DeltaTriggerTimetable", R"({"delta": 86400.0, "interval": 0.0})");
  const DataInterval last{at("9999-12-31T00:00:00Z"), at("9999-12-31T12:00:00Z")};
  EXPECT_EQ(shown(timetable->next(last, {{}, {}, true}, now)), "none");
}

TEST(MultipleCron, SummaryAndManualRuns) {
  const auto timetable =
      make("trigger.MultipleCronTriggerTimetable",
           R"({"expressions": ["0 6 * * *", "@daily"], "timezone": 7200, "interval": 60.0, "run_immediately": 600.0})");
  EXPECT_EQ(timetable->summary(), "0 6 * * *, 0 0 * * *");
  EXPECT_EQ(timetable->manual_interval(now), (DataInterval{now - 60s, now}));
  EXPECT_EQ(shown(timetable->next({}, {at("2024-06-15T00:00:00Z"), {}, true}, now)),
            "2024-06-15T03:59:00Z 2024-06-15T04:00:00Z 2024-06-15T04:00:00Z");
  EXPECT_EQ(shown(timetable->next({}, {{}, {}, false}, at("2024-06-15T04:05:00Z"))),
            "2024-06-15T03:59:00Z 2024-06-15T04:00:00Z 2024-06-15T04:00:00Z");
}

TEST(MakeTimetable, Errors) {
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", R"({"expression": "0 25 * * *"})"),
              HasSubstr("hour \"25\" is not within 0 to 23"));
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", "{}"), HasSubstr("CronTriggerTimetable: it has no text \"expression\""));
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", R"({"expression": "* * * * *", "timezone": "Europe/Berlin"})"),
              HasSubstr("no time zone \"Europe/Berlin\" is loaded"));
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", R"({"expression": "* * * * *", "timezone": true})"),
              HasSubstr("timezone has to be"));
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", R"({"expression": "* * * * *", "interval": "x"})"),
              HasSubstr("a time span is"));
  EXPECT_THAT(refusal("trigger.CronTriggerTimetable", R"({"expression": "* * * * *", "run_immediately": "x"})"),
              HasSubstr("run_immediately has to be true, false or a number of seconds"));
  EXPECT_THAT(refusal("trigger.MultipleCronTriggerTimetable", R"({"expressions": []})"), HasSubstr("with at least one"));
  EXPECT_THAT(refusal("trigger.MultipleCronTriggerTimetable", R"({"expressions": ["* * * * *", 1]})"), HasSubstr("is no text"));
  EXPECT_THAT(refusal("interval.DeltaDataIntervalTimetable", R"({"delta": 0.0})"),
              HasSubstr("DeltaDataIntervalTimetable: the time span between runs has to be longer than 0, not 0:00:00"));
  EXPECT_THAT(refusal("trigger.DeltaTriggerTimetable", "{}"), HasSubstr("it has no \"delta\""));
  EXPECT_THAT(refusal("simple.AssetTriggeredTimetable", "{}"), HasSubstr("it has no \"asset_condition\""));
  EXPECT_THAT(refusal("simple.AssetTriggeredTimetable", R"({"asset_condition": {"__type": "asset"}})"),
              HasSubstr("asset has neither name nor uri"));
  EXPECT_THAT(refusal("simple.AssetTriggeredTimetable", R"({"asset_condition": {"__type": "asset_all"}})"),
              HasSubstr("asset_all has no list"));
  EXPECT_THAT(refusal("assets.AssetOrTimeSchedule", R"({"asset_condition": {"__type": "asset_ref", "name": "a"}})"),
              HasSubstr("it has no \"timetable\""));
  EXPECT_THAT(refusal("trigger.CronPartitionTimetable", "{}"), HasSubstr("it has no text \"expression\""));
  EXPECT_THAT(refusal("trigger.CronPartitionTimetable", R"({"expression": "0 0 * * *", "key_format": "%A"})"),
              HasSubstr("the format '%A' of a partition key has %A"));
  EXPECT_THAT(refusal("own.Timetable", "{}"), HasSubstr("is neither one of Airflow's own nor a class of the DAG's program"));
  const TimeZones zones = TimeZones::utc_only();
  EXPECT_THAT(make_timetable(Object{}, zones).error().text(), HasSubstr("the timetable has no \"__type\""));
}

TEST(RetryDelay, WithoutBackoffItIsTheDelay) {
  EXPECT_EQ(retry_delay("d", "t", {}, 7, 300s, 0, 4s), 300s);
  EXPECT_EQ(retry_delay("d", "t", {}, 7, 300s, 1, 4s), 300s);
  EXPECT_EQ(retry_delay("d", "t", {}, 7, 300s, -1, {}), 300s);
}

TEST(RetryDelay, SpreadsTasksWithinTheBounds) {
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    const Duration delay = retry_delay("d", "t" + std::to_string(i), now, 3, 60s, 2, {});
    EXPECT_GE(delay, 240s);
    EXPECT_LE(delay, 479s);
    seen.insert(delay.count());
  }
  EXPECT_GT(seen.size(), 100U);
  EXPECT_EQ(retry_delay("d", "t", now, 3, 60s, 2, 90s), 90s);
  EXPECT_EQ(retry_delay("d", "t", now, 3, 60s, 2, 0s), retry_delay("d", "t", now, 3, 60s, 2, {}));
}

}  // namespace
}  // namespace venturi::schedule
