#include "template/markup.h"

#include <charconv>
#include <map>

#include "base/text.h"
#include "template/operators.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

std::string without_tags(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const std::size_t open = html.find('<');
    out += html.substr(0, open);
    if (open == std::string_view::npos) break;
    html.remove_prefix(open);
    const bool comment = html.starts_with("<!--");
    const std::size_t close = html.find(comment ? "-->" : ">");
    if (close == std::string_view::npos) {
      out += html;
      break;
    }
    html.remove_prefix(close + (comment ? 3 : 1));
  }
  return out;
}

std::string with_single_blanks(std::string_view text) {
  std::string out;
  bool blank = false;
  for (const char c : text) {
    if (is_blank(c)) {
      blank = !out.empty();
    } else {
      if (std::exchange(blank, false)) out += ' ';
      out += c;
    }
  }
  return out;
}

// The text of one entity's name, empty where it is unknown.
std::string entity(std::string_view name) {
  static const std::map<std::string_view, std::string_view> named = {{"amp", "&"},   {"lt", "<"},   {"gt", ">"},
                                                                     {"quot", "\""}, {"apos", "'"}, {"nbsp", "\xC2\xA0"}};
  if (const auto found = named.find(name); found != named.end()) return std::string(found->second);
  if (!name.starts_with('#')) return {};
  const bool hex = name.starts_with("#x") || name.starts_with("#X");
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  std::string out;
  if (error == std::errc() && end == digits.data() + digits.size() && code > 0 && code < 0x110000) utf8::append(out, code);
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find('&');
    out += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at);
    const std::size_t end = text.substr(0, 32).find(';');
    const std::string found = end == std::string_view::npos ? "" : entity(text.substr(1, end - 1));
    out += found.empty() ? "&" : found;
    text.remove_prefix(found.empty() ? 1 : end + 1);
  }
  return out;
}

}  // namespace

std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string escape(const Item& item) {
  return item.is_markup() ? item.as_string() : escape_text(str(item));
}

std::string strip_tags(std::string_view html) {
  return unescape(with_single_blanks(without_tags(html)));
}

}  // namespace venturi::templates
