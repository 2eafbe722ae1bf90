// Python's format mini-language: [[fill]align][sign][z][#][0][width][grouping][.precision][type]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "template/item.h"

namespace venturi::templates {

struct FormatSpec {
  std::string fill = " ";
  char align = '\0';  // < > = ^
  char sign = '-';
  bool has_sign = false;  // one was given, if only '-'
  bool alternate = false;
  bool no_negative_zero = false;  // z
  char grouping = '\0';           // , _
  std::size_t width = 0;
  std::optional<int> precision;
  char type = '\0';
};

// ValueError in Python's words; `type` is that of the value, for the message.
[[nodiscard]] FormatSpec parse_format_spec(std::string_view spec, std::string_view type);
[[nodiscard]] std::string format_integer(const Item& value, const FormatSpec& spec);
[[nodiscard]] std::string format_real(double value, const FormatSpec& spec);
[[nodiscard]] std::string format_string(std::string_view text, const FormatSpec& spec);

// The digits of a number for %f, %e, %g: also what `%` formatting uses. No sign; precision at most max_precision.
inline constexpr int max_precision = 400;
[[nodiscard]] std::string real_digits(double magnitude, char type, int precision, bool alternate);

}  // namespace venturi::templates
