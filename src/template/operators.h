// What Python does with values: truth, text, iteration, arithmetic, look-up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "template/call.h"
#include "template/item.h"

namespace venturi::templates {

// Each throws UndefinedError for an undefined item.
[[nodiscard]] bool truth(const Item& item);
[[nodiscard]] std::string str(const Item& item);
[[nodiscard]] std::string repr(const Item& item);
void append_str(std::string& out, const Item& item);
void append_repr(std::string& out, const Item& item, Walk& walk);
[[nodiscard]] std::string string_repr(std::string_view text);  // repr() of a string
[[nodiscard]] std::string real_repr(double value);
// The elements; of a string its characters, of a dict its keys. TypeError: "'int' object is not iterable".
[[nodiscard]] Items iterate(Runtime& runtime, const Item& item);
[[nodiscard]] bool is_iterable(const Item& item);
[[nodiscard]] std::size_t length(const Item& item);
[[nodiscard]] bool contains(Runtime& runtime, const Item& container, const Item& item);
// What a host object stands for in operators, the item itself otherwise.
[[nodiscard]] Item plain(const Item& item);

enum class Operator : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };
[[nodiscard]] Item apply(Runtime& runtime, Operator op, const Item& a, const Item& b);
[[nodiscard]] Item negate(const Item& item);
[[nodiscard]] Item positive(const Item& item);
// `format % arguments`: arguments is a tuple, a dict or one value. What is put into markup is escaped.
[[nodiscard]] std::string percent_format(Runtime& runtime, const Text& format, const Item& arguments);
// format(value, spec); str.format()'s conversions are in the text methods.
[[nodiscard]] std::string format_item(Runtime& runtime, const Item& item, std::string_view spec);
[[nodiscard]] std::string format_text(Runtime& runtime, const Text& format, const Items& args, const Item& mapping);

// int(x, base) and float(x): ValueError and TypeError as in Python.
[[nodiscard]] Item to_integer(const Item& item, int base = 10);
[[nodiscard]] double to_real(const Item& item);
[[nodiscard]] std::int64_t real_to_integer(double value);  // OverflowError, ValueError for nan

// `object.name` and `object[key]` as Jinja looks them up, in the sandbox. An undefined item where there is neither.
[[nodiscard]] Item get_attribute(const Item& object, std::string_view name);
[[nodiscard]] Item get_item(const Item& object, const Item& key);
// Python's own attribute only (the `attr` filter, str.format's fields).
[[nodiscard]] std::optional<Item> own_attribute(const Item& object, std::string_view name);
[[nodiscard]] std::optional<Item> own_item(const Item& object, const Item& key);
[[nodiscard]] Item slice(Runtime& runtime, const Item& object, const Item& start, const Item& stop, const Item& step);
// "str object", "None": the way Jinja speaks of an object.
[[nodiscard]] std::string object_name(const Item& object);
[[nodiscard]] Item missing_attribute(const Item& object, std::string_view name);

}  // namespace venturi::templates
