// DateTime.format(): pendulum's tokens in its English locale. And pendulum.parse() for ISO 8601.
#include <array>

#include "base/text.h"
#include "template/datetime.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

// In the order in which pendulum's regular expression tries them.
constexpr std::array<std::string_view, 58> tokens = {
    "Mo", "MMMM", "MMM", "MM",   "M",   "Do", "DDDo", "DDDD", "DDD", "DD", "D",    "dddd",   "ddd",   "dd",   "do",
    "d",  "eo",   "e",   "EEEE", "EEE", "EE", "E",    "wo",   "w",   "Wo", "W",    "Qo",     "Q",     "YYYY", "YY",
    "Y",  "a",    "A",   "hh",   "h",   "HH", "H",    "mm",   "m",   "ss", "s",    "SSSSSS", "SSSSS", "SSSS", "SSS",
    "SS", "S",    "x",   "X",    "zz",  "z",  "ZZ",   "Z",    "LTS", "LT", "LLLL", "LLL",    "LL"};

std::string padded(std::int64_t value, std::size_t width) {
  std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

std::string ordinal(int n) {
  const int last = n % 10;
  const bool teen = n % 100 >= 11 && n % 100 <= 13;
  return std::to_string(n) + (teen ? "th" : last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

std::int64_t floor_seconds(std::int64_t microseconds) {
  return (microseconds - (microseconds % second_us + second_us) % second_us) / second_us;
}

std::string token_text(std::string_view token, const DateTime& time, const Zones* zones) {
  const Civil at = civil(time.wall);
  const int hour12 = at.hour % 12 == 0 ? 12 : at.hour % 12;
  std::string year = std::to_string(at.year);
  if (token == "YYYY" || token == "Y") return year;
  if (token == "YY") return year.size() > 2 ? year.substr(2) : "";
  if (token == "Q") return std::to_string((at.month + 2) / 3);
  if (token == "Qo") return ordinal((at.month + 2) / 3);
  if (token == "MMMM") return std::string(month_names[at.month - 1]);
  if (token == "MMM") return std::string(month_names[at.month - 1].substr(0, 3));
  if (token == "MM" || token == "M") return padded(at.month, token.size());
  if (token == "Mo") return ordinal(at.month);
  if (token == "DD" || token == "D") return padded(at.day, token.size());
  if (token == "Do") return ordinal(at.day);
  if (token == "DDDD") return padded(at.day_of_year, 3);
  if (token == "DDD") return std::to_string(at.day_of_year);
  if (token == "DDDo") return ordinal(at.day_of_year);
  if (token == "dddd") return std::string(day_names[at.weekday]);
  if (token == "ddd" || token == "dd") return std::string(day_names[at.weekday].substr(0, token.size()));
  if (token == "d") return std::to_string((at.weekday + 1) % 7);
  if (token == "do") return ordinal((at.weekday + 1) % 7);
  if (token == "e") return std::to_string((at.weekday + 1) % 7);
  if (token == "eo") return ordinal((at.weekday + 1) % 7 + 1);
  if (token == "E") return std::to_string(at.weekday + 1);
  if (token == "wo") return ordinal(iso_week(time.wall).week);
  if (token == "HH" || token == "H") return padded(at.hour, token.size());
  if (token == "hh" || token == "h") return padded(hour12, token.size());
  if (token == "mm" || token == "m") return padded(at.minute, token.size());
  if (token == "ss" || token == "s") return padded(at.second, token.size());
  if (token[0] == 'S') return padded(at.microsecond, 6).substr(0, token.size());
  if (token == "A") return at.hour >= 12 ? "PM" : "AM";
  if (token == "X") return std::to_string(floor_seconds(time.utc()));
  if (token == "x") return std::to_string(floor_seconds(time.utc()) * 1000 + at.microsecond / 1000);
  if (token == "zz") return time.is_naive() ? "" : offset_at(*time.zone, time.utc(), zones).abbreviation;
  if (token == "z") return time.is_naive() ? "" : *time.zone;
  if (token == "Z" || token == "ZZ") return time.is_naive() ? "" : offset_text(time.offset / 60 * 60, token == "Z" ? ":" : "");
  if (token == "LTS") return pendulum_format(time, "h:mm:ss A", zones);
  if (token == "LT") return pendulum_format(time, "h:mm A", zones);
  if (token == "LL") return pendulum_format(time, "MMMM D, YYYY", zones);
  if (token == "LLL") return pendulum_format(time, "MMMM D, YYYY h:mm A", zones);
  if (token == "LLLL") return pendulum_format(time, "dddd, MMMM D, YYYY h:mm A", zones);
  if (token == "L") return pendulum_format(time, "MM/DD/YYYY", zones);
  return std::string(token);
}

}  // namespace

std::string pendulum_format(const DateTime& time, std::string_view format, const Zones* zones) {
  std::string out;
  while (!format.empty()) {
    if (format[0] == '[') {
      const std::size_t end = format.find(']', 1);
      const std::string_view inner = format.substr(1, end == std::string_view::npos ? 0 : end - 1);
      if (end != std::string_view::npos && inner.find('[') == std::string_view::npos) {
        out += inner;
        format.remove_prefix(end + 1);
        continue;
      }
    }
    if (format[0] == '\\' && format.size() > 1) {
      out += format[1];
      format.remove_prefix(2);
      continue;
    }
    std::string_view found;
    for (const std::string_view token : tokens) {
      if (format.starts_with(token)) {
        found = token;
        break;
      }
    }
    if (found.empty() && format[0] == 'L') found = "L";
    if (found.empty()) {
      out += format[0];
      format.remove_prefix(1);
    } else {
      out += token_text(found, time, zones);
      format.remove_prefix(found.size());
    }
  }
  return out;
}

std::optional<DateTime> parse_iso(std::string_view text) {
  constexpr std::string_view formats[] = {"%Y-%m-%dT%H:%M:%S.%f%z",
                                          "%Y-%m-%dT%H:%M:%S%z",
                                          "%Y-%m-%dT%H:%M%z",
                                          "%Y-%m-%dT%H:%M:%S.%f",
                                          "%Y-%m-%dT%H:%M:%S",
                                          "%Y-%m-%dT%H:%M",
                                          "%Y-%m-%dT%H",
                                          "%Y-%m-%d",
                                          "%Y%m%dT%H%M%S",
                                          "%Y%m%dT%H%M%S%z",
                                          "%Y%m%d"};
  std::string normal(trim(text));
  if (normal.size() > 10 && normal[10] == ' ') normal[10] = 'T';
  for (const std::string_view format : formats) {
    try {
      return strptime(normal, format);
    } catch (const TemplateError&) {
      continue;  // the next one may fit
    }
  }
  return std::nullopt;
}

}  // namespace venturi::templates
