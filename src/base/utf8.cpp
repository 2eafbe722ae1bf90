#include "base/utf8.h"

#include <algorithm>

namespace venturi {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                               : (first & 0xF0U) == 0xE0        ? 3
                               : first >= 0xF0 && first <= 0xF4 ? 4
                                                                : 0;
    if (length == 0 || i + length > text.size()) return false;
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const unsigned least = first == 0xE0   ? 0xA0
                           : first == 0xF0 ? 0x90
                                           : 0x80,
                   most = first == 0xED   ? 0x9F
                          : first == 0xF4 ? 0x8F
                                          : 0xBF;
    if (second < least || second > most) return false;
    if (!std::ranges::all_of(text.substr(i + 2, length - 2), continues)) return false;
    i += length;
  }
  return true;
}

std::size_t count_characters(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

std::string_view beginning(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  // What is no UTF-8 anyway loses three bytes at most.
  constexpr std::size_t longest = 4;
  std::size_t end = most_bytes;
  while (end > 0 && most_bytes - end < longest && continues(text[end])) --end;
  return text.substr(0, continues(text[end]) ? most_bytes : end);
}

std::string shortened(std::string_view text, std::size_t most_bytes, std::string_view end) {
  if (text.size() <= most_bytes) return std::string(text);
  return std::string(beginning(text, most_bytes)).append(end);
}

}  // namespace venturi
