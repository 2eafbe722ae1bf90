// Lines of CSV (RFC 4180) as COPY reads and writes them, looked at without reading all of the file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::providers {

// Where the field that begins at `at` ends: before the delimiter or the line's end.
[[nodiscard]] std::size_t end_of_csv_field(std::string_view line, std::size_t at, char delimiter);
// Behind the line feed that ends the first line; npos where it is not there yet.
[[nodiscard]] std::size_t end_of_csv_line(std::string_view text);
// What the field says, without its quotes.
[[nodiscard]] std::string csv_value(std::string_view field);
[[nodiscard]] std::vector<std::string> csv_values(std::string_view line, char delimiter);
// A field that says it.
[[nodiscard]] std::string csv_field(std::string_view text, char delimiter);

}  // namespace venturi::providers
