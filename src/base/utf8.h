// Texts in UTF-8: whether they are, and what of them fits somewhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace venturi {

// Well-formed, by Unicode's table 3-7.
[[nodiscard]] bool is_utf8(std::string_view text);
// Its code points.
[[nodiscard]] std::size_t count_characters(std::string_view text);
// At most so many bytes from its beginning, without half a character at their end.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t most_bytes);
// The text, or its beginning and `end`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t most_bytes, std::string_view end = "…");

}  // namespace venturi
