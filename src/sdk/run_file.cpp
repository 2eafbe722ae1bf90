// Run files: the format, and the handle that travels as XCom.
//
//   header   8  "VNTRRUN", 0x01: magic and version of the format
//            4  n: bytes of the column table
//            4  CRC-32C of the column table
//            n  column table: u16 count, then for each column u8 type (ColumnType), u16 length, name in UTF-8
//   block*   4  n: bytes of the cells, above 0
//            4  rows
//            4  CRC-32C of the cells
//            n  cells, row by row; a block ends with the row that takes it over 256 KiB
//   footer   4  0
//            8  rows of the whole file
//            4  CRC-32C of those 8 bytes
//            8  "VNTREND\n"
//
//   row      2 bits a column, four columns a byte, lowest bits first: 0 value, 1 null, 2 unreadable; then for each column
//              boolean     u8
//              int64       zigzag varint (as in Protocol Buffers)
//              float64     IEEE 754
//              string      varint length, bytes
//              timestamp   i64, microseconds since 1970 UTC
//              null        nothing
//              unreadable  varint length, what the source had
//
// All numbers are little-endian. A file without its footer was cut off: the writer renames it into place only after the
// footer is synced, so nobody but a damaged disk makes one.
#include "venturi/run_file.h"

#include <array>
#include <utility>

#include "sdk/run_file_format.h"

namespace venturi::inline sdk {
namespace {

constexpr std::array<std::pair<ColumnType, std::string_view>, 5> column_types{{{ColumnType::boolean, "boolean"},
                                                                               {ColumnType::int64, "int64"},
                                                                               {ColumnType::float64, "float64"},
                                                                               {ColumnType::string, "string"},
                                                                               {ColumnType::timestamp, "timestamp"}}};
constexpr std::string_view handle_key = "__venturi_run_file__";

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\0') != std::string_view::npos) return false;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (slash != std::string_view::npos && path.empty()) return false;
  }
  return true;
}

}  // namespace

std::string_view to_string(ColumnType type) {
  for (const auto& [t, word] : column_types) {
    if (t == type) return word;
  }
  return "unknown";
}

std::optional<ColumnType> parse_column_type(std::string_view word) {
  for (const auto& [t, w] : column_types) {
    if (w == word) return t;
  }
  return std::nullopt;
}

namespace internal {
void check_run_file_name(std::string_view name) {
  if (stays_inside(name)) return;
  throw RunFileError("run file '" + std::string(name) +
                     "': the name must lie within the run's folder (relative, without '..')");
}
}  // namespace internal

std::string RunFile::absolute_path() const {
  return run_dir + "/" + path;
}

Value RunFile::to_value() const {
  Array list;
  list.reserve(columns.size());
  for (const Column& c : columns) list.push_back(Object{{"name", c.name}, {"type", to_string(c.type)}});
  return Object{
      {std::string(handle_key), Object{{"path", path}, {"rows", row_count}, {"bytes", bytes}, {"columns", std::move(list)}}}};
}

RunFile RunFile::from_value(const Value& value, std::string run_dir) {
  const Value* handle = value.get(handle_key);
  if (handle == nullptr) {
    throw RunFileError(std::string("expected the handle of a run file, an object with ") + std::string(handle_key) +
                       ", found " + value.type_name());
  }
  try {
    RunFile file{.path = handle->at("path").as_string(),
                 .row_count = handle->at("rows").as_int(),
                 .bytes = handle->at("bytes").as_int(),
                 .columns = {},
                 .run_dir = std::move(run_dir)};
    internal::check_run_file_name(file.path);
    for (const Value& c : handle->at("columns").as_array()) {
      const std::string& word = c.at("type").as_string();
      const std::optional<ColumnType> type = parse_column_type(word);
      if (!type) throw RunFileError("run file " + file.path + ": unknown column type '" + word + "'");
      file.columns.push_back({c.at("name").as_string(), *type});
    }
    return file;
  } catch (const ValueError& e) {
    throw RunFileError(std::string("the handle of a run file is damaged: ") + e.what());
  }
}

namespace detail {

std::vector<Column> columns_of(const Type& type) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < type.field_count; ++i) {
    const Field& field = type.fields[i];
    if (field.type->column == 0) {
      throw RunFileError("struct " + std::string(type.name) + ", field " + std::string(field.name) + ": a run file has no " +
                         type_text(*field.type) +
                         "; use std::optional of bool, std::int64_t, double, std::string or venturi::Time");
    }
    columns.push_back({std::string(field.name), static_cast<ColumnType>(field.type->column)});
  }
  if (columns.empty()) throw RunFileError(std::string(type.name) + " is no VENTURI_STRUCT: it names no columns");
  return columns;
}

}  // namespace detail
}  // namespace venturi::inline sdk
