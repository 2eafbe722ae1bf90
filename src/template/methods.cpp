#include "template/methods.h"

#include <algorithm>
#include <array>

#include "template/datetime.h"
#include "template/operators.h"

namespace venturi::templates {

Native find_method(const Item& object, std::string_view name) {
  switch (object.type()) {
    case Type::text:
      return find_native(text_methods, name);
    case Type::list:
      return find_native(list_methods, name);
    case Type::tuple:
      return find_native(tuple_methods, name);
    case Type::dict:
      return find_native(dict_methods, name);
    case Type::boolean:
    case Type::integer:
    case Type::big:
      return find_native(integer_methods, name);
    case Type::real:
      return find_native(real_methods, name);
    case Type::datetime:
      if (object.as_datetime().pendulum) {
        if (const Native found = find_native(pendulum_methods, name)) return found;
        if (const Native found = find_native(pendulum_calendar_methods, name)) return found;
      }
      return find_native(datetime_methods, name);
    case Type::date:
      if (object.as_date().pendulum) {
        if (const Native found = find_native(pendulum_date_methods, name)) return found;
      }
      return find_native(date_methods, name);
    case Type::time:
      if (object.as_time().pendulum) {
        if (const Native found = find_native(pendulum_time_methods, name)) return found;
      }
      return find_native(time_methods, name);
    case Type::timedelta:
      return find_native(timedelta_methods, name);
    default:
      return nullptr;
  }
}

std::optional<Item> data_attribute(const Item& object, std::string_view name) {
  switch (object.type()) {
    case Type::boolean:
    case Type::integer:
    case Type::big:
      if (name == "real" || name == "numerator") return positive(object);
      if (name == "imag") return 0;
      if (name == "denominator") return 1;
      return std::nullopt;
    case Type::real:
      if (name == "real") return object;
      if (name == "imag") return 0.0;
      return std::nullopt;
    case Type::datetime:
      return datetime_attribute(object.as_datetime(), name);
    case Type::date: {
      const DateTime midnight{object.as_date().days * day_us, nullptr, 0, object.as_date().pendulum};
      constexpr std::array<std::string_view, 13> of_time = {
          "hour",     "minute", "second",       "microsecond",   "tzinfo",          "fold",         "tz",
          "timezone", "offset", "offset_hours", "int_timestamp", "float_timestamp", "timezone_name"};
      if (std::ranges::find(of_time, name) != of_time.end()) return std::nullopt;
      return datetime_attribute(midnight, name);
    }
    case Type::time: {
      constexpr std::array<std::string_view, 5> of_time = {"hour", "minute", "second", "microsecond", "tzinfo"};
      if (std::ranges::find(of_time, name) == of_time.end()) return std::nullopt;
      return datetime_attribute(DateTime{object.as_time().microseconds}, name);
    }
    case Type::timedelta:
      return timedelta_attribute(object.as_timedelta(), name);
    default:
      return std::nullopt;
  }
}

}  // namespace venturi::templates
