#include "template/literal_eval.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "template/compare.h"
#include "template/dict.h"
#include "template/host_object.h"
#include "template/integer.h"
#include "template/operators.h"
#include "template/string_literal.h"

namespace venturi::templates {
namespace {

constexpr int max_literal_depth = 100;

// A set, which only literals make: handed on as a list.
class SetObject final : public HostObject {
 public:
  explicit SetObject(Items items) : items_(std::move(items)) {}
  [[nodiscard]] std::string type_name() const override { return "set"; }
  [[nodiscard]] std::optional<std::size_t> length() override { return items_.size(); }
  [[nodiscard]] std::optional<Items> iterate() override { return items_; }
  [[nodiscard]] std::optional<Item> plain() override { return Item::list(items_); }
  [[nodiscard]] std::string str() override { return repr_of(items_); }
  [[nodiscard]] std::string repr(Walk&) override { return repr_of(items_); }

 private:
  static std::string repr_of(const Items& items) {
    if (items.empty()) return "set()";
    std::string text = templates::repr(Item::list(items));
    text.front() = '{';
    text.back() = '}';
    return text;
  }

  const Items items_;
};

Item make_set(Items items) {
  return std::make_shared<SetObject>(std::move(items));
}

// Each function gives false where the text does not go on as it should; then the whole is no literal.
class LiteralReader {
 public:
  explicit LiteralReader(std::string_view text) : rest_(text) {}

  std::optional<Item> run() {
    // Lines that are blank or hold a comment may come first, an indented expression may not.
    while (true) {
      const std::size_t text = rest_.find_first_not_of(" \t\f");
      if (text == std::string_view::npos || (rest_[text] != '\n' && rest_[text] != '\r' && rest_[text] != '#')) break;
      rest_.remove_prefix(text);
      skip_comment();
      if (rest_.empty()) return std::nullopt;
      rest_.remove_prefix(1);
    }
    if (!rest_.empty() && is_blank(rest_.front())) return std::nullopt;  // an unexpected indent
    Item item;
    if (!value(item)) return std::nullopt;
    blanks();
    if (rest_.starts_with(',')) {
      Items items = {std::move(item)};
      if (!more_of_tuple(items)) return std::nullopt;
      item = Item::tuple(std::move(items));
    }
    blanks();
    if (!rest_.empty()) return std::nullopt;
    if (unhashable_) fail(ErrorKind::type, *unhashable_);
    return item;
  }

 private:
  void skip_comment() {
    if (rest_.starts_with('#')) rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
  }

  void blanks() {
    // A newline ends an expression unless it is within brackets or at the end.
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\f' ||
                              ((rest_[0] == '\n' || rest_[0] == '\r') && (depth_ > 0 || trim(rest_).empty())))) {
      rest_.remove_prefix(1);
    }
    if (!rest_.starts_with('#')) return;
    skip_comment();
    blanks();
  }
  bool skip(char c) {
    blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool word(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    if (rest_.size() > text.size()) {
      const char next = rest_[text.size()];
      if (is_digit(next) || next == '_' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z')) return false;
    }
    rest_.remove_prefix(text.size());
    return true;
  }

  bool value(Item& out) {
    blanks();
    if (rest_.empty()) return false;
    if (word("None")) return out = Item(), true;
    if (word("True")) return out = true, true;
    if (word("False")) return out = false, true;
    if (rest_ == "set()") return rest_ = {}, out = make_set({}), true;
    const char c = rest_[0];
    if (c == '(' || c == '[' || c == '{') return bracketed(out);
    if (c == '\'' || c == '"' || c == 'r' || c == 'u' || c == 'R' || c == 'U') return strings(out);
    return number(out);
  }

  bool bracketed(Item& out) {
    const char open = rest_[0];
    rest_.remove_prefix(1);
    if (++depth_ > max_literal_depth) return false;
    const bool ok = open == '[' ? list(out) : open == '(' ? tuple(out) : dict(out);
    --depth_;
    return ok;
  }

  bool list(Item& out) {
    Items items;
    while (!skip(']')) {
      if (!items.empty() && !skip(',')) return false;
      if (skip(']')) break;
      if (!value(items.emplace_back())) return false;
    }
    out = Item::list(std::move(items));
    return true;
  }

  bool tuple(Item& out) {
    if (skip(')')) return out = Item::tuple({}), true;
    Items items;
    if (!value(items.emplace_back())) return false;
    if (skip(')')) return out = std::move(items.front()), true;
    while (true) {
      if (!skip(',')) return false;
      if (skip(')')) break;
      if (!value(items.emplace_back())) return false;
      if (skip(')')) break;
    }
    out = Item::tuple(std::move(items));
    return true;
  }

  bool more_of_tuple(Items& items) {
    while (skip(',')) {
      blanks();
      if (rest_.empty()) return true;
      if (!value(items.emplace_back())) return false;
    }
    return true;
  }

  // Or a set, where the first element has no value.
  bool dict(Item& out) {
    std::vector<std::pair<Item, Item>> entries;
    bool is_set = false;
    while (!skip('}')) {
      if (!entries.empty() && !skip(',')) return false;
      if (!entries.empty() && skip('}')) break;
      auto& [key, item] = entries.emplace_back();
      if (!value(key)) return false;
      const bool has_value = skip(':');
      if (entries.size() == 1) is_set = !has_value;
      if (has_value == is_set || (has_value && !value(item))) return false;
    }
    // TypeError for a key that cannot be one, as Python's, once the text has proved to be a literal.
    auto result = std::make_shared<Dict>();
    for (auto& [key, item] : entries) {
      const bool hashable = !key.is(Type::list) && !key.is(Type::dict);
      if (hashable) {
        result->set(key, std::move(item));
      } else if (!unhashable_) {
        unhashable_ = "unhashable type: '" + type_name(key) + "'";
      }
    }
    out = is_set ? make_set(result->keys()) : Item(std::move(result));
    return true;
  }

  bool strings(Item& out) {
    std::string text;
    bool any = false;
    while (true) {
      const bool raw = rest_.starts_with('r') || rest_.starts_with('R');
      std::string_view at = rest_;
      if (raw || at.starts_with('u') || at.starts_with('U')) at.remove_prefix(1);
      if (!at.starts_with('\'') && !at.starts_with('"')) break;
      rest_ = at;
      if (!string(text, raw)) return false;
      any = true;
      blanks();
    }
    out = std::move(text);
    return any;
  }

  bool string(std::string& out, bool raw) {
    const bool triple = rest_.size() >= 3 && rest_[1] == rest_[0] && rest_[2] == rest_[0];
    const std::string_view quote = rest_.substr(0, triple ? 3 : 1);
    rest_.remove_prefix(quote.size());
    std::size_t end = 0;
    while (end < rest_.size() && !rest_.substr(end).starts_with(quote)) {
      if (rest_[end] == '\n' && !triple) return false;
      end += rest_[end] == '\\' ? 2 : 1;
    }
    if (end >= rest_.size()) return false;
    const auto text = raw ? std::optional(std::string(rest_.substr(0, end))) : unescape_string(rest_.substr(0, end));
    if (!text) return false;
    out += *text;
    rest_.remove_prefix(end + quote.size());
    return true;
  }

  bool number(Item& out) {
    const bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) {
      rest_.remove_prefix(1);
      blanks();
    }
    std::string text;
    std::size_t n = 0;
    while (n < rest_.size()) {
      const char c = rest_[n];
      const bool sign = (c == '-' || c == '+') && !text.empty() && (text.back() | 0x20) == 'e' && !text.starts_with("0x");
      if (c == '_' && n > 0 && n + 1 < rest_.size() && is_digit(rest_[n - 1]) && is_digit(rest_[n + 1])) {
        ++n;
        continue;
      }
      if (!is_digit(c) && c != '.' && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !sign) break;
      text += c;
      ++n;
    }
    rest_.remove_prefix(n);
    const char* end = text.data() + text.size();
    const char kind = text.size() > 2 && text[0] == '0' ? static_cast<char>(text[1] | 0x20) : '\0';
    const unsigned base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    const bool starts_right = !text.empty() && (is_digit(text[0]) || text[0] == '.');
    if (const auto integer =
            starts_right ? read_integer(std::string_view(text).substr(base == 10 ? 0 : 2), base) : std::nullopt) {
      const bool zeros = base == 10 && text.size() > 1 && text[0] == '0' && !equal(*integer, 0);
      out = negative ? negate_integer(*integer) : *integer;
      return !zeros;
    }
    double real = 0;
    const auto real_read = std::from_chars(text.data(), end, real);
    if (!starts_right || real_read.ptr != end) return false;
    if (real_read.ec == std::errc::result_out_of_range) {
      const std::size_t e = text.find_first_of("eE");
      real = e != std::string::npos && text[e + 1] == '-' ? 0.0 : HUGE_VAL;
    }
    out = negative ? -real : real;
    return true;
  }

  std::string_view rest_;
  int depth_ = 0;
  std::optional<std::string> unhashable_;  // a key that cannot be one
};

}  // namespace

std::optional<Item> literal_eval(std::string_view text) {
  return LiteralReader(text).run();
}

}  // namespace venturi::templates
