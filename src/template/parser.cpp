#include "template/parser.h"

#include <algorithm>

namespace venturi::templates {

Tree parse_template(std::string_view source, std::string name, const LexerOptions& options) {
  std::vector<Token> tokens = tokenize(source, options, name);
  return Parser(std::move(tokens), std::move(name)).run();
}

Tree Parser::run() {
  Tree tree{name_, body({}), {}};
  if (!unknown_.empty()) error(unknown_.front().message, unknown_.front().line, ErrorKind::assertion);
  tree.blocks = std::move(blocks_);
  return tree;
}

bool Parser::is_any_word(Words words) const {
  return current().type == TokenType::name && std::ranges::find(words, std::string_view(current().text)) != words.end();
}

const Token& Parser::take() {
  const Token& token = current();
  if (token.type != TokenType::end) ++at_;
  return token;
}

bool Parser::skip_op(std::string_view op) {
  const bool here = is_op(op);
  if (here) take();
  return here;
}

bool Parser::skip_word(std::string_view word) {
  const bool here = is_word(word);
  if (here) take();
  return here;
}

const Token& Parser::expect(TokenType type, std::string_view what) {
  if (current().type != type) error("expected token '" + std::string(what) + "', got " + describe_current());
  return take();
}

void Parser::expect_op(std::string_view op) {
  if (!skip_op(op)) error("expected token '" + std::string(op) + "', got " + describe_current());
}

void Parser::expect_word(std::string_view word) {
  if (!skip_word(word)) error("expected token '" + std::string(word) + "', got " + describe_current());
}

std::string Parser::describe_current() const {
  switch (current().type) {
    case TokenType::end:
      return "'end of template'";
    case TokenType::block_end:
      return "'end of statement block'";
    case TokenType::variable_end:
      return "'end of print statement'";
    case TokenType::data:
      return "'template data / text'";
    case TokenType::string:
      return "'string'";
    default:
      return "'" + current().text + "'";
  }
}

void Parser::error(const std::string& message, int line, ErrorKind kind) const {
  throw TemplateError(kind, message, name_, line == 0 ? current().line : line);
}

Body Parser::body(Words ends) {
  if (ends.size() != 0) {
    skip_op(":");
    expect(TokenType::block_end, "end of statement block");
  }
  Body result;
  while (true) {
    const Token& token = current();
    const int line = token.line;
    switch (token.type) {
      case TokenType::data:
        result.push_back({line, TextOutput{take().text}});
        break;
      case TokenType::variable_begin: {
        take();
        ExpressionPtr value = tuple();
        expect(TokenType::variable_end, "end of print statement");
        Output output;
        output.values.push_back(std::move(value));
        result.push_back({line, std::move(output)});
        break;
      }
      case TokenType::block_begin:
        take();
        if (is_any_word(ends)) return result;
        result.push_back(statement());
        expect(TokenType::block_end, "end of statement block");
        break;
      default:
        if (ends.size() == 0) return result;
        error("Unexpected end of template. Jinja was looking for the following tags: '" + std::string(*ends.begin()) +
              "'. The innermost block that needs to be closed is '" + open_tags_.back() + "'.");
    }
  }
}

Body Parser::body_up_to(std::string_view end) {
  Body result = body({end});
  take();
  return result;
}

}  // namespace venturi::templates
