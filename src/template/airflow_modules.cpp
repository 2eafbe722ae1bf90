// macros.datetime, .timedelta, .time, .uuid, .json, .dateutil and random().
#include <cmath>

#include "template/airflow_macros.h"
#include "template/json_dumps.h"
#include "template/operators.h"
#include "template/relative_delta.h"

namespace venturi::templates {
namespace {

using Member = ModuleOfFunctions::Member;

Member function_member(std::string_view name, std::function<Item(Call&)> body) {
  return {name, [name, body = std::move(body)] { return make_function(std::string(name), body); }};
}

// A module of one function within another module.
Member module_member(std::string_view name, std::string repr, const Member& function) {
  return {name, [repr = std::move(repr), function] {
            return std::make_shared<ModuleOfFunctions>(repr, std::vector<Member>{function});
          }};
}

std::shared_ptr<const std::string> zone_argument(const Item& zone) {
  const Item name = plain(zone);
  if (name.is_none()) return nullptr;
  if (!name.is_text())
    fail(ErrorKind::type, "tzinfo argument must be None or of a tzinfo subclass, not type '" + type_name(zone) + "'");
  return std::make_shared<const std::string>(name.as_string());
}

Item new_datetime(Call& call) {
  const Args args(call, {"year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"}, 3);
  const std::int64_t wall = wall_time(args.integer(0), args.integer(1), args.integer(2), args.integer(3), args.integer(4),
                                      args.integer(5), args.integer(6));
  return at_wall(wall, zone_argument(args[7]), false, call.runtime.zones);
}

Item at_instant(Time time, const Item& zone, const Zones* zones) {
  DateTime at{checked_wall(time.time_since_epoch().count()), utc_zone(), 0, false};
  const auto name = zone_argument(zone);
  if (name != nullptr) return in_zone(at, *name, zones);
  at.zone = nullptr;
  return at;
}

Time from_timestamp(double seconds) {
  if (!(std::abs(seconds) < 1e12)) fail(ErrorKind::overflow, "timestamp out of range");
  return Time(Duration(static_cast<std::int64_t>(std::nearbyint(seconds * 1e6))));
}

Item strptime_function(Call& call) {
  const Args args(call, {"date_string", "format"}, 2);
  return strptime(args.text(0), args.text(1));
}

Item fromisoformat(Call& call) {
  const Args args(call, {"date_string"}, 1);
  const auto time = parse_iso(args.text(0));
  if (!time) fail(ErrorKind::value, "Invalid isoformat string");
  return *time;
}

Item fromtimestamp(Call& call) {
  const Args args(call, {"timestamp", "tz"}, 1);
  return at_instant(from_timestamp(args.real(0)), args[1], call.runtime.zones);
}

Item combine(Call& call) {
  const Args args(call, {"date", "time"}, 2);
  const Item date = plain(args[0]);
  if (!args[1].is(Type::time) || (!date.is(Type::date) && !date.is(Type::datetime))) {
    fail(ErrorKind::type, "combine() takes a date and a time");
  }
  const std::int64_t days = date.is(Type::date)
                                ? date.as_date().days
                                : wall_time(civil(date.as_datetime().wall).year, civil(date.as_datetime().wall).month,
                                            civil(date.as_datetime().wall).day) /
                                      day_us;
  return DateTime{days * day_us + args[1].as_time().microseconds};
}

Item new_timedelta(Call& call) {
  const Args args(call, {"days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"}, 0);
  const TimeDelta days = make_timedelta(args.real(0) + args.real(6) * 7, 0, 0), seconds = make_timedelta(0, args.real(1), 0);
  const TimeDelta small = make_timedelta(0, 0, args.real(2) + args.real(3) * 1000);
  const TimeDelta clock = make_timedelta(0, args.real(4) * 60 + args.real(5) * 3600, 0);
  std::int64_t total = days.microseconds;
  for (const TimeDelta& part : {seconds, small, clock}) {
    if (__builtin_add_overflow(total, part.microseconds, &total)) fail(ErrorKind::overflow, "timedelta out of range");
  }
  return TimeDelta{total};
}

Item struct_time(std::int64_t wall) {
  static const TupleType type{
      "time.struct_time", {"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"}};
  const Civil at = civil(checked_wall(wall));
  return std::make_shared<Tuple>(Items{at.year, at.month, at.day, at.hour, at.minute, at.second, at.weekday, at.day_of_year, 0},
                                 &type);
}

std::int64_t wall_of(const Item& tuple) {
  if (!tuple.is(Type::tuple) || tuple.sequence().size() < 6) fail(ErrorKind::type, "Tuple or struct_time argument required");
  std::int64_t parts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    if (!tuple.sequence()[i].is_integer()) fail(ErrorKind::type, "an integer is required");
    parts[i] = tuple.sequence()[i].as_integer();
  }
  return wall_time(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
}

// uuid.UUID.
class UuidObject final : public HostObject {
 public:
  explicit UuidObject(std::string hex) : hex_(std::move(hex)) {}
  [[nodiscard]] std::string type_name() const override { return "UUID"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    if (name == "hex") return hex_;
    if (name == "version") return hex_[12] >= '0' && hex_[12] <= '9' ? Item(hex_[12] - '0') : Item();
    if (name == "urn") return "urn:uuid:" + str();
    return std::nullopt;
  }
  [[nodiscard]] std::string str() override {
    std::string text = hex_;
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
    return text;
  }
  [[nodiscard]] std::string repr(Walk&) override { return "UUID('" + str() + "')"; }

 private:
  const std::string hex_;
};

Item new_uuid(Call& call) {
  const Args args(call, {"hex"}, 1);
  std::string hex = args.text(0);
  std::erase_if(hex, [](char c) { return c == '-' || c == '{' || c == '}'; });
  for (char& c : hex) c = c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
  if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    fail(ErrorKind::value, "badly formed hexadecimal UUID string");
  }
  return std::make_shared<UuidObject>(hex);
}

Item uuid4(Call& call) {
  const Args args(call, {}, 0);
  // Version 4 and the variant of RFC 4122.
  const std::uint64_t high = (call.runtime.random() & ~0xF000ULL) | 0x4000,
                      low = (call.runtime.random() & ~(3ULL << 62)) | 1ULL << 63;
  char hex[33];
  std::snprintf(hex, sizeof hex, "%016llx%016llx", static_cast<unsigned long long>(high), static_cast<unsigned long long>(low));
  return std::make_shared<UuidObject>(hex);
}

Item dumps(Call& call) {
  const Args args(call, {"obj", "indent", "sort_keys", "ensure_ascii", "separators"}, 1);
  if (call.args.size() > 1)
    fail(ErrorKind::type, "dumps() takes 1 positional argument but " + std::to_string(call.args.size()) + " were given");
  JsonOptions options{args.truth(2, false), args.truth(3, true)};
  set_indent(options, args[1]);
  if (!args[4].is_none()) {
    const Items separators = iterate(call.runtime, args[4]);
    if (separators.size() != 2) fail(ErrorKind::value, "separators must be a pair of texts");
    options.item_separator = str(separators[0]);
    options.key_separator = str(separators[1]);
  }
  return json_dumps(call.runtime, args[0], options);
}

Item loads(Call& call) {
  const Args args(call, {"s"}, 1);
  return json_loads(args.text(0));
}

Item parse_date(Call& call) {
  const Args args(call, {"timestr"}, 1);
  const auto time = parse_iso(args.text(0));
  if (!time) fail(ErrorKind::value, "Unknown string format: ISO 8601 is what is read here");
  return *time;
}

}  // namespace

Item make_datetime_class(const std::optional<Time>& now) {
  const auto now_function = [now](Call& call) {
    const Args args(call, {"tz"}, 0);
    return at_instant(require_now(now), args[0], call.runtime.zones);
  };
  return std::make_shared<ModuleOfFunctions>(
      "<class 'datetime.datetime'>",
      std::vector<Member>{function_member("combine", combine),
                          function_member("fromisoformat", fromisoformat),
                          function_member("fromtimestamp", fromtimestamp),
                          {"max", [] { return DateTime{wall_time(9999, 12, 31, 23, 59, 59, 999999)}; }},
                          {"min", [] { return DateTime{wall_time(1, 1, 1)}; }},
                          function_member("now", now_function),
                          function_member("strptime", strptime_function),
                          function_member("today", now_function),
                          function_member("utcfromtimestamp", fromtimestamp),
                          function_member("utcnow", now_function)},
      new_datetime);
}

Item make_timedelta_class() {
  return std::make_shared<ModuleOfFunctions>("<class 'datetime.timedelta'>", std::vector<Member>{}, new_timedelta);
}

Item make_time_module(const std::optional<Time>& now) {
  const auto gmtime = [now](Call& call) {
    const Args args(call, {"secs"}, 0);
    const Time time = args[0].is_none() ? require_now(now) : from_timestamp(std::floor(args.real(0)));
    return struct_time(time.time_since_epoch().count());
  };
  const auto strftime_function = [now](Call& call) -> Item {
    const Args args(call, {"format", "t"}, 1);
    const std::int64_t wall = args[1].is_none() ? require_now(now).time_since_epoch().count() : wall_of(args[1]);
    return strftime(DateTime{wall}, args.text(0), nullptr);
  };
  const auto seconds = [now](Call& call) -> Item {
    const Args args(call, {}, 0);
    return static_cast<double>(require_now(now).time_since_epoch().count()) / static_cast<double>(second_us);
  };
  const auto mktime = [](Call& call) -> Item {
    const Args args(call, {"t"}, 1);
    return static_cast<double>(wall_of(args[0])) / static_cast<double>(second_us);
  };
  return std::make_shared<ModuleOfFunctions>(
      "<module 'time' (built-in)>",
      std::vector<Member>{function_member("gmtime", gmtime), function_member("localtime", gmtime),
                          function_member("mktime", mktime), function_member("strftime", strftime_function),
                          function_member("time", seconds)});
}

Item make_uuid_module() {
  return std::make_shared<ModuleOfFunctions>(
      "<module 'uuid'>", std::vector<Member>{function_member("UUID", new_uuid), function_member("uuid4", uuid4)});
}

Item make_json_module() {
  return std::make_shared<ModuleOfFunctions>(
      "<module 'json'>", std::vector<Member>{function_member("dumps", dumps), function_member("loads", loads)});
}

Item make_dateutil_module() {
  return std::make_shared<ModuleOfFunctions>(
      "<module 'dateutil'>",
      std::vector<Member>{module_member("parser", "<module 'dateutil.parser'>", function_member("parse", parse_date)),
                          module_member("relativedelta", "<module 'dateutil.relativedelta'>",
                                        function_member("relativedelta", make_relative_delta))});
}

Item random_number(Call& call) {
  const Args args(call, {}, 0);
  return static_cast<double>(call.runtime.random() >> 11) * 0x1p-53;
}

}  // namespace venturi::templates
