// Streaming CSV (RFC 4180): rows as views into one buffer, whatever the size of the file. C++20: part of the SDK archive.
//
// Accepted: quoted fields with delimiters, line breaks and doubled quotes in them; LF and CRLF; a UTF-8 byte order mark;
// blank lines (passed over); a last line without its line break. Refused with the file and the line: quotes that do not
// match, bytes that are not UTF-8, fields and rows over the limits, rows longer than the header.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/csv.h"

namespace venturi {

// `quoted` tells the empty string ("") from a field that has nothing in it.
struct CsvField {
  std::string_view text;
  bool quoted = false;
  // Whether it has nothing for a column of this type: "" is a string, but no number.
  [[nodiscard]] bool is_null(ColumnType type) const { return text.empty() && (!quoted || type != ColumnType::string); }
};

// Puts at most `capacity` bytes at `to` and returns their number; 0 at the end. Throws where it cannot read.
using CsvSource = std::function<std::size_t(char* to, std::size_t capacity)>;
// Reads a descriptor that somebody else keeps open; throws std::system_error naming the file.
[[nodiscard]] CsvSource csv_file_source(int fd, std::string name);

class CsvReader {
 public:
  // Reads the header, where the file has it. `name` is how errors call the file.
  CsvReader(std::string name, CsvSource source, CsvOptions options = {});

  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  // The place of a column in a row. Throws CsvError where the header has none of that name, or two.
  [[nodiscard]] std::size_t place_of(std::string_view column) const;
  // Goes to the next row; false at the end. Views of the row before are gone then.
  bool next();
  // The fields that the row has: at most as many as the header.
  [[nodiscard]] std::span<const CsvField> fields() const { return fields_; }
  // The line of the file on which the present row begins, from 1.
  [[nodiscard]] std::uint64_t line() const { return row_line_; }

 private:
  bool next_row();
  bool next_block();
  bool refill();
  void check_utf8(std::size_t from);
  bool finish_row(std::size_t end);
  void check_limits(std::size_t end) const;
  CsvField read_field(std::size_t start, std::size_t end);
  [[noreturn]] void fail_at(std::size_t position, const std::string& what) const;

  std::string name_;
  CsvSource source_;
  CsvOptions options_;
  std::vector<std::string> header_;

  std::vector<char> buffer_;             // with room for one whole block behind end_
  std::size_t end_ = 0;                  // bytes in the buffer
  std::size_t block_ = 0;                // the block whose masks are below
  std::size_t next_block_ = 0;           // where the next one begins
  std::uint64_t structural_ = 0;         // delimiters and line feeds of the block outside of quotes, not yet passed
  std::uint64_t quotes_ = 0;             // quotes of the block
  std::uint64_t quoted_separators_ = 0;  // delimiters and line feeds of the block that are inside of quotes
  std::uint64_t in_quotes_ = 0;          // all ones where the block ended inside of quotes
  bool at_end_ = false;

  std::size_t row_start_ = 0;
  std::vector<std::size_t> ends_;  // of the fields of the row so far: end_count_ of them, and room for those of a block
  std::size_t end_count_ = 0;
  bool row_may_have_quotes_ = false, row_may_have_lines_ = false;  // the latter: within quotes
  std::uint64_t line_ = 1;                                         // on which row_start_ lies
  std::uint64_t row_line_ = 0;
  std::uint64_t offset_ = 0;  // of the buffer's first byte in the file
  std::size_t utf8_checked_ = 0;

  std::vector<CsvField> fields_;
  std::string unescaped_;
};

}  // namespace venturi
