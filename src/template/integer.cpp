#include "template/integer.h"

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace venturi::templates {

using boost::multiprecision::cpp_int;

struct BigInteger {
  cpp_int value;
};

namespace {

constexpr std::size_t max_decimal_digits = 4'300;  // sys.int_info.default_max_str_digits

[[noreturn]] void too_large() {
  fail(ErrorKind::limit, "an integer has more than " + std::to_string(max_integer_bits) + " bits");
}

cpp_int value_of(const Item& item) {
  return item.is(Type::big) ? item.as_big().value : cpp_int(item.as_integer());
}

std::size_t bits_of(const cpp_int& value) {
  return value.is_zero() ? 0 : static_cast<std::size_t>(boost::multiprecision::msb(abs(value))) + 1;
}

Item item_of(cpp_int value) {
  if (bits_of(value) > max_integer_bits) too_large();
  if (value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max()) {
    return static_cast<std::int64_t>(value);
  }
  return std::make_shared<const BigInteger>(BigInteger{std::move(value)});
}

cpp_int floor_quotient(const cpp_int& a, const cpp_int& b, cpp_int& rest) {
  if (b.is_zero()) fail(ErrorKind::zero_division, "integer division or modulo by zero");
  cpp_int quotient;
  divide_qr(a, b, quotient, rest);
  if (!rest.is_zero() && (rest < 0) != (b < 0)) {
    --quotient;
    rest += b;
  }
  return quotient;
}

Item power(const Item& base, const Item& exponent) {
  const cpp_int number = value_of(base);
  if (number.is_zero() || number == 1 || number == -1) {
    const bool odd = bit_test(abs(value_of(exponent)), 0);
    const bool zeroth = !exponent.is(Type::big) && exponent.as_integer() == 0;
    return zeroth ? Item(1) : Item(static_cast<std::int64_t>(number == -1 && !odd ? 1 : static_cast<std::int64_t>(number)));
  }
  if (exponent.is(Type::big)) too_large();
  const auto times = static_cast<std::uint64_t>(exponent.as_integer());
  // The result has at least so many bits.
  if (times > max_integer_bits || (bits_of(number) - 1) * times > max_integer_bits) too_large();
  return item_of(pow(number, static_cast<unsigned>(times)));
}

}  // namespace

Item apply_big(Budget& budget, Operator op, const Item& left, const Item& right) {
  if (op == Operator::divide) return divide_integers(left, right);
  if (op == Operator::power) {
    budget.step(1024);
    return power(left, right);
  }
  const cpp_int a = value_of(left), b = value_of(right);
  const std::size_t words = (bits_of(a) / 64 + 1) * (bits_of(b) / 64 + 1);
  budget.step(1 + words / 32);
  cpp_int rest;
  switch (op) {
    case Operator::add:
      return item_of(a + b);
    case Operator::subtract:
      return item_of(a - b);
    case Operator::multiply:
      if (bits_of(a) + bits_of(b) > max_integer_bits + 1) too_large();
      return item_of(a * b);
    case Operator::floor_divide:
      return item_of(floor_quotient(a, b, rest));
    default:
      floor_quotient(a, b, rest);
      return item_of(std::move(rest));
  }
}

Item negate_integer(const Item& item) {
  return item_of(-value_of(item));
}

bool is_negative_integer(const Item& item) {
  return item.is(Type::big) ? item.as_big().value < 0 : item.as_integer() < 0;
}

int compare_integers(const Item& a, const Item& b) {
  if (a.is_integer() && b.is_integer()) {
    const std::int64_t x = a.as_integer(), y = b.as_integer();
    return x < y ? -1 : x > y;
  }
  const int order = value_of(a).compare(value_of(b));
  return order < 0 ? -1 : order > 0;
}

int compare_with_real(const Item& integer, double real) {
  if (std::isinf(real)) return real > 0 ? -1 : 1;
  const double whole = std::trunc(real);
  const int order = compare_integers(integer, integer_of_real(whole));
  if (order != 0) return order;
  return real > whole ? -1 : real < whole;
}

std::size_t hash_big(const Item& item) {
  const cpp_int& value = item.as_big().value;
  if (bits_of(value) <= 1024) {  // one that equals a float is hashed as that
    const double real = real_of_big(item);
    if (std::isfinite(real) && compare_with_real(item, real) == 0) return std::hash<double>()(real);
  }
  return static_cast<std::size_t>(abs(value) % std::numeric_limits<std::int64_t>::max());
}

std::int64_t bit_length(const Item& item) {
  return static_cast<std::int64_t>(bits_of(value_of(item)));
}

std::int64_t bit_count(const Item& item) {
  std::int64_t count = 0;
  for (cpp_int rest = abs(value_of(item)); !rest.is_zero(); rest >>= 64) {
    count += std::popcount(static_cast<std::uint64_t>(rest & std::numeric_limits<std::uint64_t>::max()));
  }
  return count;
}

Item round_integer(const Item& item, std::int64_t precision) {
  if (precision >= 0) return item.is(Type::boolean) ? Item(item.as_integer()) : item;
  const cpp_int value = value_of(item);
  // Less than half of the unit is 0.
  if (static_cast<double>(-precision) > 1.0 + static_cast<double>(bits_of(value))) return 0;
  const cpp_int unit = pow(cpp_int(10), static_cast<unsigned>(-precision));
  cpp_int rest;
  cpp_int quotient = floor_quotient(value, unit, rest);
  rest *= 2;
  if (rest > unit || (rest == unit && bit_test(abs(quotient), 0))) ++quotient;
  return item_of(quotient * unit);
}

std::string integer_digits(const Item& item, unsigned base) {
  if (item.is_integer()) {
    const std::int64_t value = item.as_integer();
    char buffer[65];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer,
                                   value < 0 ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value),
                                   static_cast<int>(base))
                         .ptr;
    return {buffer, end};
  }
  const cpp_int magnitude = abs(item.as_big().value);
  if (base == 10) {
    std::string digits = magnitude.str();
    if (digits.size() > max_decimal_digits) {
      fail(ErrorKind::value,
           "Exceeds the limit (" + std::to_string(max_decimal_digits) + " digits) for integer string conversion");
    }
    return digits;
  }
  if (base == 16) return magnitude.str(0, std::ios_base::hex);
  if (base == 8) return magnitude.str(0, std::ios_base::oct);
  std::string digits;
  for (std::size_t bit = bits_of(magnitude); bit-- > 0;) digits += bit_test(magnitude, static_cast<unsigned>(bit)) ? '1' : '0';
  return digits;
}

std::string integer_text(const Item& item) {
  return (is_negative_integer(item) ? "-" : "") + integer_digits(item);
}

std::optional<Item> read_integer(std::string_view text, unsigned base) {
  std::int64_t small = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), small, static_cast<int>(base));
  if (text.empty() || read.ec == std::errc::invalid_argument || read.ptr != text.data() + text.size()) return std::nullopt;
  if (read.ec == std::errc()) return small;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.size() > (std::has_single_bit(base) ? max_integer_bits : max_decimal_digits)) {
    fail(ErrorKind::value,
         "Exceeds the limit (" + std::to_string(max_decimal_digits) + " digits) for integer string conversion");
  }
  cpp_int value;
  for (const char c : text) {
    value *= base;
    value += c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
  }
  return item_of(negative ? cpp_int(-value) : value);
}

Item integer_of_real(double value) {
  if (std::isnan(value)) fail(ErrorKind::value, "cannot convert float NaN to integer");
  if (std::isinf(value)) fail(ErrorKind::overflow, "cannot convert float infinity to integer");
  const double whole = std::trunc(value);
  if (whole < 9223372036854775808.0 && whole >= -9223372036854775808.0) return static_cast<std::int64_t>(whole);
  return item_of(cpp_int(whole));
}

double real_of_big(const Item& item) {
  return divide_integers(item, 1);
}

double divide_integers(const Item& left, const Item& right) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const auto is_exact = [](const Item& item) {
    return item.is_integer() && item.as_integer() <= exact && item.as_integer() >= -exact;
  };
  if (right.is_integer() && right.as_integer() == 0) fail(ErrorKind::zero_division, "division by zero");
  if (is_exact(left) && is_exact(right))
    return static_cast<double>(left.as_integer()) / static_cast<double>(right.as_integer());
  cpp_int a = abs(value_of(left)), b = abs(value_of(right));
  const bool negative = is_negative_integer(left) != is_negative_integer(right);
  if (a.is_zero()) return negative ? -0.0 : 0.0;
  // A quotient of 64 or 65 bits, the last of which tells whether there is more: then the conversion rounds rightly.
  const auto shift = static_cast<std::int64_t>(bits_of(b)) - static_cast<std::int64_t>(bits_of(a)) + 64;
  if (shift > 0)
    a <<= static_cast<unsigned>(shift);
  else
    b <<= static_cast<unsigned>(-shift);
  cpp_int quotient, rest;
  divide_qr(a, b, quotient, rest);
  bool more = !rest.is_zero();
  const std::size_t above = bits_of(quotient) - 63;
  more |= (quotient & ((cpp_int(1) << static_cast<unsigned>(above)) - 1)) != 0;
  quotient >>= static_cast<unsigned>(above);
  const auto top = static_cast<std::int64_t>(quotient) | (more ? 1 : 0);
  const double result = std::ldexp(static_cast<double>(top), static_cast<int>(static_cast<std::int64_t>(above) - shift));
  if (std::isinf(result)) fail(ErrorKind::overflow, "integer division result too large for a float");
  return negative ? -result : result;
}

}  // namespace venturi::templates
