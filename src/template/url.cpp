#include "template/url.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "template/limits.h"
#include "template/markup.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

bool is_alphanumeric_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool begins_with_scheme(std::string_view word) {
  return word.starts_with("https://") || word.starts_with("http://") || word.starts_with("mailto:");
}

// "www.x.y" or "x.org": what gets https:// in front.
bool is_bare_host(std::string_view word) {
  if (word.starts_with("http://") || word.starts_with("https://")) return word.size() > word.find("//") + 2;
  const std::string_view host = word.substr(0, word.find_first_of("/?#"));
  const bool characters = !host.empty() && std::ranges::all_of(host, [](char c) {
    return is_alphanumeric_byte(c) || c == '.' || c == '-' || c == ':';
  });
  if (!characters || host.find('.') == std::string_view::npos || host.starts_with('.') || host.ends_with('.')) return false;
  constexpr std::array<std::string_view, 3> domains = {".org", ".net", ".com"};
  return host.starts_with("www.") ||
         std::ranges::any_of(domains, [&](std::string_view domain) { return host.ends_with(domain); });
}

bool is_mail_address(std::string_view word) {
  const std::size_t at = word.find('@');
  if (at == std::string_view::npos || at == 0 || word.find(':') != std::string_view::npos || word.starts_with("www."))
    return false;
  const std::string_view host = word.substr(at + 1);
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && !host.ends_with('.') && word.find('@', at + 1) == std::string_view::npos;
}

std::string link(std::string_view word, const UrlizeOptions& options) {
  const bool mail = is_mail_address(word);
  if (!mail && !begins_with_scheme(word) && !is_bare_host(word)) return std::string(word);
  std::string shown(word.starts_with("mailto:") ? word.substr(7) : word);
  std::string href = mail ? "mailto:" + shown : begins_with_scheme(word) ? std::string(word) : "https://" + std::string(word);
  if (mail || word.starts_with("mailto:")) return "<a href=\"" + href + "\">" + shown + "</a>";
  if (options.limit && utf8::length(shown) > *options.limit)
    shown = shown.substr(0, utf8::offset(shown, *options.limit)) + "...";
  const std::string rel = options.rel.empty() ? "" : " rel=\"" + escape_text(options.rel) + "\"";
  const std::string target = options.target.empty() ? "" : " target=\"" + escape_text(options.target) + "\"";
  return "<a href=\"" + href + "\"" + rel + target + ">" + shown + "</a>";
}

std::string word_with_punctuation(std::string_view word, const UrlizeOptions& options) {
  std::string head, tail;
  const auto take_head = [&](std::string_view mark) {
    const bool here = word.starts_with(mark);
    if (here) {
      head += mark;
      word.remove_prefix(mark.size());
    }
    return here;
  };
  while (take_head("(") || take_head("&lt;")) {}
  const auto take_tail = [&](std::string_view mark) {
    const bool here = word.size() > mark.size() && word.ends_with(mark);
    if (here) {
      tail.insert(0, mark);
      word.remove_suffix(mark.size());
    }
    return here;
  };
  while (take_tail(")") || take_tail(".") || take_tail(",") || take_tail("\n") || take_tail("&gt;")) {}
  // Brackets that were opened within the URL belong to it.
  for (const std::pair<std::string_view, std::string_view>& bracket :
       {std::pair<std::string_view, std::string_view>{"(", ")"}, {"&lt;", "&gt;"}}) {
    const auto count = [&](std::string_view of) {
      std::size_t n = 0;
      for (std::size_t at = word.find(of); at != std::string_view::npos; at = word.find(of, at + of.size())) ++n;
      return n;
    };
    if (count(bracket.first) > count(bracket.second)) {
      const std::size_t end = tail.find(bracket.second);
      if (end != std::string::npos) {
        const std::string whole = std::string(word) + tail.substr(0, end + bracket.second.size());
        return head + link(whole, options) + tail.substr(end + bracket.second.size());
      }
    }
  }
  return head + link(word, options) + tail;
}

}  // namespace

std::string url_quote(std::string_view text, std::string_view safe, bool plus) {
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric_byte(c) || std::string_view("_.-~").find(c) != std::string_view::npos ||
        safe.find(c) != std::string_view::npos) {
      out += c;
    } else if (c == ' ' && plus) {
      out += '+';
    } else {
      constexpr std::string_view hex = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
  return out;
}

std::string urlize(std::string_view text, const UrlizeOptions& options) {
  const std::string escaped = escape_text(text);
  std::string out;
  for (std::string_view rest = escaped; !rest.empty();) {
    const bool blank = is_blank(rest[0]);
    const std::size_t end =
        static_cast<std::size_t>(std::ranges::find_if(rest, [&](char c) { return is_blank(c) != blank; }) - rest.begin());
    out += blank ? std::string(rest.substr(0, end)) : word_with_punctuation(rest.substr(0, end), options);
    rest.remove_prefix(end);
    Walk::check_text(out.size());
  }
  return out;
}

}  // namespace venturi::templates
