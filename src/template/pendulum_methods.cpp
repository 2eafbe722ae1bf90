// Methods that pendulum's DateTime has beyond Python's.
#include <algorithm>
#include <cmath>

#include "template/datetime_arithmetic.h"
#include "template/interval.h"
#include "template/methods.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

const DateTime& this_date(const Call& call) {
  return call.args[0].as_datetime();
}

DateTime rebuilt(Call& call, std::int64_t wall) {
  return at_wall(wall, this_date(call).zone, true, call.runtime.zones);
}

std::int64_t scaled(std::int64_t count, std::int64_t unit, std::int64_t sign) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(count, unit * sign, &result)) fail(ErrorKind::overflow, "date value out of range");
  return result;
}

// Months of different lengths: the day is at most the last of the month.
std::int64_t add_months(std::int64_t wall, std::int64_t months) {
  const Civil at = civil(wall);
  const std::int64_t index = at.year * 12 + at.month - 1 + months;
  const std::int64_t year = index >= 0 ? index / 12 : -1;
  const std::int64_t month = index % 12 + 1;
  if (year < 1 || year > 9999) fail(ErrorKind::value, "year " + std::to_string(year) + " is out of range");
  const int day = std::min(at.day, days_in_month(static_cast<int>(year), static_cast<int>(month)));
  return wall_time(year, month, day, at.hour, at.minute, at.second, at.microsecond);
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) fail(ErrorKind::overflow, "date value out of range");
  return checked_wall(result);
}

template <int Sign>
Item add(Call& call) {
  const Args args(call, {"self", "years", "months", "weeks", "days", "hours", "minutes", "seconds", "microseconds"}, 1);
  const DateTime& time = this_date(call);
  const auto count = [&](std::size_t i) {
    return std::clamp<std::int64_t>(args.integer(i, 0), -1'000'000'000'000, 1'000'000'000'000);
  };
  const double seconds = args.real(7, 0);
  const std::int64_t whole_seconds = real_to_integer(seconds);
  const std::int64_t fraction = static_cast<std::int64_t>(std::nearbyint((seconds - std::trunc(seconds)) * 1e6));
  const std::int64_t elapsed =
      scaled(count(5), hour_us, Sign) + scaled(count(6), minute_us, Sign) +
      scaled(std::clamp<std::int64_t>(whole_seconds, -1'000'000'000'000, 1'000'000'000'000), second_us, Sign) +
      Sign * fraction + scaled(args.integer(8, 0), 1, Sign);
  // Calendar units move the clock on the wall, the others count elapsed time.
  const bool calendar = count(1) != 0 || count(2) != 0 || count(3) != 0 || count(4) != 0;
  if (!calendar) return apply(call.runtime, Operator::add, time, TimeDelta{elapsed});
  std::int64_t wall = add_months(time.wall, Sign * (count(1) * 12 + count(2)));
  wall = plus(wall, scaled(count(3) * 7 + count(4), day_us, Sign));
  return rebuilt(call, plus(wall, elapsed));
}

struct CalendarUnit {
  std::string_view name;
  std::int64_t (*start)(std::int64_t wall);
  std::int64_t (*next)(std::int64_t start);  // the start of the one that follows
};

template <std::int64_t Size>
std::int64_t floor_to(std::int64_t wall) {
  return wall - (wall % Size + Size) % Size;
}
template <std::int64_t Size>
std::int64_t after(std::int64_t start) {
  return start + Size;
}
template <int Years>
std::int64_t start_of_years(std::int64_t wall) {
  const int year = civil(wall).year;
  return wall_time(std::max(Years == 100 ? year - 1 - (year - 1) % 100 + 1 : year - year % Years, 1), 1, 1);
}
template <int Months>
std::int64_t after_months(std::int64_t start) {
  const Civil at = civil(start);
  if (at.year + Months / 12 > 9999) return wall_time(9999, 12, 31) + day_us;
  return add_months(start, Months);
}
std::int64_t start_of_week(std::int64_t wall) {
  return floor_to<day_us>(wall) - civil(wall).weekday * day_us;
}
std::int64_t start_of_month(std::int64_t wall) {
  const Civil at = civil(wall);
  return wall_time(at.year, at.month, 1);
}

constexpr CalendarUnit units[] = {
    {"second", floor_to<second_us>, after<second_us>},    {"minute", floor_to<minute_us>, after<minute_us>},
    {"hour", floor_to<hour_us>, after<hour_us>},          {"day", floor_to<day_us>, after<day_us>},
    {"week", start_of_week, after<7 * day_us>},           {"month", start_of_month, after_months<1>},
    {"year", start_of_years<1>, after_months<12>},        {"decade", start_of_years<10>, after_months<120>},
    {"century", start_of_years<100>, after_months<1200>},
};

template <bool Start>
Item edge_of(Call& call) {
  const Args args(call, {"self", "unit"}, 2);
  const std::string unit = args.text(1);
  const auto found = std::ranges::find(units, unit, &CalendarUnit::name);
  if (found == std::end(units)) {
    fail(ErrorKind::value, "Invalid unit \"" + unit + "\" for " + (Start ? "start_of" : "end_of") + "()");
  }
  const std::int64_t start = found->start(this_date(call).wall);
  return rebuilt(call, Start ? start : found->next(start) - 1);
}

template <int Direction>
Item neighbour(Call& call) {
  const Args args(call, {"self", "day_of_week", "keep_time"}, 1);
  const std::int64_t wanted = args[1].is_none() ? civil(this_date(call).wall).weekday : args.integer(1);
  if (wanted < 0 || wanted > 6) fail(ErrorKind::value, "Invalid day of week");
  std::int64_t wall = args.truth(2, false) ? this_date(call).wall : floor_to<day_us>(this_date(call).wall);
  do {
    wall = checked_wall(wall + Direction * day_us);
  } while (civil(wall).weekday != wanted);
  return rebuilt(call, wall);
}

std::string zone_text(const Item& zone) {
  const Item name = plain(zone);
  if (!name.is_text()) fail(ErrorKind::type, "a time zone must be a name, not " + type_name(zone));
  return name.as_string();
}

// A number is hours east of UTC. What is naive is taken to be the time of that zone.
Item in_timezone(Call& call) {
  const Args args(call, {"self", "tz"}, 2);
  std::string zone;
  if (args[1].is_number()) {
    zone = offset_text(static_cast<int>(std::clamp(args[1].as_real(), -24.0, 24.0) * 3600), ":");
  } else {
    zone = zone_text(args[1]);
    const bool is_offset = args[1].is_text() && (zone.starts_with('+') || zone.starts_with('-'));
    if (is_offset)
      fail(ErrorKind::value, "Invalid timezone " + string_repr(zone) + ": an offset is given in hours, as a number");
  }
  if (this_date(call).is_naive()) {
    return at_wall(this_date(call).wall, std::make_shared<const std::string>(zone), true, call.runtime.zones);
  }
  return in_zone(this_date(call), zone, call.runtime.zones);
}

Item set(Call& call) {
  const Args args(call, {"self", "year", "month", "day", "hour", "minute", "second", "microsecond", "tz"}, 1);
  const Civil at = civil(this_date(call).wall);
  const std::int64_t wall =
      wall_time(args.integer(1, at.year), args.integer(2, at.month), args.integer(3, at.day), args.integer(4, at.hour),
                args.integer(5, at.minute), args.integer(6, at.second), args.integer(7, at.microsecond));
  const auto zone = args.has(8) ? std::make_shared<const std::string>(zone_text(args[8])) : this_date(call).zone;
  return at_wall(wall, zone, true, call.runtime.zones);
}

Item on(Call& call) {
  const Args args(call, {"self", "year", "month", "day"}, 4);
  const std::int64_t wall = this_date(call).wall;
  return rebuilt(call, wall_time(args.integer(1), args.integer(2), args.integer(3)) + wall - floor_to<day_us>(wall));
}

Item at(Call& call) {
  const Args args(call, {"self", "hour", "minute", "second", "microsecond"}, 2);
  const Civil date = civil(this_date(call).wall);
  return rebuilt(
      call, wall_time(date.year, date.month, date.day, args.integer(1), args.integer(2), args.integer(3), args.integer(4)));
}

Item naive(Call& call) {
  const Args args(call, {"self"}, 1);
  return DateTime{this_date(call).wall, nullptr, 0, true};
}

Item format_method(Call& call) {
  const Args args(call, {"self", "fmt", "locale"}, 2);
  const std::string tokens = args.text(1);
  call.runtime.budget.make_text(tokens.size() * 16);
  return pendulum_format(this_date(call), tokens, call.runtime.zones);
}

// What a method that gives a text writes.
struct TextForm {
  std::string_view method, format_method;
};
constexpr TextForm text_forms[] = {
    {"to_atom_string", "YYYY-MM-DDTHH:mm:ssZ"},
    {"to_cookie_string", "dddd, DD-MMM-YYYY HH:mm:ss zz"},
    {"to_date_string", "YYYY-MM-DD"},
    {"to_datetime_string", "YYYY-MM-DD HH:mm:ss"},
    {"to_day_datetime_string", "ddd, MMM D, YYYY h:mm A"},
    {"to_formatted_date_string", "MMM DD, YYYY"},
    {"to_iso8601_string", "YYYY-MM-DDTHH:mm:ssZ"},
    {"to_rfc1036_string", "ddd, DD MMM YY HH:mm:ss ZZ"},
    {"to_rfc1123_string", "ddd, DD MMM YYYY HH:mm:ss ZZ"},
    {"to_rfc2822_string", "ddd, DD MMM YYYY HH:mm:ss ZZ"},
    {"to_rfc3339_string", "YYYY-MM-DDTHH:mm:ssZ"},
    {"to_rfc822_string", "ddd, DD MMM YY HH:mm:ss ZZ"},
    {"to_rfc850_string", "dddd, DD-MMM-YY HH:mm:ss zz"},
    {"to_rss_string", "ddd, DD MMM YYYY HH:mm:ss ZZ"},
    {"to_time_string", "HH:mm:ss"},
    {"to_w3c_string", "YYYY-MM-DDTHH:mm:ssZ"},
};

Item text_form(Call& call) {
  const Args args(call, {"self"}, 1);
  const DateTime& time = this_date(call);
  if (call.name == "to_rfc3339_string") return iso_format(time);
  if (call.name == "to_iso8601_string") {
    std::string text = iso_format(time);
    if (!time.is_naive() && *time.zone == "UTC") text.replace(text.size() - 6, 6, "Z");
    return text;
  }
  const auto form = std::ranges::find(text_forms, call.name, &TextForm::method);
  return pendulum_format(time, form->format_method, call.runtime.zones);
}

template <bool (*Predicate)(Call&)>
Item asked_of_date(Call& call) {
  const Args args(call, {"self"}, 1);
  return Predicate(call);
}

bool is_utc(Call& call) {
  return !this_date(call).is_naive() && this_date(call).offset == 0;
}
bool is_dst(Call& call) {
  if (this_date(call).is_naive()) return true;  // pendulum says so
  return offset_at(*this_date(call).zone, this_date(call).utc(), call.runtime.zones).dst;
}
bool is_leap(Call& call) {
  return is_leap_year(civil(this_date(call).wall).year);
}

Item get_offset(Call& call) {
  const Args args(call, {"self"}, 1);
  return this_date(call).is_naive() ? Item() : Item(this_date(call).offset);
}

constexpr NamedNative of_pendulum[] = {
    {"add", add<1>},
    {"at", at},
    {"end_of", edge_of<false>},
    {"format", format_method},
    {"get_offset", get_offset},
    {"in_timezone", in_timezone},
    {"in_tz", in_timezone},
    {"is_dst", asked_of_date<is_dst>},
    {"is_leap_year", asked_of_date<is_leap>},
    {"is_utc", asked_of_date<is_utc>},
    {"naive", naive},
    {"next", neighbour<1>},
    {"on", on},
    {"previous", neighbour<-1>},
    {"set", set},
    {"start_of", edge_of<true>},
    {"subtract", add<-1>},
    {"to_atom_string", text_form},
    {"to_cookie_string", text_form},
    {"to_date_string", text_form},
    {"to_datetime_string", text_form},
    {"to_day_datetime_string", text_form},
    {"to_formatted_date_string", text_form},
    {"to_iso8601_string", text_form},
    {"to_rfc1036_string", text_form},
    {"to_rfc1123_string", text_form},
    {"to_rfc2822_string", text_form},
    {"to_rfc3339_string", text_form},
    {"to_rfc822_string", text_form},
    {"to_rfc850_string", text_form},
    {"to_rss_string", text_form},
    {"to_time_string", text_form},
    {"to_w3c_string", text_form},
};

}  // namespace

const std::span<const NamedNative> pendulum_methods = of_pendulum;

}  // namespace venturi::templates
