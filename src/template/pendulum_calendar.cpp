// Methods of pendulum's DateTime that look through the calendar or compare with other dates; and those of its Date, which are
// the same on a day without a clock.
#include <algorithm>
#include <cstdlib>

#include "template/datetime_arithmetic.h"
#include "template/interval.h"
#include "template/methods.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

const DateTime& calendar_date(const Call& call) {
  return call.args[0].as_datetime();
}

std::int64_t midnight_before(std::int64_t wall) {
  return wall - (wall % day_us + day_us) % day_us;
}

const DateTime& date_argument(const Item& item) {
  if (item.is_undefined()) item.as_undefined().use();
  if (!item.is(Type::datetime)) fail(ErrorKind::type, "expected a datetime, not " + type_name(item));
  return item.as_datetime();
}

Item on_day(Call& call, std::int64_t day) {
  return at_wall(checked_wall(day), calendar_date(call).zone, true, call.runtime.zones);
}

struct CalendarSpan {
  std::int64_t first, last;  // midnights
};

// The month, quarter or year of a date.
CalendarSpan span_of(const Call& call, const std::string& unit) {
  const Civil at = civil(calendar_date(call).wall);
  const int months = unit == "month" ? 1 : unit == "quarter" ? 3 : unit == "year" ? 12 : 0;
  if (months == 0) fail(ErrorKind::value, "Invalid unit \"" + unit + "\" for " + std::string(call.name) + "()");
  const int first = (at.month - 1) / months * months + 1, last = first + months - 1;
  return {wall_time(at.year, first, 1), wall_time(at.year, last, days_in_month(at.year, last))};
}

int wanted_weekday(const Args& args, std::size_t i) {
  const std::int64_t weekday = args.integer(i);
  if (weekday < 0 || weekday > 6) fail(ErrorKind::value, "Invalid day of week");
  return static_cast<int>(weekday);
}

Item first_of(Call& call) {
  const Args args(call, {"self", "unit", "day_of_week"}, 2);
  const std::int64_t first = span_of(call, args.text(1)).first;
  if (args[2].is_none()) return on_day(call, first);
  return on_day(call, first + (wanted_weekday(args, 2) - civil(first).weekday + 7) % 7 * day_us);
}

Item last_of(Call& call) {
  const Args args(call, {"self", "unit", "day_of_week"}, 2);
  const std::int64_t last = span_of(call, args.text(1)).last;
  if (args[2].is_none()) return on_day(call, last);
  return on_day(call, last - (civil(last).weekday - wanted_weekday(args, 2) + 7) % 7 * day_us);
}

Item nth_of(Call& call) {
  const Args args(call, {"self", "unit", "nth", "day_of_week"}, 4);
  const CalendarSpan span = span_of(call, args.text(1));
  const int weekday = wanted_weekday(args, 3);
  const std::int64_t nth = std::clamp<std::int64_t>(args.integer(2), 0, 1000);
  const std::int64_t found =
      span.first + (weekday - civil(span.first).weekday + 7) % 7 * day_us + std::max<std::int64_t>(nth - 1, 0) * 7 * day_us;
  if (nth < 1 || found > span.last) {
    fail(ErrorKind::value,
         "Unable to find occurrence " + std::to_string(nth) + " of " + std::string(day_names[weekday]) + " in " + args.text(1));
  }
  return on_day(call, found);
}

std::int64_t distance(const DateTime& a, const DateTime& b) {
  if (a.is_naive() != b.is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
  return std::abs(a.utc() - b.utc());
}

// closest() and farthest() of any number of dates.
template <bool Near>
Item of_distance(Call& call) {
  if (call.args.size() < 2) fail(ErrorKind::value, std::string(call.name) + "() takes at least one date");
  std::size_t best = 1;
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    const std::int64_t mine = distance(calendar_date(call), date_argument(call.args[i]));
    const std::int64_t least = distance(calendar_date(call), call.args[best].as_datetime());
    if (Near ? mine < least : mine > least) best = i;
  }
  DateTime found = call.args[best].as_datetime();
  found.pendulum = true;
  return found;
}

Item average(Call& call) {
  const Args args(call, {"self", "dt"}, 2);
  const DateTime &start = calendar_date(call), &end = date_argument(args[1]);
  if (start.is_naive() != end.is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
  const std::int64_t span = end.utc() - start.utc();
  return apply(call.runtime, Operator::add, call.args[0], TimeDelta{span / 2 - (span % 2 < 0 ? 1 : 0)});
}

const DateTime& other_of(const Args& args, std::size_t i) {
  if (!args.has(i) || args[i].is_none()) {
    fail(ErrorKind::type, "give the time to compare with: rendering a template has no clock");
  }
  if (!args[i].is(Type::datetime)) fail(ErrorKind::type, "expected a datetime, not " + type_name(args[i]));
  return args[i].as_datetime();
}

// A naive datetime of Python's counts as UTC for pendulum, but not beside one that has a zone.
void require_comparable(const DateTime& other) {
  if (!other.pendulum && other.is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
}

Item diff(Call& call) {
  const Args args(call, {"self", "dt", "abs"}, 1);
  require_comparable(other_of(args, 1));
  return make_interval(calendar_date(call), other_of(args, 1), args.truth(2, true));
}

Item diff_for_humans(Call& call) {
  const Args args(call, {"self", "other", "absolute", "locale"}, 1);
  require_comparable(other_of(args, 1));
  return difference_for_humans(calendar_date(call), other_of(args, 1), false, args.truth(2, false));
}

Item is_same_day(Call& call) {
  const Args args(call, {"self", "dt"}, 2);
  return midnight_before(calendar_date(call).wall) == midnight_before(other_of(args, 1).wall);
}

Item is_anniversary(Call& call) {
  const Args args(call, {"self", "dt"}, 2);
  const Civil a = civil(calendar_date(call).wall), b = civil(date_argument(args[1]).wall);
  return a.month == b.month && a.day == b.day;
}

Item is_long_year(Call& call) {
  const Args args(call, {"self"}, 1);
  return iso_week(wall_time(civil(calendar_date(call).wall).year, 12, 28)).week == 53;
}

// The machine's zone is UTC.
Item is_local(Call& call) {
  const Args args(call, {"self"}, 1);
  return !calendar_date(call).is_naive() && calendar_date(call).offset == 0;
}

DateTime at_midnight(const Date& date) {
  return {date.days * day_us, nullptr, 0, true};
}

Date day_part(const DateTime& time) {
  return {static_cast<std::int32_t>(midnight_before(time.wall) / day_us), true};
}

// A method of DateTime on a Date, and its result as a Date.
Item on_date(Call& call, Native method) {
  if (call.name == "is_same_day" && call.args.size() > 1 && call.args[1].is(Type::datetime)) return false;
  for (Item& arg : call.args) {
    if (arg.is(Type::datetime)) arg = day_part(arg.as_datetime());
    if (arg.is(Type::date)) arg = at_midnight(arg.as_date());
  }
  Item result = method(call);
  return result.is(Type::datetime) ? Item(day_part(result.as_datetime())) : result;
}

constexpr std::string_view clock_arguments[] = {"hours",  "minutes",     "seconds", "microseconds", "hour", "minute",
                                                "second", "microsecond", "tz"};

Item date_method(Call& call) {
  for (const Keyword& keyword : call.keywords) {
    if (std::ranges::find(clock_arguments, std::string_view(keyword.name)) != std::end(clock_arguments)) {
      fail(ErrorKind::type,
           "Date." + std::string(call.name) + "() got an unexpected keyword argument " + string_repr(keyword.name));
    }
  }
  const Native method = find_native(pendulum_methods, call.name);
  return on_date(call, method != nullptr ? method : find_native(pendulum_calendar_methods, call.name));
}

// start_of and end_of, for which a Date has no unit below a day.
Item edge_of_date(Call& call) {
  const Args args(call, {"self", "unit"}, 2);
  const std::string unit = args.text(1);
  if (unit == "hour" || unit == "minute" || unit == "second") {
    fail(ErrorKind::value, "Invalid unit \"" + unit + "\" for " + std::string(call.name) + "()");
  }
  return date_method(call);
}

Item average_of_dates(Call& call) {
  const Args args(call, {"self", "dt"}, 2);
  const Item& other = args[1];
  if (!other.is(Type::date) && !other.is(Type::datetime)) fail(ErrorKind::type, "expected a date, not " + type_name(other));
  const Date start = args[0].as_date(), end = other.is(Type::date) ? other.as_date() : day_part(other.as_datetime());
  return Date{start.days + (end.days - start.days) / 2, true};
}

Item diff_of_dates(Call& call) {
  const Args args(call, {"self", "dt", "abs"}, 2);
  const Item& other = args[1];
  if (!other.is(Type::date) && !other.is(Type::datetime)) fail(ErrorKind::type, "expected a date, not " + type_name(other));
  const Date start = args[0].as_date(), end = other.is(Type::date) ? other.as_date() : day_part(other.as_datetime());
  return make_interval(start, end, args.truth(2, true));
}

// A Time has no day: it goes around the clock.
template <int Sign>
Item time_moved(Call& call) {
  const Args args(call, {"self", "hours", "minutes", "seconds", "microseconds"}, 1);
  const auto part = [&](std::size_t i, std::int64_t unit) { return args.integer(i) % (day_us / unit) * unit; };
  const std::int64_t by = part(1, hour_us) + part(2, minute_us) + part(3, second_us) + args.integer(4) % day_us;
  return TimeOfDay{((args[0].as_time().microseconds + Sign * by) % day_us + day_us) % day_us, true};
}

Item time_format(Call& call) {
  const Args args(call, {"self", "fmt", "locale"}, 2);
  const std::string tokens = args.text(1);
  call.runtime.budget.make_text(tokens.size() * 16);
  return pendulum_format(on_a_day(args[0]), tokens, call.runtime.zones);
}

constexpr NamedNative of_pendulum_time[] = {{"add", time_moved<1>}, {"format", time_format}, {"subtract", time_moved<-1>}};
constexpr NamedNative of_calendar[] = {
    {"average", average},
    {"closest", of_distance<true>},
    {"diff", diff},
    {"diff_for_humans", diff_for_humans},
    {"farthest", of_distance<false>},
    {"first_of", first_of},
    {"is_anniversary", is_anniversary},
    {"is_birthday", is_anniversary},
    {"is_local", is_local},
    {"is_long_year", is_long_year},
    {"is_same_day", is_same_day},
    {"last_of", last_of},
    {"nth_of", nth_of},
};
constexpr NamedNative of_pendulum_date[] = {
    {"add", date_method},
    {"average", average_of_dates},
    {"closest", date_method},
    {"diff", diff_of_dates},
    {"diff_for_humans", date_method},
    {"end_of", edge_of_date},
    {"farthest", date_method},
    {"first_of", date_method},
    {"format", date_method},
    {"is_anniversary", date_method},
    {"is_birthday", date_method},
    {"is_leap_year", date_method},
    {"is_long_year", date_method},
    {"is_same_day", date_method},
    {"last_of", date_method},
    {"next", date_method},
    {"nth_of", date_method},
    {"previous", date_method},
    {"set", date_method},
    {"start_of", edge_of_date},
    {"subtract", date_method},
    {"to_date_string", date_method},
    {"to_formatted_date_string", date_method},
};

}  // namespace

const std::span<const NamedNative> pendulum_calendar_methods = of_calendar, pendulum_date_methods = of_pendulum_date,
                                   pendulum_time_methods = of_pendulum_time;

}  // namespace venturi::templates
