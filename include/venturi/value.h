// The one dynamic value of Venturi: what XComs, run configurations, serialized DAGs and protocol messages are made of.
// It holds what JSON holds, with integers kept apart from floating point (as in Python) and the order of keys kept.
// Constructors and the like are in the archive: inline they would cost each compilation of a DAG file a tenth of a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace venturi {

class Value;
using Array = std::vector<Value>;

// Thrown by the as_*() and at() accessors: what() names the expected and the found type, or the missing key.
class ValueError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A map that keeps the order of insertion, as a Python dict does. Look-up is linear: objects here are small.
class Object {
 public:
  using Entry = std::pair<std::string, Value>;

  struct Member;

  Object() noexcept;
  Object(std::initializer_list<Member> members);
  // Of entries with the same key the last one counts, in the place of the first, as in a Python dict. For readers: takes time
  // in proportion to the number of entries.
  [[nodiscard]] static Object from_entries(std::vector<Entry> entries);

  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  // nullptr where the key is absent.
  [[nodiscard]] const Value* find(std::string_view key) const;
  [[nodiscard]] Value* find(std::string_view key);
  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }
  // Throws ValueError naming the key where it is absent.
  [[nodiscard]] const Value& at(std::string_view key) const;
  // Replaces the value of an existing key in place, appends otherwise.
  Value& set(std::string_view key, Value value);
  // Appends without looking for the key: for builders that know it is new.
  Value& add(std::string key, Value value);
  bool erase(std::string_view key);

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::vector<Entry>::const_iterator begin() const;
  [[nodiscard]] std::vector<Entry>::const_iterator end() const;
  void reserve(std::size_t n);

  // Equal when both hold the same keys with equal values, in any order (as Python dicts compare).
  friend bool operator==(const Object& a, const Object& b);

 private:
  std::vector<Entry> entries_;
};

class Value {
 public:
  Value() noexcept;
  Value(std::nullptr_t) noexcept;
  Value(bool b) noexcept;
  Value(int i) noexcept;
  Value(unsigned i) noexcept;
  Value(long i) noexcept;
  Value(long long i) noexcept;
  Value(unsigned long i) noexcept;
  Value(unsigned long long i) noexcept;
  Value(double d) noexcept;
  Value(const char* s);
  Value(std::string_view s);
  Value(std::string s) noexcept;
  Value(Array a) noexcept;
  Value(Object o) noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  [[nodiscard]] bool is_null() const { return data_.index() == 0; }
  [[nodiscard]] bool is_bool() const { return data_.index() == 1; }
  [[nodiscard]] bool is_int() const { return data_.index() == 2; }
  [[nodiscard]] bool is_double() const { return data_.index() == 3; }
  [[nodiscard]] bool is_number() const { return is_int() || is_double(); }
  [[nodiscard]] bool is_string() const { return data_.index() == 4; }
  [[nodiscard]] bool is_array() const { return data_.index() == 5; }
  [[nodiscard]] bool is_object() const { return data_.index() == 6; }

  // Each throws ValueError where the value is of another type. as_double() also takes integers.
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int() const;
  [[nodiscard]] double as_double() const;
  [[nodiscard]] const std::string& as_string() const;
  [[nodiscard]] const Array& as_array() const;
  [[nodiscard]] const Object& as_object() const;
  Array& as_array();
  Object& as_object();

  // For reading messages with optional fields: the member of an object, or nullptr when this is no object, the key is
  // absent or its value is null.
  [[nodiscard]] const Value* get(std::string_view key) const;
  // A copy of it, or null.
  [[nodiscard]] Value get_value(std::string_view key) const;
  // The same, moved out: null stays in its place.
  [[nodiscard]] Value take_value(std::string_view key);
  // The same with a default; a member of another type gives the default too.
  [[nodiscard]] std::string get_string(std::string_view key, std::string_view otherwise = {}) const;
  [[nodiscard]] std::int64_t get_int(std::string_view key, std::int64_t otherwise = 0) const;
  [[nodiscard]] double get_double(std::string_view key, double otherwise = 0) const;
  [[nodiscard]] bool get_bool(std::string_view key, bool otherwise = false) const;
  // Throws ValueError naming the key where this is no object or has no such key.
  [[nodiscard]] const Value& at(std::string_view key) const;

  // "null", "boolean", "integer", "number", "string", "array" or "object": JSON schema's words.
  [[nodiscard]] const char* type_name() const;

  // Numbers compare by value across integer and floating point, as in Python.
  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_;
};

// What Object{{"key", value}, ...} is made of. Its value moves on: an initializer list would copy it, with all that is in it,
// once for each level of nesting.
struct Object::Member {
  Member(std::string_view key, Value value);
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;
  ~Member();

  std::string key;
  mutable Value value;
};

// JSON text of a value: UTF-8, no white space (indent 0) or one member a line. Floating point is written so that it reads
// back to the same number; NaN and infinities become null, which is all that JSON has.
[[nodiscard]] std::string to_json(const Value& value, int indent = 0);
void append_json(std::string& out, const Value& value);
// Appends s as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view s);

}  // namespace venturi
