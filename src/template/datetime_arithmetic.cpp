#include "template/datetime_arithmetic.h"

#include <cmath>

namespace venturi::templates {
namespace {

[[noreturn]] void out_of_range() {
  fail(ErrorKind::overflow, "date value out of range");
}

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) out_of_range();
  return result;
}

std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) out_of_range();
  return result;
}

// pendulum counts elapsed time; Python's datetime moves the hands of the clock.
DateTime moved(const DateTime& time, std::int64_t by, const Zones* zones) {
  DateTime result = time;
  if (!time.pendulum || time.is_naive()) {
    result.wall = checked_wall(sum(time.wall, by));
    return result;
  }
  result.wall = checked_wall(sum(time.utc(), by));
  result.offset = 0;
  return in_zone(result, *time.zone, zones);
}

std::int64_t rounded(double value) {
  if (std::isnan(value)) fail(ErrorKind::value, "cannot convert float NaN to integer");
  if (std::abs(value) > 9e18) out_of_range();
  return static_cast<std::int64_t>(std::nearbyint(value));
}

std::int64_t floor_quotient(std::int64_t a, std::int64_t b) {
  if (b == 0) fail(ErrorKind::zero_division, "integer division or modulo by zero");
  if (b == -1) return product(a, -1);
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::optional<Item> apply_spans(Operator op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case Operator::add:
      return TimeDelta{sum(a, b)};
    case Operator::subtract:
      return TimeDelta{sum(a, product(b, -1))};
    case Operator::divide:
      if (b == 0) fail(ErrorKind::zero_division, "division by zero");
      return static_cast<double>(a) / static_cast<double>(b);
    case Operator::floor_divide:
      return floor_quotient(a, b);
    case Operator::modulo:
      return TimeDelta{a - product(floor_quotient(a, b), b)};
    default:
      return std::nullopt;
  }
}

std::optional<Item> apply_span_and_number(Operator op, std::int64_t span, const Item& number) {
  if (op == Operator::multiply) {
    if (number.is_integer()) return TimeDelta{product(span, number.as_integer())};
    return TimeDelta{rounded(static_cast<double>(span) * number.as_real())};
  }
  if (op == Operator::divide) {
    if (number.as_real() == 0) fail(ErrorKind::zero_division, "division by zero");
    return TimeDelta{rounded(static_cast<double>(span) / number.as_real())};
  }
  if (op == Operator::floor_divide && number.is_integer()) return TimeDelta{floor_quotient(span, number.as_integer())};
  return std::nullopt;
}

}  // namespace

std::optional<Item> apply_temporal(Runtime& runtime, Operator op, const Item& a, const Item& b) {
  const bool adds = op == Operator::add, subtracts = op == Operator::subtract;
  if (a.is(Type::timedelta) && b.is(Type::timedelta)) {
    return apply_spans(op, a.as_timedelta().microseconds, b.as_timedelta().microseconds);
  }
  if (a.is(Type::timedelta) && b.is_number()) return apply_span_and_number(op, a.as_timedelta().microseconds, b);
  if (a.is_number() && b.is(Type::timedelta) && op == Operator::multiply) {
    return apply_span_and_number(op, b.as_timedelta().microseconds, a);
  }
  if (a.is(Type::timedelta) && adds) return apply_temporal(runtime, op, b, a);
  if ((adds || subtracts) && b.is(Type::timedelta)) {
    const std::int64_t by = subtracts ? product(b.as_timedelta().microseconds, -1) : b.as_timedelta().microseconds;
    if (a.is(Type::datetime)) return moved(a.as_datetime(), by, runtime.zones);
    if (a.is(Type::date)) {
      // By whole days of the span, as Python counts them.
      const std::int64_t days = floor_quotient(b.as_timedelta().microseconds, day_us) * (subtracts ? -1 : 1);
      const std::int64_t wall = checked_wall(sum(a.as_date().days * day_us, days * day_us));
      return Date{static_cast<std::int32_t>(wall / day_us), a.as_date().pendulum};
    }
    return std::nullopt;
  }
  if (subtracts && a.is(Type::datetime) && b.is(Type::datetime)) {
    const DateTime &end = a.as_datetime(), &start = b.as_datetime();
    if (end.pendulum || start.pendulum) return make_interval(start, end);
    if (end.is_naive() != start.is_naive()) fail(ErrorKind::type, "can't subtract offset-naive and offset-aware datetimes");
    return TimeDelta{end.utc() - start.utc()};
  }
  if (subtracts && a.is(Type::date) && b.is(Type::date)) {
    const Date &end = a.as_date(), &start = b.as_date();
    if (!end.pendulum) return TimeDelta{(std::int64_t{end.days} - start.days) * day_us};
    return make_interval(start, end);
  }
  return std::nullopt;
}

}  // namespace venturi::templates
