// JSON text of values, as declared in venturi/value.h. C++20 without third parties: part of the SDK archive.
#include <charconv>
#include <cmath>
#include <cstring>

#include "venturi/value.h"

namespace venturi {
namespace {

void append_int(std::string& out, std::int64_t i) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, i).ptr);
}

// The shortest digits that read back to the same number, laid out as Python's repr() does: an exponent below 1e-4 and from
// 1e16 on, otherwise always with a point, so that a reader knows it from an integer.
void append_double(std::string& out, double d) {
  if (!std::isfinite(d)) {
    out += "null";
    return;
  }
  char text[32];
  char* end = std::to_chars(text, text + sizeof text, d, std::chars_format::scientific).ptr;
  int exponent = 0;
  const char* digits = static_cast<const char*>(std::memchr(text, 'e', static_cast<std::size_t>(end - text))) + 1;
  std::from_chars(*digits == '+' ? digits + 1 : digits, end, exponent);
  if (exponent < -4 || exponent >= 16) {
    out.append(text, end);
    return;
  }
  end = std::to_chars(text, text + sizeof text, d, std::chars_format::fixed).ptr;
  out.append(text, end);
  if (std::memchr(text, '.', static_cast<std::size_t>(end - text)) == nullptr) out += ".0";
}

bool continues(unsigned char c) {
  return (c & 0xC0) == 0x80;
}

// How many bytes at the beginning of s form one character beyond ASCII (Unicode 15, table 3-7); 0: they form none, and `bad`
// tells how many of them to replace together.
std::size_t utf8_length(std::string_view s, std::size_t& bad) {
  const auto byte = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U; };
  const unsigned first = byte(0), second = byte(1);
  bad = 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(static_cast<unsigned char>(second)) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned least = first == 0xE0 ? 0xA0 : 0x80, most = first == 0xED ? 0x9F : 0xBF;
    if (second < least || second > most) return 0;
    bad = 2;
    return continues(static_cast<unsigned char>(byte(2))) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned least = first == 0xF0 ? 0x90 : 0x80, most = first == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) return 0;
    bad = 2;
    if (!continues(static_cast<unsigned char>(byte(2)))) return 0;
    bad = 3;
    return continues(static_cast<unsigned char>(byte(3))) ? 4 : 0;
  }
  return 0;
}

void append_escaped(std::string& out, unsigned char c) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
  }
}

class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(indent) {}

  void write(const Value& value) {
    if (value.is_null()) {
      out_ += "null";
    } else if (value.is_bool()) {
      out_ += value.as_bool() ? "true" : "false";
    } else if (value.is_int()) {
      append_int(out_, value.as_int());
    } else if (value.is_double()) {
      append_double(out_, value.as_double());
    } else if (value.is_string()) {
      append_json_string(out_, value.as_string());
    } else if (value.is_array()) {
      begin('[');
      bool first = true;
      for (const Value& element : value.as_array()) {
        next(first);
        write(element);
      }
      end(']', first);
    } else {
      begin('{');
      bool first = true;
      for (const auto& [key, member] : value.as_object()) {
        next(first);
        append_json_string(out_, key);
        out_ += indent_ > 0 ? ": " : ":";
        write(member);
      }
      end('}', first);
    }
  }

 private:
  void begin(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void next(bool& first) {
    if (!std::exchange(first, false)) out_ += ',';
    new_line();
  }
  void end(char bracket, bool empty) {
    --depth_;
    if (!empty) new_line();
    out_ += bracket;
  }
  void new_line() {
    if (indent_ <= 0) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(indent_) * depth_, ' ');
  }

  std::string& out_;
  int indent_;
  std::size_t depth_ = 0;
};

}  // namespace

void append_json_string(std::string& out, std::string_view s) {
  out += '"';
  std::size_t plain = 0;  // from here to `at` nothing has to be changed
  const auto flush = [&](std::size_t at) { out.append(s.substr(plain, at - plain)); };
  for (std::size_t at = 0; at < s.size();) {
    const auto c = static_cast<unsigned char>(s[at]);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at;
    } else if (c < 0x80) {
      flush(at);
      append_escaped(out, c);
      plain = ++at;
    } else {
      std::size_t bad = 1;
      const std::size_t length = utf8_length(s.substr(at), bad);
      if (length == 0) {
        flush(at);
        out += "\xEF\xBF\xBD";
        plain = at + bad;
      }
      at += length == 0 ? bad : length;
    }
  }
  flush(s.size());
  out += '"';
}

void append_json(std::string& out, const Value& value) {
  Writer(out, 0).write(value);
}

std::string to_json(const Value& value, int indent) {
  std::string out;
  Writer(out, indent).write(value);
  return out;
}

}  // namespace venturi
