// Where rows come from: a CSV file, a file of JSON lines, a Parquet file, or a file of the run. One row at a time, so memory
// does not grow.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "venturi/run_file.h"
#include "venturi/value.h"

namespace venturi::operators {
class Arguments;
class MoverTry;
}  // namespace venturi::operators

namespace venturi::providers {

class RowSource {
 public:
  virtual ~RowSource() = default;
  // Goes to the next row; false at the end. Throws CsvError, RunFileError or TaskFailed naming file and line; Stopped.
  virtual bool next() = 0;
  // The present row, in the order of columns(). What has no value is null; of CSV and files of the run texts are as they are.
  [[nodiscard]] virtual const std::vector<Value>& values() const = 0;
  // The present row as an object; of JSON lines with all of its members.
  [[nodiscard]] virtual Value object() const;
  // "orders.csv, line 17"
  [[nodiscard]] virtual std::string place() const = 0;
  // Of columns that were named, their types are what the values are to be; all are strings otherwise.
  [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
  // What is read, for the log.
  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  std::vector<Column> columns_;
  std::string name_;
};

enum class RowFormat : std::uint8_t { csv, json_lines, parquet, run_file };

// By the arguments path (or file), delimiter, header, encoding, source_compression and columns. `t` and `arguments` outlive it.
// JSON lines without `columns` have those of their first line, unless `checks`, which is for who only looks whether rows are as
// they should be: then they have none, and only object() counts. (Of Parquet: parquet_rows.h.)
[[nodiscard]] std::unique_ptr<RowSource> open_rows(RowFormat format, operators::MoverTry& t,
                                                   const operators::Arguments& arguments, bool checks);

}  // namespace venturi::providers
