// The tables behind venturi/type.h.
#include "venturi/type.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include "venturi/run_file.h"

namespace venturi::inline sdk::detail {
namespace {

// "result of count_orders, member first[3]"
std::string place(const Reading& where) {
  if (where.index >= 0) return place(*where.parent) + "[" + std::to_string(where.index) + "]";
  if (where.parent == nullptr) return std::string(where.what);
  const bool top = where.parent->parent == nullptr && where.parent->index < 0;
  return place(*where.parent) + (top ? ", member " : ".") + std::string(where.what);
}

[[noreturn]] void mismatch(const Type& type, const Value& found, const Reading& where) {
  throw ConversionError(place(where) + ": expected " + type_text(type) + ", found " + found.type_name());
}

// Through memcpy: `long` and `long long` share a table.
template <class T>
void write_integer(const Type& type, const void* from, Value& to) {
  T n;
  std::memcpy(&n, from, sizeof n);
  if constexpr (sizeof(T) == 8 && !std::numeric_limits<T>::is_signed) {
    if (n > static_cast<T>(std::numeric_limits<std::int64_t>::max())) {
      throw ConversionError(std::to_string(n) + " of " + type_text(type) + " is above what an XCom holds, " +
                            std::to_string(std::numeric_limits<std::int64_t>::max()));
    }
  }
  to = Value(static_cast<std::int64_t>(n));
}
template <class T>
void read_integer(const Type& type, const Value& from, void* to, const Reading& where) {
  if (!from.is_int()) mismatch(type, from, where);
  const std::int64_t wide = from.as_int();
  const T n = static_cast<T>(wide);
  if (static_cast<std::int64_t>(n) != wide || (!std::numeric_limits<T>::is_signed && wide < 0)) {
    throw ConversionError(place(where) + ": " + std::to_string(wide) + " does not fit " + type_text(type));
  }
  std::memcpy(to, &n, sizeof n);
}

template <class T>
void write_real(const Type& type, const void* from, Value& to) {
  const double number = *static_cast<const T*>(from);
  if (!std::isfinite(number)) {
    throw ConversionError("a " + type_text(type) + " that is no finite number has no place in JSON; use an optional");
  }
  to = Value(number);
}
template <class T>
void read_real(const Type& type, const Value& from, void* to, const Reading& where) {
  if (!from.is_number()) mismatch(type, from, where);
  *static_cast<T*>(to) = static_cast<T>(from.as_double());
}

void write_bool(const Type&, const void* from, Value& to) {
  to = Value(*static_cast<const bool*>(from));
}
void read_bool(const Type& type, const Value& from, void* to, const Reading& where) {
  if (!from.is_bool()) mismatch(type, from, where);
  *static_cast<bool*>(to) = from.as_bool();
}

void write_string(const Type&, const void* from, Value& to) {
  to = Value(*static_cast<const std::string*>(from));
}
void read_string(const Type& type, const Value& from, void* to, const Reading& where) {
  if (!from.is_string()) mismatch(type, from, where);
  *static_cast<std::string*>(to) = from.as_string();
}

void write_time(const Type&, const void* from, Value& to) {
  to = Value(format_time(*static_cast<const Time*>(from)));
}
void read_time(const Type& type, const Value& from, void* to, const Reading& where) {
  if (!from.is_string()) mismatch(type, from, where);
  const std::optional<Time> time = parse_time(from.as_string());
  if (!time) throw ConversionError(place(where) + ": expected a time such as 2026-11-24T04:43:57Z, found another text");
  *static_cast<Time*>(to) = *time;
}

void write_value(const Type&, const void* from, Value& to) {
  to = *static_cast<const Value*>(from);
}
void read_value(const Type&, const Value& from, void* to, const Reading&) {
  *static_cast<Value*>(to) = from;
}

void write_run_file(const Type&, const void* from, Value& to) {
  to = static_cast<const RunFile*>(from)->to_value();
}
void read_run_file(const Type&, const Value& from, void* to, const Reading& where) {
  try {
    *static_cast<RunFile*>(to) = RunFile::from_value(from, std::string(where.run_dir));
  } catch (const RunFileError& e) {
    throw ConversionError(place(where) + ": " + e.what());
  }
}

template <class T>
constexpr Type integer_table(std::string_view name) {
  return {.name = name, .write = write_integer<T>, .read = read_integer<T>};
}

}  // namespace

constinit const Type bool_type{.name = "bool", .write = write_bool, .read = read_bool};
constinit const Type int8_type = integer_table<std::int8_t>("int8");
constinit const Type int16_type = integer_table<std::int16_t>("int16");
constinit const Type int32_type = integer_table<std::int32_t>("int32");
constinit const Type int64_type = integer_table<std::int64_t>("int64");
constinit const Type uint8_type = integer_table<std::uint8_t>("uint8");
constinit const Type uint16_type = integer_table<std::uint16_t>("uint16");
constinit const Type uint32_type = integer_table<std::uint32_t>("uint32");
constinit const Type uint64_type = integer_table<std::uint64_t>("uint64");
constinit const Type float_type{.name = "float", .write = write_real<float>, .read = read_real<float>};
constinit const Type double_type{.name = "double", .write = write_real<double>, .read = read_real<double>};
constinit const Type string_type{.name = "string", .write = write_string, .read = read_string};
constinit const Type time_type{.name = "Time", .write = write_time, .read = read_time};
constinit const Type value_type{.name = "Value", .write = write_value, .read = read_value, .nullable = true};
constinit const Type run_file_type{.name = "RunFile", .write = write_run_file, .read = read_run_file};

std::string type_text(const Type& type) {
  if (type.element == nullptr) return std::string(type.name);
  if (type.name == "map") return "map<string, " + type_text(*type.element) + ">";
  return std::string(type.name) + "<" + type_text(*type.element) + ">";
}

void expect_array(const Type& type, const Value& from, const Reading& where) {
  if (!from.is_array()) mismatch(type, from, where);
}
void expect_object(const Type& type, const Value& from, const Reading& where) {
  if (!from.is_object()) mismatch(type, from, where);
}

void write_struct(const Type& type, const void* from, Value& to) {
  Object object;
  object.reserve(type.field_count);
  for (const Field& field : std::span(type.fields, type.field_count)) {
    Value& value = object.add(std::string(field.name), Value());
    field.type->write(*field.type, static_cast<const char*>(from) + field.offset, value);
  }
  to = Value(std::move(object));
}

void read_struct(const Type& type, const Value& from, void* to, const Reading& where) {
  expect_object(type, from, where);
  const Object& object = from.as_object();
  const Value null;
  for (const Field& field : std::span(type.fields, type.field_count)) {
    const Value* value = object.find(field.name);
    const Reading member{.run_dir = where.run_dir, .what = field.name, .parent = &where};
    if (value == nullptr && !field.type->nullable) {
      throw ConversionError(place(member) + ": is missing, and " + std::string(type.name) + " does not have it as optional");
    }
    field.type->read(*field.type, value != nullptr ? *value : null, static_cast<char*>(to) + field.offset, member);
  }
}

}  // namespace venturi::inline sdk::detail
