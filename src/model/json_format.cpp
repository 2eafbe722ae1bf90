#include "model/json_format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "base/text.h"
#include "model/json_pattern.h"

namespace venturi {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

int number_of(std::string_view digits) {
  int number = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::string_view year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
  if (!all_digits(year) || !all_digits(month) || !all_digits(day) || number_of(year) == 0) return false;
  return std::chrono::year_month_day(std::chrono::year(number_of(year)),
                                     std::chrono::month(static_cast<unsigned>(number_of(month))),
                                     std::chrono::day(static_cast<unsigned>(number_of(day))))
      .ok();
}

// strptime's %H:%M:%S: one or two digits each, seconds up to 61. (Not more than 59: datetime has no others.)
bool is_time(std::string_view text) {
  for (const int most : {23, 59, 59}) {
    const std::size_t colon = most == 23 || text.find(':') != std::string_view::npos ? text.find(':') : text.size();
    if (colon == std::string_view::npos) return false;
    const std::string_view part = text.substr(0, colon);
    if (part.size() > 2 || !all_digits(part) || number_of(part) > most) return false;
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return text.empty();
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool is_hex = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (is_dash ? c != '-' : !is_hex) return false;
  }
  return true;
}

bool is_address(int family, std::string_view text) {
  unsigned char address[16];
  return text.find('\0') == std::string_view::npos && ::inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool is_decimal(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = std::min(text.find_first_of(".,"), text.size());
  if (point == text.size()) return all_digits(text);
  return (point == 0 || all_digits(text.substr(0, point))) && all_digits(text.substr(point + 1));
}

// Numbers before these letters, each at most once and in this order. True where there is at least one.
bool has_parts(std::string_view text, std::string_view letters) {
  if (text.empty()) return false;
  for (std::size_t from = 0; !text.empty();) {
    const std::size_t end = text.find_first_not_of("0123456789.,+-");
    if (end == std::string_view::npos || !is_decimal(text.substr(0, end))) return false;
    const std::size_t letter = letters.find(text[end], from);
    if (letter == std::string_view::npos) return false;
    from = letter + 1;
    text.remove_prefix(end + 1);
  }
  return true;
}

// ISO 8601: P1Y2M3DT4H5M6S, or P7W.
bool is_duration(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (!text.starts_with('P')) return false;
  text.remove_prefix(1);
  if (has_parts(text, "W")) return true;
  const std::size_t t = text.find('T');
  const std::string_view days = text.substr(0, t);
  if (t == std::string_view::npos) return has_parts(days, "YMD");
  return (days.empty() || has_parts(days, "YMD")) && has_parts(text.substr(t + 1), "HMS");
}

// Labels of letters, digits and inner hyphens; letters beyond ASCII as they are.
bool is_host_name(std::string_view text) {
  if (text.size() > 253) return false;
  if (text.ends_with('.')) text.remove_suffix(1);
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view label = text.substr(0, dot);
    const bool is_right = std::ranges::all_of(label, [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
             static_cast<unsigned char>(c) >= 0x80;
    });
    if (label.empty() || label.size() > 63 || !is_right || label.front() == '-' || label.back() == '-') return false;
    if (dot == text.size()) return true;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

bool has_format(std::string_view format, std::string_view text) {
  if (format == "date") return is_date(text);
  if (format == "time") return is_time(text);
  if (format == "duration") return is_duration(text);
  if (format == "email" || format == "idn-email") return text.find('@') != std::string_view::npos;
  if (format == "ipv4") return is_address(AF_INET, text);
  if (format == "ipv6") return is_address(AF_INET6, text);
  if (format == "idn-hostname") return is_host_name(text);
  if (format == "uuid") return is_uuid(text);
  if (format == "regex") return JsonPattern::parse(text).has_value();
  return true;
}

}  // namespace venturi
