// Python's integers beyond 64 bits. An Item of Type::big never fits into 64 bits, so that equal integers have one form. All
// functions take integers of either size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "template/item.h"
#include "template/operators.h"

namespace venturi::templates {

// What a template may calculate with: more than Python writes in decimal (4,300 digits, after which str() is a ValueError), and
// little enough for one operation to be short.
inline constexpr std::size_t max_integer_bits = 65'536;

// Of any two integers. Kind limit beyond max_integer_bits; `9**9**9` is refused before it is calculated.
[[nodiscard]] Item apply_big(Budget& budget, Operator op, const Item& a, const Item& b);
[[nodiscard]] Item negate_integer(const Item& item);
[[nodiscard]] bool is_negative_integer(const Item& item);
[[nodiscard]] int compare_integers(const Item& a, const Item& b);  // -1, 0, 1
[[nodiscard]] int compare_with_real(const Item& integer, double real);
[[nodiscard]] std::size_t hash_big(const Item& item);
[[nodiscard]] std::int64_t bit_length(const Item& item);
[[nodiscard]] std::int64_t bit_count(const Item& item);
// round(item, precision): halves to even.
[[nodiscard]] Item round_integer(const Item& item, std::int64_t precision);

// Without its sign. ValueError for more decimal digits than Python writes.
[[nodiscard]] std::string integer_digits(const Item& item, unsigned base = 10);
[[nodiscard]] std::string integer_text(const Item& item);  // str()
// "12", "-ff": nullopt where that is no integer of the base (2 to 36). ValueError for more digits than Python reads.
[[nodiscard]] std::optional<Item> read_integer(std::string_view text, unsigned base = 10);
// int(value) towards zero: ValueError for nan, OverflowError for infinity.
[[nodiscard]] Item integer_of_real(double value);
// The nearest one; OverflowError where there is none.
[[nodiscard]] double real_of_big(const Item& item);
// a / b, rounded once.
[[nodiscard]] double divide_integers(const Item& a, const Item& b);

}  // namespace venturi::templates
