#include "template/babel_format.h"

#include <map>

#include "template/operators.h"

namespace venturi::templates {
namespace {

std::string at_least(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string name_of(std::string_view name, std::size_t letters) {
  return std::string(letters == 5   ? name.substr(0, 1)
                     : letters == 4 ? name
                     : letters == 6 ? name.substr(0, 2)
                                    : name.substr(0, 3));
}

std::string babel_field(char field, std::size_t n, const DateTime& time) {
  const Civil at = civil(time.wall);
  const int hour12 = at.hour % 12 == 0 ? 12 : at.hour % 12;
  const IsoWeek week = iso_week(time.wall);
  switch (field) {
    case 'y':
      return n == 2 ? at_least(at.year % 100, 2) : at_least(at.year, n);
    case 'Y':
      return n == 2 ? at_least(week.year % 100, 2) : at_least(week.year, n);
    case 'G':
      return n == 4 ? "Anno Domini" : n == 5 ? "A" : "AD";
    case 'Q':
    case 'q':
      if (n >= 4)
        return std::string((at.month + 2) / 3 == 1   ? "1st"
                           : (at.month + 2) / 3 == 2 ? "2nd"
                           : (at.month + 2) / 3 == 3 ? "3rd"
                                                     : "4th") +
               " quarter";
      return n == 3 ? "Q" + std::to_string((at.month + 2) / 3) : at_least((at.month + 2) / 3, n);
    case 'M':
    case 'L':
      return n <= 2 ? at_least(at.month, n) : name_of(month_names[at.month - 1], n);
    case 'w':
      return at_least(week.week, n);
    case 'd':
      return at_least(at.day, n);
    case 'D':
      return at_least(at.day_of_year, n);
    case 'E':
      return name_of(day_names[at.weekday], n);
    case 'e':
    case 'c':
      // In America the week begins on Sunday.
      return n <= 2 ? at_least((at.weekday + 1) % 7 + 1, n) : name_of(day_names[at.weekday], n);
    case 'a':
      return at.hour < 12 ? "AM" : "PM";
    case 'h':
      return at_least(hour12, n);
    case 'H':
      return at_least(at.hour, n);
    case 'K':
      return at_least(at.hour % 12, n);
    case 'k':
      return at_least(at.hour == 0 ? 24 : at.hour, n);
    case 'm':
      return at_least(at.minute, n);
    case 's':
      return at_least(at.second, n);
    case 'S':
      return at_least(at.microsecond, 6).append(n > 6 ? n - 6 : 0, '0').substr(0, n);
    case 'Z':
      return n == 5 ? "Z" : n == 4 ? "GMT" : "+0000";
    default:
      fail(ErrorKind::value, "the date pattern's field " + string_repr(std::string(n, field)) + " is not supported");
  }
}

}  // namespace

std::string babel_format(const DateTime& time, std::string_view pattern) {
  static const std::map<std::string_view, std::string_view> styles = {
      {"short", "M/d/yy, h:mm\u202fa"},
      {"medium", "MMM d, y, h:mm:ss\u202fa"},
      {"long", "MMMM d, y, h:mm:ss\u202fa 'UTC'"},
      {"full", "EEEE, MMMM d, y, h:mm:ss\u202fa 'Coordinated Universal Time'"}};
  if (const auto style = styles.find(pattern); style != styles.end()) pattern = style->second;
  std::string out;
  while (!pattern.empty()) {
    const char c = pattern[0];
    std::size_t n = 1;
    if (c == '\'') {
      const std::size_t end = pattern.find('\'', 1);
      if (end == std::string_view::npos) fail(ErrorKind::value, "the date pattern has a quote without end");
      out += end == 1 ? "'" : pattern.substr(1, end - 1);
      n = end + 1;
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      while (n < pattern.size() && pattern[n] == c) ++n;
      if (n > 12) fail(ErrorKind::value, "the date pattern has a field of more than 12 letters");
      out += babel_field(c, n, time);
    } else {
      out += c;
    }
    pattern.remove_prefix(n);
  }
  return out;
}

}  // namespace venturi::templates
