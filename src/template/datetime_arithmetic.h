// + - * / // % of dates and spans.
#pragma once

#include <optional>

#include "template/datetime.h"
#include "template/operators.h"

namespace venturi::templates {

// nullopt: the types do not go together.
[[nodiscard]] std::optional<Item> apply_temporal(Runtime& runtime, Operator op, const Item& a, const Item& b);

// pendulum's difference of two DateTimes: a timedelta that knows its ends.
[[nodiscard]] Item make_interval(const DateTime& start, const DateTime& end, bool absolute = false);
[[nodiscard]] Item make_interval(const Date& start, const Date& end, bool absolute = false);

}  // namespace venturi::templates
