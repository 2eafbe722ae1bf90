// Rows as COPY's text format has them (postgresql.org/docs/15/sql-copy.html): fields with a tab between them, a line feed at
// the end; \N is null; backslashes escape.
#pragma once

#include <string>
#include <string_view>

#include "venturi/run_file.h"

namespace venturi::providers {

// One field, without the tab.
void append_copy_text(std::string& row, std::string_view text);
inline void append_copy_null(std::string& row) {
  row += "\\N";
}
// A cell of a run file that holds a value.
void append_copy_cell(std::string& row, const Cell& cell);

// Whether PostgreSQL takes the text for a value of the type; of a column's type by its number, with its range. Texts that it
// takes beyond ISO 8601 and plain decimals count as unreadable. Types that are not told apart here take every text.
[[nodiscard]] bool is_readable(std::string_view text, ColumnType type);
[[nodiscard]] bool is_in_range(std::string_view text, unsigned type_number);
// The nearest type of a run file; string for all that have none.
[[nodiscard]] ColumnType column_type_of(unsigned type_number);

}  // namespace venturi::providers
