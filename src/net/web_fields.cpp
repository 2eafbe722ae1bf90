#include "net/web_fields.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"

namespace venturi::net {
namespace {

// Cuts `text` at the first `separator`: the part before it is returned, `text` keeps what is behind.
std::string_view cut(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view before = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return before;
}

}  // namespace

std::optional<WebFields> parse_web_fields(std::string_view text) {
  WebFields fields;
  while (!text.empty()) {
    std::string_view value = cut(text, '&');
    auto name = percent_decoded(cut(value, '='), true), decoded = percent_decoded(value, true);
    if (!name || !decoded) return std::nullopt;
    if (!name->empty()) fields.emplace(std::move(*name), std::move(*decoded));
  }
  return fields;
}

std::string_view cookie_of(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view value = cut(header, ';');
    while (value.starts_with(' ')) value.remove_prefix(1);
    const bool has_value = value.contains('=');
    if (cut(value, '=') == name && has_value) return value;
  }
  return {};
}

bool is_own_path(std::string_view path) {
  return path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') &&
         std::ranges::none_of(path, [](char c) { return static_cast<unsigned char>(c) <= 0x20U || c == 0x7F; });
}

}  // namespace venturi::net
