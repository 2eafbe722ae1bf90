// What a body's members are put into: an Object, or JSON text straight away, where a tree of a hundred bodies would cost more
// than reading their rows. One function declares a body for both.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "venturi/value.h"

namespace venturi::api {

class ObjectMembers {
 public:
  template <class T>
  void put(std::string_view name, const T& value) {
    object_.add(std::string(name), to_value(value));
  }
  [[nodiscard]] Object take() { return std::move(object_); }

 private:
  template <class T>
  static Value to_value(const T& value) {
    return Value(value);
  }
  static Value to_value(Time time) { return format_time(time); }
  template <class T>
  static Value to_value(const std::optional<T>& value) {
    return value ? to_value(*value) : Value();
  }

  Object object_;
};

class TextMembers {
 public:
  explicit TextMembers(std::string& out) : out_(out) { out_ += '{'; }
  template <class T>
  void put(std::string_view name, const T& value) {
    out_.append(is_first_ ? "\"" : ",\"").append(name).append("\":");  // names of ours need no escapes
    is_first_ = false;
    append(value);
  }
  void end() { out_ += '}'; }

 private:
  void append(std::nullptr_t) { out_ += "null"; }
  void append(bool value) { out_ += value ? "true" : "false"; }
  void append(std::int32_t value) { append(std::int64_t{value}); }
  void append(std::int64_t value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  void append(double value) { append_json(out_, Value(value)); }
  void append(std::string_view text) { append_json_string(out_, text); }
  void append(const std::string& text) { append_json_string(out_, text); }
  void append(const char* text) { append_json_string(out_, text); }
  void append(Time time) { out_.append("\"").append(format_time(time)).append("\""); }
  void append(const Value& value) { append_json(out_, value); }
  template <class T>
  void append(const std::optional<T>& value) {
    if (value)
      append(*value);
    else
      out_ += "null";
  }

  std::string& out_;
  bool is_first_ = true;
};

}  // namespace venturi::api
