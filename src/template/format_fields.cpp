// str.format(): "{0.name[key]!r:>10}".
#include <charconv>

#include "base/text.h"
#include "template/markup.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

constexpr int max_nested_specs = 2;  // a spec may hold fields, whose specs may not

class FieldFormatter {
 public:
  FieldFormatter(Runtime& runtime, bool escapes, const Items& args, const Item& mapping)
      : runtime_(runtime), escapes_(escapes), args_(args), mapping_(mapping) {}

  std::string run(std::string_view format, int depth) {
    if (depth >= max_nested_specs) fail(ErrorKind::value, "Max string recursion exceeded");
    std::string out;
    while (!format.empty()) {
      const std::size_t brace = format.find_first_of("{}");
      out += format.substr(0, brace);
      if (brace == std::string_view::npos) break;
      const char c = format[brace];
      format.remove_prefix(brace + 1);
      if (format.starts_with(c)) {
        out += c;
        format.remove_prefix(1);
      } else if (c == '}') {
        fail(ErrorKind::value, "Single '}' encountered in format string");
      } else {
        out += field(take_field(format), depth);
      }
      runtime_.budget.make_text(out.size());
    }
    return out;
  }

 private:
  // The text up to the brace that closes the field.
  static std::string_view take_field(std::string_view& format) {
    int open = 1;
    for (std::size_t i = 0; i < format.size(); ++i) {
      if (format[i] == '[' && open == 1) {
        const std::size_t close = format.find(']', i);
        if (close == std::string_view::npos) fail(ErrorKind::value, "Missing ']' in format string");
        i = close;
        continue;
      }
      open += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
      if (open == 0) {
        const std::string_view field = format.substr(0, i);
        format.remove_prefix(i + 1);
        return field;
      }
    }
    fail(ErrorKind::value, format.empty() ? "Single '{' encountered in format string" : "expected '}' before end of string");
  }

  std::string field(std::string_view field, int depth) {
    std::size_t end = 0;
    while (end < field.size() && field[end] != '!' && field[end] != ':') {
      end = field[end] == '[' ? std::min(field.find(']', end), field.size()) : end + 1;
    }
    Item value = find(field.substr(0, end));
    std::string_view rest = field.substr(std::min(end, field.size()));
    if (rest.starts_with('!')) {
      if (rest.size() < 2 || (rest.size() > 2 && rest[2] != ':'))
        fail(ErrorKind::value, "expected ':' after conversion specifier");
      if (rest[1] == 's')
        value = str(value);
      else if (rest[1] == 'r' || rest[1] == 'a')
        value = repr(value);
      else
        fail(ErrorKind::value, "Unknown conversion specifier '" + std::string(1, rest[1]) + "'");
      rest.remove_prefix(2);
    }
    if (rest.starts_with(':')) rest.remove_prefix(1);
    const std::string spec = rest.find_first_of("{}") == std::string_view::npos ? std::string(rest) : run(rest, depth + 1);
    if (!escapes_) return format_item(runtime_, value, spec);
    return spec.empty() ? escape(value) : escape_text(format_item(runtime_, value, spec));
  }

  Item find(std::string_view name) {
    const std::size_t end = std::min(name.find_first_of(".["), name.size());
    if (end == 0 && !name.empty())
      fail(ErrorKind::key, "''");  // string.Formatter, which the sandbox uses, does not number "{.x}"
    Item value = argument(name.substr(0, end));
    name.remove_prefix(end);
    while (!name.empty()) {
      if (name[0] == '.') {
        const std::size_t stop = std::min(name.find_first_of(".[", 1), name.size());
        const std::string_view attribute = name.substr(1, stop - 1);
        if (attribute.empty()) fail(ErrorKind::value, "Empty attribute in format string");
        value = get_attribute(value, attribute);
        name.remove_prefix(stop);
      } else {
        const std::size_t close = name.find(']');
        if (close == std::string_view::npos || name[0] != '[') fail(ErrorKind::value, "Missing ']' in format string");
        const std::string_view key = name.substr(1, close - 1);
        if (key.empty()) fail(ErrorKind::value, "Empty attribute in format string");
        value = get_item(value, index(key));
        name.remove_prefix(close + 1);
      }
    }
    return value;
  }

  static Item index(std::string_view key) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool numeric = error == std::errc() && end == key.data() + key.size() && is_digit(key[0]);
    return numeric ? Item(number) : Item(key);
  }

  Item argument(std::string_view name) {
    if (!name.empty() && !is_digit(name[0])) {
      if (const auto found = own_item(mapping_, name)) return *found;
      fail(ErrorKind::key, string_repr(name));
    }
    if (!numbering_) numbering_ = !name.empty();
    if (*numbering_ == name.empty()) {
      fail(ErrorKind::value, *numbering_ ? "cannot switch from manual field specification to automatic field numbering"
                                         : "cannot switch from automatic field numbering to manual field specification");
    }
    const Item at = name.empty() ? Item(next_++) : index(name);
    const std::int64_t i = at.is_integer() ? at.as_integer() : -1;
    if (i < 0 || static_cast<std::size_t>(i) >= args_.size()) {
      fail(ErrorKind::index, "Replacement index " + str(at) + " out of range for positional args tuple");
    }
    return args_[static_cast<std::size_t>(i)];
  }

  Runtime& runtime_;
  const bool escapes_;
  const Items& args_;
  const Item& mapping_;
  std::optional<bool> numbering_;  // by hand, or else by order
  std::size_t next_ = 0;
};

}  // namespace

std::string format_text(Runtime& runtime, const Text& format, const Items& args, const Item& mapping) {
  return FieldFormatter(runtime, format.markup, args, mapping).run(format.bytes, 0);
}

}  // namespace venturi::templates
