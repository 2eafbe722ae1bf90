#include "schedule/time_zone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace venturi::schedule {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Time at(const std::string& text) {
  const auto time = parse_time(text);
  if (!time) throw std::runtime_error("no time: " + text);
  return *time;
}
WallTime wall(const std::string& text) {
  return WallTime{at(text).time_since_epoch()};
}
std::string shown(WallTime t) {
  return format_time(Time{t.time_since_epoch()});
}

class TimeZoneTest : public testing::Test {
 protected:
  std::shared_ptr<const TimeZone> zone(const std::string& name) {
    const auto added = zones_.add(name);
    if (!added) throw std::runtime_error(added.error().text());
    return *zones_.find(name);
  }
  TimeZones zones_ = std::move(*TimeZones::load());
};

TEST_F(TimeZoneTest, WallTimes) {
  EXPECT_EQ(shown(zone("Europe/Berlin")->to_local(at("2024-03-31T00:59:59Z"))), "2024-03-31T01:59:59Z");
  EXPECT_EQ(shown(zone("Europe/Berlin")->to_local(at("2024-03-31T01:00:00Z"))), "2024-03-31T03:00:00Z");
  EXPECT_EQ(shown(zone("Australia/Lord_Howe")->to_local(at("2024-10-05T15:30:00Z"))), "2024-10-06T02:30:00Z");
  EXPECT_EQ(shown(zone("America/New_York")->to_local(at("1883-11-18T16:00:00Z"))), "1883-11-18T11:03:58Z");  // local mean time
  EXPECT_EQ(shown(zone("Pacific/Apia")->to_local(at("2011-12-30T10:00:00Z"))), "2011-12-31T00:00:00Z");  // a day was left out
}

// Long after the last transition of the file: the rule at its end.
TEST_F(TimeZoneTest, TheFarFuture) {
  const auto berlin = zone("Europe/Berlin");
  EXPECT_EQ(shown(berlin->to_local(at("2400-01-01T00:00:00Z"))), "2400-01-01T01:00:00Z");
  EXPECT_EQ(shown(berlin->to_local(at("2400-07-01T00:00:00Z"))), "2400-07-01T02:00:00Z");
  EXPECT_EQ(shown(zone("Asia/Kolkata")->to_local(at("2400-07-01T00:00:00Z"))), "2400-07-01T05:30:00Z");
}

TEST_F(TimeZoneTest, Abbreviations) {
  const auto shown = [this](const std::string& name, const std::string& time) {
    const auto [text, dst] = zone(name)->abbreviation(at(time));
    return text + (dst ? " in summer" : "");
  };
  EXPECT_EQ(shown("Europe/Berlin", "2024-01-01T00:00:00Z"), "CET");
  EXPECT_EQ(shown("Europe/Berlin", "2024-03-31T00:59:59Z"), "CET");
  EXPECT_EQ(shown("Europe/Berlin", "2024-03-31T01:00:00Z"), "CEST in summer");
  EXPECT_EQ(shown("Europe/Berlin", "1850-01-01T00:00:00Z"), "LMT");
  EXPECT_EQ(shown("Europe/Berlin", "1945-06-01T00:00:00Z"), "CEMT in summer");  // the midsummer time of that year
  EXPECT_EQ(shown("Europe/Berlin", "2400-01-01T00:00:00Z"), "CET") << "by the rule at the end of the file";
  EXPECT_EQ(shown("Europe/Berlin", "2400-07-01T00:00:00Z"), "CEST in summer");
  EXPECT_EQ(shown("Asia/Kolkata", "2400-07-01T00:00:00Z"), "IST");
  EXPECT_EQ(shown("America/Sao_Paulo", "2024-07-01T00:00:00Z"), "-03");
  EXPECT_EQ(shown("Australia/Lord_Howe", "2400-01-01T00:00:00Z"), "+11 in summer");
  EXPECT_EQ((*zones_.find("+02:00"))->abbreviation(at("2024-01-01T00:00:00Z")).text, "+02:00");
  EXPECT_EQ((*zones_.find("UTC"))->abbreviation(at("2024-01-01T00:00:00Z")).text, "UTC");
}

TEST_F(TimeZoneTest, WallTimesThatExistTwice) {
  const auto berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin->to_utc(wall("2024-10-27T02:30:00"), 0), at("2024-10-27T00:30:00Z"));
  EXPECT_EQ(berlin->to_utc(wall("2024-10-27T02:30:00"), 1), at("2024-10-27T01:30:00Z"));
  EXPECT_EQ(berlin->to_utc(wall("2024-10-27T03:00:00"), 0), at("2024-10-27T02:00:00Z"));
  EXPECT_EQ(berlin->to_utc(wall("2024-10-27T01:59:59"), 1), at("2024-10-26T23:59:59Z"));
}

TEST_F(TimeZoneTest, WallTimesThatAreSkipped) {
  const auto berlin = zone("Europe/Berlin");
  EXPECT_EQ(berlin->to_utc(wall("2024-03-31T02:30:00"), 0), at("2024-03-31T00:30:00Z"));
  EXPECT_EQ(berlin->to_utc(wall("2024-03-31T02:30:00"), 1), at("2024-03-31T01:30:00Z"));
  EXPECT_EQ(zone("Australia/Lord_Howe")->to_utc(wall("2024-10-06T02:15:00")), at("2024-10-05T15:45:00Z"));
}

TEST_F(TimeZoneTest, ThereAndBackInEveryHourOfSomeYears) {
  for (const char* name : {"Europe/Berlin", "America/St_Johns", "Africa/Casablanca", "Antarctica/Troll", "America/Sao_Paulo"}) {
    const auto z = zone(name);
    for (Time t = at("2022-01-01T00:00:00Z"); t < at("2025-01-01T00:00:00Z"); t += 30min) {
      const WallTime local = z->to_local(t);
      ASSERT_TRUE(z->to_utc(local, 0) == t || z->to_utc(local, 1) == t) << name << " " << format_time(t);
    }
  }
}

TEST_F(TimeZoneTest, FixedOffsetsNeedNoFile) {
  TimeZones zones = TimeZones::utc_only();
  const auto offset = [&](const std::string& name) {
    const auto found = zones.find(name);
    return found ? ((*found)->to_local(Time{}).time_since_epoch() - Duration{}).count() / 1'000'000 : -1;
  };
  EXPECT_EQ(offset("UTC"), 0);
  EXPECT_EQ(offset("utc"), 0);
  EXPECT_EQ(offset("+02:00"), 7200);
  EXPECT_EQ(offset("-0330"), -330);  // a number of seconds, as Airflow serializes it
  EXPECT_EQ(offset("-03:30"), -12600);
  EXPECT_EQ(offset("7200"), 7200);
  EXPECT_EQ(offset("Europe/Berlin"), -1);
  for (const char* wrong : {"", "+25:00", "+02:60", "99999", "+2:00", "+02:", "02:00"})
    EXPECT_FALSE(zones.find(wrong)) << wrong;
}

TEST_F(TimeZoneTest, UnknownNamesGetNearOnes) {
  const auto added = zones_.add("europe/berln");
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().kind, ErrorKind::not_found);
  EXPECT_THAT(added.error().text(), HasSubstr("no time zone \"europe/berln\" (did you mean Europe/Berlin"));
  EXPECT_THAT(zones_.add("Berlin").error().text(), HasSubstr("Europe/Berlin"));
  EXPECT_THAT(zones_.add("Xyzzyplugh/Qwertyuiop").error().text(), HasSubstr("names are those of the IANA database"));
  for (const char* wrong : {"../../../etc/passwd", "/etc/passwd", "zone.tab", "Europe", "Europe/", ""}) {
    EXPECT_FALSE(zones_.add(wrong)) << wrong;
  }
}

TEST_F(TimeZoneTest, NoZoneData) {
  const auto missing = TimeZones::load("/nowhere/zoneinfo");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().text(), HasSubstr("apt-get install tzdata"));
}

TEST_F(TimeZoneTest, ZonesOfATimetable) {
  const Value plain = Object{{"__type", "x"}, {"__var", Object{{"timezone", "Asia/Tokyo"}}}};
  ASSERT_TRUE(zones_.add_for(Object{{"__type", "y"}, {"__var", Object{{"timetable", plain}}}}));
  EXPECT_TRUE(zones_.find("Asia/Tokyo"));
  EXPECT_TRUE(zones_.add_for(Object{{"__type", "x"}, {"__var", Object{}}}));
  EXPECT_TRUE(zones_.add_for(Object{{"__type", "x"}, {"__var", Object{{"timezone", 7200}}}}));
  EXPECT_FALSE(zones_.add_for(Object{{"__type", "x"}, {"__var", Object{{"timezone", "Mars/Olympus"}}}}));
}

TEST_F(TimeZoneTest, BrokenFiles) {
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  ASSERT_TRUE(TimeZone::from_tzif(good, "x"));
  EXPECT_THAT(TimeZone::from_tzif("", "x").error().text(), HasSubstr("time zone x: no readable TZif file"));
  int refused = 0;
  for (std::size_t size = 0; size < good.size(); ++size) refused += TimeZone::from_tzif(good.substr(0, size), "x") ? 0 : 1;
  EXPECT_GT(refused, static_cast<int>(good.size()) - 40);  // without its last line it is whole but for the far future
  std::string wrong_type = good;
  for (std::size_t i = 44; i < 60; ++i) wrong_type[i] = '\xff';
  (void)TimeZone::from_tzif(wrong_type, "x");  // whatever it is: no crash
}

TEST(PosixTz, Rules) {
  const auto berlin = PosixTz::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(berlin->standard().offset, 3600);
  const auto transitions = berlin->around(2024);
  ASSERT_EQ(transitions.size(), 6U);
  EXPECT_EQ(Time(std::chrono::seconds(transitions[2].at)), at("2024-03-31T01:00:00Z"));
  EXPECT_EQ(transitions[2].phase.offset, 7200);
  EXPECT_EQ(Time(std::chrono::seconds(transitions[3].at)), at("2024-10-27T01:00:00Z"));
  EXPECT_FALSE(PosixTz::parse("<+0530>-5:30")->has_dst());
  EXPECT_TRUE(PosixTz::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"));
  EXPECT_TRUE(PosixTz::parse("EST5EDT,J60/2,300"));
  for (const char* wrong : {"", "CE-1", "CET", "CET-1CEST", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
                            "CET-1CEST,J0,J1", "CET-1CEST,M3.5.0,M10.5.0x", "<CET-1", "CET-200"}) {
    EXPECT_FALSE(PosixTz::parse(wrong)) << wrong;
  }
}

TEST_F(TimeZoneTest, ManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (const char* name : {"Europe/Berlin", "Asia/Tokyo", "America/New_York", "Europe/Berlin"}) {
        EXPECT_TRUE(zones_.add(name));
        EXPECT_TRUE(zones_.find(name));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace venturi::schedule
