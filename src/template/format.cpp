// str % x, format(x, spec) and str.format().
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "template/datetime.h"
#include "template/dict.h"
#include "template/format_spec.h"
#include "template/integer.h"
#include "template/markup.h"
#include "template/operators.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

std::string ascii_repr(const Item& item) {
  std::string out;
  for (const char32_t c : utf8::decode(repr(item))) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else {
      char buffer[16];
      std::snprintf(buffer, sizeof buffer,
                    c < 0x100     ? "\\x%02x"
                    : c < 0x10000 ? "\\u%04x"
                                  : "\\U%08x",
                    static_cast<unsigned>(c));
      out += buffer;
    }
  }
  return out;
}

// One `%...` of a format, and the arguments it takes them from.
class PercentFormatter {
 public:
  PercentFormatter(Runtime& runtime, const Text& format, const Item& arguments)
      : runtime_(runtime), rest_(format.bytes), escapes_(format.markup), arguments_(arguments) {}

  std::string run() {
    while (!rest_.empty()) {
      const std::size_t percent = rest_.find('%');
      out_ += rest_.substr(0, percent);
      if (percent == std::string_view::npos) break;
      rest_.remove_prefix(percent + 1);
      conversion();
      runtime_.budget.make_text(out_.size());
    }
    const bool unused = arguments_.is(Type::tuple) ? next_ < arguments_.sequence().size()
                                                   : !arguments_.is(Type::dict) && !by_key_ && next_ == 0;
    if (unused && !arguments_.is(Type::list) && !(arguments_.is(Type::host) && arguments_.as_host()->is_mapping())) {
      fail(ErrorKind::type, "not all arguments converted during string formatting");
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] static void incomplete() { fail(ErrorKind::value, "incomplete format"); }

  Item next_argument() {
    if (key_) return *key_;
    if (arguments_.is(Type::tuple)) {
      if (next_ >= arguments_.sequence().size()) fail(ErrorKind::type, "not enough arguments for format string");
      return arguments_.sequence()[next_++];
    }
    if (next_++ > 0) fail(ErrorKind::type, "not enough arguments for format string");
    return arguments_;
  }

  std::size_t number() {
    if (rest_.starts_with('*')) {
      rest_.remove_prefix(1);
      const Item given = next_argument();
      if (!given.is_integer()) fail(ErrorKind::type, "* wants int");
      return static_cast<std::size_t>(std::clamp<std::int64_t>(given.as_integer(), 0, INT32_MAX));
    }
    std::size_t value = 0;
    while (!rest_.empty() && is_digit(rest_[0])) {
      value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(rest_[0] - '0'), INT32_MAX);
      rest_.remove_prefix(1);
    }
    return value;
  }

  void conversion() {
    key_.reset();
    if (rest_.starts_with('%')) {
      out_ += '%';
      rest_.remove_prefix(1);
      return;
    }
    if (rest_.starts_with('(')) {
      const std::size_t end = rest_.find(')');
      if (end == std::string_view::npos) fail(ErrorKind::value, "incomplete format key");
      const Item key(rest_.substr(1, end - 1));
      if (!arguments_.is(Type::dict) && !arguments_.is(Type::host)) fail(ErrorKind::type, "format requires a mapping");
      key_ = own_item(arguments_, key);
      if (!key_) fail(ErrorKind::key, repr(key));
      by_key_ = true;
      rest_.remove_prefix(end + 1);
    }
    FormatSpec spec;
    bool zero = false;
    for (; !rest_.empty() && std::string_view("-+ #0").find(rest_[0]) != std::string_view::npos; rest_.remove_prefix(1)) {
      if (rest_[0] == '-') spec.align = '<';
      if (rest_[0] == '+') spec.sign = '+';
      if (rest_[0] == ' ' && spec.sign != '+') spec.sign = ' ';
      if (rest_[0] == '#') spec.alternate = true;
      if (rest_[0] == '0') zero = true;
    }
    spec.width = number();
    runtime_.budget.make_text(spec.width);
    if (rest_.starts_with('.')) {
      rest_.remove_prefix(1);
      spec.precision = static_cast<int>(number());
    }
    while (!rest_.empty() && std::string_view("hlL").find(rest_[0]) != std::string_view::npos) rest_.remove_prefix(1);
    if (rest_.empty()) incomplete();
    const char type = rest_[0];
    rest_.remove_prefix(1);
    const Item argument = next_argument();
    spec.type = type;
    if (zero && spec.align == '\0' && std::string_view("sra").find(type) == std::string_view::npos) {
      spec.fill = "0";
      spec.align = '=';
    }
    if (spec.align == '\0') spec.align = '>';
    out_ += one(argument, spec);
  }

  std::string one(const Item& argument, FormatSpec spec) const {
    const char type = spec.type;
    switch (type) {
      case 's':
      case 'r':
      case 'a': {
        spec.type = 's';
        spec.sign = '-';
        return format_string(type == 's'   ? (escapes_ ? escape(argument) : str(argument))
                             : type == 'r' ? repr(argument)
                                           : ascii_repr(argument),
                             spec);
      }
      case 'd':
      case 'i':
      case 'u':
      case 'x':
      case 'X':
      case 'o':
        return integer(argument, spec);
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G': {
        const Item number = plain(argument);
        if (!number.is_number()) fail(ErrorKind::type, "must be real number, not " + type_name(argument));
        return format_real(number.as_real(), spec);
      }
      case 'c':
        spec.precision.reset();
        if (argument.is_text() && utf8::length(argument.as_string()) == 1) {
          spec.type = 's';
          return format_string(argument.as_string(), spec);
        }
        if (!argument.is_any_integer()) fail(ErrorKind::type, "%c requires int or char");
        return format_integer(argument, spec);
      default:
        fail(ErrorKind::value, "unsupported format character '" + std::string(1, type) + "'");
    }
  }

  static std::string integer(const Item& argument, FormatSpec spec) {
    const Item number = plain(argument);
    const bool decimal = std::string_view("diu").find(spec.type) != std::string_view::npos;
    if (!number.is_any_integer() && !(decimal && number.is(Type::real))) {
      fail(ErrorKind::type, "%" + std::string(1, spec.type) + " format: " + (decimal ? "a real number" : "an integer") +
                                " is required, not " + type_name(argument));
    }
    const Item value = number.is_any_integer() ? number : integer_of_real(number.as_real());
    if (decimal) spec.type = 'd';
    const std::optional<int> least_digits = std::exchange(spec.precision, std::nullopt);
    if (!least_digits) return format_integer(value, spec);
    FormatSpec digits = spec;
    digits.align = '=';
    digits.fill = "0";
    digits.width = static_cast<std::size_t>(std::min(*least_digits, max_precision)) +
                   (is_negative_integer(value) || spec.sign != '-' ? 1 : 0);
    FormatSpec outer;
    outer.align = spec.align;
    outer.fill = spec.fill;
    outer.width = spec.width;
    if (outer.align == '=') outer.align = '>';
    return format_string(format_integer(value, digits), outer);
  }

  Runtime& runtime_;
  std::string_view rest_;
  const bool escapes_;
  const Item& arguments_;
  std::size_t next_ = 0;
  bool by_key_ = false;
  std::optional<Item> key_;
  std::string out_;
};

}  // namespace

std::string percent_format(Runtime& runtime, const Text& format, const Item& arguments) {
  return PercentFormatter(runtime, format, arguments).run();
}

std::string format_item(Runtime& runtime, const Item& value, std::string_view spec) {
  const Item item = plain(value);
  if (spec.empty()) return str(value);
  if (item.is(Type::datetime) || item.is(Type::date) || item.is(Type::time)) {
    if (item.is(Type::datetime)) {
      const DateTime& time = item.as_datetime();
      // pendulum takes its own tokens, unless there is a percent sign.
      if (time.pendulum && spec.find('%') == std::string_view::npos) return pendulum_format(time, spec, runtime.zones);
      return strftime(time, spec, runtime.zones);
    }
    return strftime(on_a_day(item), spec, runtime.zones);
  }
  const FormatSpec parsed = parse_format_spec(spec, type_name(item));
  runtime.budget.make_text(parsed.width * parsed.fill.size());
  if (item.is_any_integer()) return format_integer(item, parsed);
  if (item.is(Type::real)) return format_real(item.as_real(), parsed);
  if (item.is_text()) return format_string(item.as_string(), parsed);
  fail(ErrorKind::type, "unsupported format string passed to " + type_name(item) + ".__format__");
}

}  // namespace venturi::templates
