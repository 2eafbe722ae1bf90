// Attributes and methods of Python's datetime, date, time and timedelta.
#include <array>

#include "template/builtins.h"
#include "template/datetime_arithmetic.h"
#include "template/methods.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

const DateTime& this_datetime(const Call& call) {
  return call.args[0].as_datetime();
}

// What a zone shows in a template: its name.
class ZoneObject final : public HostObject {
 public:
  explicit ZoneObject(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] std::string type_name() const override { return "Timezone"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "name" || name == "key") return name_;
    return std::nullopt;
  }
  [[nodiscard]] std::optional<Item> plain() override { return Item(name_); }
  [[nodiscard]] std::string repr(Walk&) override { return "Timezone(" + string_repr(name_) + ")"; }
  [[nodiscard]] std::string str() override { return name_; }

 private:
  const std::string name_;
};

Item zone_object(const DateTime& time) {
  return time.is_naive() ? Item() : Item(std::make_shared<ZoneObject>(*time.zone));
}

Item isoformat(Call& call) {
  if (call.args[0].is(Type::date)) {
    const Args args(call, {"self"}, 1);
    return iso_format(args[0].as_date());
  }
  const Args args(call, {"self", "sep", "timespec"}, 1);
  const bool only_time = args[0].is(Type::time);
  const std::string separator = only_time || !args.has(1) ? "T" : args.text(1);
  if (separator.size() != 1) fail(ErrorKind::type, "isoformat() argument 1 must be a unicode character");
  const std::string spec = args.text(only_time ? 1 : 2, "auto");
  DateTime time = on_a_day(args[0]);
  constexpr std::pair<std::string_view, std::string_view> specs[] = {{"hours", "%H"},
                                                                     {"minutes", "%H:%M"},
                                                                     {"seconds", "%H:%M:%S"},
                                                                     {"milliseconds", "%H:%M:%S.%f"},
                                                                     {"microseconds", "%H:%M:%S.%f"}};
  if (spec == "auto") return only_time ? iso_format(args[0].as_time()) : iso_format(time, separator[0]);
  for (const auto& [name, format] : specs) {
    if (spec != name) continue;
    std::string text = strftime(time, format, nullptr);
    if (spec == "milliseconds") text.resize(text.size() - 3);
    if (only_time) return text;
    text = iso_format(Date{static_cast<std::int32_t>((time.wall - (time.wall % day_us + day_us) % day_us) / day_us)}) +
           separator + text;
    return time.is_naive() ? text : text + offset_text(time.offset, ":");
  }
  fail(ErrorKind::value, "Unknown timespec value");
}

Item strftime_method(Call& call) {
  const Args args(call, {"self", "format"}, 2);
  const std::string format = args.text(1);
  call.runtime.budget.make_text(format.size() * 16);
  return strftime(on_a_day(args[0]), format, call.runtime.zones);
}

Item weekday(Call& call) {
  const Args args(call, {"self"}, 1);
  return civil(on_a_day(args[0]).wall).weekday;
}

Item isoweekday(Call& call) {
  const Args args(call, {"self"}, 1);
  return civil(on_a_day(args[0]).wall).weekday + 1;
}

Item isocalendar(Call& call) {
  static const TupleType type{"datetime.IsoCalendarDate", {"year", "week", "weekday"}};
  const Args args(call, {"self"}, 1);
  const std::int64_t wall = on_a_day(args[0]).wall;
  const IsoWeek week = iso_week(wall);
  return std::make_shared<Tuple>(Items{week.year, week.week, civil(wall).weekday + 1}, &type);
}

Item toordinal(Call& call) {
  const Args args(call, {"self"}, 1);
  const std::int64_t wall = on_a_day(args[0]).wall;
  return (wall - (wall % day_us + day_us) % day_us) / day_us + 719'163;
}

Item ctime(Call& call) {
  const Args args(call, {"self"}, 1);
  return strftime(on_a_day(args[0]), "%a %b %e %H:%M:%S %Y", nullptr);
}

Item timestamp(Call& call) {
  const Args args(call, {"self"}, 1);
  return static_cast<double>(this_datetime(call).utc()) / static_cast<double>(second_us);
}

Item date_of(Call& call) {
  const Args args(call, {"self"}, 1);
  const std::int64_t wall = this_datetime(call).wall;
  return Date{static_cast<std::int32_t>((wall - (wall % day_us + day_us) % day_us) / day_us), this_datetime(call).pendulum};
}

Item time_of(Call& call) {
  const Args args(call, {"self"}, 1);
  return TimeOfDay{(this_datetime(call).wall % day_us + day_us) % day_us, this_datetime(call).pendulum};
}

Item utcoffset(Call& call) {
  const Args args(call, {"self"}, 1);
  return this_datetime(call).is_naive() ? Item() : Item(TimeDelta{this_datetime(call).offset * second_us});
}

Item dst(Call& call) {
  const Args args(call, {"self"}, 1);
  if (this_datetime(call).is_naive()) return {};
  return TimeDelta{offset_at(*this_datetime(call).zone, this_datetime(call).utc(), call.runtime.zones).dst ? hour_us : 0};
}

Item tzname(Call& call) {
  const Args args(call, {"self"}, 1);
  return this_datetime(call).is_naive()
             ? Item()
             : Item(offset_at(*this_datetime(call).zone, this_datetime(call).utc(), call.runtime.zones).abbreviation);
}

std::string zone_name(const Item& zone) {
  const Item name = plain(zone);
  if (!name.is_text()) fail(ErrorKind::type, "a time zone must be a name, not " + type_name(zone));
  return name.as_string();
}

Item astimezone(Call& call) {
  const Args args(call, {"self", "tz"}, 1);
  return in_zone(this_datetime(call), args[1].is_none() ? "UTC" : zone_name(args[1]), call.runtime.zones);
}

Item replace_datetime(Call& call) {
  const Args args(call, {"self", "year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"}, 1);
  const DateTime& time = this_datetime(call);
  const Civil at = civil(time.wall);
  const std::int64_t wall =
      wall_time(args.integer(1, at.year), args.integer(2, at.month), args.integer(3, at.day), args.integer(4, at.hour),
                args.integer(5, at.minute), args.integer(6, at.second), args.integer(7, at.microsecond));
  std::shared_ptr<const std::string> zone = time.zone;
  if (args.has(8)) zone = args[8].is_none() ? nullptr : std::make_shared<const std::string>(zone_name(args[8]));
  return at_wall(wall, zone, time.pendulum, call.runtime.zones);
}

Item replace_date(Call& call) {
  const Args args(call, {"self", "year", "month", "day"}, 1);
  const Civil at = civil(args[0].as_date().days * day_us);
  const std::int64_t wall = wall_time(args.integer(1, at.year), args.integer(2, at.month), args.integer(3, at.day));
  return Date{static_cast<std::int32_t>(wall / day_us), args[0].as_date().pendulum};
}

Item replace_time(Call& call) {
  const Args args(call, {"self", "hour", "minute", "second", "microsecond"}, 1);
  const Civil at = civil(args[0].as_time().microseconds);
  return TimeOfDay{wall_time(1970, 1, 1, args.integer(1, at.hour), args.integer(2, at.minute), args.integer(3, at.second),
                             args.integer(4, at.microsecond)),
                   args[0].as_time().pendulum};
}

Item timetuple(Call& call) {
  static const TupleType type{
      "time.struct_time", {"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"}};
  const Args args(call, {"self"}, 1);
  const DateTime time = on_a_day(args[0]);
  const Civil at = civil(time.wall);
  const int dst = time.is_naive() ? -1 : offset_at(*time.zone, time.utc(), call.runtime.zones).dst ? 1 : 0;
  return std::make_shared<Tuple>(
      Items{at.year, at.month, at.day, at.hour, at.minute, at.second, at.weekday, at.day_of_year, dst}, &type);
}

Item total_seconds(Call& call) {
  const Args args(call, {"self"}, 1);
  return static_cast<double>(args[0].as_timedelta().microseconds) / static_cast<double>(second_us);
}

Item utctimetuple(Call& call) {
  const Args args(call, {"self"}, 1);
  call.args[0] = DateTime{this_datetime(call).utc()};
  Item tuple = timetuple(call);
  tuple.sequence().back() = 0;
  return tuple;
}

constexpr NamedNative of_datetime[] = {
    {"astimezone", astimezone},    {"ctime", ctime},         {"date", date_of},          {"dst", dst},
    {"isocalendar", isocalendar},  {"isoformat", isoformat}, {"isoweekday", isoweekday}, {"replace", replace_datetime},
    {"strftime", strftime_method}, {"time", time_of},        {"timestamp", timestamp},   {"timetuple", timetuple},
    {"toordinal", toordinal},      {"tzname", tzname},       {"utcoffset", utcoffset},   {"utctimetuple", utctimetuple},
    {"weekday", weekday},
};
constexpr NamedNative of_date[] = {
    {"ctime", ctime},           {"isocalendar", isocalendar}, {"isoformat", isoformat},
    {"isoweekday", isoweekday}, {"replace", replace_date},    {"strftime", strftime_method},
    {"timetuple", timetuple},   {"toordinal", toordinal},     {"weekday", weekday},
};
constexpr NamedNative of_time[] = {{"isoformat", isoformat}, {"replace", replace_time}, {"strftime", strftime_method}};
constexpr NamedNative of_timedelta[] = {{"total_seconds", total_seconds}};

// The of_dates of Airflow. None stays None; what has no strftime is an AttributeError.
Item formatted(Call& call, std::string_view method, std::string_view format) {
  const Args args(call, {"value"}, 1);
  if (args[0].is_none()) return {};
  const Item value = plain(args[0]);  // None within a proxy is not seen as that
  if (!value.is(Type::datetime) && !value.is(Type::date) && !value.is(Type::time)) {
    fail(ErrorKind::attribute, "'" + type_name(value) + "' object has no attribute '" + std::string(method) + "'");
  }
  if (!format.empty()) return strftime(on_a_day(value), format, call.runtime.zones);
  return value.is(Type::datetime) ? iso_format(value.as_datetime())
         : value.is(Type::date)   ? iso_format(value.as_date())
                                  : iso_format(value.as_time());
}

Item ds(Call& call) {
  return formatted(call, "strftime", "%Y-%m-%d");
}
Item ds_nodash(Call& call) {
  return formatted(call, "strftime", "%Y%m%d");
}
Item ts(Call& call) {
  return formatted(call, "isoformat", "");
}
Item ts_nodash(Call& call) {
  return formatted(call, "strftime", "%Y%m%dT%H%M%S");
}
Item ts_nodash_with_tz(Call& call) {
  Item text = ts(call);
  if (text.is_none()) return text;
  std::string out = text.as_string();
  std::erase_if(out, [](char c) { return c == '-' || c == ':'; });
  return out;
}

constexpr NamedNative of_dates[] = {
    {"ds", ds}, {"ds_nodash", ds_nodash}, {"ts", ts}, {"ts_nodash", ts_nodash}, {"ts_nodash_with_tz", ts_nodash_with_tz}};

}  // namespace

const std::span<const NamedNative> datetime_methods = of_datetime, date_methods = of_date, time_methods = of_time,
                                   timedelta_methods = of_timedelta, date_filters = of_dates;

DateTime on_a_day(const Item& item) {
  if (item.is(Type::datetime)) return item.as_datetime();
  if (item.is(Type::date)) return DateTime{item.as_date().days * day_us, nullptr, 0, item.as_date().pendulum};
  return DateTime{wall_time(1900, 1, 1) + item.as_time().microseconds};
}

std::optional<Item> datetime_attribute(const DateTime& time, std::string_view name) {
  const Civil at = civil(time.wall);
  const std::pair<std::string_view, int> numbers[] = {{"year", at.year},
                                                      {"month", at.month},
                                                      {"day", at.day},
                                                      {"hour", at.hour},
                                                      {"minute", at.minute},
                                                      {"second", at.second},
                                                      {"microsecond", at.microsecond}};
  for (const auto& [known, value] : numbers) {
    if (known == name) return value;
  }
  if (name == "tzinfo") return zone_object(time);
  if (name == "fold") return time.pendulum ? 1 : 0;
  if (!time.pendulum) return std::nullopt;
  if (name == "day_of_week") return at.weekday;
  if (name == "day_of_year") return at.day_of_year;
  if (name == "week_of_year") return iso_week(time.wall).week;
  if (name == "week_of_month") return (at.day + (at.weekday - (at.day - 1) % 7 + 7) % 7 + 6) / 7;
  if (name == "days_in_month") return days_in_month(at.year, at.month);
  if (name == "quarter") return (at.month + 2) / 3;
  if (name == "timezone" || name == "tz") return zone_object(time);
  if (name == "timezone_name") return time.is_naive() ? Item() : Item(*time.zone);
  if (name == "offset") return time.is_naive() ? Item() : Item(time.offset);
  if (name == "offset_hours") return time.is_naive() ? Item() : Item(time.offset / 3600.0);
  if (name == "float_timestamp") return static_cast<double>(time.utc()) / static_cast<double>(second_us);
  if (name == "int_timestamp") return (time.utc() - (time.utc() % second_us + second_us) % second_us) / second_us;
  return std::nullopt;
}

std::optional<Item> timedelta_attribute(TimeDelta delta, std::string_view name) {
  const std::int64_t rest = (delta.microseconds % day_us + day_us) % day_us;
  if (name == "days") return (delta.microseconds - rest) / day_us;
  if (name == "seconds") return rest / second_us;
  if (name == "microseconds") return rest % second_us;
  return std::nullopt;
}

}  // namespace venturi::templates
