#include "template/text_find.h"

#include <cstring>
#include <string>

namespace venturi::templates {
namespace {

constexpr std::size_t short_part = 32;  // where the product is no problem either

}  // namespace

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (part.size() <= short_part) return text.find(part, from);
  // glibc's has the two-way algorithm; std::string's does not.
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t find_last_text(std::string_view text, std::string_view part) {
  if (part.size() <= short_part) return text.rfind(part);
  const std::string reversed(text.rbegin(), text.rend());
  const std::size_t found = find_text(reversed, std::string(part.rbegin(), part.rend()));
  return found == std::string_view::npos ? found : text.size() - found - part.size();
}

}  // namespace venturi::templates
