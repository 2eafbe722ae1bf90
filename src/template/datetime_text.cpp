// isoformat(), str() and repr() of dates, times and spans.
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "template/datetime.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

__attribute__((format(printf, 1, 2))) std::string printed(const char* format, ...) {
  char buffer[128];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof buffer, format, arguments);
  va_end(arguments);
  return buffer;
}

std::string clock_text(const Civil& at) {
  std::string text = printed("%02d:%02d:%02d", at.hour, at.minute, at.second);
  return at.microsecond == 0 ? text : text + printed(".%06d", at.microsecond);
}

std::string zone_repr(const DateTime& time) {
  if (!time.pendulum) {
    return time.offset == 0 ? "datetime.timezone.utc" : "datetime.timezone(" + timedelta_repr({time.offset * second_us}) + ")";
  }
  const bool fixed = (*time.zone)[0] == '+' || (*time.zone)[0] == '-';
  if (fixed) return printed("FixedTimezone(%d, name=\"%s\")", time.offset, time.zone->c_str());
  return "Timezone('" + *time.zone + "')";
}

struct Span {
  std::int64_t days, seconds, microseconds;
};

Span span_of(TimeDelta delta) {
  std::int64_t days = delta.microseconds / day_us, rest = delta.microseconds % day_us;
  if (rest < 0) {
    rest += day_us;
    --days;
  }
  return {days, rest / second_us, rest % second_us};
}

}  // namespace

std::string offset_text(int seconds, std::string_view colon) {
  const int magnitude = std::abs(seconds);
  std::string text = printed("%c%02d", seconds < 0 ? '-' : '+', magnitude / 3600);
  text.append(colon).append(printed("%02d", magnitude / 60 % 60));
  return magnitude % 60 == 0 ? text : text.append(colon).append(printed("%02d", magnitude % 60));
}

std::string iso_format(const DateTime& time, char separator) {
  const Civil at = civil(time.wall);
  std::string text = printed("%04d-%02d-%02d%c", at.year, at.month, at.day, separator) + clock_text(at);
  return time.is_naive() ? text : text + offset_text(time.offset, ":");
}

std::string iso_format(const Date& date) {
  const Civil at = civil(date.days * day_us);
  return printed("%04d-%02d-%02d", at.year, at.month, at.day);
}

std::string iso_format(const TimeOfDay& time) {
  return clock_text(civil(time.microseconds));
}

std::string timedelta_str(TimeDelta delta) {
  const Span span = span_of(delta);
  std::string text;
  if (span.days != 0) text = std::to_string(span.days) + (span.days == 1 || span.days == -1 ? " day, " : " days, ");
  text += printed("%d:%02d:%02d", static_cast<int>(span.seconds / 3600), static_cast<int>(span.seconds / 60 % 60),
                  static_cast<int>(span.seconds % 60));
  return span.microseconds == 0 ? text : text + printed(".%06d", static_cast<int>(span.microseconds));
}

std::string timedelta_repr(TimeDelta delta) {
  const Span span = span_of(delta);
  std::string parts;
  const auto add = [&](const char* name, std::int64_t value) {
    if (value != 0) parts += (parts.empty() ? "" : ", ") + std::string(name) + "=" + std::to_string(value);
  };
  add("days", span.days);
  add("seconds", span.seconds);
  add("microseconds", span.microseconds);
  return "datetime.timedelta(" + (parts.empty() ? "0" : parts) + ")";
}

std::string datetime_repr(const DateTime& time) {
  const Civil at = civil(time.wall);
  std::string text = time.pendulum ? "DateTime(" : "datetime.datetime(";
  text += printed("%d, %d, %d, %d, %d", at.year, at.month, at.day, at.hour, at.minute);
  if (time.pendulum || at.second != 0 || at.microsecond != 0) text += ", " + std::to_string(at.second);
  if (at.microsecond != 0) text += ", " + std::to_string(at.microsecond);
  if (!time.is_naive()) text += ", tzinfo=" + zone_repr(time);
  return text + ")";
}

std::string date_repr(const Date& date) {
  const Civil at = civil(date.days * day_us);
  return (date.pendulum ? "Date" : "datetime.date") + printed("(%d, %d, %d)", at.year, at.month, at.day);
}

std::string time_repr(const TimeOfDay& time) {
  const Civil at = civil(time.microseconds);
  std::string text = (time.pendulum ? "Time" : "datetime.time") + printed("(%d, %d", at.hour, at.minute);
  if (time.pendulum || at.second != 0 || at.microsecond != 0) text += ", " + std::to_string(at.second);
  if (at.microsecond != 0) text += ", " + std::to_string(at.microsecond);
  return text + ")";
}

TimeDelta make_timedelta(double days, double seconds, double microseconds) {
  const double most = 999'999'999.0 * static_cast<double>(day_us);
  const double total = days * static_cast<double>(day_us) + seconds * static_cast<double>(second_us) + microseconds;
  if (std::isnan(total)) fail(ErrorKind::value, "cannot convert float NaN to integer");
  // Beyond 64 bits of microseconds (292,000 years) Python goes on; no calendar does.
  if (std::abs(total) > most || std::abs(total) > 9.2e18) fail(ErrorKind::overflow, "timedelta out of range");
  // Summed in integers where they are, since doubles do not hold microseconds of years.
  const auto whole = [](double value, double unit) {
    const double integral = std::trunc(value);
    return static_cast<std::int64_t>(integral) * static_cast<std::int64_t>(unit) +
           static_cast<std::int64_t>(std::nearbyint((value - integral) * unit));
  };
  return {whole(days, static_cast<double>(day_us)) + whole(seconds, static_cast<double>(second_us)) +
          static_cast<std::int64_t>(std::nearbyint(microseconds))};
}

}  // namespace venturi::templates
