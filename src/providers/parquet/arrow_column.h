// Columns in the form of the Arrow C data interface: what type they have, and their values as text and as JSON.
//
//   type                                     CSV                                  JSON, where it differs
//   bool                                     true, false                          true, false
//   int8 ... int64, uint8 ... uint64         digits                               a number; beyond 64 bits with sign a text
//   float16, float32, float64                the shortest digits that read back   a number; NaN, Infinity, -Infinity a text
//   string (large, view), dictionary         as it is
//   binary (large, view, of fixed size)      base64
//   decimal                                  all its digits                       a text
//   date                                     2026-01-31
//   time                                     10:20:30.5 (3, 6 or 9 digits)
//   timestamp with a zone                    2026-01-31T10:20:30Z, in UTC
//   timestamp without a zone                 2026-01-31T10:20:30
//   list, struct, map                        JSON                                 arrays and objects; a map is pairs
//   null                                     nothing                              null
//
// Durations, intervals, unions and run-end encoding are refused by name: Parquet itself has none of them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/parquet/plugin/venturi_parquet.h"
#include "venturi/run_file.h"
#include "venturi/value.h"

namespace venturi::providers {

struct ArrowColumn {
  enum class Kind : std::uint8_t {
    null,
    boolean,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
    float16,
    float32,
    float64,
    text,
    bytes,
    decimal,
    date,
    time,
    timestamp,
    list,
    fixed_list,
    structure,
    unknown,
  };
  // How the bytes of texts and the items of lists are found.
  enum class Layout : std::uint8_t { offsets32, offsets64, view, fixed };

  std::string name;
  Kind kind = Kind::unknown;
  Layout layout = Layout::offsets32;
  std::int32_t width = 0;                   // bytes of a value, items of a list: of a fixed size
  std::int32_t scale = 0;                   // of decimals
  std::int64_t per_second = 0;              // of times: 1, 1000, ...; of dates: milliseconds where it is 1000
  bool has_zone = false;                    // of timestamps
  std::string type_name;                    // for people: "int32", "timestamp[us, UTC]", "list"
  std::vector<ArrowColumn> items;           // of lists and structs
  std::unique_ptr<ArrowColumn> dictionary;  // its values; `kind` is that of the indices then

  // The column without its encoding.
  [[nodiscard]] const ArrowColumn& values() const { return dictionary ? *dictionary : *this; }
};

// Of what it does not know, and within it, kind is unknown and type_name the format's letters.
[[nodiscard]] ArrowColumn arrow_column(const ArrowSchema& schema);
// What is not readable in it, for a person; empty where all is.
[[nodiscard]] std::string unreadable_part(const ArrowColumn& column);
// What it is in a file of the run. Without a type there that has all its values: string.
[[nodiscard]] ColumnType column_type(const ArrowColumn& column);

[[nodiscard]] bool is_null(const ArrowColumn& column, const ArrowArray& array, std::int64_t row);
// Of a value that is not null.
void append_text(std::string& out, const ArrowColumn& column, const ArrowArray& array, std::int64_t row);
[[nodiscard]] Value json_value(const ArrowColumn& column, const ArrowArray& array, std::int64_t row);
// The bytes of a text without a copy, where the column has texts.
[[nodiscard]] std::string_view text_view(const ArrowColumn& column, const ArrowArray& array, std::int64_t row);

}  // namespace venturi::providers
