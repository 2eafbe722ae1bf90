#include "template/unicode.h"

#include <algorithm>

#include "template/unicode_tables.h"

namespace venturi::templates::unicode {
namespace {

constexpr char32_t capital_sigma = 0x3A3, small_sigma = 0x3C3, final_sigma = 0x3C2;

template <class Entry>
const Entry* range_of(std::span<const Entry> table, char32_t c) {
  const auto after = std::ranges::upper_bound(table, c, {}, &Entry::first);
  // Ranges of a step may lie within one another: two are looked at.
  auto at = after;
  for (int i = 0; i < 2 && at != table.begin(); ++i) {
    --at;
    if (c <= at->last && (c - at->first) % at->step == 0) return &*at;
  }
  return nullptr;
}

bool ascii_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ascii_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_cased(char32_t c) {
  return is_lower(c) || is_upper(c) || is_title(c);
}

// What does not end a word for the final sigma: apostrophes, dots within words, marks.
bool is_case_ignorable(char32_t c) {
  constexpr std::u32string_view within_words = U"'.:^`\u00A8\u00AD\u00AF\u00B4\u00B7\u00B8\u2018\u2019\u2024\u2027";
  return within_words.find(c) != std::u32string_view::npos || (c >= 0x2B0 && c <= 0x36F) || (c >= 0x483 && c <= 0x489) ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x20D0 && c <= 0x20F0) || (c >= 0xFE00 && c <= 0xFE0F);
}

bool ends_word(std::u32string_view text, std::size_t at) {
  std::size_t before = at;
  while (before > 0 && is_case_ignorable(text[before - 1])) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t behind = at + 1;
  while (behind < text.size() && is_case_ignorable(text[behind])) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

}  // namespace

bool is_letter(char32_t c) {
  return c < 0x80 ? ascii_letter(c) : range_of(letters, c) != nullptr;
}
bool is_decimal(char32_t c) {
  return c < 0x80 ? ascii_digit(c) : range_of(decimals, c) != nullptr;
}
bool is_digit(char32_t c) {
  return c < 0x80 ? ascii_digit(c) : range_of(digits, c) != nullptr;
}
bool is_numeric(char32_t c) {
  return c < 0x80 ? ascii_digit(c) : range_of(numerics, c) != nullptr;
}
bool is_alphanumeric(char32_t c) {
  return is_letter(c) || is_numeric(c);  // each digit is numeric too
}
bool is_lower(char32_t c) {
  return c < 0x80 ? c >= 'a' && c <= 'z' : range_of(lower_letters, c) != nullptr;
}
bool is_upper(char32_t c) {
  return c < 0x80 ? c >= 'A' && c <= 'Z' : range_of(upper_letters, c) != nullptr;
}
bool is_title(char32_t c) {
  return c >= 0x80 && range_of(title_letters, c) != nullptr;
}
bool is_printable(char32_t c) {
  return c < 0x7F ? c >= 0x20 : c != 0x7F && range_of(unprintable, c) == nullptr;
}

int decimal_value(char32_t c) {
  if (c < 0x80) return static_cast<int>(c - '0');
  return static_cast<int>((c - range_of(decimals, c)->first) % 10);  // they come by tens
}

void append(std::u32string& out, char32_t c, Case to) {
  if (c < 0x80) {
    const bool up = to == Case::upper || to == Case::title;
    out += up && c >= 'a' && c <= 'z' ? c - 32 : !up && c >= 'A' && c <= 'Z' ? c + 32 : c;
    return;
  }
  const auto several = to == Case::lower   ? lower_several
                       : to == Case::upper ? upper_several
                       : to == Case::title ? title_several
                                           : folded_several;
  const auto expansion = std::ranges::lower_bound(several, c, {}, &Expansion::first);
  if (expansion != several.end() && expansion->first == c) {
    out += expansion->text;
    return;
  }
  const auto single = to == Case::upper    ? upper_mapping
                      : to == Case::title  ? title_mapping
                      : to == Case::folded ? folded_mapping
                                           : lower_mapping;
  if (const Mapping* found = range_of(single, c)) {
    out += static_cast<char32_t>(static_cast<std::int64_t>(c) + found->difference);
  } else if (to == Case::folded) {  // the table has what is not simply the lower case
    append(out, c, Case::lower);
  } else {
    out += c;
  }
}

std::u32string lower(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == capital_sigma) {
      out += ends_word(text, i) ? final_sigma : small_sigma;
    } else {
      append(out, text[i], Case::lower);
    }
  }
  return out;
}

}  // namespace venturi::templates::unicode
