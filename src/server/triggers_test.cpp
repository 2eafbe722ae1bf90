#include "server/triggers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr const char* date_time = "airflow.providers.standard.triggers.temporal.DateTimeTrigger";

TEST(Triggers, ADateAsAirflowWritesIt) {
  const Value moment = Object{{"__classname__", "pendulum.datetime.DateTime"},
                              {"__version__", 2},
                              {"__data__", Object{{"timestamp", 1767225600.25}, {"tz", Array{"UTC"}}}}};
  const auto plan = plan_trigger(date_time, Object{{"moment", moment}, {"end_from_trigger", false}});
  ASSERT_TRUE(plan) << plan.error().text();
  EXPECT_EQ(format_time(plan->fires_at), "2026-01-01T00:00:00.250000Z");
  EXPECT_EQ(plan->event, moment);
}

TEST(Triggers, WhatIsNoneSaysWhatThereIs) {
  EXPECT_THAT(plan_trigger("my.OwnTrigger", {}).error().text(),
              AllOf(HasSubstr("there is no trigger my.OwnTrigger"), HasSubstr("DateTimeTrigger")));
  for (const Value& moment : {Value(), Value("tomorrow"), Value(Object{{"__data__", 7}})}) {
    EXPECT_THAT(plan_trigger(date_time, Object{{"moment", moment}}).error().text(), HasSubstr("needs a date as its moment"));
  }
}

TEST(Triggers, IsoDurations) {
  EXPECT_EQ(parse_iso_duration("PT2S"), 2s);
  EXPECT_EQ(parse_iso_duration("PT90.500000S"), 90'500ms);
  EXPECT_EQ(parse_iso_duration("P1DT2H3M4.5S"), 24h + 2h + 3min + 4'500ms);
  EXPECT_EQ(parse_iso_duration("P2W"), 14 * 24h);
  EXPECT_EQ(parse_iso_duration("-PT1M"), -1min);
  for (const char* bad : {"", "P", "PT", "2S", "PT2", "P2S", "PT1D", "P1Y", "PTxS", "P1DT2S3"})
    EXPECT_FALSE(parse_iso_duration(bad)) << bad;
}

}  // namespace
}  // namespace venturi::server
