// C++20 without third parties: part of the SDK archive.
#include "base/time.h"

#include <cstdint>
#include <cstdio>

namespace venturi {
namespace {

using namespace std::chrono;

char* put_number(char* to, unsigned number, int digits) {
  for (char* at = to + digits; at != to; number /= 10) *--at = static_cast<char>('0' + number % 10);
  return to + digits;
}

// "2026-11-24T04:43:57.123456", the fraction only where there is one. Each message has several: printf is too slow for them.
std::string format_local(Time t) {
  const auto day = floor<days>(t);
  const year_month_day date(day);
  const hh_mm_ss<Duration> time(t - day);
  const int year = static_cast<int>(date.year());
  char text[48];
  char* at = text;
  if (year < 0 || year > 9999) {  // no ISO text is defined for it, but nothing is cut off
    at += std::snprintf(text, sizeof text - 24, "%d", year);
  } else {
    at = put_number(at, static_cast<unsigned>(year), 4);
  }
  *at++ = '-';
  at = put_number(at, static_cast<unsigned>(date.month()), 2);
  *at++ = '-';
  at = put_number(at, static_cast<unsigned>(date.day()), 2);
  *at++ = 'T';
  at = put_number(at, static_cast<unsigned>(time.hours().count()), 2);
  *at++ = ':';
  at = put_number(at, static_cast<unsigned>(time.minutes().count()), 2);
  *at++ = ':';
  at = put_number(at, static_cast<unsigned>(time.seconds().count()), 2);
  if (const auto fraction = time.subseconds().count(); fraction != 0) {
    *at++ = '.';
    at = put_number(at, static_cast<unsigned>(fraction), 6);
  }
  return {text, at};
}

// Reads a text from left to right; every method returns false where it does not go on as expected.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take_digit(int& digit) {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return false;
    digit = rest_.front() - '0';
    rest_.remove_prefix(1);
    return true;
  }
  bool take_number(int digits, int least, int most, int& number) {
    number = 0;
    for (int digit = 0; digits > 0; --digits) {
      if (!take_digit(digit)) return false;
      number = number * 10 + digit;
    }
    return number >= least && number <= most;
  }

 private:
  std::string_view rest_;
};

// Digits beyond microseconds are cut off, as Python does.
bool read_fraction(Reader& in, Duration& fraction) {
  int digit = 0, count = 0;
  std::int64_t micros = 0;
  for (; in.take_digit(digit); ++count) {
    if (count < 6) micros = micros * 10 + digit;
  }
  for (int i = count; i < 6; ++i) micros *= 10;
  fraction = Duration(micros);
  return count > 0;
}

bool read_time_of_day(Reader& in, Duration& time) {
  int hour = 0, minute = 0, second = 0;
  Duration fraction{};
  if (!in.take_number(2, 0, 23, hour) || !in.take(':') || !in.take_number(2, 0, 59, minute)) return false;
  if (in.take(':')) {
    if (!in.take_number(2, 0, 59, second)) return false;
    if ((in.take('.') || in.take(',')) && !read_fraction(in, fraction)) return false;
  }
  time = hours(hour) + minutes(minute) + seconds(second) + fraction;
  return true;
}

// Z, +01:00, +0100, +01, or nothing.
bool read_offset(Reader& in, Duration& offset) {
  offset = {};
  if (in.at_end() || in.take('Z') || in.take('z')) return true;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return false;
  int hour = 0, minute = 0;
  if (!in.take_number(2, 0, 23, hour)) return false;
  if (!in.at_end()) {
    in.take(':');
    if (!in.take_number(2, 0, 59, minute)) return false;
  }
  offset = hours(hour) + minutes(minute);
  if (west) offset = -offset;
  return true;
}

}  // namespace

Time SystemClock::now() const {
  return floor<Duration>(system_clock::now());
}

std::string format_time(Time t) {
  return format_local(t) + 'Z';
}

std::string format_time_offset(Time t) {
  return format_local(t) + "+00:00";
}

std::optional<Time> parse_time(std::string_view text) {
  Reader in(text);
  int y = 0, m = 0, d = 0;
  if (!in.take_number(4, 1, 9999, y) || !in.take('-') || !in.take_number(2, 1, 12, m) || !in.take('-') ||
      !in.take_number(2, 1, 31, d)) {
    return std::nullopt;
  }
  const year_month_day date(year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d)));
  if (!date.ok()) return std::nullopt;
  Duration time{}, offset{};
  if (!in.at_end()) {
    if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
    if (!read_time_of_day(in, time) || !read_offset(in, offset) || !in.at_end()) return std::nullopt;
  }
  return Time(sys_days(date)) + time - offset;
}

}  // namespace venturi
