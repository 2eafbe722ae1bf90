#include "template/text_wrap.h"

#include <algorithm>

#include "template/unicode.h"
#include "template/utf8.h"

namespace venturi::templates {
namespace {

using Chunk = std::u32string_view;

// Python's textwrap knows these only.
bool is_wrap_blank(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ';
}

bool is_word_character(char32_t c) {
  return unicode::is_alphanumeric(c) || c == '_';
}

bool may_precede_dash(char32_t c) {
  return is_word_character(c) || std::u32string_view(U"!\"'&.,?").find(c) != std::u32string_view::npos;
}

// textwrap's regular expressions: blanks, words, what a hyphen within a word ends, dashes between words.
class Splitter {
 public:
  Splitter(Chunk text, bool on_hyphens) : text_(text), on_hyphens_(on_hyphens) {}

  std::vector<Chunk> run() {
    std::vector<Chunk> chunks;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = is_wrap_blank(text_[at]) ? end_of_run(at, true)
                              : !on_hyphens_           ? end_of_run(at, false)
                                                       : end_of_word(at);
      chunks.push_back(text_.substr(at, end - at));
      at = end;
    }
    return chunks;
  }

 private:
  [[nodiscard]] std::size_t end_of_run(std::size_t at, bool blank) const {
    while (at < text_.size() && is_wrap_blank(text_[at]) == blank) ++at;
    return at;
  }
  [[nodiscard]] bool is(std::size_t at, char32_t c) const { return at < text_.size() && text_[at] == c; }
  // A letter or underscore: a word's character that is no digit.
  [[nodiscard]] bool letter(std::size_t at) const {
    return at < text_.size() && is_word_character(text_[at]) && !unicode::is_decimal(text_[at]);
  }
  // Two or more hyphens from here between words; 0, or where they end.
  [[nodiscard]] std::size_t dash(std::size_t at) const {
    if (at == 0 || !is(at, '-') || !may_precede_dash(text_[at - 1])) return 0;
    std::size_t end = at;
    while (is(end, '-')) ++end;
    return end - at >= 2 && end < text_.size() && is_word_character(text_[end]) ? end : 0;
  }
  // Whether a word may be broken behind the hyphen at `at`.
  [[nodiscard]] bool breaks(std::size_t at) const {
    const bool before =
        (at >= 2 && letter(at - 1) && letter(at - 2)) || (at >= 3 && letter(at - 1) && text_[at - 2] == '-' && letter(at - 3));
    return before && letter(at + 1) && (letter(at + 2) || (is(at + 2, '-') && letter(at + 3)));
  }
  [[nodiscard]] std::size_t end_of_word(std::size_t begin) const {
    if (const std::size_t end = dash(begin)) return end;
    std::size_t at = begin + 1;
    for (; at < text_.size() && !is_wrap_blank(text_[at]); ++at) {
      if (text_[at] != '-') continue;
      if (breaks(at)) return at + 1;
      if (dash(at) != 0) return at;
    }
    return at;
  }

  const Chunk text_;
  const bool on_hyphens_;
};

bool is_blank_chunk(Chunk chunk) {
  return std::ranges::all_of(chunk, utf8::is_space);
}

}  // namespace

std::vector<std::string> wrap_text(std::string_view source, const WrapOptions& options) {
  const std::u32string text = utf8::decode(source);
  std::vector<Chunk> chunks = Splitter(text, options.break_on_hyphens).run();
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
      if (options.break_long_words) {
        const std::size_t room = options.width - line.size();
        std::size_t end = room;
        if (options.break_on_hyphens) {
          const std::size_t hyphen = chunk.substr(0, room).rfind(U'-');
          const bool any_before =
              hyphen != Chunk::npos && hyphen > 0 && chunk.substr(0, hyphen).find_first_not_of(U'-') != Chunk::npos;
          if (any_before) end = hyphen + 1;
        }
        last = line.size();
        line += chunk.substr(0, end);
        chunk.remove_prefix(end);
      } else if (line.empty()) {
        take();
      }
    }
    if (last < line.size() && is_blank_chunk(Chunk(line).substr(last))) line.resize(last);
    if (!line.empty()) lines.push_back(utf8::encode(line));
  }
  return lines;
}

}  // namespace venturi::templates
