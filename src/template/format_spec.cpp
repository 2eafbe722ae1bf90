#include "template/format_spec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "template/error.h"
#include "template/integer.h"
#include "template/operators.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

bool is_align(char c) {
  return c == '<' || c == '>' || c == '=' || c == '^';
}

// A number in a spec. Beyond all limits it stays there, for the budget to refuse.
std::size_t read_size(std::string_view& rest) {
  std::size_t value = 0;
  while (!rest.empty() && is_digit(rest[0])) {
    value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(rest[0] - '0'), SIZE_MAX / 32);
    rest.remove_prefix(1);
  }
  return value;
}

std::string pad(std::string body, std::size_t prefix, const FormatSpec& spec, char default_align) {
  const std::size_t length = utf8::length(body);
  if (length >= spec.width) return body;
  const std::size_t missing = spec.width - length;
  const char align = spec.align == '\0' ? default_align : spec.align;
  const auto fill = [&](std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += spec.fill;
    return out;
  };
  if (align == '<') return body + fill(missing);
  if (align == '>') return fill(missing) + body;
  if (align == '^') return fill(missing / 2) + body + fill(missing - missing / 2);
  return body.substr(0, prefix) + fill(missing) + body.substr(prefix);
}

std::string grouped(std::string_view digits, char separator, std::size_t group) {
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % group == 0) out += separator;
    out += digits[i];
  }
  return out;
}

std::string with_sign(bool negative, const FormatSpec& spec) {
  return negative ? "-" : spec.sign == '+' ? "+" : spec.sign == ' ' ? " " : "";
}

// Whole digits, grouped, and filled with grouped zeros up to the width where zeros are the fill: {:010,}.
std::string whole_digits(std::string digits, std::string_view rest, std::size_t prefix, const FormatSpec& spec,
                         std::size_t group) {
  if (spec.grouping == '\0') return digits;
  std::string out = grouped(digits, spec.grouping, group);
  while (spec.align == '=' && spec.fill == "0" && prefix + out.size() + rest.size() < spec.width) {
    digits.insert(0, "0");
    out = grouped(digits, spec.grouping, group);
  }
  return out;
}

[[noreturn]] void bad_type(char type, std::string_view of) {
  fail(ErrorKind::value, "Unknown format code '" + std::string(1, type) + "' for object of type '" + std::string(of) + "'");
}

}  // namespace

FormatSpec parse_format_spec(std::string_view rest, std::string_view type) {
  FormatSpec spec;
  std::string_view second = rest;
  if (!second.empty()) utf8::take(second);
  const bool fill_given = !second.empty() && is_align(second[0]);
  if (fill_given) {
    spec.fill = rest.substr(0, rest.size() - second.size());
    spec.align = second[0];
    rest = second.substr(1);
  } else if (!rest.empty() && is_align(rest[0])) {
    spec.align = rest[0];
    rest.remove_prefix(1);
  }
  const auto skip = [&](char c) {
    const bool here = rest.starts_with(c);
    if (here) rest.remove_prefix(1);
    return here;
  };
  for (const char sign : {'+', '-', ' '}) {
    if (skip(sign)) {
      spec.sign = sign;
      spec.has_sign = true;
      break;
    }
  }
  spec.no_negative_zero = skip('z');
  spec.alternate = skip('#');
  if (skip('0') && !fill_given) {
    spec.fill = "0";
    if (spec.align == '\0') spec.align = '=';
  }
  spec.width = read_size(rest);
  if (skip(',')) spec.grouping = ',';
  if (skip('_')) spec.grouping = '_';
  if (skip('.')) {
    if (rest.empty() || !is_digit(rest[0])) fail(ErrorKind::value, "Format specifier missing precision");
    spec.precision = static_cast<int>(std::min<std::size_t>(read_size(rest), 1'000'000'000));
  }
  if (rest.size() > 1) {
    fail(ErrorKind::value,
         "Invalid format specifier '" + std::string(rest) + "' for object of type '" + std::string(type) + "'");
  }
  if (!rest.empty()) spec.type = rest[0];
  return spec;
}

std::string format_string(std::string_view text, const FormatSpec& spec) {
  if (spec.type != '\0' && spec.type != 's') bad_type(spec.type, "str");
  if (spec.no_negative_zero) fail(ErrorKind::value, "Negative zero coercion (z) not allowed in string format specifier");
  if (spec.has_sign) fail(ErrorKind::value, "Sign not allowed in string format specifier");
  if (spec.grouping != '\0') fail(ErrorKind::value, "Cannot specify ',' with 's'.");
  const bool zero = spec.align == '=' && spec.fill == "0";
  if (spec.align == '=' && !zero) fail(ErrorKind::value, "'=' alignment not allowed in string format specifier");
  std::string body(text);
  if (spec.precision) body.resize(utf8::offset(body, static_cast<std::size_t>(*spec.precision)));
  FormatSpec used = spec;
  if (zero) used.align = '<';
  return pad(std::move(body), 0, used, '<');
}

std::string format_integer(const Item& value, const FormatSpec& spec) {
  constexpr std::string_view of_reals = "eEfFgG%";
  if (of_reals.find(spec.type) != std::string_view::npos && spec.type != '\0') return format_real(value.as_real(), spec);
  if (spec.no_negative_zero) fail(ErrorKind::value, "Negative zero coercion (z) not allowed in format specifier with integer");
  if (spec.precision) fail(ErrorKind::value, "Precision not allowed in integer format specifier");
  if (spec.type == 'c') {
    if (!value.is_integer() || value.as_integer() < 0 || value.as_integer() > 0x10FFFF) {
      fail(ErrorKind::overflow, "%c arg not in range(0x110000)");
    }
    std::string text;
    utf8::append(text, static_cast<char32_t>(value.as_integer()));
    return pad(std::move(text), 0, spec, '<');
  }
  const unsigned base = spec.type == 'x' || spec.type == 'X' ? 16 : spec.type == 'o' ? 8 : spec.type == 'b' ? 2 : 10;
  if (base == 10 && spec.type != '\0' && spec.type != 'd' && spec.type != 'n') bad_type(spec.type, "int");
  if ((base != 10 || spec.type == 'n') && spec.grouping == ',') {
    fail(ErrorKind::value, "Cannot specify ',' with '" + std::string(1, spec.type) + "'.");
  }
  std::string digits = integer_digits(value, base);
  if (spec.type == 'X')
    std::ranges::transform(digits, digits.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  std::string prefix = with_sign(is_negative_integer(value), spec);
  if (spec.alternate && base != 10) prefix += std::string("0") + spec.type;
  digits = whole_digits(std::move(digits), "", prefix.size(), spec, base == 10 ? 3 : 4);
  return pad(prefix + digits, prefix.size(), spec, '>');
}

std::string real_digits(double magnitude, char type, int precision, bool alternate) {
  if (std::isnan(magnitude)) return type == 'F' || type == 'E' || type == 'G' ? "NAN" : "nan";
  if (std::isinf(magnitude)) return type == 'F' || type == 'E' || type == 'G' ? "INF" : "inf";
  if (precision > max_precision)
    fail(ErrorKind::limit, "a number is written with at most " + std::to_string(max_precision) + " digits");
  const std::string format = std::string("%") + (alternate ? "#" : "") + ".*" + type;
  std::array<char, 320 + max_precision + 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format.c_str(), precision, magnitude);
  return buffer.data();
}

std::string format_real(double value, const FormatSpec& spec) {
  constexpr std::string_view types = "eEfFgGn%";
  if (spec.type != '\0' && types.find(spec.type) == std::string_view::npos) bad_type(spec.type, "float");
  if (spec.type == 'n' && spec.grouping != '\0') {
    fail(ErrorKind::value, "Cannot specify '" + std::string(1, spec.grouping) + "' with 'n'.");
  }
  bool negative = std::signbit(value) && !std::isnan(value);
  const double magnitude = std::abs(value);
  std::string digits;
  if (spec.type == '\0' && !spec.precision) {
    digits = real_repr(magnitude);
  } else if (spec.type == '\0') {
    // As 'g', but with at least one digit after the point.
    digits = real_digits(magnitude, 'g', std::max(1, *spec.precision), spec.alternate);
    if (digits.find_first_of(".en") == std::string::npos) {
      digits = digits.size() >= static_cast<std::size_t>(std::max(1, *spec.precision))
                   ? real_digits(magnitude, 'e', *spec.precision - 1, false)
                   : digits + ".0";
    }
  } else if (spec.type == '%') {
    digits = real_digits(magnitude * 100, 'f', spec.precision.value_or(6), spec.alternate) + "%";
  } else {
    digits = real_digits(magnitude, spec.type == 'n' ? 'g' : spec.type, spec.precision.value_or(6), spec.alternate);
  }
  if (spec.no_negative_zero && digits.find_first_of("123456789in") == std::string::npos) negative = false;
  const std::string prefix = with_sign(negative, spec);
  if (spec.grouping != '\0' && std::isfinite(value)) {
    const std::size_t whole = std::min(digits.find_first_not_of("0123456789"), digits.size());
    const std::string rest = digits.substr(whole);
    digits = whole_digits(digits.substr(0, whole), rest, prefix.size(), spec, 3) + rest;
  }
  return pad(prefix + digits, prefix.size(), spec, '>');
}

}  // namespace venturi::templates
