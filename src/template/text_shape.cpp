#include "template/text_shape.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "template/text_find.h"
#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

template <class Predicate>
bool all(std::string_view s, Predicate predicate) {
  if (s.empty()) return false;
  while (!s.empty()) {
    if (!predicate(utf8::take(s))) return false;
  }
  return true;
}

template <class Strips>
std::string stripped_of(std::string_view s, bool left, bool right, Strips strips) {
  const std::u32string text = utf8::decode(s);
  std::size_t begin = 0, end = text.size();
  while (left && begin < end && strips(text[begin])) ++begin;
  while (right && end > begin && strips(text[end - 1])) --end;
  return utf8::encode(std::u32string_view(text).substr(begin, end - begin));
}

}  // namespace

bool is_alphabetic(std::string_view s) {
  return all(s, unicode::is_letter);
}

bool is_alphanumeric(std::string_view s) {
  return all(s, unicode::is_alphanumeric);
}

bool is_decimals(std::string_view s) {
  return all(s, unicode::is_decimal);
}

bool is_digits(std::string_view s) {
  return all(s, unicode::is_digit);
}

bool is_numerics(std::string_view s) {
  return all(s, unicode::is_numeric);
}

bool is_identifier(std::string_view s) {
  bool first = true;
  return all(s, [&](char32_t c) {
    const bool begins = unicode::is_letter(c) || c == '_';
    const bool combines = c >= 0x300 && c <= 0x36F;
    return std::exchange(first, false) ? begins : begins || unicode::is_decimal(c) || combines;
  });
}

bool is_all_printable(std::string_view s) {
  return s.empty() || all(s, unicode::is_printable);
}

bool is_all_space(std::string_view s) {
  return all(s, utf8::is_space);
}

std::string justify(Budget& budget, std::string_view s, std::int64_t width, std::string_view fill, char align) {
  const auto length = static_cast<std::int64_t>(utf8::length(s));
  if (width <= length) return std::string(s);
  const std::int64_t missing = width - length;
  budget.make_text(static_cast<std::size_t>(std::min<std::int64_t>(width, INT64_MAX / 8)) * fill.size());
  std::int64_t left = align == '<' ? 0 : align == '>' ? missing : missing / 2 + (missing & width & 1);
  std::string out;
  for (std::int64_t i = 0; i < left; ++i) out += fill;
  out += s;
  for (std::int64_t i = left; i < missing; ++i) out += fill;
  return out;
}

std::string strip(std::string_view s, bool left, bool right) {
  return stripped_of(s, left, right, utf8::is_space);
}

std::string strip(std::string_view s, bool left, bool right, std::string_view characters) {
  const std::u32string set = utf8::decode(characters);
  return stripped_of(s, left, right, [&](char32_t c) { return set.find(c) != std::u32string::npos; });
}

std::string replace_all(Budget& budget, std::string_view s, std::string_view from, std::string_view to, std::int64_t count) {
  std::string out;
  const auto goes_on = [&] {
    const bool more = count != 0;
    if (count > 0) --count;
    return more;
  };
  if (from.empty()) {  // before each character and at the end
    while (goes_on()) {
      out += to;
      budget.check_text(out.size());
      if (s.empty()) return out;
      const std::string_view before = s;
      utf8::take(s);
      out += before.substr(0, before.size() - s.size());
    }
    return out.append(s);
  }
  while (true) {
    const std::size_t at = find_text(s, from);
    if (at == std::string_view::npos || !goes_on()) break;
    out.append(s.substr(0, at)).append(to);
    budget.check_text(out.size());
    s.remove_prefix(at + from.size());
  }
  return out.append(s);
}

std::string expand_tabs(Budget& budget, std::string_view s, std::int64_t size) {
  std::string out;
  std::int64_t column = 0;
  for (const char c : s) {
    if (c == '\t') {
      const std::int64_t blanks = size > 0 ? size - column % size : 0;
      budget.check_text(out.size() + static_cast<std::size_t>(std::min<std::int64_t>(blanks, INT64_MAX / 2)));
      out.append(static_cast<std::size_t>(blanks), ' ');
      column += blanks;
    } else {
      out += c;
      const bool continuation = (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
      column = c == '\n' || c == '\r' ? 0 : column + (continuation ? 0 : 1);
    }
  }
  return out;
}

std::vector<std::string> split_blanks(std::string_view s, std::int64_t most, bool from_right) {
  const std::u32string text = utf8::decode(s);
  std::vector<std::string> parts;
  const auto add = [&](std::size_t begin, std::size_t end) {
    parts.push_back(utf8::encode(std::u32string_view(text).substr(begin, end - begin)));
  };
  if (from_right) {
    std::size_t end = text.size();
    while (true) {
      while (end > 0 && utf8::is_space(text[end - 1])) --end;
      if (end == 0) break;
      std::size_t begin = end;
      const bool last = most >= 0 && static_cast<std::int64_t>(parts.size()) >= most;
      while (begin > 0 && (last || !utf8::is_space(text[begin - 1]))) --begin;
      add(begin, end);
      end = begin;
    }
    std::ranges::reverse(parts);
    return parts;
  }
  std::size_t begin = 0;
  while (true) {
    while (begin < text.size() && utf8::is_space(text[begin])) ++begin;
    if (begin == text.size()) return parts;
    std::size_t end = begin;
    const bool last = most >= 0 && static_cast<std::int64_t>(parts.size()) >= most;
    while (end < text.size() && (last || !utf8::is_space(text[end]))) ++end;
    add(begin, end);
    begin = end;
  }
}

std::vector<std::string> split_at(std::string_view s, std::string_view separator, std::int64_t most, bool from_right) {
  if (from_right && separator.size() > 1) {  // once for all, since looking from the right costs as much as all of `s`
    const auto reversed = [](std::string_view text) { return std::string(text.rbegin(), text.rend()); };
    std::vector<std::string> parts = split_at(reversed(s), reversed(separator), most, false);
    for (std::string& part : parts) std::ranges::reverse(part);
    std::ranges::reverse(parts);
    return parts;
  }
  std::vector<std::string> parts;
  while (most < 0 || static_cast<std::int64_t>(parts.size()) < most) {
    const std::size_t at = from_right ? find_last_text(s, separator) : find_text(s, separator);
    if (at == std::string_view::npos) break;
    parts.emplace_back(from_right ? s.substr(at + separator.size()) : s.substr(0, at));
    s = from_right ? s.substr(0, at) : s.substr(at + separator.size());
  }
  parts.emplace_back(s);
  if (from_right) std::ranges::reverse(parts);
  return parts;
}

std::vector<std::string> split_lines(std::string_view s, bool keep_ends) {
  std::vector<std::string> lines;
  while (!s.empty()) {
    std::size_t end = 0;
    std::string_view rest = s;
    bool found = false;
    while (!rest.empty() && !found) {
      const std::string_view before = rest;
      const char32_t c = utf8::take(rest);
      found = c == '\n' || c == '\r' || c == 0x0B || c == 0x0C || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
              c == 0x2029;
      if (found && c == '\r' && rest.starts_with('\n')) rest.remove_prefix(1);
      if (!found) end += before.size() - rest.size();
    }
    lines.emplace_back(s.substr(0, keep_ends ? s.size() - rest.size() : end));
    s = rest;
  }
  return lines;
}

}  // namespace venturi::templates
