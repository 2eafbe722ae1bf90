// Values of JSON as PostgreSQL's parameters, in text form.
//
//   null, string     of no type: PostgreSQL takes the one that the place wants (a date, a uuid, an enum, json, ...), else text
//   true, false      boolean                integer   integer, or bigint where it is larger
//   number           double precision       list      an array of these; with an object in it JSON, as an object is
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "operators/outcome.h"
#include "providers/postgres/pg_session.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;

constexpr Oid no_type = 0;
struct ParameterType {
  Oid type, array;
};
constexpr ParameterType of_boolean{16, 1000}, of_integer{23, 1007}, of_bigint{20, 1016}, of_double{701, 1022};
constexpr std::size_t most_values = 65535;  // the protocol counts them in 16 bits

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", number);
}

std::string scalar_text(const Value& value) {
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_double()) return number_text(value.as_double());
  if (value.as_string().find('\0') != std::string::npos) throw TaskFailedForGood("parameters: a text has a zero byte in it");
  return value.as_string();
}

ParameterType type_of_scalar(const Value& value) {
  if (value.is_bool()) return of_boolean;
  if (value.is_double()) return of_double;
  if (!value.is_int()) return {no_type, no_type};
  const std::int64_t n = value.as_int();
  return n >= std::numeric_limits<std::int32_t>::min() && n <= std::numeric_limits<std::int32_t>::max() ? of_integer
                                                                                                        : of_bigint;
}

bool has_object(const Value& value) {
  return value.is_object() || (value.is_array() && std::ranges::any_of(value.as_array(), has_object));
}

// postgresql.org/docs/15/arrays.html#ARRAYS-IO
void append_array(std::string& out, const Array& list, Oid& type) {
  out += '{';
  const char* comma = "";
  for (const Value& item : list) {
    out += std::exchange(comma, ",");
    if (item.is_null()) {
      out += "NULL";
      continue;
    }
    if (item.is_array()) {
      append_array(out, item.as_array(), type);
      continue;
    }
    const Oid own = type_of_scalar(item).array;
    // Integers beside larger ones, and beside fractions; anything else that is mixed is text.
    const auto is_number = [](Oid t) { return t == of_integer.array || t == of_bigint.array || t == of_double.array; };
    if (type == std::numeric_limits<Oid>::max() || type == own)
      type = own;
    else if (is_number(type) && is_number(own))
      type = type == of_double.array || own == of_double.array ? of_double.array : of_bigint.array;
    else
      type = no_type;
    out += '"';
    for (const char c : scalar_text(item)) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  out += '}';
}

}  // namespace

PgValues PgValues::of(const Array& values) {
  if (values.size() > most_values)
    throw TaskFailedForGood(fmt::format("a statement may have {} parameters, not {}", most_values, values.size()));
  PgValues bound;
  for (const Value& value : values) {
    Oid type = no_type;
    if (value.is_null()) {
      bound.texts.emplace_back();
    } else if (has_object(value)) {
      bound.texts.emplace_back(to_json(value));
    } else if (value.is_array()) {
      type = std::numeric_limits<Oid>::max();
      append_array(bound.texts.emplace_back(std::string()).value(), value.as_array(), type);
      if (type == std::numeric_limits<Oid>::max()) type = no_type;
    } else {
      bound.texts.emplace_back(scalar_text(value));
      type = type_of_scalar(value).type;
    }
    bound.types.push_back(type);
  }
  return bound;
}

}  // namespace venturi::providers
