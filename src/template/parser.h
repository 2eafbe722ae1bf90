// Jinja's grammar, by recursive descent. The expressions are in parse_expressions.cpp, the tags in parse_statements.cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "template/ast.h"
#include "template/lexer.h"

namespace venturi::templates {

// Throws TemplateError of kind syntax or assertion, with the line.
[[nodiscard]] Tree parse_template(std::string_view source, std::string name, const LexerOptions& options);

class Parser {
 public:
  Parser(std::vector<Token> tokens, std::string name) : tokens_(std::move(tokens)), name_(std::move(name)) {}
  Tree run();

 private:
  using Words = std::initializer_list<std::string_view>;

  // Which of the names that a macro or loop gives its body are mentioned there.
  struct Mentioned {
    bool varargs = false, kwargs = false, caller = false, loop = false;
  };

  // Tokens.
  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] const Token& following() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  [[nodiscard]] bool is_op(std::string_view op) const { return current().type == TokenType::op && current().text == op; }
  [[nodiscard]] bool is_word(std::string_view word) const {
    return current().type == TokenType::name && current().text == word;
  }
  [[nodiscard]] bool is_any_word(Words words) const;
  const Token& take();
  bool skip_op(std::string_view op);
  bool skip_word(std::string_view word);
  const Token& expect(TokenType type, std::string_view what);
  void expect_op(std::string_view op);
  void expect_word(std::string_view word);
  [[noreturn]] void error(const std::string& message, int line = 0, ErrorKind kind = ErrorKind::syntax) const;
  [[nodiscard]] std::string describe_current() const;

  // Expressions.
  ExpressionPtr expression() { return conditional(); }
  ExpressionPtr conditional();
  ExpressionPtr logic(bool conjunction);
  ExpressionPtr negation();
  ExpressionPtr comparison();
  ExpressionPtr sum();
  ExpressionPtr concatenation();
  ExpressionPtr product();
  ExpressionPtr power();
  ExpressionPtr unary(bool with_filters = true);
  ExpressionPtr primary();
  ExpressionPtr string_literal();
  ExpressionPtr number_literal();
  ExpressionPtr list_literal();
  ExpressionPtr dict_literal();
  // `a, b`, or a single expression. `ends` are words that end it besides what ends any.
  ExpressionPtr tuple(bool with_conditional = true, Words ends = {}, bool in_parentheses = false);
  void suffixes(std::vector<Suffix>& out);
  void filters_and_tests(std::vector<Suffix>& out);
  Suffix subscript();
  Suffix filter();
  Suffix test();
  Arguments arguments();
  std::string dotted_name();
  // A Postfix without operand: `|upper|trim`, or `upper|trim` with the first name at hand.
  ExpressionPtr filter_chain(bool bar_comes_first);
  template <class Node>
  [[nodiscard]] static ExpressionPtr make(int line, Node node) {
    return std::make_unique<const Expression>(Expression{line, std::move(node)});
  }

  // Statements.
  Body body(Words ends);                  // up to a tag that begins with one of the words, which is then the current token
  Body body_up_to(std::string_view end);  // and past that tag's word
  Statement statement();
  Target target(bool with_tuple, bool with_namespace, Words ends = {});
  Target single_target(bool with_namespace);
  For for_loop();
  If if_chain();
  std::variant<Set, SetBlock> set();
  With with();
  Macro macro();
  CallBlock call_block();
  Signature signature(bool has_parentheses);
  std::shared_ptr<const Signature> with_body(Signature head, std::string_view end);
  Mentioned take_mentioned();  // by what was parsed since mentioned_ got a new element; counts for what is around it too
  Include include();
  Import import();
  FromImport from_import();
  bool context_clause(bool otherwise);
  Extends extends();
  std::shared_ptr<const Block> block();
  Statement print();

  // Counts nesting; error beyond max_syntax_depth.
  class Nested;
  // Sets late_ for a part of the template.
  class Late;

  // Filters and tests that do not exist: an error once everything is parsed. Within an `if` (statement or expression) it is one
  // at rendering only, if ever, unless a tag with variables of its own stands between; as in Jinja's compiler.
  struct Unknown {
    std::string message;
    int line;
  };

  const std::vector<Token> tokens_;
  const std::string name_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::vector<Unknown> unknown_;
  bool late_ = false;     // within an `if`
  int assigns_loop_ = 0;  // assignments to `loop` so far
  std::vector<Mentioned> mentioned_ = {{}};
  std::vector<std::string> open_tags_;
  std::vector<std::shared_ptr<const Block>> blocks_;
};

class Parser::Nested {
 public:
  explicit Nested(Parser& parser) : parser_(parser), before_(parser.depth_) {
    if (++parser_.depth_ > max_syntax_depth) {
      parser_.error("the template is nested more than " + std::to_string(max_syntax_depth) + " levels deep", 0,
                    ErrorKind::limit);
    }
  }
  ~Nested() { parser_.depth_ = before_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

 private:
  Parser& parser_;
  const int before_;
};

class Parser::Late {
 public:
  Late(Parser& parser, bool late) : parser_(parser), before_(std::exchange(parser.late_, late)) {}
  ~Late() { parser_.late_ = before_; }
  Late(const Late&) = delete;
  Late& operator=(const Late&) = delete;

 private:
  Parser& parser_;
  const bool before_;
};

}  // namespace venturi::templates
