// Filters for markup, URLs and JSON.
#include <algorithm>

#include "template/builtins.h"
#include "template/dict.h"
#include "template/json_dumps.h"
#include "template/markup.h"
#include "template/operators.h"
#include "template/pretty.h"
#include "template/sorting.h"
#include "template/text_shape.h"
#include "template/url.h"

namespace venturi::templates {
namespace {

Item escape_filter(Call& call) {
  const Args args(call, {"s"}, 1);
  return Item::markup(escape(args[0]));
}

Item forceescape_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return Item::markup(escape_text(str(args[0])));
}

Item safe_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return Item::markup(str(args[0]));
}

Item striptags_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return strip_tags(str(args[0]));
}

// Safe within HTML: no angle bracket, ampersand or apostrophe is left.
Item tojson_filter(Call& call) {
  const Args args(call, {"value", "indent"}, 1);
  JsonOptions options;
  options.sort_keys = true;
  set_indent(options, args[1]);
  std::string out;
  for (const char c : json_dumps(call.runtime, args[0], options)) {
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else if (c == '\'')
      out += "\\u0027";
    else
      out += c;
  }
  return Item::markup(std::move(out));
}

Item urlencode_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  const bool is_pairs = !args[0].is_text() && is_iterable(args[0]);
  if (!is_pairs) return url_quote(str(args[0]), "/", false);
  std::string out;
  for (const auto& [key, value] : pairs_of(call.runtime, args[0])) {
    if (!out.empty()) out += '&';
    out += url_quote(str(key), "", true) + "=" + url_quote(str(value), "", true);
    call.runtime.budget.check_text(out.size());
  }
  return out;
}

Item xmlattr_filter(Call& call) {
  const Args args(call, {"d", "autospace"}, 1);
  if (args[0].is_undefined()) args[0].as_undefined().use();
  if (!args[0].is(Type::dict)) fail(ErrorKind::attribute, "'" + type_name(args[0]) + "' object has no attribute 'items'");
  std::string out;
  for (const Dict::Entry& entry : args[0].as_dict()) {
    if (entry.value.is_none() || entry.value.is_undefined()) continue;
    if (!entry.key.is_text()) fail(ErrorKind::type, "an attribute's name must be str, not " + type_name(entry.key));
    const std::string& name = entry.key.as_string();
    if (name.find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      fail(ErrorKind::value, "Invalid character in attribute name: " + string_repr(name));
    }
    if (!out.empty()) out += ' ';
    out += escape(entry.key) + "=\"" + escape(entry.value) + "\"";
  }
  if (args.truth(1, true) && !out.empty()) out.insert(0, " ");
  return Text{std::move(out), call.runtime.autoescape()};
}

Item urlize_filter(Call& call) {
  const Args args(call, {"value", "trim_url_limit", "nofollow", "target", "rel", "extra_schemes"}, 1);
  UrlizeOptions options;
  if (!args[1].is_none()) options.limit = static_cast<std::size_t>(std::max<std::int64_t>(args.integer(1), 0));
  options.target = args[3].is_none() ? "" : args.text(3);
  std::vector<std::string> words = split_blanks(args[4].is_none() ? "" : args.text(4), -1, false);
  if (args.truth(2, false)) words.emplace_back("nofollow");
  words.emplace_back("noopener");
  std::ranges::sort(words);
  words.erase(std::ranges::unique(words).begin(), words.end());
  for (const std::string& word : words) options.rel += (options.rel.empty() ? "" : " ") + word;
  const std::string text = str(args[0]);
  call.runtime.budget.make_text(text.size() * 4);
  return Text{urlize(text, options), call.runtime.autoescape()};
}

Item pprint_filter(Call& call) {
  const Args args(call, {"value"}, 1);
  return pretty(call.runtime, args[0]);
}

constexpr NamedNative of_html[] = {
    {"e", escape_filter},        {"escape", escape_filter},       {"forceescape", forceescape_filter},
    {"pprint", pprint_filter},   {"safe", safe_filter},           {"striptags", striptags_filter},
    {"tojson", tojson_filter},   {"urlencode", urlencode_filter}, {"urlize", urlize_filter},
    {"xmlattr", xmlattr_filter},
};

}  // namespace

const std::span<const NamedNative> html_filters = of_html;

}  // namespace venturi::templates
