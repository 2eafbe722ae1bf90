// strftime in the C locale.
#include "template/datetime.h"

namespace venturi::templates {
namespace {

std::string number(int value, int width, char fill = '0') {
  std::string digits = std::to_string(value);
  if (digits.size() < static_cast<std::size_t>(width)) digits.insert(0, static_cast<std::size_t>(width) - digits.size(), fill);
  return digits;
}

std::string one_directive(char directive, const DateTime& time, const Civil& at, const Zones* zones) {
  const int hour12 = at.hour % 12 == 0 ? 12 : at.hour % 12;
  switch (directive) {
    case 'a':
      return std::string(day_names[at.weekday].substr(0, 3));
    case 'A':
      return std::string(day_names[at.weekday]);
    case 'b':
    case 'h':
      return std::string(month_names[at.month - 1].substr(0, 3));
    case 'B':
      return std::string(month_names[at.month - 1]);
    case 'c':
      return strftime(time, "%a %b %e %H:%M:%S %Y", zones);
    case 'C':
      return number(at.year / 100, 2);
    case 'd':
      return number(at.day, 2);
    case 'D':
    case 'x':
      return strftime(time, "%m/%d/%y", zones);
    case 'e':
      return number(at.day, 2, ' ');
    case 'f':
      return number(at.microsecond, 6);
    case 'F':
      return strftime(time, "%Y-%m-%d", zones);
    case 'g':
      return number(iso_week(time.wall).year % 100, 2);
    case 'G':
      return number(iso_week(time.wall).year, 4);
    case 'H':
      return number(at.hour, 2);
    case 'I':
      return number(hour12, 2);
    case 'j':
      return number(at.day_of_year, 3);
    case 'k':
      return number(at.hour, 2, ' ');
    case 'l':
      return number(hour12, 2, ' ');
    case 'm':
      return number(at.month, 2);
    case 'M':
      return number(at.minute, 2);
    case 'n':
      return "\n";
    case 'p':
      return at.hour < 12 ? "AM" : "PM";
    case 'P':
      return at.hour < 12 ? "am" : "pm";
    case 'r':
      return strftime(time, "%I:%M:%S %p", zones);
    case 'R':
      return strftime(time, "%H:%M", zones);
    case 's':
      return std::to_string(time.utc() / second_us);
    case 'S':
      return number(at.second, 2);
    case 't':
      return "\t";
    case 'T':
    case 'X':
      return strftime(time, "%H:%M:%S", zones);
    case 'u':
      return number(at.weekday + 1, 1);
    case 'U':
      return number((at.day_of_year + 6 - (at.weekday + 1) % 7) / 7, 2);
    case 'V':
      return number(iso_week(time.wall).week, 2);
    case 'w':
      return number((at.weekday + 1) % 7, 1);
    case 'W':
      return number((at.day_of_year + 6 - at.weekday) / 7, 2);
    case 'y':
      return number(at.year % 100, 2);
    case 'Y':
      return std::to_string(at.year);
    case 'z':
      return time.is_naive() ? "" : offset_text(time.offset, "");
    case 'Z':
      return time.is_naive() ? "" : offset_at(*time.zone, time.utc(), zones).abbreviation;
    case '%':
      return "%";
    default:
      return {'%', directive};
  }
}

}  // namespace

std::string strftime(const DateTime& time, std::string_view format, const Zones* zones) {
  const Civil at = civil(time.wall);
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const bool unpadded = format[i + 1] == '-' && i + 2 < format.size();  // glibc's
    std::string text = one_directive(format[unpadded ? i + 2 : i + 1], time, at, zones);
    if (unpadded) {
      while (text.size() > 1 && (text[0] == '0' || text[0] == ' ')) text.erase(0, 1);
    }
    out += text;
    i += unpadded ? 2 : 1;
  }
  return out;
}

}  // namespace venturi::templates
