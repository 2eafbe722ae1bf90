// What follows an operand: attributes, subscripts, calls, filters, tests.
#include <algorithm>
#include <charconv>

#include "template/builtins.h"
#include "template/parser.h"

namespace venturi::templates {

void Parser::suffixes(std::vector<Suffix>& out) {
  while (true) {
    const int line = current().line;
    if (is_op(".") || is_op("[")) {
      out.push_back(subscript());
    } else if (is_op("(")) {
      out.push_back({line, Invocation{arguments()}});
    } else {
      return;
    }
  }
}

void Parser::filters_and_tests(std::vector<Suffix>& out) {
  while (true) {
    const int line = current().line;
    if (skip_op("|")) {
      out.push_back(filter());
    } else if (skip_word("is")) {
      out.push_back(test());
    } else if (is_op("(")) {
      out.push_back({line, Invocation{arguments()}});
    } else {
      return;
    }
  }
}

Suffix Parser::subscript() {
  const Token& token = take();
  if (token.text == ".") {
    const Token& name = take();
    if (name.type == TokenType::name) return {token.line, Attribute{name.text}};
    if (name.type != TokenType::integer) error("expected name or number", name.line);
    std::int64_t index = INT64_MAX;  // where it needs more than 64 bits: then there is no such element
    std::from_chars(name.text.data(), name.text.data() + name.text.size(), index);
    return {token.line, Subscript{make(name.line, Literal{index})}};
  }
  Sequence keys{false, {}};
  bool has_comma = false;
  Slice slice;
  bool sliced = false;
  while (!is_op("]")) {
    if (!keys.parts.empty()) {
      expect_op(",");
      has_comma = true;
      if (is_op("]")) break;
    }
    ExpressionPtr start = is_op(":") ? nullptr : expression();
    if (!is_op(":")) {
      keys.parts.push_back(std::move(start));
      continue;
    }
    sliced = true;
    slice.start = std::move(start);
    take();
    const auto given = [&] { return !is_op(":") && !is_op("]") && !is_op(","); };
    if (given()) slice.stop = expression();
    if (skip_op(":") && given()) slice.step = expression();
    break;
  }
  if (sliced && !keys.parts.empty()) error("a slice among several subscripts is not supported");
  expect_op("]");
  if (sliced) return {token.line, std::move(slice)};
  if (!has_comma && !keys.parts.empty()) return {token.line, Subscript{std::move(keys.parts.front())}};
  return {token.line, Subscript{make(token.line, std::move(keys))}};
}

Arguments Parser::arguments() {
  expect_op("(");
  Arguments result;
  const auto require = [&](bool ok) {
    if (!ok) error("invalid syntax for function call expression");
  };
  bool first = true;
  while (!is_op(")")) {
    if (!std::exchange(first, false)) {
      expect_op(",");
      if (is_op(")")) break;
    }
    if (skip_op("*")) {
      require(result.star == nullptr && result.double_star == nullptr);
      result.star = expression();
    } else if (skip_op("**")) {
      require(result.double_star == nullptr);
      result.double_star = expression();
    } else if (current().type == TokenType::name && following().type == TokenType::op && following().text == "=") {
      require(result.double_star == nullptr);
      const Token& name = take();
      take();
      const auto same = [&](const auto& other) { return other.first == name.text; };
      if (std::ranges::any_of(result.keywords, same)) error("keyword argument repeated: " + name.text, name.line);
      result.keywords.emplace_back(name.text, expression());
    } else {
      require(result.star == nullptr && result.double_star == nullptr && result.keywords.empty());
      result.positional.push_back(expression());
    }
  }
  expect_op(")");
  return result;
}

std::string Parser::dotted_name() {
  std::string name = expect(TokenType::name, "name").text;
  while (skip_op(".")) name += "." + expect(TokenType::name, "name").text;
  return name;
}

Suffix Parser::filter() {
  const int line = current().line;
  Filter filter{dotted_name(), nullptr, {}};
  filter.function = find_filter(filter.name);
  if (filter.function == nullptr && !late_) unknown_.push_back({no_such_filter(filter.name), line});
  if (is_op("(")) filter.arguments = arguments();
  return {line, std::move(filter)};
}

Suffix Parser::test() {
  const int line = current().line;
  const bool negated = skip_word("not");
  Test test{dotted_name(), nullptr, {}, negated};
  test.function = find_test(test.name);
  if (test.function == nullptr && !late_) unknown_.push_back({no_such_test(test.name), line});
  const bool operand_follows = current().type == TokenType::name || current().type == TokenType::string ||
                               current().type == TokenType::integer || current().type == TokenType::real || is_op("[") ||
                               is_op("{");
  if (is_op("(")) {
    test.arguments = arguments();
  } else if (operand_follows && !is_any_word({"else", "or", "and"})) {
    if (is_word("is")) error("You cannot chain multiple tests with is");
    const Nested nested(*this);
    ExpressionPtr argument = primary();
    std::vector<Suffix> all;
    suffixes(all);
    if (!all.empty()) argument = make(line, Postfix{std::move(argument), std::move(all)});
    test.arguments.positional.push_back(std::move(argument));
  }
  return {line, std::move(test)};
}

ExpressionPtr Parser::filter_chain(bool bar_comes_first) {
  const int line = current().line;
  Postfix chain;
  if (!bar_comes_first) chain.suffixes.push_back(filter());
  while (skip_op("|")) chain.suffixes.push_back(filter());
  return chain.suffixes.empty() ? nullptr : make(line, std::move(chain));
}

}  // namespace venturi::templates
