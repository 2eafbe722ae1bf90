// Files and the rows in them: between CSV, JSON lines, Parquet and files of the run, checks against a schema, and copy, move,
// delete, compress.
// Not part of venturi/dag.h: include it beside that. All run on the worker's machine in processes of their own, one row in
// memory at a time; what they write appears under its name when it is complete.
//
//   auto checked = dag.add(ValidateJsonLinesOperator{.task_id = "check", .path = "/in/orders.jsonl", .json_schema = schema});
//   auto rows = dag.add(JsonLinesToFileOperator{.task_id = "read", .path = "/in/orders.jsonl",
//                                               .columns = {{"id", ColumnType::int64}, {"status", ColumnType::string}}});
//   checked >> rows;
//
// `columns` says which columns there are and their types; without it CSV has those of its header and JSON lines those of their
// first line, as strings. `json_schema` (draft 7) is held against each row. `unreadable` is "error" or "null": what becomes of
// a value that is none of its column's type.
//
// Text files may be compressed: `source_compression` is of what is read, `compression` of what is written; "infer", the
// default, goes by the file's ending (.gz), "gzip" and "none" say it. Parquet needs its plugin: `venturi plugins install
// parquet`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"
#include "venturi/field.h"
#include "venturi/run_file.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// JSON lines into a file of the run; what is none of its column's type is kept as unreadable.
struct JsonLinesToFileOperator {
  std::string task_id{};
  Field<std::string> path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> encoding{};            // "utf-8"
  Field<std::string> source_compression{};  // "infer"
  Field<std::string> file_name{};           // the task_id
  using Result = RunFile;
};

// A file of the run as CSV (RFC 4180).
struct FileToCsvOperator {
  std::string task_id{};
  Field<RunFile> file{};                 // required: the output of a task
  Field<std::string> output_path{};      // required
  Field<std::vector<Column>> columns{};  // which ones, in this order
  Field<std::string> delimiter{};        // ","
  Field<bool> header{};                  // true
  Field<std::string> null_text{};        // nothing
  Field<std::string> encoding{};         // "utf-8"
  Field<std::string> compression{};      // "infer"
  using Result = std::string;            // the path
};

// A file of the run as JSON lines.
struct FileToJsonLinesOperator {
  std::string task_id{};
  Field<RunFile> file{};             // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<std::string> encoding{};
  Field<std::string> compression{};  // "infer"
  using Result = std::string;
};

struct CsvToJsonLinesOperator {
  std::string task_id{};
  Field<std::string> path{};         // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> unreadable{};                         // "error"
  Field<std::string> delimiter{};                          // ","
  Field<bool> header{};                                    // true
  Field<std::string> encoding{};                           // "utf-8"
  Field<std::string> source_encoding{};                    // where what is read has another one than what is written
  Field<std::string> source_compression{}, compression{};  // "infer"
  using Result = std::string;
};

struct JsonLinesToCsvOperator {
  std::string task_id{};
  Field<std::string> path{};         // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> unreadable{};                         // "error"
  Field<std::string> delimiter{};                          // ","
  Field<bool> header{};                                    // true
  Field<std::string> null_text{};                          // nothing
  Field<std::string> encoding{};                           // "utf-8"
  Field<std::string> source_encoding{};                    // where what is read has another one than what is written
  Field<std::string> source_compression{}, compression{};  // "infer"
  using Result = std::string;
};

// ---- Parquet ---------------------------------------------------------------------------------------------------------------
// Read: columns are what the file has, or those that are named, as the types that are given. Written: with the columns' types,
// all strings without `columns`; `compression` is "snappy" (the default), "zstd", "gzip", "lz4", "brotli" or "none", and
// `row_group_size` is in rows, 131072.

struct ParquetToFileOperator {
  std::string task_id{};
  Field<std::string> path{};             // required
  Field<std::vector<Column>> columns{};  // which ones, in this order
  Field<Value> json_schema{};
  Field<std::string> file_name{};  // the task_id
  using Result = RunFile;
};
struct FileToParquetOperator {
  std::string task_id{};
  Field<RunFile> file{};             // required: the output of a task
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<std::string> unreadable{};  // "error"
  Field<std::string> compression{};
  Field<std::int64_t> row_group_size{};
  using Result = std::string;  // the path
};
struct ParquetToCsvOperator {
  std::string task_id{};
  Field<std::string> path{};             // required
  Field<std::string> output_path{};      // required
  Field<std::vector<Column>> columns{};  // which ones, in this order
  Field<Value> json_schema{};
  Field<std::string> unreadable{};   // "error"
  Field<std::string> delimiter{};    // ","
  Field<bool> header{};              // true
  Field<std::string> null_text{};    // nothing
  Field<std::string> encoding{};     // "utf-8"
  Field<std::string> compression{};  // of the CSV: "infer"
  using Result = std::string;
};
struct CsvToParquetOperator {
  std::string task_id{};
  Field<std::string> path{};         // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> unreadable{};          // "error"
  Field<std::string> delimiter{};           // ","
  Field<bool> header{};                     // true
  Field<std::string> encoding{};            // "utf-8"
  Field<std::string> source_compression{};  // of the CSV: "infer"
  Field<std::string> compression{};
  Field<std::int64_t> row_group_size{};
  using Result = std::string;
};
struct ParquetToJsonLinesOperator {
  std::string task_id{};
  Field<std::string> path{};         // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> unreadable{};   // "error"
  Field<std::string> encoding{};     // "utf-8"
  Field<std::string> compression{};  // of the JSON lines: "infer"
  using Result = std::string;
};
struct JsonLinesToParquetOperator {
  std::string task_id{};
  Field<std::string> path{};         // required
  Field<std::string> output_path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::string> unreadable{};          // "error"
  Field<std::string> encoding{};            // "utf-8"
  Field<std::string> source_compression{};  // of the JSON lines: "infer"
  Field<std::string> compression{};
  Field<std::int64_t> row_group_size{};
  using Result = std::string;
};

// Fails where rows are not as `columns` or `json_schema` say, with the lines of the first ones. Its XCom is how many there are.
struct ValidateCsvOperator {
  std::string task_id{};
  Field<std::string> path{};             // required
  Field<std::vector<Column>> columns{};  // this or json_schema, or both
  Field<Value> json_schema{};
  Field<std::int64_t> max_errors{};  // 10: how many are shown
  Field<std::string> delimiter{};    // ","
  Field<bool> header{};              // true
  Field<std::string> encoding{};
  Field<std::string> source_compression{};  // "infer"
  using Result = std::int64_t;
};
struct ValidateJsonLinesOperator {
  std::string task_id{};
  Field<std::string> path{};  // required
  Field<std::vector<Column>> columns{};
  Field<Value> json_schema{};
  Field<std::int64_t> max_errors{};
  Field<std::string> encoding{};
  Field<std::string> source_compression{};  // "infer"
  using Result = std::int64_t;
};
// The types of the file's columns against `columns`, all of them at once; then each row against `json_schema`.
struct ValidateParquetOperator {
  std::string task_id{};
  Field<std::string> path{};             // required
  Field<std::vector<Column>> columns{};  // this or json_schema, or both
  Field<Value> json_schema{};
  Field<std::int64_t> max_errors{};
  using Result = std::int64_t;
};

// ---- whole files: paths are absolute; a destination that is a folder gets the file under its own name -----------------------

struct CopyFileOperator {
  std::string task_id{};
  Field<std::string> source{}, destination{};  // required
  Field<bool> overwrite{};                     // true
  using Result = std::string;                  // the path of the copy
};
struct MoveFileOperator {
  std::string task_id{};
  Field<std::string> source{}, destination{};  // required
  Field<bool> overwrite{};                     // true
  using Result = std::string;                  // its new path
};
struct DeleteFileOperator {
  std::string task_id{};
  Field<std::string> path{};    // required; may be a pattern: * ? []
  Field<bool> recursive{};      // false: folders have to be empty
  Field<bool> missing_ok{};     // false
  using Result = std::int64_t;  // how many files and folders
};
// A file packed by gzip, and unpacked. What was there before stays.
struct CompressFileOperator {
  std::string task_id{};
  Field<std::string> source{};       // required
  Field<std::string> destination{};  // that of the source, with .gz behind it
  Field<std::string> compression{};  // "gzip"
  Field<std::int64_t> level{};       // 6; 1 is fast, 9 is small
  Field<bool> overwrite{};           // true
  using Result = std::string;        // the path of what was written
};
struct DecompressFileOperator {
  std::string task_id{};
  Field<std::string> source{};       // required
  Field<std::string> destination{};  // that of the source, without .gz
  Field<std::string> compression{};  // "gzip"
  Field<bool> overwrite{};           // true
  using Result = std::string;
};
// With the folders above it; one that is there already is fine.
struct MakeDirectoryOperator {
  std::string task_id{};
  Field<std::string> path{};  // required
  using Result = std::string;
};

// The files that fit a pattern, by name; none is fine. What runs once for each of them: .expand(list).
struct ListFilesOperator {
  static constexpr std::string_view task_type = "ListFilesOperator";
  std::string task_id{};
  Field<std::string> path{};  // required: "/in/orders-*.csv"; * ? []
  Field<bool> recursive{};    // false; true: ** stands for any number of folders
  using Result = std::vector<std::string>;

  friend void fields_of(const ListFilesOperator& op, detail::OperatorFields& fields) {
    fields.required("path", op.path).field("recursive", op.recursive).templates({"path"});
  }
};

namespace detail {
struct GroupNode;
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const JsonLinesToFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const FileToCsvOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const FileToJsonLinesOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const CsvToJsonLinesOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const JsonLinesToCsvOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ValidateCsvOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ValidateJsonLinesOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ParquetToFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const FileToParquetOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ParquetToCsvOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const CsvToParquetOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ParquetToJsonLinesOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const JsonLinesToParquetOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const ValidateParquetOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const CompressFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const DecompressFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const CopyFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const MoveFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const DeleteFileOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const MakeDirectoryOperator& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
