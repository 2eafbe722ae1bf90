#include "sdk/dag_node.h"
#include "venturi/built_in.h"
#include "venturi/files.h"

namespace venturi::inline sdk::detail {
namespace {

// The fields that an operator has, under their names.
template <class Op>
TaskNode& add_rows(GroupNode& group, std::string_view type, const Op& op, const TaskOptions& options) {
  OperatorFields fields(group, type, op.task_id, options);
  if constexpr (requires { op.path; }) fields.required("path", op.path);
  if constexpr (requires { op.file; }) fields.required("file", op.file);
  if constexpr (requires { op.output_path; }) fields.required("output_path", op.output_path);
  fields.field("columns", op.columns);
  if constexpr (requires { op.encoding; }) fields.field("encoding", op.encoding);
  if constexpr (requires { op.source_encoding; }) fields.field("source_encoding", op.source_encoding);
  if constexpr (requires { op.source_compression; }) fields.field("source_compression", op.source_compression);
  if constexpr (requires { op.compression; }) fields.field("compression", op.compression);
  if constexpr (requires { op.row_group_size; }) fields.field("row_group_size", op.row_group_size);
  if constexpr (requires { op.json_schema; }) fields.field("json_schema", op.json_schema);
  if constexpr (requires { op.unreadable; }) fields.field("unreadable", op.unreadable);
  if constexpr (requires { op.file_name; }) fields.field("file_name", op.file_name);
  if constexpr (requires { op.null_text; }) fields.field("null_text", op.null_text);
  if constexpr (requires { op.delimiter; }) fields.field("delimiter", op.delimiter).field("header", op.header);
  if constexpr (requires { op.path; } && requires { op.header; }) {
    const bool reads_csv = type.starts_with("Csv") || type == "ValidateCsvOperator";
    if (reads_csv && op.header.value() == Value(false) && !op.columns.is_given()) {
      add_mistake(fields.node(),
                  std::string(type) + " needs .columns where .header is false: name what the file has, in order");
    }
  }
  if constexpr (requires { op.max_errors; }) {
    fields.field("max_errors", op.max_errors);
    if (!op.columns.is_given() && !op.json_schema.is_given())
      add_mistake(fields.node(), std::string(type) + " needs .json_schema or .columns: what the rows are to be like");
  }
  if constexpr (requires { op.file; })
    fields.templates({"output_path"});
  else if constexpr (requires { op.output_path; })
    fields.templates({"path", "output_path"});
  else
    fields.templates({"path"});
  return fields.node();
}

template <class Op>
TaskNode& add_pair(GroupNode& group, std::string_view type, const Op& op, const TaskOptions& options) {
  return OperatorFields(group, type, op.task_id, options)
      .required("source", op.source)
      .required("destination", op.destination)
      .field("overwrite", op.overwrite)
      .templates({"source", "destination"})
      .node();
}

}  // namespace

TaskNode& add_operator(GroupNode& group, const JsonLinesToFileOperator& op, const TaskOptions& options) {
  return add_rows(group, "JsonLinesToFileOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const FileToCsvOperator& op, const TaskOptions& options) {
  return add_rows(group, "FileToCsvOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const FileToJsonLinesOperator& op, const TaskOptions& options) {
  return add_rows(group, "FileToJsonLinesOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const CsvToJsonLinesOperator& op, const TaskOptions& options) {
  return add_rows(group, "CsvToJsonLinesOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const JsonLinesToCsvOperator& op, const TaskOptions& options) {
  return add_rows(group, "JsonLinesToCsvOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const ValidateCsvOperator& op, const TaskOptions& options) {
  return add_rows(group, "ValidateCsvOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const ValidateJsonLinesOperator& op, const TaskOptions& options) {
  return add_rows(group, "ValidateJsonLinesOperator", op, options);
}

TaskNode& add_operator(GroupNode& group, const ParquetToFileOperator& op, const TaskOptions& options) {
  return add_rows(group, "ParquetToFileOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const FileToParquetOperator& op, const TaskOptions& options) {
  return add_rows(group, "FileToParquetOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const ParquetToCsvOperator& op, const TaskOptions& options) {
  return add_rows(group, "ParquetToCsvOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const CsvToParquetOperator& op, const TaskOptions& options) {
  return add_rows(group, "CsvToParquetOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const ParquetToJsonLinesOperator& op, const TaskOptions& options) {
  return add_rows(group, "ParquetToJsonLinesOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const JsonLinesToParquetOperator& op, const TaskOptions& options) {
  return add_rows(group, "JsonLinesToParquetOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const ValidateParquetOperator& op, const TaskOptions& options) {
  return add_rows(group, "ValidateParquetOperator", op, options);
}

TaskNode& add_operator(GroupNode& group, const CompressFileOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "CompressFileOperator", op.task_id, options)
      .required("source", op.source)
      .field("destination", op.destination)
      .field("compression", op.compression)
      .field("level", op.level)
      .field("overwrite", op.overwrite)
      .templates({"source", "destination"})
      .node();
}
TaskNode& add_operator(GroupNode& group, const DecompressFileOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "DecompressFileOperator", op.task_id, options)
      .required("source", op.source)
      .field("destination", op.destination)
      .field("compression", op.compression)
      .field("overwrite", op.overwrite)
      .templates({"source", "destination"})
      .node();
}
TaskNode& add_operator(GroupNode& group, const CopyFileOperator& op, const TaskOptions& options) {
  return add_pair(group, "CopyFileOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const MoveFileOperator& op, const TaskOptions& options) {
  return add_pair(group, "MoveFileOperator", op, options);
}
TaskNode& add_operator(GroupNode& group, const DeleteFileOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "DeleteFileOperator", op.task_id, options)
      .required("path", op.path)
      .field("recursive", op.recursive)
      .field("missing_ok", op.missing_ok)
      .templates({"path"})
      .node();
}
TaskNode& add_operator(GroupNode& group, const MakeDirectoryOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "MakeDirectoryOperator", op.task_id, options)
      .required("path", op.path)
      .templates({"path"})
      .node();
}

}  // namespace venturi::inline sdk::detail
