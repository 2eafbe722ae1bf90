#include "schedule/delta.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace venturi::schedule {
namespace {

namespace chr = std::chrono;

// Ten thousand years: more than any date can be away from another.
constexpr double kLimitSeconds = 10'000 * 366.0 * 86400;

// Python's divmod() away from zero, as relativedelta._fix() carries: 90 minutes become 1 hour and 30 minutes.
void carry(double& part, double& larger, double size) {
  if (std::abs(part) < size) return;
  const double sign = part < 0 ? -1 : 1;
  const double whole = std::floor(part * sign / size);
  part = (part * sign - whole * size) * sign;
  larger += whole * sign;
}

Result<RelativeDelta> read_relative(const Object& fields) {
  RelativeDelta delta;
  double years = 0, months = 0, leapdays = 0, weeks = 0;
  struct Relative {
    const char* name;
    double* into;
    bool whole;
  };
  const std::array<Relative, 9> relative{{{"years", &years, true},
                                          {"months", &months, true},
                                          {"leapdays", &leapdays, true},
                                          {"weeks", &weeks, false},
                                          {"days", &delta.days, false},
                                          {"hours", &delta.hours, false},
                                          {"minutes", &delta.minutes, false},
                                          {"seconds", &delta.seconds, false},
                                          {"microseconds", &delta.microseconds, false}}};
  struct Absolute {
    const char* name;
    std::optional<int>* into;
    int min, max;
  };
  const std::array<Absolute, 7> absolute{{{"year", &delta.year, 1, 9999},
                                          {"month", &delta.month, 1, 12},
                                          {"day", &delta.day, 1, 31},
                                          {"hour", &delta.hour, 0, 23},
                                          {"minute", &delta.minute, 0, 59},
                                          {"second", &delta.second, 0, 59},
                                          {"microsecond", &delta.microsecond, 0, 999999}}};
  const auto refuse = [](std::string what) { return fail(ErrorKind::invalid, std::move(what), "relativedelta"); };
  for (const auto& [name, value] : fields) {
    if (const auto r = std::ranges::find_if(relative, [&](const auto& f) { return name == f.name; }); r != relative.end()) {
      if (!value.is_number() || std::abs(value.as_double()) > 1e15)
        return refuse(fmt::format("{} is no sensible number", name));
      if (r->whole && value.as_double() != std::floor(value.as_double())) return refuse(fmt::format("{} is not whole", name));
      if (r->whole && std::abs(value.as_double()) > 120'000) return refuse(fmt::format("{} is too large", name));
      *r->into = value.as_double();
    } else if (const auto a = std::ranges::find_if(absolute, [&](const auto& f) { return name == f.name; });
               a != absolute.end()) {
      if (!value.is_int() || value.as_int() < a->min || value.as_int() > a->max) {
        return refuse(fmt::format("{} is not within {} to {}", name, a->min, a->max));
      }
      *a->into = static_cast<int>(value.as_int());
    } else if (name == "weekday") {
      const bool is_list = value.is_array() && !value.as_array().empty() && value.as_array().size() <= 2 &&
                           std::ranges::all_of(value.as_array(), [](const Value& v) { return v.is_int(); });
      if (!is_list) return refuse("weekday is no list [day, occurrence]");
      const Array& list = value.as_array();
      if (list[0].as_int() < 0 || list[0].as_int() > 6) return refuse("weekday's day is not within 0 (Monday) to 6");
      delta.weekday = static_cast<int>(list[0].as_int());
      if (list.size() == 2) {
        if (list[1].as_int() == 0 || std::abs(list[1].as_int()) > 5000) return refuse("weekday's occurrence is 0 or too large");
        delta.occurrence = static_cast<int>(list[1].as_int());
      }
    } else {
      return refuse(fmt::format("unknown part \"{}\"", name));
    }
  }
  delta.days += weeks * 7;
  carry(delta.microseconds, delta.seconds, 1'000'000);
  carry(delta.seconds, delta.minutes, 60);
  carry(delta.minutes, delta.hours, 60);
  carry(delta.hours, delta.days, 24);
  carry(months, years, 12);
  delta.years = static_cast<std::int64_t>(years);
  delta.months = static_cast<std::int64_t>(months);
  delta.leapdays = static_cast<std::int64_t>(leapdays);
  const double length = std::abs(delta.days) * 86400 + std::abs(years) * 366 * 86400;
  if (length > kLimitSeconds) return refuse("it is longer than ten thousand years");
  return delta;
}

std::string timedelta_text(Duration d) {
  const auto days = chr::floor<chr::days>(d);
  const chr::hh_mm_ss time{d - days};
  std::string text;
  if (days.count() != 0) text = fmt::format("{} day{}, ", days.count(), std::abs(days.count()) == 1 ? "" : "s");
  text += fmt::format("{}:{:02}:{:02}", time.hours().count(), time.minutes().count(), time.seconds().count());
  if (time.subseconds().count() != 0) text += fmt::format(".{:06}", time.subseconds().count());
  return text;
}

}  // namespace

Time RelativeDelta::add_to(Time t, int sign) const {
  const auto date = chr::floor<chr::days>(t);
  const chr::year_month_day ymd{date};
  const chr::hh_mm_ss clock{t - date};
  const chr::year_month shifted =
      chr::year{year.value_or(static_cast<int>(ymd.year()))} /
          chr::month{static_cast<unsigned>(month.value_or(static_cast<int>(static_cast<unsigned>(ymd.month()))))} +
      chr::months{sign * (years * 12 + months)};
  const chr::day last = (shifted / chr::last).day();
  const chr::day wanted{static_cast<unsigned>(day.value_or(static_cast<int>(static_cast<unsigned>(ymd.day()))))};
  Time result = chr::sys_days{shifted / std::min(wanted, last)} +
                chr::hours{hour.value_or(static_cast<int>(clock.hours().count()))} +
                chr::minutes{minute.value_or(static_cast<int>(clock.minutes().count()))} +
                chr::seconds{second.value_or(static_cast<int>(clock.seconds().count()))} +
                chr::microseconds{microsecond.value_or(static_cast<int>(clock.subseconds().count()))};
  double shift_days = sign * days;
  if (leapdays != 0 && shifted.month() > chr::February && shifted.year().is_leap()) shift_days += static_cast<double>(leapdays);
  // Days apart from the rest: whole ones stay exact.
  result += chr::microseconds{std::llround(shift_days * 86400e6)};
  result += chr::microseconds{std::llround(sign * (hours * 3600e6 + minutes * 60e6 + seconds * 1e6 + microseconds))};
  if (weekday) {
    const int nth = occurrence == 0 ? 1 : occurrence;
    const int present = static_cast<int>(chr::weekday{chr::floor<chr::days>(result)}.iso_encoding()) - 1;
    const int weeks = (std::abs(nth) - 1) * 7;
    const int jump = nth > 0 ? weeks + (7 - present + *weekday) % 7 : -(weeks + (present - *weekday + 7) % 7);
    result += chr::days{jump};
  }
  return result;
}

std::string RelativeDelta::repr() const {
  std::string parts;
  const auto append = [&parts](const std::string& part) { parts += (parts.empty() ? "" : ", ") + part; };
  const auto relative = [&](const char* name, double value) {
    if (value != 0) append(fmt::format("{}={:+g}", name, value));
  };
  const auto absolute = [&](const char* name, const std::optional<int>& value) {
    if (value) append(fmt::format("{}={}", name, *value));
  };
  relative("years", static_cast<double>(years));
  relative("months", static_cast<double>(months));
  relative("days", days);
  relative("leapdays", static_cast<double>(leapdays));
  relative("hours", hours);
  relative("minutes", minutes);
  relative("seconds", seconds);
  relative("microseconds", microseconds);
  absolute("year", year);
  absolute("month", month);
  absolute("day", day);
  if (weekday) {
    constexpr std::array<const char*, 7> names{"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
    const char* name = names[static_cast<std::size_t>(*weekday)];
    append(occurrence == 0 ? fmt::format("weekday={}", name) : fmt::format("weekday={}({:+})", name, occurrence));
  }
  absolute("hour", hour);
  absolute("minute", minute);
  absolute("second", second);
  absolute("microsecond", microsecond);
  return "relativedelta(" + parts + ")";
}

Result<Delta> Delta::from_serialized(const Value& value) {
  if (value.is_number()) {
    const double seconds = value.as_double();
    if (!(std::abs(seconds) < kLimitSeconds))
      return fail(ErrorKind::invalid, fmt::format("{} seconds are longer than ten thousand years", seconds));
    return Delta(from_seconds(seconds));
  }
  if (!value.is_object()) {
    return fail(ErrorKind::invalid,
                fmt::format("a time span is a number of seconds or a relativedelta, not {}", value.type_name()));
  }
  auto relative = read_relative(value.as_object());
  if (!relative) return std::unexpected(std::move(relative.error()));
  Delta delta;
  delta.relative_ = *relative;
  return delta;
}

double Delta::grid_seconds() const {
  if (!relative_) return to_seconds(fixed_);
  const RelativeDelta& r = *relative_;
  return static_cast<double>(r.years) * 365 * 86400 + static_cast<double>(r.months) * 30 * 86400 + r.days * 86400 +
         r.hours * 3600 + r.minutes * 60 + r.seconds;
}

bool Delta::is_positive() const {
  const Time reference{chr::sys_days{chr::year{2024} / 1 / 15} + chr::hours{12} + chr::minutes{34} + chr::seconds{56}};
  return after(reference) > reference;
}

std::string Delta::text() const {
  return relative_ ? relative_->repr() : timedelta_text(fixed_);
}

}  // namespace venturi::schedule
