// Which C++ types can travel between tasks, and how: as JSON values (XComs), and as cells of run files.
//   bool, integers, float, double, std::string, venturi::Time (ISO text), venturi::Value, venturi::RunFile,
//   std::optional<T>, std::vector<T>, std::map<std::string, T> (or unordered), and structs that are named once:
//
//     struct Counts { std::int64_t bad = 0, all = 0; std::vector<std::string> first; };
//     VENTURI_STRUCT(Counts, bad, all, first);       // in the struct's own namespace; the struct becomes a JSON object
//
// Everything behind it works on constant tables, so that a further type costs the compiler next to nothing.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "venturi/time.h"
#include "venturi/value.h"

// The SDK's names lie in an inline namespace, so that they never meet the server's own of the same name in one program.
namespace venturi::inline sdk {

struct RunFile;
struct Cell;

// A value does not fit the type that was asked for; says where in the value, what was expected and what was found.
class ConversionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

// Where in a value a conversion is: a chain on the stack, made into text for errors only.
struct Reading {
  std::string_view run_dir;  // for RunFile
  std::string_view what;     // "result of count_orders", or a field's name
  const Reading* parent = nullptr;
  std::ptrdiff_t index = -1;
};

struct Type;
struct Field {
  std::string_view name;
  std::size_t offset;
  const Type* type;
};

struct Type {
  std::string_view name;  // "vector", "Counts"
  void (*write)(const Type&, const void* from, Value& to);
  void (*read)(const Type&, const Value& from, void* to, const Reading& where);
  const Type* element = nullptr;  // of optional, vector, map
  const Field* fields = nullptr;  // of a struct
  std::size_t field_count = 0;
  std::uint8_t column = 0;  // the ColumnType that an optional of a cell's value has; 0: none
  void (*set_cell)(void* to, const Cell& cell) = nullptr;
  bool nullable = false;
};

extern const Type bool_type, int8_type, int16_type, int32_type, int64_type, uint8_type, uint16_type, uint32_type, uint64_type,
    float_type, double_type, string_type, time_type, value_type, run_file_type;

void write_struct(const Type&, const void* from, Value& to);
void read_struct(const Type&, const Value& from, void* to, const Reading& where);
[[nodiscard]] std::string type_text(const Type& type);
void expect_array(const Type& type, const Value& from, const Reading& where);
void expect_object(const Type& type, const Value& from, const Reading& where);

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;
template <class T>
concept DescribedStruct = requires(const T* t) { decltype(venturi_struct(t))::type; };

template <Integer T>
constexpr const Type* integer_type() {
  if constexpr (std::is_signed_v<T>) {
    if constexpr (sizeof(T) == 8)
      return &int64_type;
    else if constexpr (sizeof(T) == 4)
      return &int32_type;
    else if constexpr (sizeof(T) == 2)
      return &int16_type;
    else
      return &int8_type;
  } else {
    if constexpr (sizeof(T) == 8)
      return &uint64_type;
    else if constexpr (sizeof(T) == 4)
      return &uint32_type;
    else if constexpr (sizeof(T) == 2)
      return &uint16_type;
    else
      return &uint8_type;
  }
}

// TypeOf<T>::pointer is T's table; there is none for a type that cannot travel.
template <class T>
struct TypeOf {};
template <>
struct TypeOf<bool> {
  static constexpr const Type* pointer = &bool_type;
};
template <Integer T>
struct TypeOf<T> {
  static constexpr const Type* pointer = integer_type<T>();
};
template <>
struct TypeOf<float> {
  static constexpr const Type* pointer = &float_type;
};
template <>
struct TypeOf<double> {
  static constexpr const Type* pointer = &double_type;
};
template <>
struct TypeOf<std::string> {
  static constexpr const Type* pointer = &string_type;
};
template <>
struct TypeOf<Time> {
  static constexpr const Type* pointer = &time_type;
};
template <>
struct TypeOf<Value> {
  static constexpr const Type* pointer = &value_type;
};
template <>
struct TypeOf<RunFile> {
  static constexpr const Type* pointer = &run_file_type;
};
template <DescribedStruct T>
struct TypeOf<T> {
  static constexpr const Type* pointer = &decltype(venturi_struct(static_cast<const T*>(nullptr)))::type;
};

template <class T>
concept Transferable = requires { TypeOf<T>::pointer; };

// Which optionals are cells of run files; the functions are in the archive.
void set_bool_cell(void* to, const Cell& cell);
void set_int64_cell(void* to, const Cell& cell);
void set_double_cell(void* to, const Cell& cell);
void set_string_cell(void* to, const Cell& cell);
void set_time_cell(void* to, const Cell& cell);

template <class T>
constexpr void (*cell_setter())(void*, const Cell&) {
  if constexpr (std::same_as<T, bool>)
    return set_bool_cell;
  else if constexpr (std::same_as<T, std::int64_t>)
    return set_int64_cell;
  else if constexpr (std::same_as<T, double>)
    return set_double_cell;
  else if constexpr (std::same_as<T, std::string>)
    return set_string_cell;
  else if constexpr (std::same_as<T, Time>)
    return set_time_cell;
  else
    return nullptr;
}
template <class T>
constexpr std::uint8_t cell_column() {  // the numbers of ColumnType
  if constexpr (std::same_as<T, bool>)
    return 1;
  else if constexpr (std::same_as<T, std::int64_t>)
    return 2;
  else if constexpr (std::same_as<T, double>)
    return 3;
  else if constexpr (std::same_as<T, std::string>)
    return 4;
  else if constexpr (std::same_as<T, Time>)
    return 5;
  else
    return 0;
}

template <class T>
void write_optional(const Type& type, const void* from, Value& to) {
  const auto& optional = *static_cast<const std::optional<T>*>(from);
  if (optional)
    type.element->write(*type.element, &*optional, to);
  else
    to = Value();
}
template <class T>
void read_optional(const Type& type, const Value& from, void* to, const Reading& where) {
  auto& optional = *static_cast<std::optional<T>*>(to);
  if (from.is_null()) return optional.reset();
  type.element->read(*type.element, from, &optional.emplace(), where);
}
template <Transferable T>
struct TypeOf<std::optional<T>> {
  static constexpr Type type{.name = "optional",
                             .write = write_optional<T>,
                             .read = read_optional<T>,
                             .element = TypeOf<T>::pointer,
                             .column = cell_column<T>(),
                             .set_cell = cell_setter<T>(),
                             .nullable = true};
  static constexpr const Type* pointer = &type;
};

template <class T>
void write_vector(const Type& type, const void* from, Value& to) {
  const auto& vector = *static_cast<const std::vector<T>*>(from);
  Array array(vector.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    if constexpr (std::same_as<T, bool>)
      array[i] = Value(static_cast<bool>(vector[i]));
    else
      type.element->write(*type.element, &vector[i], array[i]);
  }
  to = Value(std::move(array));
}
template <class T>
void read_vector(const Type& type, const Value& from, void* to, const Reading& where) {
  expect_array(type, from, where);
  auto& vector = *static_cast<std::vector<T>*>(to);
  const Array& array = from.as_array();
  vector.clear();
  vector.resize(array.size());
  for (std::size_t i = 0; i < array.size(); ++i) {
    const Reading element{.run_dir = where.run_dir, .what = {}, .parent = &where, .index = static_cast<std::ptrdiff_t>(i)};
    if constexpr (std::same_as<T, bool>) {
      bool b = false;
      type.element->read(*type.element, array[i], &b, element);
      vector[i] = b;
    } else {
      type.element->read(*type.element, array[i], &vector[i], element);
    }
  }
}
template <Transferable T>
struct TypeOf<std::vector<T>> {
  static constexpr Type type{.name = "vector", .write = write_vector<T>, .read = read_vector<T>, .element = TypeOf<T>::pointer};
  static constexpr const Type* pointer = &type;
};

// std::map<std::string, T> and std::unordered_map of the same, without their headers.
template <class M>
concept StringMap = std::same_as<typename M::key_type, std::string> && Transferable<typename M::mapped_type> &&
                    requires(M& m, const std::string& key) {
                      { m[key] } -> std::same_as<typename M::mapped_type&>;
                      m.clear();
                    };
template <class M>
void write_map(const Type& type, const void* from, Value& to) {
  Object object;
  for (const auto& [key, value] : *static_cast<const M*>(from)) {
    type.element->write(*type.element, &value, object.add(key, Value()));
  }
  to = Value(std::move(object));
}
template <class M>
void read_map(const Type& type, const Value& from, void* to, const Reading& where) {
  expect_object(type, from, where);
  auto& map = *static_cast<M*>(to);
  map.clear();
  for (const auto& [key, value] : from.as_object()) {
    const Reading element{.run_dir = where.run_dir, .what = key, .parent = &where};
    type.element->read(*type.element, value, &map[key], element);
  }
}
template <StringMap M>
struct TypeOf<M> {
  static constexpr Type type{
      .name = "map", .write = write_map<M>, .read = read_map<M>, .element = TypeOf<typename M::mapped_type>::pointer};
  static constexpr const Type* pointer = &type;
};

// ---- lossless conversions ------------------------------------------------------------------------------------------------
// std::is_constructible would let narrowing through (int64 -> int32, double -> int): what is not listed here is refused.

template <class From, class To>
constexpr bool lossless() {
  if constexpr (Integer<From> && Integer<To>) {
    return std::numeric_limits<To>::digits >= std::numeric_limits<From>::digits &&
           (std::is_signed_v<To> || !std::is_signed_v<From>);
  } else if constexpr ((Integer<From> || std::floating_point<From>) && std::floating_point<To>) {
    return std::numeric_limits<To>::digits >= std::numeric_limits<From>::digits;
  } else {
    return false;
  }
}
template <class From, class To>
struct Lossless : std::bool_constant<lossless<From, To>()> {};
template <class T>
struct Lossless<T, T> : std::true_type {};
template <class T>
struct Lossless<T, Value> : std::true_type {};
template <>
struct Lossless<Value, Value> : std::true_type {};
template <class From, class To>
struct Lossless<From, std::optional<To>> : Lossless<From, To> {};
template <class From, class To>
struct Lossless<std::optional<From>, std::optional<To>> : Lossless<From, To> {};
template <class T>
struct Lossless<std::optional<T>, std::optional<T>> : std::true_type {};
template <class From, class To>
struct Lossless<std::vector<From>, std::vector<To>> : Lossless<From, To> {};
template <class T>
struct Lossless<std::vector<T>, std::vector<T>> : std::true_type {};
template <StringMap From, StringMap To>
  requires(!std::same_as<From, To>)
struct Lossless<From, To> : Lossless<typename From::mapped_type, typename To::mapped_type> {};

}  // namespace detail

// The table of T. A type without one is refused here, by name.
template <class T>
[[nodiscard]] constexpr const detail::Type& type_of() {
  static_assert(detail::Transferable<T>,
                "this type cannot travel between tasks: use bool, integers, floating point, std::string, venturi::Time, "
                "venturi::Value, venturi::RunFile, or optional, vector, map<string, ...> of these; for a struct of your own "
                "write VENTURI_STRUCT(Name, field, ...) below it");
  if constexpr (detail::Transferable<T>)
    return *detail::TypeOf<T>::pointer;
  else
    return detail::value_type;
}

template <class T>
[[nodiscard]] Value to_value(const T& from) {
  Value value;
  type_of<T>().write(type_of<T>(), &from, value);
  return value;
}

// Throws ConversionError; `what` is the value's name in its text. Members that the struct does not have are passed over; a
// member that is missing must be an optional.
template <class T>
[[nodiscard]] T from_value(const Value& value, std::string_view what = "value", std::string_view run_dir = {}) {
  T to{};
  type_of<T>().read(type_of<T>(), value, &to, detail::Reading{.run_dir = run_dir, .what = what});
  return to;
}

}  // namespace venturi::inline sdk

// ---- VENTURI_STRUCT ------------------------------------------------------------------------------------------------------

#define VENTURI_DETAIL_PARENS ()
#define VENTURI_DETAIL_EXPAND(...) \
  VENTURI_DETAIL_EXPAND3(VENTURI_DETAIL_EXPAND3(VENTURI_DETAIL_EXPAND3(VENTURI_DETAIL_EXPAND3(__VA_ARGS__))))
#define VENTURI_DETAIL_EXPAND3(...) \
  VENTURI_DETAIL_EXPAND2(VENTURI_DETAIL_EXPAND2(VENTURI_DETAIL_EXPAND2(VENTURI_DETAIL_EXPAND2(__VA_ARGS__))))
#define VENTURI_DETAIL_EXPAND2(...) \
  VENTURI_DETAIL_EXPAND1(VENTURI_DETAIL_EXPAND1(VENTURI_DETAIL_EXPAND1(VENTURI_DETAIL_EXPAND1(__VA_ARGS__))))
#define VENTURI_DETAIL_EXPAND1(...) __VA_ARGS__
#define VENTURI_DETAIL_FIELDS(T, field, ...)                               \
  {#field, offsetof(T, field), &::venturi::type_of<decltype(T::field)>()}, \
      __VA_OPT__(VENTURI_DETAIL_FIELDS_AGAIN VENTURI_DETAIL_PARENS(T, __VA_ARGS__))
#define VENTURI_DETAIL_FIELDS_AGAIN() VENTURI_DETAIL_FIELDS

// After the struct and in its namespace: VENTURI_STRUCT(Counts, bad, all, first);
// offsetof of a struct that holds a std::map is conditionally supported by the standard, and supported by g++ and clang.
#define VENTURI_STRUCT(T, ...)                                                                                           \
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Winvalid-offsetof\"") struct venturi_struct_of_##T { \
    static constexpr ::venturi::detail::Field fields[] = {VENTURI_DETAIL_EXPAND(VENTURI_DETAIL_FIELDS(T, __VA_ARGS__))}; \
    static constexpr ::venturi::detail::Type type{.name = #T,                                                            \
                                                  .write = ::venturi::detail::write_struct,                              \
                                                  .read = ::venturi::detail::read_struct,                                \
                                                  .fields = fields,                                                      \
                                                  .field_count = sizeof(fields) / sizeof(fields[0])};                    \
  };                                                                                                                     \
  _Pragma("GCC diagnostic pop") [[maybe_unused]] venturi_struct_of_##T venturi_struct(const T*)
