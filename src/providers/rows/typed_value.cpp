#include "providers/rows/typed_value.h"

#include <cmath>

#include "base/time.h"
#include "sdk/cell_parse.h"

namespace venturi::providers {

std::string plain_text(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

std::optional<Value> typed_value(const Value& value, ColumnType type) {
  if (value.is_null()) return value;
  if (value.is_array() || value.is_object())
    return type == ColumnType::string ? std::optional<Value>(to_json(value)) : std::nullopt;
  std::string text = plain_text(value);
  switch (type) {
    case ColumnType::string:
      return text;
    case ColumnType::boolean:
      if (value.is_bool()) return value;
      if (const auto read = parse_boolean_cell(text)) return Value(*read);
      break;
    case ColumnType::int64:
      if (value.is_int()) return value;
      if (const auto read = parse_int64_cell(text); read && !value.is_bool()) return Value(static_cast<long long>(*read));
      break;
    case ColumnType::float64:
      if (value.is_number()) return Value(value.as_double());
      if (const auto read = parse_float64_cell(text); read && !value.is_bool() && std::isfinite(*read)) return Value(*read);
      break;
    case ColumnType::timestamp:
      if (const auto read = parse_timestamp_cell(text); read && value.is_string())
        return Value(format_time(Time(Duration(*read))));
      break;
  }
  return std::nullopt;
}

}  // namespace venturi::providers
