#include "providers/sql/comparison.h"

#include <cmath>

#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

// The bound, moved outwards by the tolerance.
Value moved(const Value& bound, const std::optional<double>& tolerance, int direction) {
  const auto number = number_in(bound);
  if (!number || !tolerance) return bound;
  return *number + direction * std::abs(*number) * *tolerance;
}

bool passes_bound(const Value& result, const Value& bound, const Comparison& c) {
  const auto found = order_of(result, bound);
  return found && (*found < 0 ? c.below : *found > 0 ? c.above : c.equal);
}

}  // namespace

std::optional<int> order_of(const Value& a, const Value& b) {
  const auto x = number_in(a), y = number_in(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  if (!a.is_string() || !b.is_string()) return std::nullopt;
  const int order = a.as_string().compare(b.as_string());
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

bool passes_check(const Value& check, Value result, bool accept_none) {
  if (result.is_null() && accept_none) result = 0;
  const Value* given = check.get("tolerance");
  const std::optional<double> tolerance = given == nullptr ? std::nullopt : number_in(*given);
  for (const Comparison& c : comparisons) {
    const Value* bound = check.get(c.name);
    if (bound != nullptr && !passes_bound(result, moved(*bound, tolerance, c.direction), c)) return false;
  }
  if (const Value* equal = check.get("equal_to")) {
    return passes_bound(result, moved(*equal, tolerance, -1), comparisons[0]) &&
           passes_bound(result, moved(*equal, tolerance, 1), comparisons[2]);
  }
  return true;
}

}  // namespace venturi::providers
