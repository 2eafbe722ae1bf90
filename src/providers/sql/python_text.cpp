#include "providers/sql/python_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace venturi::providers {
namespace {

std::string quoted(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos, has_double = text.find('"') != std::string::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || c == '\\')
      out.append(1, '\\').append(1, c);
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + quote;
}

std::string joined(const Array& values) {
  std::string out;
  for (const Value& value : values) out += (out.empty() ? "" : ", ") + python_repr(value);
  return out;
}

}  // namespace

std::string python_repr(const Value& value) {
  if (value.is_null()) return "None";
  if (value.is_bool()) return value.as_bool() ? "True" : "False";
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_double()) {
    const std::string text = fmt::format("{}", value.as_double());
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;  // "1e+20", "nan", "inf"
  }
  if (value.is_string()) return quoted(value.as_string());
  if (value.is_array()) return "[" + joined(value.as_array()) + "]";
  std::string out;
  for (const auto& [key, member] : value.as_object())
    out += (out.empty() ? "" : ", ") + quoted(key) + ": " + python_repr(member);
  return "{" + out + "}";
}

std::string python_str(const Value& value) {
  return value.is_string() ? value.as_string() : python_repr(value);
}

std::string python_tuple(const Array& values) {
  return "(" + joined(values) + (values.size() == 1 ? ",)" : ")");
}

bool python_bool(const Value& value) {
  if (value.is_null()) return false;
  if (value.is_bool()) return value.as_bool();
  if (value.is_number()) return value.as_double() != 0;
  if (value.is_string()) return !value.as_string().empty();
  return value.is_array() ? !value.as_array().empty() : !value.as_object().empty();
}

}  // namespace venturi::providers
