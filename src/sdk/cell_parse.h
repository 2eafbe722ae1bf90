// Text of a cell (CSV, PostgreSQL's text output) to a typed value. Nothing where the text is no such value: the caller keeps
// it as unreadable. Blanks around a value are passed over. C++20: part of the SDK archive.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace venturi {

namespace detail {
[[nodiscard]] std::optional<std::int64_t> parse_any_int64(std::string_view text);
[[nodiscard]] std::optional<double> parse_any_float64(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_any_timestamp(std::string_view text);
// Howard Hinnant's days_from_civil.
constexpr std::int64_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era) * 146097 + day_of_era - 719468;
}

inline constexpr int days_of_month[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

// Two digits at p; 100 or more where they are none.
inline unsigned two_digits(const char* p) {
  const unsigned tens = static_cast<unsigned char>(p[0]) - unsigned{'0'},
                 ones = static_cast<unsigned char>(p[1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}
}  // namespace detail

// The usual form of each is read inline: files have millions of them.

// Decimal digits with an optional sign, within 64 bits.
[[nodiscard]] inline std::optional<std::int64_t> parse_int64_cell(std::string_view text) {
  if (text.empty() || text.size() > 18) return detail::parse_any_int64(text);
  std::int64_t value = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) return detail::parse_any_int64(text);
    value = value * 10 + digit;
  }
  return value;
}

// Decimal or scientific notation with '.', and NaN, Infinity, -Infinity; a number out of a double's range is none.
[[nodiscard]] inline std::optional<double> parse_float64_cell(std::string_view text) {
  // Every power here, and every integer below 2^53, is exact as a double, so one division rounds correctly.
  constexpr double powers_of_ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  if (text.empty() || text.size() > 16) return detail::parse_any_float64(text);
  const bool negative = text.front() == '-';
  std::int64_t digits = 0;
  std::size_t point = text.size(), count = 0;
  for (std::size_t i = negative ? 1 : 0; i < text.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    if (digit <= 9) {
      digits = digits * 10 + digit;
      ++count;
    } else if (text[i] == '.' && point == text.size()) {
      point = i;
    } else {
      return detail::parse_any_float64(text);
    }
  }
  if (count == 0 || count > 15) return detail::parse_any_float64(text);
  const std::size_t fraction = point == text.size() ? 0 : text.size() - point - 1;
  const double value = static_cast<double>(digits) / powers_of_ten[fraction];
  return negative ? -value : value;
}

// true/false, t/f, yes/no, y/n, on/off, 1/0, in any case.
[[nodiscard]] std::optional<bool> parse_boolean_cell(std::string_view text);
// ISO 8601: a date, or date and time with 'T' or a blank, seconds and fraction optional, then Z, an offset or nothing (UTC).
// Microseconds since 1970 UTC; digits beyond microseconds are cut off.
[[nodiscard]] inline std::optional<std::int64_t> parse_timestamp_cell(std::string_view text) {
  // "2026-01-01 10:00:00"
  if (text.size() != 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' ||
      text[16] != ':') {
    return detail::parse_any_timestamp(text);
  }
  const char* p = text.data();
  const unsigned century = detail::two_digits(p), year = detail::two_digits(p + 2), month = detail::two_digits(p + 5),
                 day = detail::two_digits(p + 8), hour = detail::two_digits(p + 11), minute = detail::two_digits(p + 14),
                 second = detail::two_digits(p + 17);
  // What is not usual here, the 29th of February too, is looked at closely.
  if (century > 99 || year > 99 || month - 1 > 11 || day == 0 || day > static_cast<unsigned>(detail::days_of_month[month]) ||
      hour > 23 || minute > 59 || second > 59) {
    return detail::parse_any_timestamp(text);
  }
  const std::int64_t days =
      detail::days_from_civil(static_cast<int>(century * 100 + year), static_cast<int>(month), static_cast<int>(day));
  return (days * 86400 + hour * 3600 + minute * 60 + second) * 1'000'000;
}

}  // namespace venturi
