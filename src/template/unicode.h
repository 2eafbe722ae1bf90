// What Python's str knows of characters: of all Unicode, by tables that scripts/unicode-tables makes.
#pragma once

#include <string>
#include <string_view>

namespace venturi::templates::unicode {

[[nodiscard]] bool is_letter(char32_t c);
[[nodiscard]] bool is_decimal(char32_t c);  // 0 to 9 in any script
[[nodiscard]] bool is_digit(char32_t c);    // also superscripts
[[nodiscard]] bool is_numeric(char32_t c);  // also fractions and Roman numbers
[[nodiscard]] bool is_alphanumeric(char32_t c);
[[nodiscard]] bool is_lower(char32_t c);
[[nodiscard]] bool is_upper(char32_t c);
[[nodiscard]] bool is_title(char32_t c);      // "Dž" as one character
[[nodiscard]] bool is_printable(char32_t c);  // whether repr() shows it as it is
[[nodiscard]] int decimal_value(char32_t c);  // of an is_decimal()

// One character may become several: "ß" in upper case.
enum class Case { lower, upper, title, folded };
void append(std::u32string& out, char32_t c, Case to);
// str.lower(): with Greek's sigma at the end of words.
[[nodiscard]] std::u32string lower(std::u32string_view text);

}  // namespace venturi::templates::unicode
