// json.loads for templates: var.json, macros.json. Straight into items, with Python's types and messages.
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "template/dict.h"
#include "template/integer.h"
#include "template/json_dumps.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

constexpr int max_json_depth = 150;

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Item run() {
    Item item = value();
    blanks();
    if (at_ != text_.size()) error("Extra data");
    return item;
  }

 private:
  [[noreturn]] void error(const std::string& what) const {
    const std::string_view before = text_.substr(0, std::min(at_, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t column = before.size() - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
    fail(ErrorKind::value, what + ": line " + std::to_string(line) + " column " + std::to_string(column) + " (char " +
                               std::to_string(before.size()) + ")");
  }
  void blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  bool skip(std::string_view word) {
    if (!text_.substr(std::min(at_, text_.size())).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Item value() {
    blanks();
    if (skip("null")) return {};
    if (skip("true")) return true;
    if (skip("false")) return false;
    if (skip("NaN")) return std::nan("");
    if (skip("Infinity")) return HUGE_VAL;
    if (skip("-Infinity")) return -HUGE_VAL;
    if (skip("\"")) return string();
    if (skip("[")) return list();
    if (skip("{")) return dict();
    return number();
  }

  Item list() {
    if (++depth_ > max_json_depth)
      fail(ErrorKind::limit, "JSON nested more than " + std::to_string(max_json_depth) + " levels deep");
    Items items;
    blanks();
    if (!skip("]")) {
      while (true) {
        items.push_back(value());
        blanks();
        if (skip("]")) break;
        if (!skip(",")) error("Expecting ',' delimiter");
      }
    }
    --depth_;
    return Item::list(std::move(items));
  }

  Item dict() {
    if (++depth_ > max_json_depth)
      fail(ErrorKind::limit, "JSON nested more than " + std::to_string(max_json_depth) + " levels deep");
    auto dict = std::make_shared<Dict>();
    blanks();
    if (!skip("}")) {
      while (true) {
        blanks();
        if (!skip("\"")) error("Expecting property name enclosed in double quotes");
        const Item key = string();
        blanks();
        if (!skip(":")) error("Expecting ':' delimiter");
        dict->set(key, value());
        blanks();
        if (skip("}")) break;
        if (!skip(",")) error("Expecting ',' delimiter");
      }
    }
    --depth_;
    return dict;
  }

  char32_t unit() {
    std::uint32_t code = 0;
    const std::string_view digits = text_.substr(std::min(at_, text_.size())).substr(0, 4);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (digits.size() < 4 || read.ptr != digits.data() + 4) error("Invalid \\uXXXX escape");
    at_ += 4;
    return code;
  }

  Item string() {
    std::string out;
    while (true) {
      if (at_ >= text_.size()) error("Unterminated string starting");
      const char c = text_[at_++];
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) {
        --at_;
        error("Invalid control character");
      }
      if (c != '\\') {
        out += c;
        continue;
      }
      const char escaped = at_ < text_.size() ? text_[at_++] : '\0';
      constexpr std::string_view names = "\"\\/bfnrt", values = "\"\\/\b\f\n\r\t";
      if (const std::size_t simple = names.find(escaped); escaped != '\0' && simple != std::string_view::npos) {
        out += values[simple];
      } else if (escaped == 'u') {
        char32_t code = unit();
        if (code >= 0xD800 && code < 0xDC00 && skip("\\u")) code = 0x10000 + ((code - 0xD800) << 10) + (unit() & 0x3FF);
        utf8::append(out, code);
      } else {
        error("Invalid \\escape");
      }
    }
  }

  Item number() {
    std::size_t end = at_;
    bool real = false;
    while (end < text_.size() &&
           (is_digit(text_[end]) || std::string_view("+-.eE").find(text_[end]) != std::string_view::npos)) {
      real |= text_[end] == '.' || text_[end] == 'e' || text_[end] == 'E';
      ++end;
    }
    const std::string_view digits = text_.substr(at_, end - at_);
    const char *first = digits.data(), *last = first + digits.size();
    if (auto integer = real ? std::nullopt : read_integer(digits)) {
      at_ = end;
      return std::move(*integer);
    }
    double value = 0;
    const auto read = std::from_chars(first, last, value);
    if (digits.empty() || read.ptr != last) error("Expecting value");
    at_ = end;
    return value;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Item json_loads(std::string_view text) {
  return JsonReader(text).run();
}

}  // namespace venturi::templates
