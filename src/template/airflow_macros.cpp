// macros: what is plain functions. Its modules and classes are in airflow_modules.cpp.
#include "template/airflow_macros.h"

#include "template/babel_format.h"
#include "template/interval.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

std::string text_of(const Item& item) {
  return str(item);
}

Item ds_add(Call& call) {
  const Args args(call, {"ds", "days"}, 2);
  if (!args[1].is_number() || args[1].as_real() == 0) {
    if (!truth(args[1])) return text_of(args[0]);
    fail(ErrorKind::type, "unsupported type for timedelta days component: " + type_name(args[1]));
  }
  const DateTime date = strptime(text_of(args[0]), "%Y-%m-%d");
  return strftime(apply(call.runtime, Operator::add, date, make_timedelta(args[1].as_real(), 0, 0)).as_datetime(), "%Y-%m-%d",
                  nullptr);
}

Item ds_format(Call& call) {
  const Args args(call, {"ds", "input_format", "output_format"}, 3);
  return strftime(strptime(text_of(args[0]), args.text(1)), args.text(2), nullptr);
}

Item ds_format_locale(Call& call) {
  const Args args(call, {"ds", "input_format", "output_format", "locale"}, 3);
  const std::string locale = args[3].is_none() ? "en_US" : args.text(3);
  if (!locale.starts_with("en")) fail(ErrorKind::value, "locale " + string_repr(locale) + " is not supported: only English is");
  return babel_format(strptime(text_of(args[0]), args.text(1)), args.text(2));
}

// pendulum.instance(): what is naive counts as UTC.
DateTime instance(const Item& item) {
  const Item value = plain(item);
  if (!value.is(Type::datetime)) fail(ErrorKind::attribute, "'" + type_name(value) + "' object has no attribute 'tzinfo'");
  DateTime time = value.as_datetime();
  if (time.is_naive()) time.zone = utc_zone();
  time.pendulum = true;
  return time;
}

}  // namespace

Item datetime_diff_for_humans(Call& call, const std::optional<Time>& now) {
  const Args args(call, {"dt", "since"}, 1);
  const DateTime time = instance(args[0]);
  if (args[1].is_none()) return difference_for_humans(time, utc_datetime(require_now(now)), true, false);
  if (!args[1].is(Type::datetime)) fail(ErrorKind::type, "expected a datetime, not " + type_name(args[1]));
  if (args[1].as_datetime().is_naive()) fail(ErrorKind::type, "can't compare offset-naive and offset-aware datetimes");
  return difference_for_humans(time, args[1].as_datetime(), false, false);
}

Time require_now(const std::optional<Time>& now) {
  if (!now) fail(ErrorKind::runtime, "rendering has no clock here: use logical_date or data_interval_end");
  return *now;
}

Item make_macros(const AirflowFacts& facts) {
  const std::optional<Time> now = facts.now;
  const auto function = [](std::string_view name, Native native) {
    return ModuleOfFunctions::Member(name, [name, native] { return make_function(std::string(name), native); });
  };
  return std::make_shared<ModuleOfFunctions>("<MacrosAccessor (dynamic access to macros)>",
                                             std::vector<ModuleOfFunctions::Member>{
                                                 {"datetime", [now] { return make_datetime_class(now); }},
                                                 {"datetime_diff_for_humans",
                                                  [now] {
                                                    return make_function("datetime_diff_for_humans", [now](Call& call) {
                                                      return datetime_diff_for_humans(call, now);
                                                    });
                                                  }},
                                                 {"dateutil", [] { return make_dateutil_module(); }},
                                                 function("ds_add", ds_add),
                                                 function("ds_format", ds_format),
                                                 function("ds_format_locale", ds_format_locale),
                                                 {"json", [] { return make_json_module(); }},
                                                 function("random", random_number),
                                                 {"time", [now] { return make_time_module(now); }},
                                                 {"timedelta", [] { return make_timedelta_class(); }},
                                                 {"uuid", [] { return make_uuid_module(); }},
                                             });
}

}  // namespace venturi::templates
