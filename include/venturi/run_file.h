// Files of a run: typed rows that tasks hand on by name where an XCom would be too large. They are written under a temporary
// name, synced and renamed, so a file that an XCom refers to is complete; they are removed together with the run.
//
//   for (auto row : file.rows()) if (!row.get<std::int64_t>("id")) ...        cells by name
//   for (const Order& order : file.rows<Order>()) ...                         a VENTURI_STRUCT with std::optional fields
//
// Both read block by block: memory does not grow with the number of rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "venturi/owned.h"
#include "venturi/time.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// What is wrong with a run file or with its use; names the file, and the column where there is one.
class RunFileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The values are those of the file format.
enum class ColumnType : std::uint8_t { boolean = 1, int64 = 2, float64 = 3, string = 4, timestamp = 5 };
[[nodiscard]] std::string_view to_string(ColumnType type);  // "boolean", "int64", "float64", "string", "timestamp"
[[nodiscard]] std::optional<ColumnType> parse_column_type(std::string_view word);

struct Column {
  std::string name;
  ColumnType type = ColumnType::string;
  friend bool operator==(const Column&, const Column&) = default;
};

// One cell of the present row. `text` points into the reader's buffer and is good until the reader's next row.
struct Cell {
  // unreadable: the source had something there that is no value of the column's type; `text` is what it had.
  enum class State : std::uint8_t { value, null, unreadable };
  State state = State::null;
  ColumnType type = ColumnType::string;
  union {
    std::int64_t integer = 0;  // also a boolean (0, 1) and a timestamp (microseconds since 1970 UTC)
    double real;
  };
  std::string_view text;
};

// ---- the handle ----------------------------------------------------------------------------------------------------------

class Rows;
template <class T>
class RowsOf;

// What a task returns and the next one takes. As XCom: {"__venturi_run_file__": {"path", "rows", "bytes", "columns"}}.
struct RunFile {
  std::string path;  // relative to the run's folder
  std::int64_t row_count = 0;
  std::int64_t bytes = 0;
  std::vector<Column> columns;
  std::string run_dir;  // where the run's files are on this machine; no part of the XCom

  [[nodiscard]] std::string absolute_path() const;
  // Opens the file; throws RunFileError where it is missing or no run file.
  [[nodiscard]] Rows rows() const;
  // Rows as structs: each field's name is a column, its type std::optional of the column's. Other columns are passed over.
  // Throws RunFileError naming the columns where one is missing or of another type.
  template <class T>
  [[nodiscard]] RowsOf<T> rows() const;

  [[nodiscard]] Value to_value() const;
  // Throws RunFileError where the value is no handle, or its path leaves the run's folder.
  [[nodiscard]] static RunFile from_value(const Value& value, std::string run_dir);
};

// ---- writing -------------------------------------------------------------------------------------------------------------

// A cell as a database or a CSV file has it.
struct TextCell {
  std::string_view text;
  bool is_null = false;
};

// Writes `name` in the run's folder. Cells are put from left to right, then end_row(). Every call throws RunFileError for a
// cell of a wrong type or number, and std::system_error where the file cannot be written (a full disk, a read-only folder).
class RunFileWriter {
 public:
  // Makes the folders that are missing. `name` may have folders of its own but may not leave run_dir.
  RunFileWriter(std::string run_dir, std::string name, std::vector<Column> columns);
  RunFileWriter(RunFileWriter&&) noexcept;
  RunFileWriter& operator=(RunFileWriter&&) noexcept;
  ~RunFileWriter();  // without finish(): the temporary file is removed

  void null();
  void unreadable(std::string_view raw);  // cut to max_unreadable_bytes, at a UTF-8 boundary
  void boolean(bool value);
  void int64(std::int64_t value);
  void float64(double value);
  void string(std::string_view value);
  void timestamp(Time value);
  void end_row();

  // A whole row: each text as a value of its column's type, as unreadable where it is none, null where there is no cell left.
  // Returns how many are unreadable. Integers and numbers in decimal, yes/no/true/false/1/0, dates in ISO 8601.
  std::int64_t text_row(const TextCell* cells, std::size_t count);

  [[nodiscard]] std::int64_t row_count() const;
  // Flush, fsync, rename, fsync of the folder: the file is durable and complete when this returns.
  RunFile finish();

  static constexpr std::size_t max_unreadable_bytes = 256;
  static constexpr std::size_t max_cell_bytes = 64UL << 20;

 private:
  struct State;
  detail::Owned<State> state_;
};

// ---- reading -------------------------------------------------------------------------------------------------------------

class RunFileReader {
 public:
  explicit RunFileReader(const std::string& path);
  RunFileReader(RunFileReader&&) noexcept;
  RunFileReader& operator=(RunFileReader&&) noexcept;
  ~RunFileReader();

  [[nodiscard]] const std::vector<Column>& columns() const;
  // The index of a column; throws RunFileError listing the columns.
  [[nodiscard]] std::size_t column(std::string_view name) const;
  // Goes to the next row; false at the end. Throws RunFileError where the file is damaged or cut off.
  bool next();
  [[nodiscard]] const Cell& cell(std::size_t column) const { return cells_[column]; }
  [[nodiscard]] std::int64_t rows_read() const;

 private:
  struct State;
  detail::Owned<State> state_;
  const Cell* cells_ = nullptr;
};

namespace detail {
template <class T>
struct CellType;  // no member `type`: a run file has no such column
template <>
struct CellType<bool> {
  static constexpr ColumnType type = ColumnType::boolean;
};
template <>
struct CellType<std::int64_t> {
  static constexpr ColumnType type = ColumnType::int64;
};
template <>
struct CellType<double> {
  static constexpr ColumnType type = ColumnType::float64;
};
template <>
struct CellType<std::string> {
  static constexpr ColumnType type = ColumnType::string;
};
template <>
struct CellType<std::string_view> {
  static constexpr ColumnType type = ColumnType::string;
};
template <>
struct CellType<Time> {
  static constexpr ColumnType type = ColumnType::timestamp;
};
template <class T>
concept CellValue = requires { CellType<T>::type; };

[[noreturn]] void wrong_cell_type(const RunFileReader& reader, std::size_t column, ColumnType asked);
[[nodiscard]] std::vector<Column> columns_of(const Type& type);
}  // namespace detail

// The columns that a VENTURI_STRUCT reads and writes: its fields, in order.
template <class T>
[[nodiscard]] std::vector<Column> columns_of() {
  return detail::columns_of(type_of<T>());
}

// The present row; good until the next one.
class Row {
 public:
  explicit Row(const RunFileReader& reader) : reader_(&reader) {}

  // The cell's value; nothing where it is null or unreadable. T is the column's type: bool, std::int64_t, double,
  // std::string, std::string_view (good until the next row) or venturi::Time. Throws RunFileError for another one.
  template <class T>
  [[nodiscard]] std::optional<T> get(std::size_t column) const {
    static_assert(detail::CellValue<T>,
                  "a cell is read as bool, std::int64_t, double, std::string, std::string_view or venturi::Time");
    const Cell& cell = reader_->cell(column);
    if (cell.type != detail::CellType<T>::type) detail::wrong_cell_type(*reader_, column, detail::CellType<T>::type);
    if (cell.state != Cell::State::value) return std::nullopt;
    if constexpr (std::is_same_v<T, double>)
      return cell.real;
    else if constexpr (std::is_same_v<T, bool>)
      return cell.integer != 0;
    else if constexpr (std::is_same_v<T, std::int64_t>)
      return cell.integer;
    else if constexpr (std::is_same_v<T, Time>)
      return Time(Duration(cell.integer));
    else
      return T(cell.text);
  }
  template <class T>
  [[nodiscard]] std::optional<T> get(std::string_view column) const {
    return get<T>(reader_->column(column));
  }
  [[nodiscard]] bool is_null(std::string_view column) const { return state(column) == Cell::State::null; }
  [[nodiscard]] bool is_unreadable(std::string_view column) const { return state(column) == Cell::State::unreadable; }
  // What the source had in an unreadable cell.
  [[nodiscard]] std::string_view raw(std::string_view column) const { return reader_->cell(reader_->column(column)).text; }
  [[nodiscard]] const std::vector<Column>& columns() const { return reader_->columns(); }

 private:
  [[nodiscard]] Cell::State state(std::string_view column) const { return reader_->cell(reader_->column(column)).state; }
  const RunFileReader* reader_;
};

struct EndOfRows {};

// A single pass over a file.
class Rows {
 public:
  explicit Rows(RunFileReader reader) : reader_(std::move(reader)) {}

  class Iterator {
   public:
    explicit Iterator(RunFileReader& reader) : reader_(&reader), more_(reader.next()) {}
    Row operator*() const { return Row(*reader_); }
    Iterator& operator++() {
      more_ = reader_->next();
      return *this;
    }
    friend bool operator==(const Iterator& i, EndOfRows) { return !i.more_; }

   private:
    RunFileReader* reader_;
    bool more_;
  };
  [[nodiscard]] Iterator begin() { return Iterator(reader_); }
  [[nodiscard]] EndOfRows end() const { return {}; }
  [[nodiscard]] const std::vector<Column>& columns() const { return reader_.columns(); }

 private:
  RunFileReader reader_;
};

namespace detail {
// Which column goes into which field of a struct.
struct RowBinding {
  struct Entry {
    std::size_t column, offset;
    void (*set)(void* field, const Cell& cell);
  };
  std::vector<Entry> entries;
};
[[nodiscard]] RowBinding bind_rows(const RunFileReader& reader, const Type& type);
void fill_row(const RunFileReader& reader, const RowBinding& binding, void* row);
}  // namespace detail

template <class T>
class RowsOf {
 public:
  explicit RowsOf(RunFileReader reader) : reader_(std::move(reader)), binding_(detail::bind_rows(reader_, type_of<T>())) {}

  class Iterator {
   public:
    explicit Iterator(RowsOf& rows) : rows_(&rows) { ++*this; }
    const T& operator*() const { return rows_->row_; }
    const T* operator->() const { return &rows_->row_; }
    Iterator& operator++() {
      more_ = rows_->reader_.next();
      if (more_) detail::fill_row(rows_->reader_, rows_->binding_, &rows_->row_);
      return *this;
    }
    friend bool operator==(const Iterator& i, EndOfRows) { return !i.more_; }

   private:
    RowsOf* rows_;
    bool more_ = false;
  };
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] EndOfRows end() const { return {}; }

 private:
  RunFileReader reader_;
  detail::RowBinding binding_;
  T row_{};
};

inline Rows RunFile::rows() const {
  return Rows(RunFileReader(absolute_path()));
}
template <class T>
RowsOf<T> RunFile::rows() const {
  return RowsOf<T>(RunFileReader(absolute_path()));
}

}  // namespace venturi::inline sdk
