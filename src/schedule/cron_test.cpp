// What the recorded tables (oracle_test.cpp) do not tell: the errors, and the rarer spellings. Expected dates are croniter's.
#include "schedule/cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi::schedule {
namespace {

using testing::HasSubstr;

WallTime wall(const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw std::runtime_error("no time: " + text);
  return WallTime{time->time_since_epoch()};
}
std::string shown(const std::optional<WallTime>& t) {
  return t ? format_time(Time{t->time_since_epoch()}) : "none";
}

Cron need(const std::string& expression) {
  auto cron = Cron::parse(expression);
  if (!cron) throw std::runtime_error(cron.error().text());
  return std::move(*cron);
}
std::string next(const std::string& expression, const std::string& from) {
  return shown(need(expression).next(wall(from)));
}
std::string previous(const std::string& expression, const std::string& from) {
  return shown(need(expression).previous(wall(from)));
}
std::string refusal(const std::string& expression) {
  const auto cron = Cron::parse(expression);
  return cron ? "accepted" : cron.error().text();
}

TEST(Cron, ErrorsNameFieldValueAndWhatItMayBe) {
  EXPECT_EQ(refusal("60 * * * *"), "cron \"60 * * * *\": minute \"60\" is not within 0 to 59 (minute may be 0 to 59)");
  EXPECT_EQ(refusal("* * * 13 *"),
            "cron \"* * * 13 *\": month \"13\" is not within 1 to 12 (month may be 1 to 12 or jan to dec)");
  EXPECT_EQ(refusal("* * * * 8"),
            "cron \"* * * * 8\": day of week \"8\" is not within 0 to 6 (day of week may be 0 to 7 (0 and 7 are Sunday) or sun "
            "to sat)");
  EXPECT_THAT(refusal("* 5-x * * *"), HasSubstr("hour \"5-x\" is no range"));
  EXPECT_THAT(refusal("*/0 * * * *"), HasSubstr("minute \"*/0\" has the step 0 (steps begin with 1)"));
  EXPECT_THAT(refusal("1,,2 * * * *"), HasSubstr("minute \"1,,2\" has an empty place in its list"));
  EXPECT_THAT(refusal("? * * * *"), HasSubstr("minute \"?\" is for day of month and day of week only"));
  EXPECT_THAT(refusal("* * 15W,1 * *"), HasSubstr("day of month \"15w\" is in a list (W takes a single day: 15W)"));
  EXPECT_THAT(refusal("* * * * 1#6"), HasSubstr("asks for an occurrence that is not within 1 to 5"));
  EXPECT_THAT(refusal("* * * * 1,2#1"), HasSubstr("mixes plain days with days such as 1#2 or L5"));
  EXPECT_THAT(refusal("H * * * *"), HasSubstr("needs a hash id, and Airflow gives none"));
  EXPECT_THAT(refusal("* * * *"), HasSubstr("4 fields, but cron takes 5, 6 or 7"));
  EXPECT_THAT(refusal(""), HasSubstr("0 fields"));
  EXPECT_THAT(refusal("@once"), HasSubstr("it is a schedule of its own, not a cron expression"));
  EXPECT_THAT(refusal("@fortnightly"), HasSubstr("unknown cron preset \"@fortnightly\" (known are @hourly"));
  EXPECT_THAT(refusal("99999999999999999999 * * * *"), HasSubstr("is not within 0 to 59"));
}

TEST(Cron, SecondsAndYears) {
  EXPECT_EQ(next("0 0 1 1 * 30", "2024-01-01T00:00:30"), "2025-01-01T00:00:30Z");
  EXPECT_EQ(next("* * * * * */20", "2024-01-01T00:00:20"), "2024-01-01T00:00:40Z");
  EXPECT_EQ(previous("* * * * * */20", "2024-01-01T00:00:20"), "2024-01-01T00:00:00Z");
  EXPECT_EQ(next("0 0 1 1 * 0 2030", "2024-01-01T00:00:00"), "2030-01-01T00:00:00Z");
  EXPECT_EQ(next("0 0 1 1 * 0 2020", "2024-01-01T00:00:00"), "none");
  EXPECT_EQ(previous("0 0 1 1 * 0 2030", "2024-01-01T00:00:00"), "none");
}

TEST(Cron, DaysThatDependOnTheMonth) {
  EXPECT_EQ(next("0 0 L * *", "2023-02-01T00:00:00"), "2023-02-28T00:00:00Z");
  EXPECT_EQ(next("0 0 L * *", "2024-02-28T00:00:00"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(previous("0 0 L * *", "2024-03-15T00:00:00"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(next("0 0 15W * *", "2024-06-01T00:00:00"), "2024-06-14T00:00:00Z");  // the 15th is a Saturday
  EXPECT_EQ(next("0 0 1W * *", "2024-05-31T00:00:00"), "2024-06-03T00:00:00Z");   // the 1st is one, and Friday is in May
  EXPECT_EQ(next("0 0 * * 5#3", "2024-01-20T00:00:00"), "2024-02-16T00:00:00Z");
  EXPECT_EQ(next("0 0 * * 5#5", "2024-01-01T00:00:00"), "2024-03-29T00:00:00Z");
  EXPECT_EQ(next("0 0 * * L5", "2024-01-27T00:00:00"), "2024-02-23T00:00:00Z");
  EXPECT_EQ(next("0 0 31 2 *", "2024-01-01T00:00:00"), "none");
  EXPECT_EQ(next("0 0 29 2 *", "2024-03-01T00:00:00"), "2028-02-29T00:00:00Z");
}

TEST(Cron, EitherDayFieldIsEnoughWhereBothAreRestricted) {
  EXPECT_EQ(next("0 0 13 * 5", "2024-01-01T00:00:00"), "2024-01-05T00:00:00Z");
  EXPECT_EQ(next("0 0 13 * 5", "2024-01-12T00:00:00"), "2024-01-13T00:00:00Z");
}

TEST(Cron, ElapsedTimeCountsWhereTheHourIsFree) {
  EXPECT_TRUE(need("30 * * * *").covers_every_hour());
  EXPECT_TRUE(need("30 0-23 * * *").covers_every_hour());
  EXPECT_TRUE(need("30 */1 * * *").covers_every_hour());
  EXPECT_FALSE(need("30 */2 * * *").covers_every_hour());
  EXPECT_FALSE(need("30 0-22 * * *").covers_every_hour());
}

TEST(Cron, DrawnValuesAreTheSameForTheSameText) {
  const std::string first = next("R R * * *", "2024-01-01T00:00:00");
  EXPECT_EQ(next("R R * * *", "2024-01-01T00:00:00"), first);
  const std::string bound = next("R(10-12) 3 * * *", "2024-01-01T00:00:00");
  EXPECT_GE(bound, "2024-01-01T03:10:00Z");
  EXPECT_LE(bound, "2024-01-01T03:12:00Z");
  EXPECT_THAT(refusal("R(12-10) * * * *"), HasSubstr("has a range that does not grow"));
}

TEST(Cron, BeyondTheCalendar) {
  const Cron cron = need("* * * * *");
  EXPECT_FALSE(cron.next(WallTime::max()));
  EXPECT_FALSE(cron.previous(WallTime::min()));
}

}  // namespace
}  // namespace venturi::schedule
