// Python's tables of characters beyond ASCII; unicode.h has the functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace venturi::templates::unicode {

// Every step-th code point from first to last; a table is in their order.
struct Range {
  char32_t first, last;
  std::uint32_t step;
};
struct Mapping {
  char32_t first, last;
  std::uint32_t step;
  std::int32_t difference;
};
// One that becomes several characters.
struct Expansion {
  char32_t first;
  std::u32string_view text;
};

extern const std::span<const Range> letters, decimals, digits, numerics, unprintable, lower_letters, upper_letters,
    title_letters;
extern const std::span<const Mapping> lower_mapping, upper_mapping, title_mapping, folded_mapping;
extern const std::span<const Expansion> lower_several, upper_several, title_several, folded_several;

}  // namespace venturi::templates::unicode
