// Methods of str. What changes cases, aligns or cuts is in text_shape.cpp.
#include <algorithm>

#include "base/text.h"
#include "template/dict.h"
#include "template/markup.h"
#include "template/methods.h"
#include "template/operators.h"
#include "template/text_find.h"
#include "template/text_shape.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

Item like(const Item& original, std::string text) {
  return Text{std::move(text), original.is_markup()};
}

const std::string& this_text(const Call& call) {
  return call.args[0].as_string();
}

template <std::string (*Function)(std::string_view)>
Item changed(Call& call) {
  const Args args(call, {"self"}, 1);
  return like(args[0], Function(this_text(call)));
}

template <bool (*Function)(std::string_view)>
Item asked(Call& call) {
  const Args args(call, {"self"}, 1);
  return Function(this_text(call));
}

template <char Align>
Item justified(Call& call) {
  const Args args(call, {"self", "width", "fillchar"}, 2);
  const std::string fill = args.text(2, " ");
  if (utf8::length(fill) != 1) fail(ErrorKind::type, "The fill character must be exactly one character long");
  return like(args[0], justify(call.runtime.budget, this_text(call), args.integer(1), fill, Align));
}

Item zfill(Call& call) {
  const Args args(call, {"self", "width"}, 2);
  std::string text = this_text(call);
  const bool has_sign = text.starts_with('-') || text.starts_with('+');
  const std::string sign = has_sign ? text.substr(0, 1) : "";
  const std::int64_t width = args.integer(1) - static_cast<std::int64_t>(sign.size());
  return like(args[0], sign + justify(call.runtime.budget, std::string_view(text).substr(sign.size()), width, "0", '>'));
}

template <bool Left, bool Right>
Item stripped(Call& call) {
  const Args args(call, {"self", "chars"}, 1);
  return like(args[0],
              args[1].is_none() ? strip(this_text(call), Left, Right) : strip(this_text(call), Left, Right, args.text(1)));
}

template <bool AtStart>
Item has_affix(Call& call) {
  const Args args(call, {"self", "prefix", "start", "end"}, 2);
  Item text = args[0];
  if (args.has(2)) text = slice(call.runtime, text, args[2], args[3], {});
  const auto matches = [&](const Item& affix) {
    if (!affix.is_text()) {
      fail(ErrorKind::type, std::string(call.name) + " first arg must be str or a tuple of str, not " + type_name(affix));
    }
    return AtStart ? text.as_string().starts_with(affix.as_string()) : text.as_string().ends_with(affix.as_string());
  };
  if (!args[1].is(Type::tuple)) return matches(args[1]);
  return std::ranges::any_of(args[1].sequence(), matches);
}

Item removeprefix(Call& call) {
  const Args args(call, {"self", "prefix"}, 2);
  const std::string prefix = args.text(1);
  return like(args[0], this_text(call).starts_with(prefix) ? this_text(call).substr(prefix.size()) : this_text(call));
}

Item removesuffix(Call& call) {
  const Args args(call, {"self", "suffix"}, 2);
  const std::string suffix = args.text(1);
  return like(args[0], this_text(call).ends_with(suffix) ? this_text(call).substr(0, this_text(call).size() - suffix.size())
                                                         : this_text(call));
}

// find, rfind, index, rindex: positions count_method characters.
template <bool FromRight, bool Required>
Item position(Call& call) {
  const Args args(call, {"self", "sub", "start", "end"}, 2);
  const std::string sub = args.text(1);
  const auto size = static_cast<std::int64_t>(utf8::length(this_text(call)));
  const auto clamp = [&](std::size_t i, std::int64_t otherwise) {
    std::int64_t at = args[i].is_none() ? otherwise : args.integer(i);
    if (at < 0) at += size;
    return std::clamp<std::int64_t>(at, 0, size);
  };
  const std::int64_t start = clamp(2, 0), end = clamp(3, size);
  std::size_t found = std::string::npos;
  std::size_t first = 0;
  if (start <= end) {
    first = utf8::offset(this_text(call), static_cast<std::size_t>(start));
    const std::size_t last = utf8::offset(this_text(call), static_cast<std::size_t>(end));
    const std::string_view part = std::string_view(this_text(call)).substr(first, last - first);
    found = FromRight ? find_last_text(part, sub) : find_text(part, sub);
  }
  if (found != std::string::npos) return utf8::length(std::string_view(this_text(call)).substr(0, first + found));
  if (Required) fail(ErrorKind::value, "substring not found");
  return -1;
}

// At most so many parts are between blanks (or line ends, which are some).
std::size_t blanks_in(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    n += c <= ' ' || (c == 0xC2 && next < 0xA1) || (c == 0xE1 && next == 0x9A) || (c == 0xE2 && next < 0x82) ||
                 (c == 0xE3 && next == 0x80)
             ? 1
             : 0;
  }
  return n + 1;
}

std::size_t count_text(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = find_text(text, part); at != std::string::npos; at = find_text(text, part, at + part.size())) ++n;
  return n;
}

Item count_method(Call& call) {
  const Args args(call, {"self", "sub", "start", "end"}, 2);
  const Item part = args.has(2) ? slice(call.runtime, args[0], args[2], args[3], {}) : args[0];
  const std::string sub = args.text(1);
  if (sub.empty()) return utf8::length(part.as_string()) + 1;
  return count_text(part.as_string(), sub);
}

Item replace_method(Call& call) {
  const Args args(call, {"self", "old", "new", "count"}, 3);
  const bool markup = args[0].is_markup();
  const auto argument = [&](std::size_t i) { return markup ? escape(args[i]) : args.text(i); };
  return like(args[0], replace_all(call.runtime.budget, this_text(call), argument(1), argument(2), args.integer(3, -1)));
}

Items as_items(const Item& original, std::vector<std::string> parts) {
  Items items;
  for (std::string& part : parts) items.push_back(like(original, std::move(part)));
  return items;
}

template <bool FromRight>
Item split(Call& call) {
  const Args args(call, {"self", "sep", "maxsplit"}, 1);
  const std::int64_t most = args.integer(2, -1);
  if (args[1].is_none()) {
    call.runtime.budget.make_items(blanks_in(this_text(call)));
    return Item::list(as_items(args[0], split_blanks(this_text(call), most, FromRight)));
  }
  if (args.text(1).empty()) fail(ErrorKind::value, "empty separator");
  call.runtime.budget.make_items(count_text(this_text(call), args.text(1)) + 1);
  return Item::list(as_items(args[0], split_at(this_text(call), args.text(1), most, FromRight)));
}

Item splitlines(Call& call) {
  const Args args(call, {"self", "keepends"}, 1);
  call.runtime.budget.make_items(blanks_in(this_text(call)));
  return Item::list(as_items(args[0], split_lines(this_text(call), args.truth(1, false))));
}

template <bool FromRight>
Item partition(Call& call) {
  const Args args(call, {"self", "sep"}, 2);
  const std::string separator = args.text(1);
  if (separator.empty()) fail(ErrorKind::value, "empty separator");
  const std::size_t at = FromRight ? find_last_text(this_text(call), separator) : find_text(this_text(call), separator);
  if (at == std::string::npos) {
    Items parts = FromRight ? Items{"", "", args[0]} : Items{args[0], "", ""};
    return Item::tuple(std::move(parts));
  }
  return Item::tuple({like(args[0], this_text(call).substr(0, at)), like(args[0], separator),
                      like(args[0], this_text(call).substr(at + separator.size()))});
}

Item join_method(Call& call) {
  const Args args(call, {"self", "iterable"}, 2);
  std::string out;
  bool first = true;
  std::size_t i = 0;
  for (const Item& part : iterate(call.runtime, args[1])) {
    if (!part.is_text() && !args[0].is_markup()) {
      fail(ErrorKind::type, "sequence item " + std::to_string(i) + ": expected str instance, " + type_name(part) + " found");
    }
    if (!std::exchange(first, false)) out += this_text(call);
    out += args[0].is_markup() ? escape(part) : part.as_string();
    call.runtime.budget.check_text(out.size());
    ++i;
  }
  call.runtime.budget.make_text(out.size());
  return like(args[0], std::move(out));
}

Item format_method_of_text(Call& call) {
  auto mapping = std::make_shared<Dict>();
  for (const Keyword& keyword : call.keywords) mapping->set(keyword.name, keyword.value);
  const Items positional(call.args.begin() + 1, call.args.end());
  return like(call.args[0], format_text(call.runtime, call.args[0].as_text(), positional, mapping));
}

Item format_map(Call& call) {
  const Args args(call, {"self", "mapping"}, 2);
  if (args[1].is_undefined()) args[1].as_undefined().use();
  const bool is_mapping = args[1].is(Type::dict) || args[1].is(Type::host);
  if (!is_mapping) fail(ErrorKind::type, "format_map() argument must be a mapping, not " + type_name(args[1]));
  return like(args[0], format_text(call.runtime, call.args[0].as_text(), {}, args[1]));
}

// By a dict of code points, or characters, to texts, code points or None.
Item translate(Call& call) {
  const Args args(call, {"self", "table"}, 2);
  if (!args[1].is(Type::dict)) fail(ErrorKind::type, "translate() takes a dict of code points here, not " + type_name(args[1]));
  std::string out;
  for (const char32_t c : utf8::decode(this_text(call))) {
    const Item* found = args[1].as_dict().find(Item(static_cast<std::int64_t>(c)));
    if (found == nullptr) {
      utf8::append(out, c);
    } else if (found->is_text()) {
      out += found->as_string();
    } else if (found->is_integer() && found->as_integer() >= 0 && found->as_integer() < 0x110000) {
      utf8::append(out, static_cast<char32_t>(found->as_integer()));
    } else if (!found->is_none()) {
      fail(ErrorKind::type, "character mapping must return integer, None or str");
    }
    call.runtime.budget.check_text(out.size());
  }
  return like(args[0], std::move(out));
}

Item expandtabs(Call& call) {
  const Args args(call, {"self", "tabsize"}, 1);
  return like(args[0], expand_tabs(call.runtime.budget, this_text(call), args.integer(1, 8)));
}

Item striptags_method(Call& call) {
  const Args args(call, {"self"}, 1);
  return strip_tags(this_text(call));
}

constexpr NamedNative of_text[] = {
    {"capitalize", changed<capitalize>},
    {"casefold", changed<fold_case>},
    {"center", justified<'^'>},
    {"count", count_method},
    {"endswith", has_affix<false>},
    {"expandtabs", expandtabs},
    {"find", position<false, false>},
    {"format", format_method_of_text},
    {"format_map", format_map},
    {"index", position<false, true>},
    {"isalnum", asked<is_alphanumeric>},
    {"isalpha", asked<is_alphabetic>},
    {"isascii", asked<utf8::is_ascii>},
    {"isdecimal", asked<is_decimals>},
    {"isdigit", asked<is_digits>},
    {"isidentifier", asked<is_identifier>},
    {"islower", asked<is_lower_case>},
    {"isnumeric", asked<is_numerics>},
    {"isprintable", asked<is_all_printable>},
    {"isspace", asked<is_all_space>},
    {"istitle", asked<is_title_case>},
    {"isupper", asked<is_upper_case>},
    {"join", join_method},
    {"ljust", justified<'<'>},
    {"lower", changed<lower_case>},
    {"lstrip", stripped<true, false>},
    {"partition", partition<false>},
    {"removeprefix", removeprefix},
    {"removesuffix", removesuffix},
    {"replace", replace_method},
    {"rfind", position<true, false>},
    {"rindex", position<true, true>},
    {"rjust", justified<'>'>},
    {"rpartition", partition<true>},
    {"rsplit", split<true>},
    {"rstrip", stripped<false, true>},
    {"split", split<false>},
    {"splitlines", splitlines},
    {"startswith", has_affix<true>},
    {"strip", stripped<true, true>},
    {"striptags", striptags_method},
    {"swapcase", changed<swap_case>},
    {"title", changed<title_case>},
    {"translate", translate},
    {"upper", changed<upper_case>},
    {"zfill", zfill},
};

}  // namespace

const std::span<const NamedNative> text_methods = of_text;

}  // namespace venturi::templates
