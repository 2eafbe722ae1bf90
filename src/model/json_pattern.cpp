#include "model/json_pattern.h"

#include <boost/regex.hpp>

#include <cstdint>
#include <locale>
#include <stdexcept>

namespace venturi {
namespace {

// What is no UTF-8 becomes U+FFFD, byte by byte.
std::wstring characters_of(std::string_view text) {
  std::wstring result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
    std::uint32_t character = length == 1 ? first : length == 0 ? 0xFFFDU : first & (0xFFU >> (length + 1));
    bool is_whole = length > 0 && i + length <= text.size();
    for (std::size_t k = 1; is_whole && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      is_whole = (next & 0xC0U) == 0x80U;
      character = (character << 6U) | (next & 0x3FU);
    }
    result += static_cast<wchar_t>(is_whole ? character : 0xFFFDU);
    i += is_whole ? length : 1;
  }
  return result;
}

// Python's spelling where Perl has another one.
std::wstring as_perl(std::string_view pattern) {
  std::wstring text = characters_of(pattern), result;
  bool in_class = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == L'\\' && i + 1 < text.size()) {
      ++i;
      result += L'\\';
      result += text[i] == L'Z' ? L'z' : text[i];
    } else if (in_class || text[i] == L'[') {
      // "[]...]" and "[^]...]": the first one is a character.
      const bool opens = !in_class;
      in_class = opens || text[i] != L']';
      result += text[i];
      if (opens && i + 1 < text.size() && text[i + 1] == L'^') result += text[++i];
      if (opens && i + 1 < text.size() && text[i + 1] == L']') result += L"\\]", ++i;
    } else if (text[i] == L'$') {
      result += L"(?=\\n?\\z)";  // before a last line feed too
    } else if (text.compare(i, 4, L"(?P<") == 0) {
      result += L"(?<";
      i += 3;
    } else if (text.compare(i, 4, L"(?P=") == 0 && text.find(L')', i) != std::wstring::npos) {
      const std::size_t end = text.find(L')', i);
      result += L"\\k<" + text.substr(i + 4, end - i - 4) + L">";
      i = end;
    } else {
      result += text[i];
    }
  }
  return result;
}

// Whose letters are those of all scripts; on a system without it, those of ASCII.
std::locale locale_of_patterns() {
  try {
    return std::locale("C.UTF-8");
  } catch (const std::runtime_error&) {
    return std::locale::classic();
  }
}

}  // namespace

struct JsonPattern::State {
  boost::wregex regex;
};

JsonPattern::JsonPattern(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonPattern::JsonPattern(JsonPattern&&) noexcept = default;
JsonPattern& JsonPattern::operator=(JsonPattern&&) noexcept = default;
JsonPattern::~JsonPattern() = default;

Result<JsonPattern> JsonPattern::parse(std::string_view pattern) {
  auto state = std::make_unique<State>();
  state->regex.imbue(locale_of_patterns());
  try {
    state->regex.assign(as_perl(pattern), boost::regex::perl);
  } catch (const std::exception& e) {
    return fail(ErrorKind::invalid, e.what());
  }
  return JsonPattern(std::move(state));
}

Result<bool> JsonPattern::search(std::string_view text) const {
  try {
    // As Python: ^ is the text's beginning, and a dot is no line feed.
    const auto flags = boost::match_default | boost::match_single_line | boost::match_not_dot_newline;
    return boost::regex_search(characters_of(text), state_->regex, flags);
  } catch (const std::runtime_error&) {
    return fail(ErrorKind::exhausted, "it takes too many steps to match");
  }
}

}  // namespace venturi
