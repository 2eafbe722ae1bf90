#include "sdk/cell_parse.h"

#include <charconv>
#include <string>

#include "base/text.h"

namespace venturi {
namespace {

constexpr int days_in_month(int year, int month) {
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : cell::days_of_month[month];
}

// Howard Hinnant's days_from_civil.
std::int64_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<std::int64_t>(era) * 146097 + day_of_era - 719468;
}

// Takes two digits off the front; -1 where there are none.
int take_two(std::string_view& s) {
  if (s.size() < 2 || !is_digit(s[0]) || !is_digit(s[1])) return -1;
  const int value = (s[0] - '0') * 10 + (s[1] - '0');
  s.remove_prefix(2);
  return value;
}

bool skip(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> take_offset_seconds(std::string_view& s) {
  if (skip(s, 'Z') || skip(s, 'z') || s.empty()) return 0;
  const bool negative = s.front() == '-';
  if (!negative && s.front() != '+') return std::nullopt;
  s.remove_prefix(1);
  const int hours = take_two(s);
  int minutes = 0;
  if (!s.empty()) {
    skip(s, ':');
    minutes = take_two(s);
  }
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return negative ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> cell::parse_any_int64(std::string_view text) {
  std::string_view s = trim(text);
  if (s.size() > 1 && s.front() == '+' && is_digit(s[1])) s.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::optional<double> cell::parse_any_float64(std::string_view text) {
  std::string_view s = trim(text);
  if (s.empty()) return std::nullopt;
  if (s.size() > 1 && s.front() == '+' && s[1] != '-') s.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean_cell(std::string_view text) {
  const std::string_view s = trim(text);
  if (s.size() > 5) return std::nullopt;
  std::string lower(s);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const std::string_view word : {"1", "t", "true", "y", "yes", "on"})
    if (lower == word) return true;
  for (const std::string_view word : {"0", "f", "false", "n", "no", "off"})
    if (lower == word) return false;
  return std::nullopt;
}

std::optional<std::int64_t> cell::parse_any_timestamp(std::string_view text) {
  std::string_view s = trim(text);
  const int century = take_two(s), year_of_century = take_two(s);
  if (century < 0 || year_of_century < 0 || !skip(s, '-')) return std::nullopt;
  const int year = century * 100 + year_of_century;
  const int month = take_two(s);
  if (month < 1 || month > 12 || !skip(s, '-')) return std::nullopt;
  const int day = take_two(s);
  if (day < 1 || day > days_in_month(year, month)) return std::nullopt;
  std::int64_t seconds = days_from_civil(year, month, day) * 86400;
  std::int64_t microseconds = 0;
  if (!s.empty()) {
    if (!skip(s, 'T') && !skip(s, ' ') && !skip(s, 't')) return std::nullopt;
    const int hour = take_two(s);
    if (hour < 0 || hour > 23 || !skip(s, ':')) return std::nullopt;
    const int minute = take_two(s);
    if (minute < 0 || minute > 59) return std::nullopt;
    int second = 0;
    if (skip(s, ':')) {
      second = take_two(s);
      if (second < 0 || second > 59) return std::nullopt;
      if (skip(s, '.') || skip(s, ',')) {
        int digits = 0;
        for (; !s.empty() && is_digit(s.front()); s.remove_prefix(1), ++digits)
          if (digits < 6) microseconds = microseconds * 10 + (s.front() - '0');
        if (digits == 0) return std::nullopt;
        for (; digits < 6; ++digits) microseconds *= 10;
      }
    }
    skip(s, ' ');
    const auto offset = take_offset_seconds(s);
    if (!offset || !s.empty()) return std::nullopt;
    seconds += hour * 3600 + minute * 60 + second - *offset;
  }
  return seconds * 1'000'000 + microseconds;
}

}  // namespace venturi
