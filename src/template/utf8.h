// Strings are UTF-8 here and counted in code points, as Python does. Bytes that are no UTF-8 count as one code point each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace venturi::templates::utf8 {

[[nodiscard]] std::size_t length(std::string_view s);
// The code point at the front of `s`, which is shortened by it. Not for an empty one.
char32_t take(std::string_view& s);
void append(std::string& out, char32_t c);
[[nodiscard]] std::u32string decode(std::string_view s);
[[nodiscard]] std::string encode(std::u32string_view s);
// Byte position of the n-th code point, the size where there are fewer.
[[nodiscard]] std::size_t offset(std::string_view s, std::size_t n);
[[nodiscard]] bool is_ascii(std::string_view s);

[[nodiscard]] bool is_space(char32_t c);  // as str.isspace()

}  // namespace venturi::templates::utf8
