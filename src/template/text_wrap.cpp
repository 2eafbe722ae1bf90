#include "template/text_wrap.h"

#include <algorithm>

#include "template/utf8.h"

namespace venturi::templates {
namespace {

using Chunk = std::u32string;

bool is_word_character(char32_t c) {
  return utf8::is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

// Runs of blanks and words; a word ends after a hyphen between letters.
std::vector<Chunk> chunks_of(std::u32string_view text, bool break_on_hyphens) {
  std::vector<Chunk> chunks;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    bool ends = i == text.size() || utf8::is_space(text[i]) != utf8::is_space(text[i - 1]);
    const bool after_hyphen = break_on_hyphens && i >= 3 && i + 1 < text.size() && text[i - 1] == '-' && begin + 2 < i;
    if (!ends && after_hyphen) {
      ends = utf8::is_letter(text[i - 2]) && is_word_character(text[i - 3]) && utf8::is_letter(text[i]) &&
             is_word_character(text[i + 1]);
    }
    if (!ends) continue;
    chunks.emplace_back(text.substr(begin, i - begin));
    begin = i;
  }
  return chunks;
}

bool is_blank_chunk(const Chunk& chunk) {
  return std::ranges::all_of(chunk, utf8::is_space);
}

}  // namespace

std::vector<std::string> wrap_text(std::string_view text, const WrapOptions& options) {
  std::vector<Chunk> chunks = chunks_of(utf8::decode(text), options.break_on_hyphens);
  std::ranges::reverse(chunks);
  std::vector<std::string> lines;
  while (!chunks.empty()) {
    std::u32string line;
    std::size_t last = 0;  // where the line's last chunk begins
    if (!lines.empty() && is_blank_chunk(chunks.back())) chunks.pop_back();
    const auto take = [&] {
      last = line.size();
      line += chunks.back();
      chunks.pop_back();
    };
    while (!chunks.empty() && line.size() + chunks.back().size() <= options.width) take();
    if (!chunks.empty() && chunks.back().size() > options.width) {
      Chunk& chunk = chunks.back();
      const std::size_t room = options.width - line.size();
      if (options.break_long_words) {
        std::size_t end = std::max<std::size_t>(room, 1);
        if (options.break_on_hyphens && chunk.size() > room && room > 0) {
          const std::size_t hyphen = std::u32string_view(chunk).substr(0, room).rfind(U'-');
          const bool any_before = hyphen != Chunk::npos && hyphen > 0 &&
                                  std::any_of(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(hyphen),
                                              [](char32_t c) { return c != '-'; });
          if (any_before) end = hyphen + 1;
        }
        last = line.size();
        line += chunk.substr(0, end);
        chunk.erase(0, end);
      } else if (line.empty()) {
        take();
      }
    }
    if (last < line.size() && is_blank_chunk(line.substr(last))) line.resize(last);
    if (!line.empty()) lines.push_back(utf8::encode(line));
  }
  return lines;
}

}  // namespace venturi::templates
