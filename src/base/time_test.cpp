#include "base/time.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace venturi {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

Time at(int y, unsigned m, unsigned d, Duration time = {}) {
  return sys_days(year(y) / m / d) + time;
}

TEST(Time, Formats) {
  const Time t = at(2026, 11, 24, 4h + 43min + 57s + 123456us);
  EXPECT_EQ(format_time(t), "2026-11-24T04:43:57.123456Z");
  EXPECT_EQ(format_time_offset(t), "2026-11-24T04:43:57.123456+00:00");
  EXPECT_EQ(format_time(floor<seconds>(t)), "2026-11-24T04:43:57Z");
  EXPECT_EQ(format_time_offset(floor<seconds>(t)), "2026-11-24T04:43:57+00:00");
  EXPECT_EQ(format_time(at(2026, 1, 1, 1us)), "2026-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_time(at(2026, 1, 1, 500ms)), "2026-01-01T00:00:00.500000Z");
  EXPECT_EQ(format_time(Time{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(Time(-1us)), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(at(1, 1, 1)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_time(at(9999, 12, 31, 24h - 1us)), "9999-12-31T23:59:59.999999Z");
}

TEST(Time, Parses) {
  const Time day = at(2026, 11, 24), t = day + 4h + 43min + 57s;
  const std::vector<std::pair<std::string_view, Time>> cases = {
      {"2026-11-24", day},
      {"2026-11-24T04:43", day + 4h + 43min},
      {"2026-11-24T04:43:57", t},
      {"2026-11-24 04:43:57", t},
      {"2026-11-24T04:43:57Z", t},
      {"2026-11-24t04:43:57z", t},
      {"2026-11-24T04:43:57.1Z", t + 100ms},
      {"2026-11-24T04:43:57,123456Z", t + 123456us},
      {"2026-11-24T04:43:57.123456789Z", t + 123456us},
      {"2026-11-24T04:43:57.123456+00:00", t + 123456us},
      {"2026-11-24T04:43:57+01:00", t - 1h},
      {"2026-11-24T04:43:57-0530", t + 5h + 30min},
      {"2026-11-24T04:43:57+05", t - 5h},
      {"2024-02-29", at(2024, 2, 29)},
      {"0001-01-01T00:00:00Z", at(1, 1, 1)},
      {"1969-12-31T23:59:59.999999Z", Time(-1us)},
  };
  for (const auto& [text, expected] : cases) {
    const auto parsed = parse_time(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const std::string_view text : {"",
                                      "x",
                                      "2026",
                                      "2026-11",
                                      "2026-1-1",
                                      "20261124",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-02-29",
                                      "2026-11-31",
                                      "2026-11-00",
                                      "0000-01-01",
                                      "2026-11-24T",
                                      "2026-11-24T04",
                                      "2026-11-24T04:",
                                      "2026-11-24T24:00",
                                      "2026-11-24T04:60",
                                      "2026-11-24T04:43:60",
                                      "2026-11-24T04:43:",
                                      "2026-11-24T04:43:57.",
                                      "2026-11-24T04:43:57.Z",
                                      "2026-11-24T04:43.5",
                                      "2026-11-24T04:43:57 Z",
                                      "2026-11-24T04:43:57ZZ",
                                      "2026-11-24T04:43:57+",
                                      "2026-11-24T04:43:57+1",
                                      "2026-11-24T04:43:57+24:00",
                                      "2026-11-24T04:43:57+01:60",
                                      "2026-11-24T04:43:57+01:0",
                                      "2026-11-24  04:43",
                                      "2026-11-24Z",
                                      " 2026-11-24",
                                      "2026-11-24 ",
                                      "+2026-11-24",
                                      "2026/11/24"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
  EXPECT_FALSE(parse_time(std::string_view("2026-11-24T04:43:57\0Z", 21)));
}

TEST(Time, ReadsWhatItWrites) {
  std::mt19937_64 random(1);
  const auto first = at(1, 1, 1).time_since_epoch().count(), last = at(9999, 12, 31).time_since_epoch().count();
  std::uniform_int_distribution<std::int64_t> micros(first, last);
  for (int i = 0; i < 20'000; ++i) {
    const Time t{Duration(micros(random))};
    ASSERT_EQ(parse_time(format_time(t)), t);
    ASSERT_EQ(parse_time(format_time_offset(t)), t);
  }
}

TEST(Time, Seconds) {
  EXPECT_EQ(to_seconds(1500ms), 1.5);
  EXPECT_EQ(from_seconds(0.0000015), 2us);
  EXPECT_EQ(from_seconds(-1.25), -1250ms);
}

TEST(Time, TheSystemClockGoes) {
  const SystemClock clock;
  const Time before = floor<Duration>(system_clock::now());
  const Time now = clock.now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, system_clock::now());
}

}  // namespace
}  // namespace venturi
