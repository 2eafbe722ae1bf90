// str() and repr() of Python.
#include <charconv>
#include <cmath>

#include "template/datetime.h"
#include "template/dict.h"
#include "template/integer.h"
#include "template/operators.h"
#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex(std::string& out, char kind, char32_t c, int digits) {
  out += '\\';
  out += kind;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += hex_digits[c >> shift & 0xF];
}

void append_quoted(std::string& out, std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos, has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    const char32_t c = utf8::take(text);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (unicode::is_printable(c)) {
      utf8::append(out, c);
    } else {
      append_hex(out, c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U', c, c < 0x100 ? 2 : c < 0x10000 ? 4 : 8);
    }
  }
  out += quote;
}

void append_sequence(std::string& out, const Item& item, Walk& walk) {
  const TupleType* type = item.is(Type::tuple) ? item.as_tuple().type : nullptr;
  const bool named = type != nullptr && !type->name.empty();
  if (named) out += type->name;
  out += item.is(Type::list) ? '[' : '(';
  const Items& parts = item.sequence();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += ", ";
    if (named) out.append(type->fields[i]).append("=");
    append_repr(out, parts[i], walk);
  }
  if (item.is(Type::tuple) && parts.size() == 1) out += ',';
  out += item.is(Type::list) ? ']' : ')';
}

void append_dict(std::string& out, const Dict& dict, Walk& walk) {
  out += '{';
  bool first = true;
  for (const Dict::Entry& entry : dict) {
    if (!std::exchange(first, false)) out += ", ";
    append_repr(out, entry.key, walk);
    out += ": ";
    append_repr(out, entry.value, walk);
  }
  out += '}';
}

}  // namespace

std::string real_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) return std::string(text);
  char fixed[64];
  const auto fixed_end = std::to_chars(fixed, fixed + sizeof fixed, value, std::chars_format::fixed).ptr;
  std::string result(fixed, fixed_end);
  if (result.find('.') == std::string::npos) result += ".0";
  return result;
}

std::string string_repr(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

void append_repr(std::string& out, const Item& item, Walk& walk) {
  const Walk::Level level(walk);
  Walk::check_text(out.size());
  switch (item.type()) {
    case Type::undefined:
      out += "Undefined";  // Jinja's repr() of it is no use, so it does not fail
      break;
    case Type::none:
      out += "None";
      break;
    case Type::boolean:
      out += item.as_bool() ? "True" : "False";
      break;
    case Type::integer:
      out += std::to_string(item.as_integer());
      break;
    case Type::big:
      out += integer_text(item);
      break;
    case Type::real:
      out += real_repr(item.as_real());
      break;
    case Type::text:
      if (item.is_markup()) out += "Markup(";
      append_quoted(out, item.as_string());
      if (item.is_markup()) out += ')';
      break;
    case Type::list:
    case Type::tuple:
      append_sequence(out, item, walk);
      break;
    case Type::dict:
      append_dict(out, item.as_dict(), walk);
      break;
    case Type::timedelta:
      out += timedelta_repr(item.as_timedelta());
      break;
    case Type::datetime:
      out += datetime_repr(item.as_datetime());
      break;
    case Type::date:
      out += date_repr(item.as_date());
      break;
    case Type::time:
      out += time_repr(item.as_time());
      break;
    case Type::callable:
      out += item.as_callable()->repr();
      break;
    case Type::host:
      out += item.as_host()->repr(walk);
      break;
  }
}

std::string repr(const Item& item) {
  Walk walk;
  std::string out;
  append_repr(out, item, walk);
  return out;
}

void append_str(std::string& out, const Item& item) {
  switch (item.type()) {
    case Type::text:
      out += item.as_string();
      break;
    case Type::undefined:
      if (!item.as_undefined().lenient) item.as_undefined().use();
      break;
    case Type::datetime:
      out += iso_format(item.as_datetime(), ' ');
      break;
    case Type::date:
      out += iso_format(item.as_date());
      break;
    case Type::time:
      out += iso_format(item.as_time());
      break;
    case Type::timedelta:
      out += timedelta_str(item.as_timedelta());
      break;
    case Type::host:
      out += item.as_host()->str();
      break;
    default:
      out += repr(item);
  }
}

std::string str(const Item& item) {
  if (item.is_text()) return item.as_string();
  std::string out;
  append_str(out, item);
  return out;
}

}  // namespace venturi::templates
