// Methods and attributes of the built-in types, one table a type.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "template/call.h"
#include "template/item.h"

namespace venturi::templates {

// Sorted by name.
extern const std::span<const NamedNative> text_methods, list_methods, tuple_methods, dict_methods, integer_methods,
    real_methods, datetime_methods, pendulum_methods, pendulum_calendar_methods, pendulum_date_methods, pendulum_time_methods,
    date_methods, time_methods, timedelta_methods;

// nullptr where the object's type has no such method.
[[nodiscard]] Native find_method(const Item& object, std::string_view name);
// Attributes that are no methods: year, days, real.
[[nodiscard]] std::optional<Item> data_attribute(const Item& object, std::string_view name);
[[nodiscard]] std::optional<Item> datetime_attribute(const DateTime& time, std::string_view name);
[[nodiscard]] std::optional<Item> timedelta_attribute(TimeDelta delta, std::string_view name);

}  // namespace venturi::templates
