// Comparisons of a value with bounds, as data: {"geq_to": 5, "less_than": 10, "tolerance": 0.1}, {"equal_to": "done"}. Those of
// SQLColumnCheckOperator, and of SqlSensor's success and failure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "venturi/value.h"

namespace venturi::providers {

// The comparisons: which bound, in which direction the tolerance moves it, and which orders of result and bound pass.
struct Comparison {
  std::string_view name;
  int direction;
  bool below, equal, above;
};
inline constexpr std::array<Comparison, 4> comparisons = {{{"geq_to", -1, false, true, true},
                                                           {"greater_than", -1, false, false, true},
                                                           {"leq_to", 1, true, true, false},
                                                           {"less_than", 1, true, false, false}}};

// -1, 0, 1; nothing where the two cannot be compared.
[[nodiscard]] std::optional<int> order_of(const Value& a, const Value& b);
// Whether the value passes all that `check` has. `accept_none`: null is taken for 0.
[[nodiscard]] bool passes_check(const Value& check, Value result, bool accept_none);

}  // namespace venturi::providers
