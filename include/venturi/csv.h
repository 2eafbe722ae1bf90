// A CSV file (RFC 4180, UTF-8) in a task of your own, row by row: memory does not grow with the file.
//
//   #include <venturi/csv.h>
//   ...
//   for (const Order& order : read_csv<Order>("/data/orders.csv")) ...       a VENTURI_STRUCT with std::optional fields
//
// To hand the rows on to other tasks, use a CsvToFileOperator: it reads with the same rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "venturi/file_rows.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/type.h"

namespace venturi::inline sdk {

// What is wrong with a CSV file: "orders.csv, line 17: ...".
class CsvError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CsvOptions {
  char delimiter = ',';
  // A field over this is refused instead of filling memory (a missing quote makes the rest of a file one field). A row may
  // have eight times as much.
  std::size_t max_field_bytes = 1UL << 20;
  // The names of the columns of a file whose first row is data already. Empty: the first row has them.
  std::vector<std::string> header{};
};

namespace detail {
class CsvFile {
 public:
  CsvFile(const std::string& path, CsvOptions options, const Type& type);
  CsvFile(CsvFile&&) noexcept;
  CsvFile& operator=(CsvFile&&) noexcept;
  ~CsvFile();

  bool next(void* row);
  [[nodiscard]] std::uint64_t line() const;

 private:
  struct State;
  Owned<State> state_;
};
}  // namespace detail

template <class T>
using CsvRows = detail::FileRows<T, detail::CsvFile>;

// The file's rows as structs: each field's name is a column of the header, other columns are passed over. A field is
// std::optional of bool, std::int64_t, double, std::string or venturi::Time, and has nothing where the cell is empty or no such
// value. Throws CsvError, here and while the rows are read: a file that cannot be opened, a column that is missing, broken
// quotes, bytes that are not UTF-8, a row with more fields than the header; std::system_error where it cannot be read.
template <class T>
[[nodiscard]] CsvRows<T> read_csv(const std::string& path, CsvOptions options = {}) {
  return CsvRows<T>(detail::CsvFile(path, std::move(options), type_of<T>()));
}

}  // namespace venturi::inline sdk
