// Rows of a result, whose cells come in an array, as C++ values.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk::internal {

class RowReader {
 public:
  explicit RowReader(const detail::Type& row) : row_(row) {}

  // How columns are wanted where their usual form in JSON is not exact: {"price": "text", "weight": "real"}; "*" is all of
  // them.
  [[nodiscard]] static Object forms(const detail::Type& row);

  // Throws ConversionError where a field has no column.
  void set_columns(const Array& columns);
  // Throws ConversionError where a cell does not fit.
  void read(const Value& cells, void* to) const;

 private:
  [[nodiscard]] std::size_t place_of(const detail::Field& field) const;

  const detail::Type& row_;
  std::vector<std::string> columns_;
  std::vector<std::size_t> column_of_field_;
};

}  // namespace venturi::inline sdk::internal
