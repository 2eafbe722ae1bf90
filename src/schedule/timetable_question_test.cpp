#include "schedule/timetable_question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schedule/time_zone.h"

namespace venturi::schedule {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Time day(int n) {
  return Time(std::chrono::sys_days{std::chrono::year{2026} / 3 / n});
}

Value run(int start, int end, int run_after) {
  return Object{{"start", format_time(day(start))}, {"end", format_time(day(end))}, {"run_after", format_time(day(run_after))}};
}

Result<TimetableAnswer> read(Array runs, bool is_all = false, std::optional<DataInterval> last = {}) {
  return read_answer({.last = last, .most = 10}, Object{{"runs", std::move(runs)}, {"is_all", is_all}}, "MyTimetable");
}

std::vector<int> days(const Result<TimetableAnswer>& answer) {
  std::vector<int> found;
  for (const RunInfo& info : answer.value().runs)
    found.push_back(static_cast<int>(std::chrono::floor<std::chrono::days>(info.logical_date - day(1)).count()) + 1);
  return found;
}

TEST(TimetableQuestion, RunsAreReadUpToTheFirstThatMakesNoSense) {
  EXPECT_THAT(days(read({run(2, 3, 3), run(3, 4, 4), run(7, 7, 9)})), ElementsAre(2, 3, 7));
  EXPECT_THAT(days(read({run(2, 3, 3), run(2, 4, 4)}, true)), ElementsAre(2));
  EXPECT_FALSE(read({run(2, 3, 3), run(2, 4, 4)}, true)->is_all);
  EXPECT_THAT(days(read({run(2, 3, 3), run(4, 3, 4)})), ElementsAre(2));
  EXPECT_THAT(days(read({run(2, 3, 3), run(3, 4, 3)})), ElementsAre(2));
  EXPECT_TRUE(read({}, true)->is_all);
}

TEST(TimetableQuestion, AnAnswerThatDoesNotMoveOnIsAnError) {
  const DataInterval last{day(5), day(6)};
  EXPECT_THAT(read({run(5, 6, 6)}, false, last).error().text(),
              HasSubstr("after the data interval 2026-03-05T00:00:00Z to 2026-03-06T00:00:00Z it gives 2026-03-05T00:00:00Z to "
                        "2026-03-06T00:00:00Z, which does not start later"));
  EXPECT_THAT(read({run(4, 9, 9)}, false, last).error().text(), HasSubstr("MyTimetable.next_dagrun_info"));
  EXPECT_THAT(read({run(7, 6, 9)}, false, last).error().text(), HasSubstr("ends before it starts"));
  EXPECT_THAT(read({}).error().text(), HasSubstr("cannot be read"));
  EXPECT_THAT(read_answer({}, Object{{"error", "std::runtime_error: no"}}, "MyTimetable").error().text(),
              HasSubstr("std::runtime_error: no"));
  for (const Value& rubbish : {Value(), Value(7), Value(Object{{"runs", 3}}), Value(Object{{"runs", Array{Value(1)}}})})
    EXPECT_THAT(read_answer({}, rubbish, "MyTimetable").error().text(), HasSubstr("cannot be read"));
}

TEST(TimetableQuestion, TheIntervalOfAManualRun) {
  const TimetableQuestion question{.about = TimetableQuestion::About::manual_interval, .run_after = day(3)};
  EXPECT_EQ(to_json(to_value(question)),
            R"({"about":"infer_manual_data_interval","now":"1970-01-01T00:00:00Z","run_after":"2026-03-03T00:00:00Z"})");
  const auto answer = read_answer(question, Object{{"interval", run(2, 3, 3)}}, "MyTimetable");
  EXPECT_EQ(answer.value().interval, (DataInterval{day(2), day(3)}));
  EXPECT_THAT(read_answer(question, Object{{"interval", run(3, 2, 3)}}, "MyTimetable").error().text(),
              HasSubstr("MyTimetable.infer_manual_data_interval"));
  EXPECT_FALSE(read_answer(question, Object{}, "MyTimetable"));
}

TEST(TimetableQuestion, ClassesOfTheUsersAreTimetablesBesideAssetsToo) {
  const Value own = Object{{"__type", "venturi.program.MyTimetable"},
                           {"__var", Object{{"timezone", 7}, {"_summary", "mine"}, {"_active_runs_limit", 1}}}};
  const Value beside =
      Object{{"__type", "airflow.timetables.assets.AssetOrTimeSchedule"},
             {"__var",
              Object{{"timetable", own}, {"asset_condition", Object{{"__type", "asset"}, {"name", "a"}, {"uri", "s3://a"}}}}}};
  EXPECT_EQ(user_class_of(own), "MyTimetable");
  EXPECT_EQ(user_class_of(beside), "MyTimetable");
  EXPECT_EQ(user_class_of(Object{{"__type", "airflow.timetables.simple.NullTimetable"}}), "");
  TimeZones zones = TimeZones::utc_only();
  ASSERT_TRUE(zones.add_for(own));  // what a class calls "timezone" is its own
  const auto timetable = make_timetable(own, zones);
  ASSERT_TRUE(timetable);
  EXPECT_TRUE((*timetable)->is_user_defined());
  EXPECT_EQ((*timetable)->summary(), "mine");
  EXPECT_EQ((*timetable)->active_runs_limit(), 1);
  const auto both = make_timetable(beside, zones);
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_TRUE((*both)->is_user_defined());
}

}  // namespace
}  // namespace venturi::schedule
