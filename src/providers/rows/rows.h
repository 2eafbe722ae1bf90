// CSV, JSON lines and files of the run, from one to the other, and checks of both. Movers: one row is in memory at a time.
//
//   JsonLinesToFileOperator    JSON lines ─▶ file of the run     (CSV: CsvToFileOperator)
//   FileToCsvOperator          file of the run ─▶ CSV            FileToJsonLinesOperator  ─▶ JSON lines
//   CsvToJsonLinesOperator     CSV ─▶ JSON lines                 JsonLinesToCsvOperator   and back
//   ValidateCsvOperator, ValidateJsonLinesOperator               nothing is written
//
//   path, file     the source: an absolute path, or a file of the run
//   output_path    absolute; the file appears under its name when it is complete
//   columns        which ones, by name and with types. Without them CSV has those of its header and JSON lines those of their
//                  first line, all as strings
//   json_schema    each row, as an object, has to fit (draft 7). A row that does not is an error with file, line and place
//   unreadable     "error": a value that is none of its column's type; "null": it becomes null, and the log counts them.
//                  In files of the run it is kept as unreadable, always
//   delimiter, header, null_text, encoding    of CSV: of the source, or of what is written
//   max_errors     of the two checks: how many are shown, 10
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "operators/registry.h"
#include "providers/rows/row_source.h"

namespace venturi::providers {

// The operators of this file by what they read and write.
struct Way {
  std::string_view task_type;
  RowFormat from;
  std::optional<RowFormat> to;  // nothing: a check
};
inline constexpr std::array ways{Way{"JsonLinesToFileOperator", RowFormat::json_lines, RowFormat::run_file},
                                 Way{"FileToCsvOperator", RowFormat::run_file, RowFormat::csv},
                                 Way{"FileToJsonLinesOperator", RowFormat::run_file, RowFormat::json_lines},
                                 Way{"CsvToJsonLinesOperator", RowFormat::csv, RowFormat::json_lines},
                                 Way{"JsonLinesToCsvOperator", RowFormat::json_lines, RowFormat::csv},
                                 Way{"ValidateCsvOperator", RowFormat::csv, std::nullopt},
                                 Way{"ValidateJsonLinesOperator", RowFormat::json_lines, std::nullopt}};

// The XCom is the path that was written, the file's handle, or the number of rows that were checked.
[[nodiscard]] Value move_rows(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value validate_rows(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
