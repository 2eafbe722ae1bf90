// Where rows go: a CSV file, a file of JSON lines, a Parquet file, or a file of the run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "providers/rows/row_source.h"
#include "venturi/value.h"

namespace venturi::providers {

class RowSink {
 public:
  virtual ~RowSink() = default;
  // Values in the order of the columns. How many are unreadable.
  virtual std::int64_t put(const std::vector<Value>& row) = 0;
  // All of it is durable; what the task returns.
  virtual Value finish() = 0;
  [[nodiscard]] virtual std::size_t bytes() const = 0;
  [[nodiscard]] const std::string& name() const { return name_; }

 protected:
  std::string name_;
};

// By the arguments output_path or file_name, delimiter, header, null_text, encoding, compression and row_group_size.
[[nodiscard]] std::unique_ptr<RowSink> open_sink(RowFormat format, operators::MoverTry& t,
                                                 const operators::Arguments& arguments, std::vector<Column> columns);

}  // namespace venturi::providers
