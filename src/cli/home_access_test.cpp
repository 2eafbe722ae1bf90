#include "cli/home_access.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace venturi::cli {
namespace {

Config config_with(const char* zone) {
  const std::string entry = std::string("VENTURI__CORE__DEFAULT_TIMEZONE=") + zone;
  const char* environment[] = {entry.c_str(), nullptr};
  return Config::load("/nowhere", environment).value();
}

std::string read(const char* text, const char* zone) {
  const auto time = read_date(text, config_with(zone));
  return time ? format_time(*time) : time.error().text();
}

TEST(ReadDateTest, WithoutAnOffsetItIsOfTheDefaultTimeZone) {
  EXPECT_EQ(read("2026-07-01T08:30:00", "utc"), "2026-07-01T08:30:00Z");
  EXPECT_EQ(read("2026-07-01T08:30:00", "Europe/Berlin"), "2026-07-01T06:30:00Z");
  EXPECT_EQ(read("2026-01-01", "Europe/Berlin"), "2025-12-31T23:00:00Z");
  EXPECT_EQ(read("2026-07-01T08:30:00Z", "Europe/Berlin"), "2026-07-01T08:30:00Z");
  EXPECT_EQ(read("2026-07-01 08:30:00-05:00", "Europe/Berlin"), "2026-07-01T13:30:00Z");
}

TEST(ReadDateTest, AnUnknownTimeZoneIsNamedWithItsSetting) {
  const std::string text = read("2026-07-01", "Europe/Berlinn");
  EXPECT_TRUE(text.starts_with("core.default_timezone: ")) << text;
}

TEST(NoSuchDagTest, NamesTheNearest) {
  EXPECT_EQ(no_such_dag("exampel", {"example", "other"}).text(), "there is no DAG exampel (did you mean example?)");
  EXPECT_EQ(no_such_dag("x", {"example"}).text(), "there is no DAG x (see: venturi dags list)");
}

}  // namespace
}  // namespace venturi::cli
