#include "sdk/json_read.h"

#include <charconv>
#include <string>

namespace venturi::inline sdk::internal {
namespace {

constexpr int max_depth = 200;

bool is_utf8(std::string_view s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto byte = [&](std::size_t at) { return at < s.size() ? static_cast<unsigned char>(s[at]) : 0U; };
    const auto continues = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
    const unsigned first = byte(i);
    if (first < 0x80) {
      i += 1;
    } else if (first >= 0xC2 && first < 0xE0 && continues(i + 1)) {
      i += 2;
    } else if ((first & 0xF0U) == 0xE0 && continues(i + 1) && continues(i + 2) && !(first == 0xE0 && byte(i + 1) < 0xA0) &&
               !(first == 0xED && byte(i + 1) >= 0xA0)) {
      i += 3;
    } else if (first >= 0xF0 && first < 0xF5 && continues(i + 1) && continues(i + 2) && continues(i + 3) &&
               !(first == 0xF0 && byte(i + 1) < 0x90) && !(first == 0xF4 && byte(i + 1) >= 0x90)) {
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

class JsonReader {
 public:
  JsonReader(std::string_view text, std::string_view what) : text_(text), what_(what) {}

  Value read() {
    if (!is_utf8(text_)) refuse("bytes that are not UTF-8");
    Value value = read_value(0);
    skip_blanks();
    if (at_ != text_.size()) refuse("more after the value");
    return value;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const {
    throw ValueError(std::string(what_) + " is no JSON: " + why + " at byte " + std::to_string(at_));
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    skip_blanks();
    if (!take(c)) refuse(std::string("expected '") + c + "'");
  }

  Value read_value(int depth) {
    if (depth > max_depth) refuse("nested deeper than " + std::to_string(max_depth) + " levels");
    skip_blanks();
    switch (peek()) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return read_string();
      case 't':
        return word("true", true);
      case 'f':
        return word("false", false);
      case 'n':
        return word("null", nullptr);
      default:
        return read_number();
    }
  }

  Value word(std::string_view text, const Value& value) {
    if (!text_.substr(at_).starts_with(text)) refuse("an unknown word");
    at_ += text.size();
    return value;
  }

  Value read_object(int depth) {
    std::vector<Object::Entry> entries;
    expect('{');
    skip_blanks();
    if (take('}')) return Object{};
    do {
      skip_blanks();
      if (peek() != '"') refuse("expected a member's name in quotes");
      std::string name = read_string();
      expect(':');
      entries.emplace_back(std::move(name), read_value(depth + 1));
      skip_blanks();
    } while (take(','));
    expect('}');
    return Object::from_entries(std::move(entries));
  }

  Value read_array(int depth) {
    Array elements;
    expect('[');
    skip_blanks();
    if (take(']')) return elements;
    do {
      elements.push_back(read_value(depth + 1));
      skip_blanks();
    } while (take(','));
    expect(']');
    return elements;
  }

  std::string read_string() {
    std::string text;
    ++at_;  // the quote
    for (;;) {
      if (at_ >= text_.size()) refuse("a string without its end");
      const char c = text_[at_++];
      if (c == '"') return text;
      if (static_cast<unsigned char>(c) < 0x20) refuse("a control character in a string");
      if (c == '\\')
        read_escape(text);
      else
        text += c;
    }
  }

  void read_escape(std::string& text) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    const char c = peek();
    ++at_;
    if (c == 'u') {
      unsigned code = hex4();
      if (code >= 0xDC00 && code < 0xE000) refuse("half of a surrogate pair");
      if (code >= 0xD800 && code < 0xDC00) {
        if (!take('\\') || !take('u')) refuse("half of a surrogate pair");
        const unsigned low = hex4();
        if (low < 0xDC00 || low >= 0xE000) refuse("half of a surrogate pair");
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      }
      return append_utf8(text, code);
    }
    const std::size_t which = c == '\0' ? std::string_view::npos : letters.find(c);
    if (which == std::string_view::npos) refuse("an unknown escape");
    text += meanings[which];
  }

  unsigned hex4() {
    unsigned code = 0;
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || digits.size() != 4 || end != digits.data() + 4) refuse("expected four hexadecimal digits");
    at_ += 4;
    return code;
  }

  static void append_utf8(std::string& text, unsigned code) {
    const auto byte = [&text](unsigned b) { text += static_cast<char>(static_cast<unsigned char>(b)); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) return byte(0xC0U | (code >> 6U)), byte(0x80U | (code & 0x3FU));
    if (code < 0x10000) return byte(0xE0U | (code >> 12U)), byte(0x80U | ((code >> 6U) & 0x3FU)), byte(0x80U | (code & 0x3FU));
    byte(0xF0U | (code >> 18U));
    byte(0x80U | ((code >> 12U) & 0x3FU));
    byte(0x80U | ((code >> 6U) & 0x3FU));
    byte(0x80U | (code & 0x3FU));
  }

  std::size_t digits() {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - start;
  }

  Value read_number() {
    const std::size_t start = at_;
    take('-');
    const bool leading_zero = peek() == '0';
    const std::size_t whole = digits();
    if (whole == 0) {
      at_ = start;
      refuse(at_ == text_.size() ? "an end where a value should be" : "no value");
    }
    if (leading_zero && whole > 1) refuse("a number with a leading zero");
    bool is_whole = true;
    if (take('.')) {
      is_whole = false;
      if (digits() == 0) refuse("a number without digits after its point");
    }
    if (peek() == 'e' || peek() == 'E') {
      is_whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (digits() == 0) refuse("a number without digits in its exponent");
    }
    const std::string_view number = text_.substr(start, at_ - start);
    std::int64_t n = 0;
    if (is_whole && std::from_chars(number.data(), number.data() + number.size(), n).ec == std::errc()) {
      return static_cast<long long>(n);
    }
    double d = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), d).ec != std::errc()) refuse("a number out of range");
    return d;
  }

  std::string_view text_, what_;
  std::size_t at_ = 0;
};

}  // namespace

Value read_json(std::string_view text, std::string_view what) {
  return JsonReader(text, what).read();
}

}  // namespace venturi::inline sdk::internal
