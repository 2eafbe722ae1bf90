// Upper, lower and title case.
#include <utility>

#include "template/text_shape.h"
#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

bool is_cased(char32_t c) {
  return unicode::is_lower(c) || unicode::is_upper(c) || unicode::is_title(c);
}

template <class Change>
std::string with_cases(std::string_view s, Change change) {
  const std::u32string text = utf8::decode(s);
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t c : text) change(out, c);
  return utf8::encode(out);
}

template <class Wrong>
bool any_cased_and_none(std::string_view s, Wrong wrong) {
  bool cased = false;
  while (!s.empty()) {
    const char32_t c = utf8::take(s);
    if (wrong(c)) return false;
    cased |= is_cased(c);
  }
  return cased;
}

}  // namespace

std::string lower_case(std::string_view s) {
  if (utf8::is_ascii(s)) {
    std::string out(s);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
  }
  return utf8::encode(unicode::lower(utf8::decode(s)));
}

std::string upper_case(std::string_view s) {
  if (utf8::is_ascii(s)) {
    std::string out(s);
    for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return out;
  }
  return with_cases(s, [](std::u32string& out, char32_t c) { unicode::append(out, c, unicode::Case::upper); });
}

std::string fold_case(std::string_view s) {
  return with_cases(s, [](std::u32string& out, char32_t c) { unicode::append(out, c, unicode::Case::folded); });
}

std::string swap_case(std::string_view s) {
  const std::u32string text = utf8::decode(s), lower = unicode::lower(text);
  if (lower.size() == text.size()) {  // the small sigma depends on its place
    std::u32string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (unicode::is_upper(text[i])) {
        out += lower[i];
      } else {
        unicode::append(out, text[i], unicode::is_lower(text[i]) ? unicode::Case::upper : unicode::Case::lower);
      }
    }
    return utf8::encode(out);
  }
  return with_cases(s, [](std::u32string& out, char32_t c) {
    unicode::append(out, c, unicode::is_upper(c) ? unicode::Case::lower : unicode::Case::upper);
  });
}

std::string capitalize(std::string_view s) {
  const std::u32string text = utf8::decode(s);
  if (text.empty()) return {};
  std::u32string out;
  unicode::append(out, text[0], unicode::Case::title);
  // In lower case as a whole, since the small sigma depends on what is before it.
  std::u32string first;
  unicode::append(first, text[0], unicode::Case::lower);
  out += unicode::lower(text).substr(first.size());
  return utf8::encode(out);
}

std::string title_case(std::string_view s) {
  const std::u32string text = utf8::decode(s), lower = unicode::lower(text);
  const bool by_place = lower.size() == text.size();
  bool in_word = false;
  std::u32string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!std::exchange(in_word, is_cased(text[i]))) {
      unicode::append(out, text[i], unicode::Case::title);
    } else if (by_place) {
      out += lower[i];
    } else {
      unicode::append(out, text[i], unicode::Case::lower);
    }
  }
  return utf8::encode(out);
}

bool is_lower_case(std::string_view s) {
  return any_cased_and_none(s, [](char32_t c) { return unicode::is_upper(c) || unicode::is_title(c); });
}

bool is_upper_case(std::string_view s) {
  return any_cased_and_none(s, [](char32_t c) { return unicode::is_lower(c) || unicode::is_title(c); });
}

bool is_title_case(std::string_view s) {
  bool in_word = false;
  return any_cased_and_none(s, [&](char32_t c) {
    const bool after_letter = std::exchange(in_word, is_cased(c));
    return after_letter ? unicode::is_upper(c) || unicode::is_title(c) : unicode::is_lower(c);
  });
}

}  // namespace venturi::templates
