#include "template/utf8.h"

#include <algorithm>

namespace venturi::templates::utf8 {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// Of the sequence at the front of s; 1 for a byte that begins none.
std::size_t sequence_length(std::string_view s) {
  const auto first = static_cast<unsigned char>(s[0]);
  const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (length > s.size() || first >= 0xF5) return 1;
  return std::all_of(s.begin() + 1, s.begin() + static_cast<std::ptrdiff_t>(length), is_continuation) ? length : 1;
}

}  // namespace

bool is_ascii(std::string_view s) {
  return std::ranges::none_of(s, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::size_t offset(std::string_view s, std::size_t n) {
  std::size_t at = 0;
  for (; n > 0 && at < s.size(); --n) at += sequence_length(s.substr(at));
  return at;
}

std::size_t length(std::string_view s) {
  if (is_ascii(s)) return s.size();
  std::size_t count = 0;
  for (std::size_t at = 0; at < s.size(); ++count) at += sequence_length(s.substr(at));
  return count;
}

char32_t take(std::string_view& s) {
  const std::size_t size = sequence_length(s);
  const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(s[i])); };
  char32_t c = byte(0);
  if (size == 2) c = (c & 0x1F) << 6 | (byte(1) & 0x3F);
  if (size == 3) c = (c & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  if (size == 4) c = (c & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  if (size == 1 && c >= 0x80) c += 0xDC00;  // Python's surrogateescape, so that it is written as the same byte again
  s.remove_prefix(size);
  return c;
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c >= 0xDC80 && c <= 0xDCFF) {
    put(c - 0xDC00);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

std::u32string decode(std::string_view s) {
  std::u32string out;
  out.reserve(s.size());
  while (!s.empty()) out += take(s);
  return out;
}

std::string encode(std::u32string_view s) {
  std::string out;
  out.reserve(s.size());
  for (const char32_t c : s) append(out, c);
  return out;
}

bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

}  // namespace venturi::templates::utf8
