// A template's source as tokens.
//
//   text{% if a.b %}{{ "c" }}  →  data "text", block_begin, name "if", name "a", op ".", name "b", block_end, variable_begin,
//                                 string "c", variable_end, end
//
// White space control (-, +, trim_blocks, lstrip_blocks), raw blocks and comments are dealt with here and leave no tokens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace venturi::templates {

struct LexerOptions {
  bool trim_blocks = false;            // the first newline after a block is removed
  bool lstrip_blocks = false;          // blanks before a block at the start of a line are removed
  bool keep_trailing_newline = false;  // of the whole template
};

enum class TokenType : std::uint8_t {
  data,
  block_begin,
  block_end,
  variable_begin,
  variable_end,
  name,
  string,
  integer,
  real,
  op,
  end
};

struct Token {
  TokenType type;
  std::string text;  // of a string its value, of a number its digits without underscores
  int line;
};

// Throws TemplateError of kind syntax.
[[nodiscard]] std::vector<Token> tokenize(std::string_view source, const LexerOptions& options, std::string_view template_name);

}  // namespace venturi::templates
