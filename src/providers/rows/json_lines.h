// JSON lines (jsonlines.org): a JSON object on each line, UTF-8. Blank lines and a byte order mark are passed over. Errors name
// file and line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "sdk/csv_reader.h"
#include "venturi/value.h"

namespace venturi::providers {

class JsonLinesReader {
 public:
  static constexpr std::size_t max_line_bytes = 8UL << 20U;

  JsonLinesReader(std::string name, CsvSource source) : name_(std::move(name)), source_(std::move(source)) {}

  // The next object; false at the end. Throws TaskFailed for a line that is none, or over the limit.
  bool next();
  [[nodiscard]] const Value& object() const { return object_; }
  // Of the present object, from 1.
  [[nodiscard]] std::uint64_t line() const { return line_; }

 private:
  bool next_line(std::string_view& line);
  [[noreturn]] void fail(const std::string& what) const;

  std::string name_;
  CsvSource source_;
  std::string buffer_;
  std::size_t position_ = 0;  // of the next line in the buffer
  bool at_end_ = false;
  std::uint64_t line_ = 0;
  Value object_;
};

}  // namespace venturi::providers
