#include "sdk/row_reader.h"

#include <span>

namespace venturi::inline sdk::internal {
namespace {

const detail::Type* without_optional(const detail::Type* type) {
  return type->element != nullptr && type->name == "optional" ? type->element : type;
}

}  // namespace

Object RowReader::forms(const detail::Type& row) {
  Object forms;
  const auto add = [&forms](std::string_view column, const detail::Type* type) {
    type = without_optional(type);
    if (type == &detail::string_type) forms.set(column, "text");
    if (type == &detail::double_type || type == &detail::float_type) forms.set(column, "real");
  };
  for (const detail::Field& field : std::span(row.fields, row.field_count)) add(field.name, field.type);
  if (row.fields == nullptr) add("*", row.name == "vector" ? row.element : &row);
  return forms;
}

void RowReader::set_columns(const Array& columns) {
  columns_.clear();
  column_of_field_.clear();
  for (const Value& column : columns) columns_.push_back(column.as_string());
  for (const detail::Field& field : std::span(row_.fields, row_.field_count)) column_of_field_.push_back(place_of(field));
}

std::size_t RowReader::place_of(const detail::Field& field) const {
  std::string names;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c] == field.name) return c;
    names += (names.empty() ? "" : ", ") + columns_[c];
  }
  throw ConversionError("the query has no column " + std::string(field.name) + " for the field of " + std::string(row_.name) +
                        " (it has: " + names + ")");
}

void RowReader::read(const Value& from, void* to) const {
  const Array& cells = from.as_array();
  if (row_.fields != nullptr) {
    for (std::size_t f = 0; f < row_.field_count; ++f) {
      const detail::Field& field = row_.fields[f];
      const detail::Reading where{.run_dir = {}, .what = field.name};
      field.type->read(*field.type, cells[column_of_field_[f]], static_cast<char*>(to) + field.offset, where);
    }
    return;
  }
  if (row_.name == "vector") return row_.read(row_, from, to, detail::Reading{.run_dir = {}, .what = "row"});
  if (cells.size() != 1) {
    throw ConversionError("the query has " + std::to_string(cells.size()) + " columns, and " + type_text(row_) +
                          " takes one: read its rows into a VENTURI_STRUCT or a vector");
  }
  row_.read(row_, cells.front(), to, detail::Reading{.run_dir = {}, .what = columns_.front()});
}

}  // namespace venturi::inline sdk::internal
