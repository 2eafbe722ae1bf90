#include "base/masking_forms.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace venturi {
namespace {

constexpr std::size_t shortest_line = 8;

char hex_digit(unsigned value, bool upper) {
  return (upper ? "0123456789ABCDEF" : "0123456789abcdef")[value & 15];
}

// The character that begins at s[i], and moves i behind it; a byte that is no UTF-8 gives itself with `valid` false.
std::uint32_t next_character(std::string_view s, std::size_t& i, bool& valid) {
  const auto byte = static_cast<unsigned char>(s[i++]);
  const int more = byte >= 0xF0 && byte < 0xF8 ? 3 : byte >= 0xE0 && byte < 0xF0 ? 2 : byte >= 0xC2 && byte < 0xE0 ? 1 : 0;
  valid = byte < 0x80 || more > 0;
  if (more == 0) return byte;
  std::uint32_t character = byte & (0x3FU >> more);
  for (int n = 0; n < more; ++n) {
    if (i + static_cast<std::size_t>(n) >= s.size() || (static_cast<unsigned char>(s[i + n]) & 0xC0) != 0x80) {
      valid = false;
      return byte;
    }
    character = character << 6 | (static_cast<unsigned char>(s[i + n]) & 0x3FU);
  }
  i += static_cast<std::size_t>(more);
  return character;
}

void append_u_escape(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex_digit(unit >> shift, false);
}

std::string json_escaped(std::string_view s, bool ascii) {
  std::string out;
  for (std::size_t i = 0; i < s.size();) {
    const std::size_t begin = i;
    bool valid = true;
    const std::uint32_t c = next_character(s, i, valid);
    constexpr std::string_view special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    if (const std::size_t at = c < 0x80 ? special.find(static_cast<char>(c)) : std::string_view::npos;
        at != std::string_view::npos) {
      out += '\\';
      out += letters[at];
    } else if (c < 0x20 || (ascii && valid && c >= 0x7F && c < 0x10000)) {
      append_u_escape(out, c);
    } else if (ascii && valid && c >= 0x10000) {
      append_u_escape(out, 0xD800 + ((c - 0x10000) >> 10));
      append_u_escape(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      out += s.substr(begin, i - begin);
    }
  }
  return out;
}

std::string percent_encoded(std::string_view s, std::string_view kept, bool upper, bool plus) {
  std::string out;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
        c == '~' || kept.find(c) != std::string_view::npos) {
      out += c;
    } else if (plus && c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += hex_digit(byte >> 4, upper);
      out += hex_digit(byte, upper);
    }
  }
  return out;
}

void add_encoded_forms(std::vector<std::string>& forms, std::string_view text) {
  forms.emplace_back(text);
  forms.push_back(json_escaped(text, false));
  forms.push_back(json_escaped(text, true));
  for (const bool upper : {true, false}) {
    for (const bool plus : {false, true}) {
      for (const char* kept : {"", "/"}) forms.push_back(percent_encoded(text, kept, upper, plus));
    }
  }
  forms.push_back(percent_encoded(text, "!'()*", true, false));
}

}  // namespace

std::vector<std::string> masked_forms(std::string_view secret) {
  std::vector<std::string> whole;
  const std::string_view trimmed = trim(secret);
  if (trimmed.empty()) return whole;
  add_encoded_forms(whole, secret);
  if (trimmed.size() != secret.size()) add_encoded_forms(whole, trimmed);
  if (trimmed.find('\n') != std::string_view::npos) {
    for (std::size_t begin = 0; begin < trimmed.size();) {
      const std::size_t end = std::min(trimmed.find('\n', begin), trimmed.size());
      const std::string_view line = trim(trimmed.substr(begin, end - begin));
      if (line.size() >= shortest_line) add_encoded_forms(whole, line);
      begin = end + 1;
    }
  }
  std::vector<std::string> forms;
  for (std::string& form : whole) {
    if (form.size() <= max_mask_pattern) {
      forms.push_back(std::move(form));
      continue;
    }
    for (std::size_t begin = 0; begin < form.size(); begin += max_mask_pattern) {
      forms.push_back(form.substr(std::min(begin, form.size() - max_mask_pattern), max_mask_pattern));
    }
  }
  std::ranges::sort(forms);
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  return forms;
}

bool masked_as_field_only(std::string_view secret) {
  constexpr std::ptrdiff_t min_length_masking = 5;
  return std::ranges::count_if(secret, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) <
         min_length_masking;
}

}  // namespace venturi
