// What Airflow 3.3.2's own partition mappers give for the same keys.
#include "schedule/partition_mapper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schedule/partition_key.h"
#include "schedule/timetable.h"

namespace venturi::schedule {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Value typed(const std::string& type, Value var) {
  return Object{{"__type", "airflow.partition_mappers." + type}, {"__var", std::move(var)}};
}
Value temporal(const std::string& period, const std::string& output, const std::string& zone = "UTC",
               const std::string& input = "%Y-%m-%dT%H:%M:%S") {
  return typed("temporal.StartOf" + period + "Mapper",
               Object{{"timezone", zone}, {"input_format", input}, {"output_format", output}});
}
Value window(const std::string& name, const std::string& direction = "forward") {
  return typed("window." + name, Object{{"direction", direction}});
}
Value fan_out(Value upstream, Value of, Value downstream) {
  return typed("temporal.FanOutMapper", Object{{"upstream_mapper", std::move(upstream)},
                                               {"window", std::move(of)},
                                               {"downstream_mapper", std::move(downstream)}});
}
Value rollup(Value upstream, Value of) {
  return typed("base.RollupMapper", Object{{"upstream_mapper", std::move(upstream)},
                                           {"window", std::move(of)},
                                           {"wait_policy", typed("wait_policy.WaitForAll", Object{})}});
}

class Mappers : public ::testing::Test {
 protected:
  void SetUp() override {
    zones = *TimeZones::load();
    ASSERT_TRUE(zones.add("America/New_York").has_value());
    ASSERT_TRUE(zones.add("Asia/Taipei").has_value());
  }
  std::vector<std::string> mapped(const Value& serialized, const std::string& key) {
    const auto mapper = make_partition_mapper(serialized, zones);
    if (!mapper) return {"no mapper: " + mapper.error().text()};
    OwnMapperAnswers none;
    const auto keys = (*mapper)->to_downstream(key, none);
    return keys ? *keys : std::vector{"refused: " + keys.error().text()};
  }
  std::string date(const Value& serialized, const std::string& key) {
    const auto found = (*make_partition_mapper(serialized, zones))->partition_date(key);
    if (!found) return "refused";
    return *found ? format_time(**found) : "none";
  }

  TimeZones zones = TimeZones::utc_only();
};

TEST_F(Mappers, StartOfPeriods) {
  const std::string key = "2024-03-13T10:42:15";
  EXPECT_THAT(mapped(temporal("Hour", "%Y-%m-%dT%H"), key), ElementsAre("2024-03-13T10"));
  EXPECT_THAT(mapped(temporal("Day", "%Y-%m-%d"), key), ElementsAre("2024-03-13"));
  EXPECT_THAT(mapped(temporal("Week", "%Y-%m-%d (W%V)"), key), ElementsAre("2024-03-11 (W11)"));
  EXPECT_THAT(mapped(temporal("Month", "%Y-%m"), key), ElementsAre("2024-03"));
  EXPECT_THAT(mapped(temporal("Quarter", "%Y-Q{quarter}"), key), ElementsAre("2024-Q1"));
  EXPECT_THAT(mapped(temporal("Year", "%Y"), key), ElementsAre("2024"));
  EXPECT_THAT(mapped(temporal("Day", "%Y-%m-%d"), "2024-02-30T00:00:00"), ElementsAre(HasSubstr("there is no such day")));
  EXPECT_THAT(mapped(temporal("Day", "%Y-%m-%d"), "eu"), ElementsAre(HasSubstr("does not match the format")));
}

TEST_F(Mappers, DatesOfKeysAreThoseOfTheirZone) {
  EXPECT_EQ(date(temporal("Day", "%Y-%m-%d"), "2024-03-13"), "2024-03-13T00:00:00Z");
  EXPECT_EQ(date(temporal("Day", "%Y-%m-%d", "Asia/Taipei"), "2024-03-13"), "2024-03-12T16:00:00Z");
  EXPECT_EQ(date(temporal("Week", "%Y-%m-%d (W%V)"), "2024-03-11 (W11)"), "2024-03-11T00:00:00Z");
  EXPECT_EQ(date(temporal("Quarter", "%Y-Q{quarter}"), "2024-Q3"), "2024-07-01T00:00:00Z");
  EXPECT_EQ(date(typed("identity.IdentityMapper", Object{}), "2024-03-13"), "none");
  // An instant becomes the wall time of the mapper's zone.
  EXPECT_THAT(mapped(temporal("Day", "%Y-%m-%d", "America/New_York", "%Y-%m-%dT%H%z"), "2024-03-10T03+0000"),
              ElementsAre("2024-03-09"));
}

TEST_F(Mappers, WeeksAndDaysOfTheYear) {
  const auto both = [this](const char* format) {
    return mapped(temporal("Day", format), "2023-01-01T00:00:00").front() + ", " +
           mapped(temporal("Day", format), "2024-12-31T00:00:00").front();
  };
  EXPECT_EQ(both("%Y %U %W %V"), "2023 01 00 52, 2024 52 53 01");
  EXPECT_EQ(both("%j %f"), "001 000000, 366 000000");
}

TEST_F(Mappers, AnHourThatAClockLeavesOutIsTheNextOne) {
  EXPECT_THAT(mapped(temporal("Hour", "%Y-%m-%dT%H", "America/New_York"), "2024-03-10T02:30:00"), ElementsAre("2024-03-10T03"));
  EXPECT_THAT(mapped(temporal("Hour", "%Y-%m-%dT%H", "America/New_York"), "2024-11-03T01:30:00"), ElementsAre("2024-11-03T01"));
  const auto mapper = *make_partition_mapper(
      rollup(temporal("Day", "%Y-%m-%d", "America/New_York", "%Y-%m-%dT%H"), window("DayWindow")), zones);
  std::set<std::string> keys;
  for (int hour = 0; hour < 24; ++hour) {
    if (hour != 2) keys.insert("2024-03-10T" + std::string(hour < 10 ? "0" : "") + std::to_string(hour));
  }
  EXPECT_TRUE(*mapper->is_satisfied("2024-03-10", keys));
}

TEST_F(Mappers, ProductsAndChains) {
  const Value product = typed(
      "product.ProductMapper",
      Object{{"delimiter", "|"}, {"mappers", Array{typed("identity.IdentityMapper", Object{}), temporal("Day", "%Y-%m-%d")}}});
  EXPECT_THAT(mapped(product, "eu|2024-03-13T10:42:15"), ElementsAre("eu|2024-03-13"));
  EXPECT_THAT(mapped(product, "eu"), ElementsAre(HasSubstr("has 1 parts, not 2")));
  EXPECT_EQ(date(product, "eu|2024-03-13"), "2024-03-13T00:00:00Z");
  const Value chain =
      typed("chain.ChainMapper",
            Object{{"mappers", Array{temporal("Day", "%Y-%m-%d"), temporal("Month", "%Y-%m", "UTC", "%Y-%m-%d")}}});
  EXPECT_THAT(mapped(chain, "2024-03-13T10:42:15"), ElementsAre("2024-03"));
  EXPECT_EQ(date(chain, "2024-03"), "2024-03-01T00:00:00Z");
  EXPECT_THAT(mapped(typed("allowed_key.AllowedKeyMapper", Object{{"allowed_keys", Array{"us", "eu"}}}), "asia"),
              ElementsAre(HasSubstr("is none of those that are allowed: us, eu")));
  EXPECT_THAT(mapped(typed("fixed_key.FixedKeyMapper", Object{{"downstream_key", "all"}}), "us"), ElementsAre("all"));
}

TEST_F(Mappers, FanOuts) {
  const Value week = temporal("Week", "%Y-%m-%d (W%V)"), day = temporal("Day", "%Y-%m-%d"), month = temporal("Month", "%Y-%m");
  const auto forward = mapped(fan_out(week, window("WeekWindow"), day), "2024-03-13T10:42:15");
  ASSERT_THAT(forward, SizeIs(7));
  EXPECT_EQ(forward.front() + " " + forward.back(), "2024-03-11 2024-03-17");
  const auto backward = mapped(fan_out(week, window("WeekWindow", "backward"), day), "2024-03-13T10:42:15");
  EXPECT_EQ(backward.front() + " " + backward.back(), "2024-03-05 2024-03-11");
  EXPECT_THAT(mapped(fan_out(month, window("MonthWindow"), day), "2024-02-13T00:00:00"), SizeIs(29));
  const auto open = mapped(fan_out(month, window("MonthWindow", "backward"), day), "2024-03-13T00:00:00");
  EXPECT_EQ(open.front() + " " + open.back(), "2024-02-02 2024-03-01");
  EXPECT_THAT(mapped(fan_out(temporal("Quarter", "%Y-Q{quarter}"), window("QuarterWindow"), month), "2024-05-13T00:00:00"),
              ElementsAre("2024-04", "2024-05", "2024-06"));
  EXPECT_THAT(mapped(fan_out(temporal("Year", "%Y"), window("YearWindow", "backward"), month), "2024-05-13T00:00:00"),
              SizeIs(12));
  EXPECT_THAT(mapped(fan_out(day, window("MonthWindow"), day), "2024-03-13T00:00:00"),
              ElementsAre(HasSubstr("begins with the first day")));
}

TEST_F(Mappers, ARollupWaitsForAllDaysOfItsWeek) {
  const auto mapper =
      *make_partition_mapper(rollup(temporal("Week", "%Y-%m-%d (W%V)", "UTC", "%Y-%m-%d"), window("WeekWindow")), zones);
  OwnMapperAnswers none;
  EXPECT_THAT(*mapper->to_downstream("2024-03-13", none), ElementsAre("2024-03-11 (W11)"));
  std::set<std::string> keys{"2024-03-11", "2024-03-12", "2024-03-13", "2024-03-14", "2024-03-15", "2024-03-16", "2024-03-18"};
  EXPECT_FALSE(*mapper->is_satisfied("2024-03-11 (W11)", keys));
  keys.insert("2024-03-17");
  EXPECT_TRUE(*mapper->is_satisfied("2024-03-11 (W11)", keys));
  EXPECT_FALSE(mapper->is_satisfied("no week", keys).has_value());
}

TEST_F(Mappers, WhatCannotBeReadIsRefused) {
  EXPECT_THAT(mapped(typed("own.Mapper", Object{}), "x"), ElementsAre(HasSubstr("is none of Airflow's own")));
  EXPECT_THAT(mapped(temporal("Day", "%A"), "x"), ElementsAre(HasSubstr("has %A")));
  EXPECT_THAT(mapped(temporal("Day", "%Y", "Mars/Olympus"), "x"), ElementsAre(HasSubstr("no time zone")));
  EXPECT_THAT(mapped(rollup(typed("identity.IdentityMapper", Object{}), window("DayWindow")), "x"),
              ElementsAre(HasSubstr("a mapper of another kind of keys")));
  EXPECT_THAT(mapped(rollup(temporal("Day", "%Y-%m-%d"), window("LeapWindow")), "x"), ElementsAre(HasSubstr("LeapWindow")));
  EXPECT_THAT(mapped(typed("chain.ChainMapper", Object{{"mappers", Array{}}}), "x"),
              ElementsAre(HasSubstr("two mappers or more")));
}

TEST_F(Mappers, KeysOfASchedule) {
  const Value serialized = Object{{"__type", "airflow.timetables.trigger.CronPartitionTimetable"},
                                  {"__var", Object{{"expression", "0 0 * * *"},
                                                   {"timezone", "Asia/Taipei"},
                                                   {"run_immediately", false},
                                                   {"run_offset", -2},
                                                   {"key_format", "%Y-%m-%d"}}}};
  const auto timetable = *make_timetable(serialized, zones);
  const auto partition = timetable->partition_of(*parse_time("2024-03-12T16:00:00Z"));  // midnight of the 13th there
  ASSERT_TRUE(partition.has_value());
  EXPECT_EQ(partition->key, "2024-03-11");
  EXPECT_EQ(format_time(*partition->date), "2024-03-10T16:00:00Z");
  EXPECT_EQ(timetable->partition_date("2024-03-11").value(), partition->date);
  EXPECT_FALSE(timetable->partition_date("eu").has_value());
}

// What stands in for a program: what it is asked is known, or wanted.
TEST(OwnMappers, SayWhatTheyWantToKnow) {
  const Value own = Object{{"__type", "venturi.program.RegionMapper"}, {"__var", Object{{"max_downstream_keys", 3}}}};
  const TimeZones zones = TimeZones::utc_only();
  const auto mapper = make_partition_mapper(typed("chain.ChainMapper", Object{{"mappers", Array{own, own}}}), zones, "m");
  ASSERT_TRUE(mapper) << mapper.error().text();
  EXPECT_TRUE((*mapper)->asks());
  OwnMapperAnswers answers;
  EXPECT_FALSE((*mapper)->to_downstream("a", answers));
  const OwnMapperAnswers::Question first{"m.mappers.0", "RegionMapper", "a"};
  EXPECT_THAT(answers.wanted, ElementsAre(first));
  answers.wanted.clear();
  answers.known[first] = {.keys = {"b", "c"}, .dates = {{}, {}}, .refusal = {}};
  EXPECT_FALSE((*mapper)->to_downstream("a", answers));
  const OwnMapperAnswers::Question b{"m.mappers.1", "RegionMapper", "b"}, c{"m.mappers.1", "RegionMapper", "c"};
  EXPECT_THAT(answers.wanted, ElementsAre(b, c));
  answers.wanted.clear();
  const Time date = parse_time("2026-03-01T00:00:00Z").value();
  answers.known[b] = {.keys = {"B"}, .dates = {date}, .refusal = {}};
  answers.known[c] = {.keys = {}, .dates = {}, .refusal = {}};
  EXPECT_THAT(*(*mapper)->to_downstream("a", answers), ElementsAre("B"));
  EXPECT_EQ(answers.date_of("B"), date);
  EXPECT_EQ(answers.date_of("C"), std::nullopt);
  answers.known[c].refusal = Error{ErrorKind::invalid, "no region", "", ""};
  const auto refused = (*mapper)->to_downstream("a", answers);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "no region");
  EXPECT_THAT(answers.wanted, ::testing::IsEmpty());
}

TEST(OwnMappers, StandWhereMappersOfTextsDo) {
  const Value own = Object{{"__type", "venturi.program.RegionMapper"}, {"__var", Object{}}};
  const TimeZones zones = TimeZones::utc_only();
  const auto segments = typed("window.SegmentWindow", Object{{"segments", Array{"x"}}});
  const auto product = make_partition_mapper(
      typed("product.ProductMapper", Object{{"mappers", Array{own, typed("identity.IdentityMapper", Object{})}}}), zones, "p");
  ASSERT_TRUE(product);
  OwnMapperAnswers answers;
  EXPECT_FALSE((*product)->to_downstream("a|1", answers));
  answers.wanted.clear();
  answers.known[{"p.mappers.0", "RegionMapper", "a"}] = {.keys = {"A"}, .dates = {{}}, .refusal = {}};
  EXPECT_THAT(*(*product)->to_downstream("a|1", answers), ElementsAre("A|1"));
  const auto rolled = make_partition_mapper(rollup(own, segments), zones, "r");
  ASSERT_TRUE(rolled);
  EXPECT_TRUE((*rolled)->asks());
  EXPECT_FALSE(*(*rolled)->is_satisfied("A", {"y"}));
  EXPECT_TRUE(*(*rolled)->is_satisfied("A", {"x"}));
  const auto misfit = make_partition_mapper(rollup(own, window("DayWindow")), zones, "r");
  ASSERT_FALSE(misfit);
  EXPECT_THAT(misfit.error().what, HasSubstr("pairs a window with a mapper of another kind of keys"));
}

}  // namespace
}  // namespace venturi::schedule
