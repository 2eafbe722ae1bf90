#include "template/string_literal.h"

#include <charconv>

#include "template/utf8.h"

namespace venturi::templates {
namespace {

constexpr std::string_view simple_escapes = "abfnrtv\\'\"";
constexpr std::string_view simple_values = "\a\b\f\n\r\t\v\\'\"";

}  // namespace

std::optional<std::string> unescape_string(std::string_view literal) {
  if (literal.find('\\') == std::string_view::npos) return std::string(literal);
  std::string out;
  while (!literal.empty()) {
    const std::size_t at = literal.find('\\');
    out += literal.substr(0, at);
    if (at == std::string_view::npos) break;
    literal.remove_prefix(at + 1);
    if (literal.empty()) return std::nullopt;
    const char c = literal[0];
    if (const std::size_t simple = simple_escapes.find(c); simple != std::string_view::npos) {
      out += simple_values[simple];
      literal.remove_prefix(1);
    } else if (c == '\n') {
      literal.remove_prefix(1);
    } else if (c == 'N') {
      return std::nullopt;  // a character by its name: there are no names here
    } else if (c == 'x' || c == 'u' || c == 'U') {
      const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      std::uint32_t code = 0;
      if (literal.size() < 1 + digits) return std::nullopt;
      const auto [end, error] = std::from_chars(literal.data() + 1, literal.data() + 1 + digits, code, 16);
      if (error != std::errc() || end != literal.data() + 1 + digits || code > 0x10FFFF) return std::nullopt;
      utf8::append(out, code);
      literal.remove_prefix(1 + digits);
    } else if (c >= '0' && c <= '7') {
      std::size_t digits = 0;
      char32_t code = 0;
      while (digits < 3 && digits < literal.size() && literal[digits] >= '0' && literal[digits] <= '7') {
        code = code * 8 + static_cast<char32_t>(literal[digits++] - '0');
      }
      utf8::append(out, code);
      literal.remove_prefix(digits);
    } else {
      out += '\\';  // no escape at all: Python keeps it
    }
  }
  return out;
}

}  // namespace venturi::templates
