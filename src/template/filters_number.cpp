// Filters on numbers, and int() and float() behind them.
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "template/builtins.h"
#include "template/format_spec.h"
#include "template/integer.h"
#include "template/operators.h"
#include "template/text_shape.h"
#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

std::string with_ascii_digits(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char32_t c = utf8::take(text);
    if (unicode::is_decimal(c)) {
      out += static_cast<char>('0' + unicode::decimal_value(c));
    } else {
      utf8::append(out, c);
    }
  }
  return out;
}

// Without blanks around and underscores between digits; nullopt where those are misplaced.
std::optional<std::string> number_text(const std::string& text) {
  std::string stripped = strip(text, true, true);
  if (!utf8::is_ascii(stripped)) stripped = with_ascii_digits(stripped);
  std::string out;
  for (std::size_t i = 0; i < stripped.size(); ++i) {
    if (stripped[i] != '_') {
      out += stripped[i];
      continue;
    }
    const bool between = i > 0 && i + 1 < stripped.size() && stripped[i - 1] != '_' && stripped[i + 1] != '_';
    if (!between) return std::nullopt;
  }
  return out;
}

Item abs_filter(Call& call) {
  const Args args(call, {"x"}, 1);
  const Item value = plain(args[0]);
  if (value.is_any_integer()) return is_negative_integer(value) ? negate_integer(value) : positive(value);
  if (value.is(Type::real)) return std::abs(value.as_real());
  if (value.is(Type::timedelta)) return value.as_timedelta().microseconds < 0 ? negate(value) : value;
  fail(ErrorKind::type, "bad operand type for abs(): '" + type_name(value) + "'");
}

bool is_conversion_error(const TemplateError& error) {
  return error.kind() == ErrorKind::type || error.kind() == ErrorKind::value;
}

Item int_filter(Call& call) {
  const Args args(call, {"value", "default", "base"}, 1);
  if (args[0].is_undefined()) args[0].as_undefined().use();
  Item otherwise = args.has(1) ? args[1] : Item(0);
  const std::int64_t base = args.integer(2, 10);
  if (args[0].is_text() && base != 0 && (base < 2 || base > 36)) return otherwise;
  try {
    return to_integer(args[0], static_cast<int>(base));
  } catch (const TemplateError& error) {
    if (!is_conversion_error(error)) throw;
  }
  try {
    return integer_of_real(to_real(args[0]));
  } catch (const TemplateError& error) {
    if (!is_conversion_error(error) && error.kind() != ErrorKind::overflow) throw;
    return otherwise;
  }
}

Item float_filter(Call& call) {
  const Args args(call, {"value", "default"}, 1);
  if (args[0].is_undefined()) args[0].as_undefined().use();
  try {
    return to_real(args[0]);
  } catch (const TemplateError& error) {
    if (!is_conversion_error(error)) throw;
    return args.has(1) ? args[1] : Item(0.0);
  }
}

// Python's round(): to the nearest, halves to even; exact in decimal, as printf is.
double round_real(double value, std::int64_t precision) {
  if (!std::isfinite(value) || precision > 22) return value;
  if (precision < -308) return std::copysign(0.0, value);
  if (precision < 0) {
    const double unit = std::pow(10.0, static_cast<double>(-precision));
    return std::nearbyint(value / unit) * unit;
  }
  const std::string text = real_digits(std::abs(value), 'f', static_cast<int>(precision), false);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return std::copysign(rounded, value);
}

Item round_filter(Call& call) {
  const Args args(call, {"value", "precision", "method"}, 1);
  const std::string method = args.text(2, "common");
  if (method != "common" && method != "ceil" && method != "floor") {
    fail(ErrorKind::filter_argument, "method must be common, ceil or floor");
  }
  const std::int64_t precision = args.integer(1, 0);
  const Item value = plain(args[0]);
  if (!value.is_number()) fail(ErrorKind::type, "type " + type_name(value) + " doesn't define __round__ method");
  if (method == "common") {
    if (value.is_any_integer()) return round_integer(value, precision);
    return round_real(value.as_real(), precision);
  }
  // As Python does it: with integers, where they are some.
  const Item unit = apply(call.runtime, Operator::power, 10, precision),
             scaled = apply(call.runtime, Operator::multiply, value, unit);
  const Item whole = scaled.is(Type::real)
                         ? integer_of_real(method == "ceil" ? std::ceil(scaled.as_real()) : std::floor(scaled.as_real()))
                         : scaled;
  return apply(call.runtime, Operator::divide, whole, unit);
}

constexpr NamedNative of_numbers[] = {
    {"abs", abs_filter},
    {"float", float_filter},
    {"int", int_filter},
    {"round", round_filter},
};

}  // namespace

const std::span<const NamedNative> number_filters = of_numbers;

std::int64_t real_to_integer(double value) {
  if (std::isnan(value)) fail(ErrorKind::value, "cannot convert float NaN to integer");
  if (std::isinf(value)) fail(ErrorKind::overflow, "cannot convert float infinity to integer");
  const double whole = std::trunc(value);
  if (whole >= 9223372036854775808.0 || whole < -9223372036854775808.0)
    fail(ErrorKind::overflow, "the result needs more than 64 bits");
  return static_cast<std::int64_t>(whole);
}

Item to_integer(const Item& converted, int base) {
  const Item item = plain(converted);
  if (item.is_any_integer()) return positive(item);
  if (item.is(Type::real)) return integer_of_real(item.as_real());
  if (!item.is_text()) {
    fail(ErrorKind::type,
         "int() argument must be a string, a bytes-like object or a real number, not '" + type_name(item) + "'");
  }
  const auto invalid = [&]() -> TemplateError {
    return {ErrorKind::value, "invalid literal for int() with base " + std::to_string(base)};
  };
  const auto text = number_text(item.as_string());
  if (!text) throw invalid();
  std::string_view digits = *text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const char kind = digits.size() > 2 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20) : '\0';
  const int prefix_base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
  if (prefix_base != 0 && (base == prefix_base || base == 0)) digits.remove_prefix(2);
  const int used = base == 0 ? (prefix_base == 0 ? 10 : prefix_base) : base;
  // With the sign, since the least number has no positive counterpart.
  const auto value = read_integer((negative ? "-" : "") + std::string(digits), static_cast<unsigned>(used));
  if (digits.empty() || digits[0] == '-' || !value) throw invalid();
  return *value;
}

double to_real(const Item& converted) {
  const Item item = plain(converted);
  if (item.is_number()) return item.as_real();
  if (!item.is_text())
    fail(ErrorKind::type, "float() argument must be a string or a real number, not '" + type_name(item) + "'");
  const auto text = number_text(item.as_string());
  std::string_view digits = text ? std::string_view(*text) : std::string_view();
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // from_chars reads "nan(x)" too.
  if (digits.empty() || digits[0] == '-' || read.ptr != digits.data() + digits.size() ||
      digits.find('(') != std::string_view::npos) {
    fail(ErrorKind::value, "could not convert string to float");
  }
  if (read.ec == std::errc::result_out_of_range) {
    const std::size_t e = digits.find_first_of("eE");
    value = e != std::string_view::npos && digits[e + 1] == '-' ? 0.0 : HUGE_VAL;
  }
  return negative ? -value : value;
}

}  // namespace venturi::templates
