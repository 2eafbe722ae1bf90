#include "sdk/cell_parse.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>

namespace venturi {
namespace {

TEST(CellParse, Int64) {
  EXPECT_EQ(parse_int64_cell("42"), 42);
  EXPECT_EQ(parse_int64_cell(" -7 "), -7);
  EXPECT_EQ(parse_int64_cell("+7"), 7);
  EXPECT_EQ(parse_int64_cell("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", " ", "1.0", "9223372036854775808", "12a", "+-1", "--1", "0x10", "1 2"})
    EXPECT_EQ(parse_int64_cell(text), std::nullopt) << text;
}

TEST(CellParse, Float64) {
  EXPECT_EQ(parse_float64_cell("123.45"), 123.45);
  EXPECT_EQ(parse_float64_cell("-0.1"), -0.1);
  EXPECT_EQ(parse_float64_cell("+5"), 5.0);
  EXPECT_EQ(parse_float64_cell("1e3"), 1000.0);
  EXPECT_EQ(parse_float64_cell("123456789012345678901234567890"), 123456789012345678901234567890.0);
  EXPECT_TRUE(std::isnan(parse_float64_cell("NaN").value()));
  EXPECT_EQ(parse_float64_cell("-Infinity"), -std::numeric_limits<double>::infinity());
  for (const char* text : {"", "1,5", "1.2.3", ".", "-", "abc", "1e999", "12 руб"})
    EXPECT_EQ(parse_float64_cell(text), std::nullopt) << text;
}

TEST(CellParse, ShortDecimalsReadAsStrtodDoes) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200000; ++i) {
    std::string text = std::to_string(random() % 1'000'000'000);
    text.insert(random() % (text.size() + 1), ".");
    EXPECT_EQ(parse_float64_cell(text), std::stod(text)) << text;
  }
}

TEST(CellParse, TheUsualFormsReadAsAnyOther) {
  std::mt19937_64 random(8);
  const std::string_view letters = "0123456789-:. T+";
  for (int i = 0; i < 200000; ++i) {
    std::string text = "2026-01-31 10:00:59";
    if (i % 3 == 1) text = std::to_string(random() % 1'000'000'000'000);
    if (i % 3 == 2) text = std::to_string(random() % 1'000'000) + ".25";
    for (std::uint64_t changes = random() % 3; changes > 0; --changes)
      text[random() % text.size()] = letters[random() % letters.size()];
    EXPECT_EQ(parse_int64_cell(text), cell::parse_any_int64(text)) << text;
    EXPECT_EQ(parse_float64_cell(text), cell::parse_any_float64(text)) << text;
    EXPECT_EQ(parse_timestamp_cell(text), cell::parse_any_timestamp(text)) << text;
  }
}

TEST(CellParse, EveryByteInEveryPlaceOfANumber) {
  for (const std::string_view digits : {"1234", "98765432", "123456789", "12345678901234567"}) {
    for (std::size_t place = 0; place < digits.size(); ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(digits);
        text[place] = static_cast<char>(byte);
        ASSERT_EQ(parse_int64_cell(text), cell::parse_any_int64(text)) << text;
      }
    }
  }
}

TEST(CellParse, EveryDayFrom1960To2110) {
  const std::chrono::sys_days first = std::chrono::year(1960) / 1 / 1, last = std::chrono::year(2110) / 12 / 31;
  for (std::chrono::sys_days day = first; day <= last; day += std::chrono::days(1)) {
    const std::chrono::year_month_day date = day;
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u 00:00:01", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    ASSERT_EQ(parse_timestamp_cell(text), std::chrono::microseconds(day.time_since_epoch()).count() + 1'000'000) << text;
  }
}

TEST(CellParse, Boolean) {
  EXPECT_EQ(parse_boolean_cell("TRUE"), true);
  EXPECT_EQ(parse_boolean_cell("no"), false);
  EXPECT_EQ(parse_boolean_cell("2"), std::nullopt);
  EXPECT_EQ(parse_boolean_cell(""), std::nullopt);
}

TEST(CellParse, Timestamp) {
  EXPECT_EQ(parse_timestamp_cell("1970-01-01"), 0);
  EXPECT_EQ(parse_timestamp_cell("2026-01-01 00:00:07"), 1767225607000000);
  EXPECT_EQ(parse_timestamp_cell("2026-01-01T00:00:07.5Z"), 1767225607500000);
  EXPECT_EQ(parse_timestamp_cell("2026-01-01T03:00:07+03:00"), 1767225607000000);
  EXPECT_EQ(parse_timestamp_cell("2025-12-31 19:00:07-05"), 1767225607000000);
  EXPECT_EQ(parse_timestamp_cell("2025-12-31T20:30:07.1234567-0330"), 1767225607123456);
  EXPECT_EQ(parse_timestamp_cell("2024-02-29T12:30"), 1709209800000000);
  EXPECT_EQ(parse_timestamp_cell("1969-12-31T23:59:59.5Z"), -500000);
  for (const char* text : {"", "2026", "2026-13-01", "2025-02-29", "2026-01-01T24:00", "2026-01-01T10", "2026-01-01 10:00:00 x",
                           "01.02.2026", "2026-01-01T10:00:00+3", "2026-01-01T10:00:00."})
    EXPECT_EQ(parse_timestamp_cell(text), std::nullopt) << text;
}

}  // namespace
}  // namespace venturi
