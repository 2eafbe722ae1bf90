#include "providers/postgres/copy_text.h"

#include <array>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "sdk/cell_parse.h"
#include "venturi/time.h"

namespace venturi::providers {
namespace {

// What stands behind the backslash; 0 for what needs none.
constexpr std::array<char, 256> escapes = [] {
  std::array<char, 256> table{};
  table['\\'] = '\\';
  table['\t'] = 't';
  table['\n'] = 'n';
  table['\r'] = 'r';
  return table;
}();

}  // namespace

void append_copy_text(std::string& row, std::string_view text) {
  const char* clean = text.data();
  const char* const end = text.data() + text.size();
  for (const char* at = clean; at != end; ++at) {
    const char escape = escapes[static_cast<unsigned char>(*at)];
    if (escape == 0) continue;
    row.append(clean, at);
    row += '\\';
    row += escape;
    clean = at + 1;
  }
  row.append(clean, end);
}

void append_copy_cell(std::string& row, const Cell& cell) {
  switch (cell.type) {
    case ColumnType::boolean:
      row += cell.integer != 0 ? 't' : 'f';
      return;
    case ColumnType::int64:
      fmt::format_to(std::back_inserter(row), "{}", cell.integer);
      return;
    case ColumnType::float64:
      if (std::isfinite(cell.real))
        fmt::format_to(std::back_inserter(row), "{}", cell.real);
      else
        row += std::isnan(cell.real) ? "NaN" : cell.real > 0 ? "Infinity" : "-Infinity";
      return;
    case ColumnType::timestamp:
      row += format_time(Time(Duration(cell.integer)));
      return;
    case ColumnType::string:
      append_copy_text(row, cell.text);
      return;
  }
}

bool is_readable(std::string_view text, ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return parse_boolean_cell(text).has_value();
    case ColumnType::int64:
      return parse_int64_cell(text).has_value();
    case ColumnType::float64:
      return parse_float64_cell(text).has_value();
    case ColumnType::timestamp:
      return parse_timestamp_cell(text).has_value();
    case ColumnType::string:
      break;
  }
  return true;
}

// Types by their fixed numbers (catalog/pg_type.dat).
bool is_in_range(std::string_view text, unsigned type_number) {
  const std::int64_t limit = type_number == 21 ? INT16_MAX : type_number == 23 ? INT32_MAX : INT64_MAX;
  if (limit == INT64_MAX) return true;
  const auto number = parse_int64_cell(text);
  return !number || (*number <= limit && *number >= -limit - 1);
}

// numeric becomes float64, as most people expect; a column declared as string keeps all of its digits.
ColumnType column_type_of(unsigned type_number) {
  switch (type_number) {
    case 16:
      return ColumnType::boolean;
    case 20:  // int8, int2, int4, oid
    case 21:
    case 23:
    case 26:
      return ColumnType::int64;
    case 700:  // float4, float8, numeric
    case 701:
    case 1700:
      return ColumnType::float64;
    case 1082:  // date, timestamp, timestamptz
    case 1114:
    case 1184:
      return ColumnType::timestamp;
    default:
      return ColumnType::string;
  }
}

}  // namespace venturi::providers
