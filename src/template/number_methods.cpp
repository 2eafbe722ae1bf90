// Methods of int and float.
#include <array>
#include <cmath>
#include <cstdio>

#include "template/integer.h"
#include "template/methods.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

Item bit_length_method(Call& call) {
  const Args args(call, {"self"}, 1);
  return bit_length(args[0]);
}

Item bit_count_method(Call& call) {
  const Args args(call, {"self"}, 1);
  return bit_count(args[0]);
}

Item integer_ratio(Call& call) {
  const Args args(call, {"self"}, 1);
  return Item::tuple({positive(args[0]), 1});
}

Item conjugate(Call& call) {
  const Args args(call, {"self"}, 1);
  return positive(args[0]);
}

Item whole_integer(Call& call) {
  const Args args(call, {"self"}, 1);
  return true;
}

Item is_whole(Call& call) {
  const Args args(call, {"self"}, 1);
  return std::isfinite(args[0].as_real()) && std::trunc(args[0].as_real()) == args[0].as_real();
}

// The exact fraction, whose denominator is a power of two.
Item real_ratio(Call& call) {
  const Args args(call, {"self"}, 1);
  const double value = args[0].as_real();
  if (std::isnan(value)) fail(ErrorKind::value, "cannot convert NaN to integer ratio");
  if (std::isinf(value)) fail(ErrorKind::overflow, "cannot convert Infinity to integer ratio");
  int exponent = 0;
  auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  exponent -= 53;
  for (; mantissa != 0 && mantissa % 2 == 0 && exponent < 0; ++exponent) mantissa /= 2;
  if (mantissa == 0) return Item::tuple({0, 1});
  Budget& budget = call.runtime.budget;
  const Item power = apply_big(budget, Operator::power, 2, std::abs(exponent));
  return exponent < 0 ? Item::tuple({mantissa, power})
                      : Item::tuple({apply_big(budget, Operator::multiply, mantissa, power), 1});
}

Item hex_text(Call& call) {
  const Args args(call, {"self"}, 1);
  const double value = args[0].as_real();
  if (!std::isfinite(value)) return real_repr(value);
  if (value == 0) return std::signbit(value) ? "-0x0.0p+0" : "0x0.0p+0";
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.13a", value);
  return buffer.data();
}

constexpr NamedNative of_integer[] = {{"as_integer_ratio", integer_ratio},
                                      {"bit_count", bit_count_method},
                                      {"bit_length", bit_length_method},
                                      {"conjugate", conjugate},
                                      {"is_integer", whole_integer}};
constexpr NamedNative of_real[] = {
    {"as_integer_ratio", real_ratio}, {"conjugate", conjugate}, {"hex", hex_text}, {"is_integer", is_whole}};

}  // namespace

const std::span<const NamedNative> integer_methods = of_integer, real_methods = of_real;

}  // namespace venturi::templates
