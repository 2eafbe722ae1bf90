// Text of a cell (CSV, PostgreSQL's text output) to a typed value. Nothing where the text is no such value: the caller keeps
// it as unreadable. Blanks around a value are passed over. C++20: part of the SDK archive.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace venturi {

// Decimal digits with an optional sign, within 64 bits.
[[nodiscard]] std::optional<std::int64_t> parse_int64_cell(std::string_view text);
// Decimal or scientific notation with '.', and NaN, Infinity, -Infinity; a number out of a double's range is none.
[[nodiscard]] std::optional<double> parse_float64_cell(std::string_view text);
// true/false, t/f, yes/no, y/n, on/off, 1/0, in any case.
[[nodiscard]] std::optional<bool> parse_boolean_cell(std::string_view text);
// ISO 8601: a date, or date and time with 'T' or a blank, seconds and fraction optional, then Z, an offset or nothing (UTC).
// Microseconds since 1970 UTC; digits beyond microseconds are cut off.
[[nodiscard]] std::optional<std::int64_t> parse_timestamp_cell(std::string_view text);

}  // namespace venturi
