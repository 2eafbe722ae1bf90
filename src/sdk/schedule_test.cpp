#include "venturi/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "sdk/serialize.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string timetable(const DagOptions& options) {
  return to_json(internal::serialize_timetable(options));
}
std::vector<std::string> mistakes(const DagOptions& options) {
  std::vector<std::string> found;
  internal::check_schedule(options, found);
  return found;
}
std::string start(const DagOptions& options) {
  const auto time = internal::time_of(options.start_date, options);
  return time ? format_time(*time) : "none";
}

TEST(Schedule, PresetsAreTheirCronExpressions) {
  for (const auto& [preset, cron] :
       {std::pair("@hourly", "0 * * * *"), std::pair("@daily", "0 0 * * *"), std::pair("@weekly", "0 0 * * 0"),
        std::pair("@monthly", "0 0 1 * *"), std::pair("@quarterly", "0 0 1 */3 *"), std::pair("@yearly", "0 0 1 1 *")}) {
    EXPECT_THAT(timetable({.schedule = preset}), HasSubstr("\"expression\":\"" + std::string(cron) + '"')) << preset;
  }
}

TEST(Schedule, EachKindHasItsTimetable) {
  EXPECT_EQ(timetable({}), R"({"__type":"airflow.timetables.simple.NullTimetable","__var":{}})");
  EXPECT_EQ(timetable({.schedule = nullptr}), R"({"__type":"airflow.timetables.simple.NullTimetable","__var":{}})");
  EXPECT_EQ(timetable({.schedule = "@once"}), R"({"__type":"airflow.timetables.simple.OnceTimetable","__var":{}})");
  EXPECT_EQ(timetable({.schedule = "@continuous"}), R"({"__type":"airflow.timetables.simple.ContinuousTimetable","__var":{}})");
  EXPECT_EQ(timetable({.schedule = 90min}),
            R"({"__type":"airflow.timetables.trigger.DeltaTriggerTimetable","__var":{"delta":5400.0,"interval":0.0}})");
  EXPECT_EQ(timetable({.schedule = "5 4 * * 1", .timezone = "Europe/Moscow"}),
            R"({"__type":"airflow.timetables.trigger.CronTriggerTimetable","__var":{"expression":"5 4 * * 1",)"
            R"("timezone":"Europe/Moscow","interval":0.0,"run_immediately":false}})");
}

TEST(Schedule, TimetablesOfAirflow) {
  EXPECT_EQ(timetable({.schedule = CronTriggerTimetable{.cron = "@daily", .interval = 1h, .run_immediately = true}}),
            R"({"__type":"airflow.timetables.trigger.CronTriggerTimetable","__var":{"expression":"0 0 * * *",)"
            R"("timezone":"UTC","interval":3600.0,"run_immediately":true}})");
  EXPECT_EQ(timetable({.schedule =
                           MultipleCronTriggerTimetable{
                               .crons = {"0 6 * * *", "30 18 * * 5"}, .timezone = "Asia/Tokyo", .run_immediately = 10min},
                       .timezone = "Europe/Berlin"}),
            R"({"__type":"airflow.timetables.trigger.MultipleCronTriggerTimetable","__var":{"expressions":["0 6 * * *",)"
            R"("30 18 * * 5"],"timezone":"Asia/Tokyo","interval":0.0,"run_immediately":600.0}})");
  EXPECT_EQ(timetable({.schedule = DeltaTriggerTimetable{.delta = 12h, .interval = 1h}}),
            R"({"__type":"airflow.timetables.trigger.DeltaTriggerTimetable","__var":{"delta":43200.0,"interval":3600.0}})");
  EXPECT_EQ(timetable({.schedule = CronDataIntervalTimetable{.cron = "0 6 * * *"}, .timezone = "Europe/Berlin"}),
            R"({"__type":"airflow.timetables.interval.CronDataIntervalTimetable","__var":{"expression":"0 6 * * *",)"
            R"("timezone":"Europe/Berlin"}})");
  EXPECT_EQ(timetable({.schedule = DeltaDataIntervalTimetable{.delta = 90min}}),
            R"({"__type":"airflow.timetables.interval.DeltaDataIntervalTimetable","__var":{"delta":5400.0}})");
  EXPECT_EQ(timetable({.schedule = EventsTimetable{.event_dates = {"2026-06-30", "2026-03-31T12:00", "2026-06-30"}},
                       .timezone = "Europe/Berlin"}),
            R"({"__type":"airflow.timetables.events.EventsTimetable","__var":{"event_dates":["2026-03-31T10:00:00Z",)"
            R"("2026-06-29T22:00:00Z"],"restrict_to_events":false,)"
            R"("description":"2 events between 2026-03-31T10:00:00Z and 2026-06-29T22:00:00Z"}})");
}

TEST(Schedule, MistakesInTimetables) {
  EXPECT_THAT(mistakes({.schedule = CronTriggerTimetable{.cron = "@dayly"}}),
              ElementsAre(HasSubstr("schedule, CronTriggerTimetable: \"@dayly\" is unknown: write a cron expression")));
  EXPECT_THAT(mistakes({.schedule = CronDataIntervalTimetable{}}), ElementsAre(HasSubstr("a cron expression is empty")));
  EXPECT_THAT(mistakes({.schedule = MultipleCronTriggerTimetable{}}), ElementsAre(HasSubstr("it has no crons")));
  EXPECT_THAT(mistakes({.schedule = DeltaTriggerTimetable{.interval = -1s}}),
              ElementsAre(HasSubstr("DeltaTriggerTimetable: delta, the time between runs, has to be above 0"),
                          HasSubstr("interval, the length of a run's data interval, is less than 0")));
  EXPECT_THAT(mistakes({.schedule = DeltaDataIntervalTimetable{}}), ElementsAre(HasSubstr("has to be above 0")));
  EXPECT_THAT(mistakes({.schedule = EventsTimetable{}}), ElementsAre(HasSubstr("it has no event_dates")));
  EXPECT_THAT(mistakes({.schedule = EventsTimetable{.event_dates = {"soon"}}}),
              ElementsAre(HasSubstr("event_dates: \"soon\" is no date")));
}

TEST(Schedule, DatesAreOfTheDagsTimeZone) {
  EXPECT_EQ(start({}), "none");
  EXPECT_EQ(start({.start_date = "2026-01-01"}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(start({.start_date = "2026-07-01T06:30", .timezone = "Europe/Berlin"}), "2026-07-01T04:30:00Z");
  EXPECT_EQ(start({.start_date = "2026-01-01T06:30", .timezone = "Europe/Berlin"}), "2026-01-01T05:30:00Z");
  EXPECT_EQ(start({.start_date = "2026-01-01T06:30Z", .timezone = "Europe/Berlin"}), "2026-01-01T06:30:00Z");
  EXPECT_EQ(start({.start_date = "2026-01-01T06:30+01:00", .timezone = "Asia/Tokyo"}), "2026-01-01T05:30:00Z");
  EXPECT_EQ(start({.start_date = std::chrono::sys_days(std::chrono::January / 2 / 2026), .timezone = "Asia/Tokyo"}),
            "2026-01-02T00:00:00Z");
}

TEST(Schedule, TheProgramsOwnTimeZoneStaysAsItWas) {
  ASSERT_EQ(::setenv("TZ", "America/New_York", 1), 0);
  EXPECT_EQ(start({.start_date = "2026-01-01", .timezone = "Asia/Tokyo"}), "2025-12-31T15:00:00Z");
  EXPECT_STREQ(std::getenv("TZ"), "America/New_York");
  ASSERT_EQ(::unsetenv("TZ"), 0);
  EXPECT_EQ(start({.start_date = "2026-01-01", .timezone = "Asia/Tokyo"}), "2025-12-31T15:00:00Z");
  EXPECT_EQ(std::getenv("TZ"), nullptr);
}

TEST(Schedule, MistakesSayWhatToWrite) {
  EXPECT_THAT(mistakes({.schedule = "0 5 * * 1", .start_date = "2026-01-01"}), IsEmpty());
  EXPECT_THAT(mistakes({.schedule = "@dayly"}),
              ElementsAre(HasSubstr("schedule: \"@dayly\" is unknown: write a cron expression")));
  EXPECT_THAT(mistakes({.schedule = 0s}), ElementsAre("schedule: the time between runs has to be above 0"));
  EXPECT_THAT(mistakes({.schedule = "@continuous", .max_active_runs = 2}),
              ElementsAre("schedule @continuous goes with max_active_runs 1: take the option away"));
  EXPECT_THAT(mistakes({.start_date = "1.1.2026"}),
              ElementsAre("start_date: \"1.1.2026\" is no date: write 2026-01-31, 2026-01-31T06:30 or 2026-01-31T06:30:00Z"));
  EXPECT_THAT(mistakes({.start_date = "2026-01-01", .end_date = "2026-02-30"}),
              ElementsAre(HasSubstr("end_date: \"2026-02-30\"")));
  EXPECT_THAT(mistakes({.start_date = "2026-01-01", .timezone = "Mars/Base"}),
              ElementsAre(HasSubstr("start_date: the time zone \"Mars/Base\" is not among this machine's")));
}

TEST(Schedule, ContinuousIsOneRunAtATime) {
  EXPECT_EQ(internal::max_active_runs_of({.schedule = "@continuous"}), std::optional<int>(1));
  EXPECT_EQ(internal::max_active_runs_of({.max_active_runs = 3}), std::optional<int>(3));
  EXPECT_EQ(internal::max_active_runs_of({}), std::nullopt) << "as the server is configured";
}

}  // namespace
}  // namespace venturi
