// Cells of text, from a database or a CSV file, into the typed columns of a run file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "operators/arguments.h"
#include "sdk/cell_parse.h"
#include "venturi/run_file.h"

namespace venturi::operators {

class MoverTry;

// The argument `columns`: [{"name": ..., "type": ...}, ...], type words as in venturi/run_file.h, string where there is none.
// Nothing where it was not given. Throws TaskFailedForGood saying what is wrong with which entry.
[[nodiscard]] std::optional<std::vector<Column>> columns_of(const Arguments& arguments);

// The name of the file to write in the run's folder: the argument `file_name` (or `file`), the try's own where neither is
// given.
[[nodiscard]] std::string file_name(const Arguments& arguments, const MoverTry& t);

// Puts the cell, as unreadable where the text is no value of the type (false then).
inline bool put_cell(RunFileWriter& writer, ColumnType type, std::string_view text) {
  switch (type) {
    case ColumnType::string:
      writer.string(text);
      return true;
    case ColumnType::int64:
      if (const auto value = parse_int64_cell(text)) return writer.int64(*value), true;
      break;
    case ColumnType::float64:
      if (const auto value = parse_float64_cell(text)) return writer.float64(*value), true;
      break;
    case ColumnType::boolean:
      if (const auto value = parse_boolean_cell(text)) return writer.boolean(*value), true;
      break;
    case ColumnType::timestamp:
      if (const auto value = parse_timestamp_cell(text)) return writer.timestamp(Time(Duration(*value))), true;
      break;
  }
  writer.unreadable(text);
  return false;
}

}  // namespace venturi::operators
