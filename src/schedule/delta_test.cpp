// Expected values are those of Python's timedelta and dateutil's relativedelta.
#include "schedule/delta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace venturi::schedule {
namespace {

using testing::HasSubstr;

Delta need(const std::string& json) {
  auto delta = Delta::from_serialized(*parse_json(json));
  if (!delta) throw std::runtime_error(delta.error().text());
  return std::move(*delta);
}
std::string after(const std::string& json, const std::string& from) {
  return format_time(need(json).after(*parse_time(from)));
}
std::string before(const std::string& json, const std::string& from) {
  return format_time(need(json).before(*parse_time(from)));
}
std::string refusal(const std::string& json) {
  const auto delta = Delta::from_serialized(*parse_json(json));
  return delta ? "accepted" : delta.error().text();
}

TEST(Delta, Seconds) {
  EXPECT_EQ(after("86400.0", "2024-02-28T01:02:03.4Z"), "2024-02-29T01:02:03.400000Z");
  EXPECT_EQ(before("0.000001", "2024-01-01T00:00:00Z"), "2023-12-31T23:59:59.999999Z");
  EXPECT_EQ(need("90061.5").text(), "1 day, 1:01:01.500000");
  EXPECT_EQ(need("172800").text(), "2 days, 0:00:00");
  EXPECT_EQ(need("60").text(), "0:01:00");
  EXPECT_EQ(need("-60").text(), "-1 day, 23:59:00");
  EXPECT_TRUE(need("1").is_positive());
  EXPECT_FALSE(need("0").is_positive());
  EXPECT_FALSE(need("-1").is_positive());
  EXPECT_FALSE(need("86400").needs_anchor());
}

TEST(Delta, CalendarUnits) {
  EXPECT_EQ(after(R"({"months": 1})", "2024-01-31T10:00:00Z"), "2024-02-29T10:00:00Z");
  EXPECT_EQ(before(R"({"months": 1})", "2024-03-31T10:00:00Z"), "2024-02-29T10:00:00Z");
  EXPECT_EQ(after(R"({"years": 1})", "2024-02-29T00:00:00Z"), "2025-02-28T00:00:00Z");
  EXPECT_EQ(after(R"({"months": 13, "weeks": 1})", "2024-01-01T00:00:00Z"), "2025-02-08T00:00:00Z");
  EXPECT_EQ(after(R"({"day": 1, "months": 1, "hour": 6})", "2024-01-31T10:30:00Z"), "2024-02-01T06:30:00Z");
  EXPECT_EQ(after(R"({"weekday": [4, -1], "day": 31})", "2024-02-01T00:00:00Z"), "2024-02-23T00:00:00Z");  // the last Friday
  EXPECT_EQ(need(R"({"months": 1, "weekday": [0]})").text(), "relativedelta(months=+1, weekday=MO)");
  EXPECT_EQ(need(R"({"minutes": 90})").text(), "relativedelta(hours=+1, minutes=+30)");
  EXPECT_TRUE(need(R"({"months": 1})").needs_anchor());
  EXPECT_FALSE(need(R"({"weeks": 1})").needs_anchor());
  EXPECT_EQ(need(R"({"days": 1, "hours": 2})").grid_seconds(), 93600);
}

TEST(Delta, WhatDoesNotFit) {
  EXPECT_THAT(refusal("\"1 day\""), HasSubstr("a time span is a number of seconds or a relativedelta, not string"));
  EXPECT_THAT(refusal(R"({"fortnights": 1})"), HasSubstr("relativedelta: unknown part \"fortnights\""));
  EXPECT_THAT(refusal(R"({"months": 1.5})"), HasSubstr("months is not whole"));
  EXPECT_THAT(refusal(R"({"months": "1"})"), HasSubstr("months is no sensible number"));
  EXPECT_THAT(refusal(R"({"hour": 24})"), HasSubstr("hour is not within 0 to 23"));
  EXPECT_THAT(refusal(R"({"weekday": 1})"), HasSubstr("weekday is no list"));
  EXPECT_THAT(refusal(R"({"weekday": [7]})"), HasSubstr("weekday's day is not within"));
  EXPECT_THAT(refusal("1e18"), HasSubstr("longer than ten thousand years"));
  EXPECT_THAT(refusal(R"({"years": 119999, "days": 1e12})"), HasSubstr("longer than ten thousand years"));
}

}  // namespace
}  // namespace venturi::schedule
