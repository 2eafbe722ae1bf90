// CSV, JSON lines, Parquet and files of the run, from one to the other, and checks. Movers: one row is in memory at a time, of
// Parquet one batch.
//
//   JsonLinesToFileOperator    JSON lines ─▶ file of the run     (CSV: CsvToFileOperator)
//   FileToCsvOperator          file of the run ─▶ CSV            FileToJsonLinesOperator  ─▶ JSON lines
//   CsvToJsonLinesOperator     CSV ─▶ JSON lines                 JsonLinesToCsvOperator   and back
//   ParquetToFileOperator, FileToParquetOperator, ParquetToCsvOperator, CsvToParquetOperator, ParquetToJsonLinesOperator,
//   JsonLinesToParquetOperator                                   the same with Parquet, which needs its plugin (../parquet)
//   ValidateCsvOperator, ValidateJsonLinesOperator, ValidateParquetOperator      nothing is written
//
//   path, file     the source: an absolute path, or a file of the run
//   output_path    absolute; the file appears under its name when it is complete
//   columns        which ones, by name and with types. Without them CSV has those of its header and JSON lines those of their
//                  first line, all as strings
//   json_schema    each row, as an object, has to fit (draft 7). A row that does not is an error with file, line and place
//   unreadable     "error": a value that is none of its column's type; "null": it becomes null, and the log counts them.
//                  In files of the run it is kept as unreadable, always
//   delimiter, header, null_text    of CSV: of the source, or of what is written
//   encoding    of the texts; source_encoding where those that are read have another one
//   source_compression, compression    of the source, and of what is written (compression.h; of Parquet parquet_rows.h)
//   row_group_size    of Parquet that is written
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
                                 Way{"ParquetToFileOperator", RowFormat::parquet, RowFormat::run_file},
                                 Way{"FileToParquetOperator", RowFormat::run_file, RowFormat::parquet},
                                 Way{"ParquetToCsvOperator", RowFormat::parquet, RowFormat::csv},
                                 Way{"CsvToParquetOperator", RowFormat::csv, RowFormat::parquet},
                                 Way{"ParquetToJsonLinesOperator", RowFormat::parquet, RowFormat::json_lines},
                                 Way{"JsonLinesToParquetOperator", RowFormat::json_lines, RowFormat::parquet},
                                 Way{"ValidateCsvOperator", RowFormat::csv, std::nullopt},
                                 Way{"ValidateJsonLinesOperator", RowFormat::json_lines, std::nullopt},
                                 Way{"ValidateParquetOperator", RowFormat::parquet, std::nullopt}};

// The XCom is the path that was written, the file's handle, or the number of rows that were checked.
[[nodiscard]] Value move_rows(operators::MoverTry& t, const operators::Arguments& arguments);
[[nodiscard]] Value validate_rows(operators::MoverTry& t, const operators::Arguments& arguments);

}  // namespace venturi::providers
