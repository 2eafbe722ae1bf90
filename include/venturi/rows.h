// Rows of a task's own as text files: CSV (RFC 4180) and JSON lines, written and read one row at a time.
//
//   #include <venturi/rows.h>
//
//   CsvWriter<Order> csv("/data/orders.csv");
//   for (const Order& order : shop.rows<Order>("SELECT * FROM orders")) csv.write(order);
//   csv.finish();                                    the file is there from now on, as a whole
//
//   for (const Event& event : read_json_lines<Event>("/data/events.jsonl")) ...
//
// Reading CSV is in venturi/csv.h. A row is a VENTURI_STRUCT; for JSON lines it may be any type that travels between tasks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "venturi/file_rows.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// What is wrong with a file of JSON lines: "events.jsonl, line 17: ...".
class JsonLinesError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CsvWriteOptions {
  char delimiter = ',';
  bool header = true;
};

namespace detail {

// Rows of whatever type into a file. Throws std::system_error where it cannot be written.
class RowWriter {
 public:
  RowWriter(const std::string& path, const Type& row, const CsvWriteOptions& options);  // CSV
  RowWriter(const std::string& path, const Type& row);                                  // JSON lines
  RowWriter(RowWriter&&) noexcept;
  RowWriter& operator=(RowWriter&&) noexcept;
  ~RowWriter();

  void write(const void* row);
  std::int64_t finish();

 private:
  struct State;
  Owned<State> state_;
};

class JsonLines {
 public:
  JsonLines(const std::string& path, const Type& row);
  JsonLines(JsonLines&&) noexcept;
  JsonLines& operator=(JsonLines&&) noexcept;
  ~JsonLines();

  bool next(void* row);
  [[nodiscard]] std::uint64_t line() const;

 private:
  struct State;
  Owned<State> state_;
};

}  // namespace detail

// Fields without a value are empty, empty texts "", times ISO, lists and objects JSON. Without finish() no file is left.
template <class T>
class CsvWriter {
 public:
  explicit CsvWriter(const std::string& path, const CsvWriteOptions& options = {}) : writer_(path, type_of<T>(), options) {}
  void write(const T& row) { writer_.write(&row); }
  // The number of rows.
  std::int64_t finish() { return writer_.finish(); }

 private:
  detail::RowWriter writer_;
};

template <class T>
class JsonLinesWriter {
 public:
  explicit JsonLinesWriter(const std::string& path) : writer_(path, type_of<T>()) {}
  void write(const T& row) { writer_.write(&row); }
  std::int64_t finish() { return writer_.finish(); }

 private:
  detail::RowWriter writer_;
};

template <class T>
using JsonLinesRows = detail::FileRows<T, detail::JsonLines>;

// Blank lines are passed over. Throws JsonLinesError, here and while the rows are read: a file that cannot be opened, a line
// that is no JSON or does not fit the row, or is longer than 16 MiB.
template <class T>
[[nodiscard]] JsonLinesRows<T> read_json_lines(const std::string& path) {
  return JsonLinesRows<T>(detail::JsonLines(path, type_of<T>()));
}

}  // namespace venturi::inline sdk
