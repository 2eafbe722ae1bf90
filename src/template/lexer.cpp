#include "template/lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "template/error.h"
#include "template/string_literal.h"

namespace venturi::templates {
namespace {

// Longest first.
constexpr std::array<std::string_view, 25> operators = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[",
                                                        "]",  "(",  ")",  "{",  "}",  ">",  "<", "=", ".", ":", "|", ","};

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}

bool is_base_digit(char c, int base) {
  if (base == 16) return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  return c >= '0' && c < '0' + base;
}

class Lexer {
 public:
  Lexer(std::string source, const LexerOptions& options, std::string_view template_name)
      : text_(std::move(source)), options_(options), template_name_(template_name) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      const std::size_t tag = next_tag();
      const std::string_view kind = tag == std::string::npos ? "" : std::string_view(text_).substr(tag, 2);
      data(tag);
      if (tag == std::string::npos) break;
      const char sign = tag + 2 < text_.size() ? text_[tag + 2] : '\0';
      if (kind == "{#") {
        comment();
      } else if (kind == "{%" && raw()) {
        continue;
      } else {
        const bool block = kind == "{%";
        add(block ? TokenType::block_begin : TokenType::variable_begin, std::string(kind));
        advance(sign == '-' || (block && sign == '+') ? 3 : 2);
        inside(block);
      }
    }
    add(TokenType::end, "");
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void error(const std::string& message) const {
    throw TemplateError(ErrorKind::syntax, message, template_name_, line_);
  }

  void add(TokenType type, std::string text) { tokens_.push_back({type, std::move(text), line_}); }

  [[nodiscard]] std::string_view rest() const { return std::string_view(text_).substr(at_); }

  void advance(std::size_t n) {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at_ + n), '\n'));
    at_ += n;
  }

  void skip_blanks() {
    std::size_t n = 0;
    while (at_ + n < text_.size() && is_blank(text_[at_ + n])) ++n;
    advance(n);
  }

  [[nodiscard]] std::size_t next_tag() const {
    for (std::size_t i = text_.find('{', at_); i != std::string::npos; i = text_.find('{', i + 1)) {
      if (i + 1 < text_.size() && (text_[i + 1] == '{' || text_[i + 1] == '%' || text_[i + 1] == '#')) return i;
    }
    return std::string::npos;
  }

  // The text up to a tag, as its sign and lstrip_blocks leave it.
  void data(std::size_t tag) {
    const std::size_t size = (tag == std::string::npos ? text_.size() : tag) - at_;
    std::string_view text = std::string_view(text_).substr(at_, size);
    if (tag != std::string::npos) {
      const char sign = tag + 2 < text_.size() ? text_[tag + 2] : '\0';
      text = before_tag(text, sign, text_[tag + 1] != '{');
    }
    if (!text.empty()) add(TokenType::data, std::string(text));
    advance(size);
  }

  [[nodiscard]] std::string_view before_tag(std::string_view text, char sign, bool strips_line) const {
    if (sign == '-') {
      while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    } else if (sign != '+' && options_.lstrip_blocks && strips_line) {
      const std::size_t newline = text.rfind('\n');
      // Without a newline in it, the text begins a line only at the start or where the tag before it took a newline.
      const bool starts_line = newline != std::string_view::npos || at_ == 0 || text_[at_ - 1] == '\n';
      const std::string_view blanks = text.substr(newline == std::string_view::npos ? 0 : newline + 1);
      if (starts_line && std::ranges::all_of(blanks, is_blank)) text.remove_suffix(blanks.size());
    }
    return text;
  }

  // After a block or comment whose end mark was passed; `sign` stood before that mark.
  void after_tag(char sign, bool trims) {
    if (sign == '-') {
      skip_blanks();
    } else if (sign != '+' && trims && options_.trim_blocks && at_ < text_.size() && text_[at_] == '\n') {
      advance(1);
    }
  }

  void comment() {
    if (at_ + 2 == text_.size()) return advance(2);  // nothing follows: Jinja's lexer does not look for the end either
    const std::size_t end = text_.find("#}", at_ + 2);
    if (end == std::string::npos) error("Missing end of comment tag");
    const char sign = end > at_ + 2 ? text_[end - 1] : '\0';
    advance(end + 2 - at_);
    after_tag(sign, true);
  }

  // Whether `text` at `at` is a tag with nothing but `word`; then `at` is set behind it and `last` to the sign at its end.
  static bool bare_tag(std::string_view text, std::size_t& at, std::string_view word, char& last) {
    std::size_t i = at + 2;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    while (i < text.size() && is_blank(text[i])) ++i;
    if (!text.substr(i).starts_with(word)) return false;
    i += word.size();
    while (i < text.size() && is_blank(text[i])) ++i;
    last = '\0';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) last = text[i++];
    if (!text.substr(i).starts_with("%}")) return false;
    at = i + 2;
    return true;
  }

  // A raw block at at_ as one piece of data; false where there is none.
  bool raw() {
    std::size_t begin = at_;
    char sign = '\0';
    if (!bare_tag(text_, begin, "raw", sign)) return false;
    advance(begin - at_);
    after_tag(sign, false);
    if (at_ == text_.size()) return true;  // as with a comment
    for (std::size_t tag = text_.find("{%", at_); tag != std::string::npos; tag = text_.find("{%", tag + 1)) {
      std::size_t end = tag;
      if (!bare_tag(text_, end, "endraw", sign)) continue;
      const std::string_view text =
          before_tag(std::string_view(text_).substr(at_, tag - at_), tag + 2 < text_.size() ? text_[tag + 2] : '\0', true);
      if (!text.empty()) add(TokenType::data, std::string(text));
      advance(end - at_);
      after_tag(sign, true);
      return true;
    }
    error("Missing end of raw directive");
  }

  void inside(bool block) {
    while (true) {
      skip_blanks();
      if (at_ == text_.size()) {
        return;  // the parser says what is missing
      }
      if (brackets_.empty() && ends(block)) return;
      token();
    }
  }

  bool ends(bool block) {
    const std::string_view mark = block ? "%}" : "}}";
    const std::string_view here = rest();
    const bool signed_end = (here[0] == '-' || (block && here[0] == '+')) && here.substr(1).starts_with(mark);
    if (!signed_end && !here.starts_with(mark)) return false;
    const char sign = signed_end ? here[0] : '\0';
    add(block ? TokenType::block_end : TokenType::variable_end, std::string(mark));
    advance(mark.size() + (signed_end ? 1 : 0));
    after_tag(sign, block);
    return true;
  }

  void token() {
    const char c = text_[at_];
    if (is_digit(c)) return number();
    if (c == '\'' || c == '"') return string(c);
    if (begins_name(c)) {
      std::size_t n = 1;
      while (at_ + n < text_.size() && continues_name(text_[at_ + n])) ++n;
      add(TokenType::name, text_.substr(at_, n));
      return advance(n);
    }
    const auto op = std::ranges::find_if(operators, [&](std::string_view candidate) { return rest().starts_with(candidate); });
    if (op == operators.end()) error("unexpected char " + std::string(quoted_character()) + " at " + std::to_string(at_));
    bracket(*op);
    add(TokenType::op, std::string(*op));
    advance(op->size());
  }

  [[nodiscard]] std::string quoted_character() const { return "'" + text_.substr(at_, 1) + "'"; }

  void bracket(std::string_view op) {
    if (op == "(") brackets_.push_back(')');
    if (op == "[") brackets_.push_back(']');
    if (op == "{") brackets_.push_back('}');
    if (op != ")" && op != "]" && op != "}") return;
    if (brackets_.empty()) error("unexpected '" + std::string(op) + "'");
    if (brackets_.back() != op[0]) {
      error("unexpected '" + std::string(op) + "', expected '" + std::string(1, brackets_.back()) + "'");
    }
    brackets_.pop_back();
  }

  void string(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size())
      error("unexpected char " + std::string(1, quote) + " at " + std::to_string(at_) + ": the string has no end");
    const auto value = unescape_string(std::string_view(text_).substr(at_ + 1, end - at_ - 1));
    if (!value) error("a string has an escape sequence that is none");
    add(TokenType::string, *value);
    advance(end + 1 - at_);
  }

  // Digits of a base with single underscores between them, appended to `out` without those; 0 where there are none.
  [[nodiscard]] std::size_t digits(std::size_t from, int base, std::string& out) const {
    std::size_t n = 0;
    while (from + n < text_.size()) {
      const char c = text_[from + n];
      const bool between = c == '_' && n > 0 && from + n + 1 < text_.size() && is_base_digit(text_[from + n + 1], base);
      if (!between && !is_base_digit(c, base)) break;
      if (!between) out += c;
      ++n;
    }
    return n;
  }

  void number() {
    const char kind = at_ + 1 < text_.size() && text_[at_] == '0' ? static_cast<char>(text_[at_ + 1] | 0x20) : '\0';
    const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    std::string text;
    if (base != 10) {
      std::size_t from = at_ + 2;
      if (from < text_.size() && text_[from] == '_') ++from;
      const std::size_t n = digits(from, base, text);
      if (n > 0) {
        add(TokenType::integer, text_.substr(at_, 2) + text);
        return advance(from + n - at_);
      }
    }
    std::size_t n = digits(at_, 10, text);
    bool real = false;
    const bool after_dot = tokens_.back().type == TokenType::op && tokens_.back().text == ".";  // a.0.1: two indexes
    if (after_dot) {
      add(TokenType::integer, text);
      return advance(n);
    }
    if (at_ + n + 1 < text_.size() && text_[at_ + n] == '.' && is_digit(text_[at_ + n + 1])) {
      real = true;
      text += '.';
      n += 1 + digits(at_ + n + 1, 10, text);
    }
    std::size_t exponent = at_ + n;
    if (exponent < text_.size() && (text_[exponent] | 0x20) == 'e') {
      std::string part = "e";
      ++exponent;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) part += text_[exponent++];
      const std::size_t more = digits(exponent, 10, part);
      if (more > 0) {
        real = true;
        text += part;
        n = exponent + more - at_;
      }
    }
    // An int does not begin with 0: 012 is 0 and 12, which no grammar has.
    if (!real && text.size() > 1 && text[0] == '0' && text.find_first_not_of('0') != std::string::npos)
      error("an integer begins with 0");
    add(real ? TokenType::real : TokenType::integer, text);
    advance(n);
  }

  const std::string text_;
  const LexerOptions& options_;
  const std::string_view template_name_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::string brackets_;  // the closing ones that are to come
  std::vector<Token> tokens_;
};

std::string with_plain_newlines(std::string_view source, const LexerOptions& options) {
  std::string out;
  out.reserve(source.size());
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out += source[i];
    }
  }
  if (!options.keep_trailing_newline && out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::vector<Token> tokenize(std::string_view source, const LexerOptions& options, std::string_view template_name) {
  return Lexer(with_plain_newlines(source, options), options, template_name).run();
}

}  // namespace venturi::templates
