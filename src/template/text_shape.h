// Functions on text behind the methods of str and the filters of the same names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "template/limits.h"

namespace venturi::templates {

[[nodiscard]] std::string lower_case(std::string_view s);
[[nodiscard]] std::string upper_case(std::string_view s);
[[nodiscard]] std::string fold_case(std::string_view s);  // casefold()
[[nodiscard]] std::string swap_case(std::string_view s);
[[nodiscard]] std::string capitalize(std::string_view s);
[[nodiscard]] std::string title_case(std::string_view s);

[[nodiscard]] bool is_lower_case(std::string_view s);
[[nodiscard]] bool is_upper_case(std::string_view s);
[[nodiscard]] bool is_title_case(std::string_view s);
[[nodiscard]] bool is_alphabetic(std::string_view s);
[[nodiscard]] bool is_alphanumeric(std::string_view s);
[[nodiscard]] bool is_decimals(std::string_view s);
[[nodiscard]] bool is_digits(std::string_view s);
[[nodiscard]] bool is_numerics(std::string_view s);
[[nodiscard]] bool is_identifier(std::string_view s);
[[nodiscard]] bool is_all_printable(std::string_view s);
[[nodiscard]] bool is_all_space(std::string_view s);

// `align` is one of < > ^; like Python's center(), an odd rest goes to the left of what has an odd width.
[[nodiscard]] std::string justify(Budget& budget, std::string_view s, std::int64_t width, std::string_view fill, char align);
[[nodiscard]] std::string strip(std::string_view s, bool left, bool right);
[[nodiscard]] std::string strip(std::string_view s, bool left, bool right, std::string_view characters);
// The first `count` ones, all where it is negative.
[[nodiscard]] std::string replace_all(Budget& budget, std::string_view s, std::string_view from, std::string_view to,
                                      std::int64_t count);
[[nodiscard]] std::string expand_tabs(Budget& budget, std::string_view s, std::int64_t size);
[[nodiscard]] std::vector<std::string> split_blanks(std::string_view s, std::int64_t most, bool from_right);
[[nodiscard]] std::vector<std::string> split_at(std::string_view s, std::string_view separator, std::int64_t most,
                                                bool from_right);
[[nodiscard]] std::vector<std::string> split_lines(std::string_view s, bool keep_ends);

}  // namespace venturi::templates
