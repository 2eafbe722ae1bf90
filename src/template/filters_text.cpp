// Filters on text: case, width, cutting.
#include <algorithm>

#include "base/text.h"
#include "template/builtins.h"
#include "template/dict.h"
#include "template/format_spec.h"
#include "template/integer.h"
#include "template/markup.h"
#include "template/operators.h"
#include "template/text_shape.h"
#include "template/text_wrap.h"
#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

// markupsafe.soft_str: what is a str already, as an enum of text is, is taken for that.
Text soft_text(const Item& item) {
  const Item text = plain(item);
  return text.is_text() ? text.as_text() : Text{str(item)};
}

template <std::string (*Function)(std::string_view)>
Item mapped_filter(Call& call) {
  const Args args(call, {"s"}, 1);
  const Text text = soft_text(args[0]);
  return Text{Function(text.bytes), text.markup};
}

// Unlike str.title(): only after blanks and opening brackets a word begins.
std::string title_words(std::string_view s) {
  std::string out;
  bool begins = true;
  while (!s.empty()) {
    const char32_t c = utf8::take(s);
    const bool separates = utf8::is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    std::string letter;
    utf8::append(letter, c);
    out += begins ? upper_case(letter) : lower_case(letter);
    begins = separates;
  }
  return out;
}

Item center_filter(Call& call) {
  const Args args(call, {"value", "width"}, 1);
  const Text text = soft_text(args[0]);
  return Text{justify(call.runtime.budget, text.bytes, args.integer(1, 80), " ", '^'), text.markup};
}

Item trim_filter(Call& call) {
  const Args args(call, {"value", "chars"}, 1);
  const Text text = soft_text(args[0]);
  return Text{args[1].is_none() ? strip(text.bytes, true, true) : strip(text.bytes, true, true, args.text(1)), text.markup};
}

Item replace_filter(Call& call) {
  const Args args(call, {"s", "old", "new", "count"}, 3);
  const bool markup = call.runtime.autoescape() && (args[0].is_markup() || args[1].is_markup() || args[2].is_markup());
  const std::int64_t count = args[3].is_none() ? -1 : args.integer(3);
  const auto text = [&](std::size_t i) { return markup ? escape(args[i]) : str(args[i]); };
  return Text{replace_all(call.runtime.budget, text(0), text(1), text(2), count), markup};
}

Item truncate_filter(Call& call) {
  const Args args(call, {"s", "length", "killwords", "end", "leeway"}, 1);
  const std::int64_t length = args.integer(1, 255), leeway = args[4].is_none() ? 5 : args.integer(4);
  const std::string end = args.text(3, "...");
  const auto end_length = static_cast<std::int64_t>(utf8::length(end));
  if (length < end_length)
    fail(ErrorKind::value, "expected length >= " + std::to_string(end_length) + ", got " + std::to_string(length));
  if (leeway < 0) fail(ErrorKind::value, "expected leeway >= 0, got " + std::to_string(leeway));
  const auto size = static_cast<std::int64_t>(templates::length(args[0]));
  if (size - leeway <= length) return args[0];
  if (!plain(args[0]).is_text()) {
    fail(ErrorKind::type, "can only concatenate " + type_name(args[0]) + " (not \"str\") to " + type_name(args[0]));
  }
  const Text text = soft_text(args[0]);
  std::string kept = text.bytes.substr(0, utf8::offset(text.bytes, static_cast<std::size_t>(length - end_length)));
  if (!args.truth(2, false)) kept.resize(std::min(kept.rfind(' '), kept.size()));
  return Text{kept + end, text.markup};
}

// Filters that are made of methods of str do not take what is none.
void require_text(const Item& item, std::string_view method) {
  if (item.is_undefined()) item.as_undefined().use();
  if (plain(item).is_text()) return;
  fail(ErrorKind::attribute, "'" + type_name(item) + "' object has no attribute '" + std::string(method) + "'");
}

Item indent_filter(Call& call) {
  const Args args(call, {"s", "width", "first", "blank"}, 1);
  if (!args[0].is(Type::list)) {
    const Item given = plain(args[0]);
    if (!given.is_text()) fail(ErrorKind::type, "unsupported operand type(s) for +=: '" + type_name(given) + "' and 'str'");
  }
  require_text(args[0], "splitlines");
  const Text text = soft_text(args[0]);
  std::string indention;
  if (args[1].is_text()) {
    indention = args.text(1);
  } else {
    const std::int64_t width = std::max<std::int64_t>(args.integer(1, 4), 0);
    call.runtime.budget.make_text(static_cast<std::size_t>(width));
    indention.assign(static_cast<std::size_t>(width), ' ');
  }
  const std::vector<std::string> lines = split_lines(text.bytes + "\n", false);
  call.runtime.budget.check_text(lines.size() * indention.size());
  std::string out = args.truth(2, false) ? indention : "";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    if (i > 0 && (args.truth(3, false) || !lines[i].empty())) out += indention;
    out += lines[i];
  }
  call.runtime.budget.make_text(out.size());
  return Text{std::move(out), text.markup};
}

Item wordwrap_filter(Call& call) {
  const Args args(call, {"s", "width", "break_long_words", "wrapstring", "break_on_hyphens"}, 1);
  const Text text = soft_text(args[0]);
  require_text(args[0], "splitlines");
  const std::int64_t width = args.integer(1, 79);
  if (width <= 0 && !text.bytes.empty()) fail(ErrorKind::value, "invalid width " + std::to_string(width) + " (must be > 0)");
  const WrapOptions options{static_cast<std::size_t>(std::max<std::int64_t>(width, 1)), args.truth(2, true),
                            args.truth(4, true)};
  const std::string separator = args[3].is_none() ? "\n" : args.text(3);
  std::string out;
  bool first = true;
  for (const std::string& line : split_lines(text.bytes, false)) {
    const std::vector<std::string> wrapped = wrap_text(line, options);
    if (!std::exchange(first, false)) out += separator;
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
      if (i > 0) out += separator;
      out += wrapped[i];
      call.runtime.budget.check_text(out.size());
    }
  }
  return Text{std::move(out), text.markup};
}

Item wordcount_filter(Call& call) {
  const Args args(call, {"s"}, 1);
  std::size_t words = 0;
  bool in_word = false;
  for (const char32_t c : utf8::decode(str(args[0]))) {
    const bool letter = unicode::is_alphanumeric(c) || c == '_';
    if (letter && !in_word) ++words;
    in_word = letter;
  }
  return words;
}

Item format_filter(Call& call) {
  if (call.args.size() > 1 && !call.keywords.empty()) {
    fail(ErrorKind::filter_argument, "can't handle positional and keyword arguments at the same time");
  }
  const Text format = soft_text(call.args[0]);
  Item arguments = Item::tuple(Items(call.args.begin() + 1, call.args.end()));
  if (!call.keywords.empty()) {
    auto mapping = std::make_shared<Dict>();
    for (const Keyword& keyword : call.keywords) mapping->set(keyword.name, keyword.value);
    arguments = std::move(mapping);
  }
  return Text{percent_format(call.runtime, format, arguments), format.markup};
}

Item string_filter(Call& call) {
  const Args args(call, {"object"}, 1);
  return soft_text(args[0]);
}

Item filesizeformat(Call& call) {
  const Args args(call, {"value", "binary"}, 1);
  const double bytes = to_real(args[0]);
  const bool binary = args.truth(1, false);
  const double base = binary ? 1024 : 1000;
  constexpr std::string_view decimal_units[] = {"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"};
  constexpr std::string_view binary_units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"};
  if (bytes == 1) return "1 Byte";
  if (bytes < base) return str(integer_of_real(bytes)) + " Bytes";
  double unit = base * base;
  std::size_t i = 0;
  while (bytes >= unit && i + 1 < std::size(binary_units)) {
    unit *= base;
    ++i;
  }
  return real_digits(base * bytes / unit, 'f', 1, false) + " " + std::string(binary ? binary_units[i] : decimal_units[i]);
}

constexpr NamedNative of_texts[] = {
    {"capitalize", mapped_filter<capitalize>},
    {"center", center_filter},
    {"filesizeformat", filesizeformat},
    {"format", format_filter},
    {"indent", indent_filter},
    {"lower", mapped_filter<lower_case>},
    {"replace", replace_filter},
    {"string", string_filter},
    {"title", mapped_filter<title_words>},
    {"trim", trim_filter},
    {"truncate", truncate_filter},
    {"upper", mapped_filter<upper_case>},
    {"wordcount", wordcount_filter},
    {"wordwrap", wordwrap_filter},
};

}  // namespace

const std::span<const NamedNative> text_filters = of_texts;

}  // namespace venturi::templates
