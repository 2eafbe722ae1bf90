// + - * / // % ** with Python's meaning, on every type that has them.
#include <cmath>

#include "template/datetime.h"
#include "template/datetime_arithmetic.h"
#include "template/integer.h"
#include "template/markup.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

constexpr std::string_view operator_texts[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};

[[noreturn]] void unsupported(Operator op, const Item& a, const Item& b) {
  fail(ErrorKind::type, "unsupported operand type(s) for " + std::string(operator_texts[static_cast<int>(op)]) + ": '" +
                            type_name(a) + "' and '" + type_name(b) + "'");
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::int64_t floor_modulo(std::int64_t a, std::int64_t b) {
  if (b == 0) fail(ErrorKind::zero_division, "integer modulo by zero");
  if (b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double real_modulo(double a, double b) {
  if (b == 0) fail(ErrorKind::zero_division, "float modulo");
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  return rest == 0 ? std::copysign(0.0, b) : rest;
}

double real_power(double a, double b) {
  if (a == 0 && b < 0) fail(ErrorKind::zero_division, "0.0 cannot be raised to a negative power");
  if (a < 0 && std::trunc(b) != b && std::isfinite(b)) fail(ErrorKind::type, "complex numbers are not supported");
  const double result = std::pow(a, b);
  if (std::isinf(result) && std::isfinite(a) && std::isfinite(b)) fail(ErrorKind::overflow, "Numerical result out of range");
  return result;
}

// Within 64 bits where that is enough.
Item apply_integers(Budget& budget, Operator op, const Item& left, const Item& right) {
  if (op == Operator::power && is_negative_integer(right)) return real_power(left.as_real(), right.as_real());
  if (left.is(Type::big) || right.is(Type::big)) return apply_big(budget, op, left, right);
  const std::int64_t a = left.as_integer(), b = right.as_integer();
  std::int64_t result = 0;
  bool overflow = true;
  switch (op) {
    case Operator::add:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::subtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::multiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Operator::floor_divide:
      if (b == 0) fail(ErrorKind::zero_division, "integer division or modulo by zero");
      if (b != -1) return floor_divide(a, b);
      break;
    case Operator::modulo:
      return floor_modulo(a, b);
    case Operator::divide:
    case Operator::power:
      break;
  }
  return overflow ? apply_big(budget, op, left, right) : Item(result);
}

Item apply_reals(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      if (b == 0) fail(ErrorKind::zero_division, "float division by zero");
      return a / b;
    case Operator::floor_divide:
      if (b == 0) fail(ErrorKind::zero_division, "float floor division by zero");
      return std::floor((a - real_modulo(a, b)) / b + 0.5);  // as Python: the exact quotient, rounded
    case Operator::modulo:
      return real_modulo(a, b);
    case Operator::power:
      return real_power(a, b);
  }
  return {};
}

std::size_t times(std::size_t size, std::int64_t count) {
  std::size_t product = 0;
  if (count <= 0) return 0;
  return __builtin_mul_overflow(size, static_cast<std::size_t>(count), &product) ? SIZE_MAX : product;
}

Item repeat(Runtime& runtime, const Item& item, std::int64_t count) {
  if (item.is_text()) {
    const std::size_t size = times(item.as_string().size(), count);
    runtime.budget.make_text(size);
    std::string out;
    out.reserve(size);
    while (out.size() < size) out += item.as_string();
    return Text{std::move(out), item.is_markup()};
  }
  const std::size_t size = times(item.sequence().size(), count);
  runtime.budget.make_items(size);
  Items out;
  out.reserve(size);
  while (out.size() < size) out.insert(out.end(), item.sequence().begin(), item.sequence().end());
  return item.is(Type::list) ? Item::list(std::move(out)) : Item::tuple(std::move(out));
}

Item joined(Runtime& runtime, const Item& a, const Item& b) {
  if (a.is_text()) {
    runtime.budget.make_text(a.as_string().size() + b.as_string().size());
    if (a.is_markup() == b.is_markup()) return Text{a.as_string() + b.as_string(), a.is_markup()};
    return Item::markup(escape(a) + escape(b));
  }
  runtime.budget.make_items(a.sequence().size() + b.sequence().size());
  Items out = a.sequence();
  out.insert(out.end(), b.sequence().begin(), b.sequence().end());
  return a.is(Type::list) ? Item::list(std::move(out)) : Item::tuple(std::move(out));
}

bool is_temporal(const Item& item) {
  return item.type() >= Type::timedelta && item.type() <= Type::time;
}

}  // namespace

Item apply(Runtime& runtime, Operator op, const Item& left, const Item& right) {
  const Item a = plain(left), b = plain(right);
  if (a.is(Type::host)) {
    if (auto result = a.as_host()->operate(runtime, op, b, false)) return std::move(*result);
  }
  if (b.is(Type::host)) {
    if (auto result = b.as_host()->operate(runtime, op, a, true)) return std::move(*result);
  }
  if (a.is_any_integer() && b.is_any_integer()) return apply_integers(runtime.budget, op, a, b);
  if (a.is_number() && b.is_number()) return apply_reals(op, a.as_real(), b.as_real());
  const bool repeats = (a.is_text() || a.is_sequence()) && b.is_integer();
  const bool is_repeated = op == Operator::multiply && (a.is(Type::big) || b.is(Type::big)) &&
                           (a.is_text() || a.is_sequence() || b.is_text() || b.is_sequence());
  if (is_repeated) fail(ErrorKind::overflow, "cannot fit 'int' into an index-sized integer");
  if (op == Operator::multiply && repeats) return repeat(runtime, a, b.as_integer());
  if (op == Operator::multiply && a.is_integer() && (b.is_text() || b.is_sequence())) return repeat(runtime, b, a.as_integer());
  if (op == Operator::add && a.type() == b.type() && (a.is_text() || a.is_sequence())) return joined(runtime, a, b);
  if (op == Operator::modulo && a.is_text()) return Text{percent_format(runtime, a.as_text(), b), a.is_markup()};
  if (is_temporal(a) || is_temporal(b)) {
    if (auto result = apply_temporal(runtime, op, a, b)) return *result;
  }
  if (op == Operator::add && a.is_text()) {
    fail(ErrorKind::type, "can only concatenate str (not \"" + type_name(b) + "\") to str");
  }
  if (op == Operator::add && a.is_sequence()) {
    fail(ErrorKind::type, "can only concatenate " + type_name(a) + " (not \"" + type_name(b) + "\") to " + type_name(a));
  }
  unsupported(op, a, b);
}

Item negate(const Item& operand) {
  const Item item = plain(operand);
  if (item.is_any_integer()) return negate_integer(item);
  if (item.is(Type::real)) return -item.as_real();
  if (item.is(Type::timedelta)) return TimeDelta{-item.as_timedelta().microseconds};
  fail(ErrorKind::type, "bad operand type for unary -: '" + type_name(item) + "'");
}

Item positive(const Item& operand) {
  Item item = plain(operand);
  if (item.is_integer()) return item.as_integer();
  if (item.is(Type::big) || item.is(Type::real) || item.is(Type::timedelta)) return item;
  fail(ErrorKind::type, "bad operand type for unary +: '" + type_name(item) + "'");
}

}  // namespace venturi::templates
