#include <algorithm>
#include <charconv>
#include <cmath>

#include "template/builtins.h"
#include "template/integer.h"
#include "template/parser.h"

namespace venturi::templates {

ExpressionPtr Parser::conditional() {
  const Nested nested(*this);
  const std::size_t unknown_before = unknown_.size();
  const int line = current().line;
  ExpressionPtr value = logic(false);
  while (skip_word("if")) {
    ExpressionPtr condition = logic(false);
    ExpressionPtr otherwise = skip_word("else") ? conditional() : nullptr;
    value = make(line, Conditional{std::move(condition), std::move(value), std::move(otherwise)});
    unknown_.resize(unknown_before);  // it is late for all three
    // `a if b if c`: each puts what was before it one level deeper.
    if (++depth_ > max_syntax_depth) error("too many conditions in one expression", 0, ErrorKind::limit);
  }
  return value;
}

ExpressionPtr Parser::logic(bool conjunction) {
  const int line = current().line;
  const auto operand = [&] { return conjunction ? negation() : logic(true); };
  ExpressionPtr first = operand();
  if (!is_word(conjunction ? "and" : "or")) return first;
  Logic logic{conjunction, {}};
  logic.operands.push_back(std::move(first));
  while (skip_word(conjunction ? "and" : "or")) logic.operands.push_back(operand());
  return make(line, std::move(logic));
}

ExpressionPtr Parser::negation() {
  if (!is_word("not")) return comparison();
  const Nested nested(*this);
  const int line = take().line;
  return make(line, Unary{'!', negation()});
}

ExpressionPtr Parser::comparison() {
  constexpr std::pair<std::string_view, Comparator> comparators[] = {
      {"==", Comparator::equal},      {"!=", Comparator::not_equal}, {"<", Comparator::less},
      {"<=", Comparator::less_equal}, {">", Comparator::greater},    {">=", Comparator::greater_equal}};
  const int line = current().line;
  ExpressionPtr first = sum();
  std::vector<std::pair<Comparator, ExpressionPtr>> rest;
  while (true) {
    const auto found = std::ranges::find_if(comparators, [&](const auto& candidate) { return is_op(candidate.first); });
    if (found != std::end(comparators)) {
      take();
      rest.emplace_back(found->second, sum());
    } else if (skip_word("in")) {
      rest.emplace_back(Comparator::in, sum());
    } else if (is_word("not") && following().type == TokenType::name && following().text == "in") {
      take();
      take();
      rest.emplace_back(Comparator::not_in, sum());
    } else {
      break;
    }
  }
  return rest.empty() ? std::move(first) : make(line, Comparison{std::move(first), std::move(rest)});
}

ExpressionPtr Parser::sum() {
  const int line = current().line;
  ExpressionPtr first = concatenation();
  std::vector<std::pair<Operator, ExpressionPtr>> rest;
  while (is_op("+") || is_op("-")) {
    const Operator op = take().text == "+" ? Operator::add : Operator::subtract;
    rest.emplace_back(op, concatenation());
  }
  return rest.empty() ? std::move(first) : make(line, Arithmetic{std::move(first), std::move(rest)});
}

ExpressionPtr Parser::concatenation() {
  const int line = current().line;
  ExpressionPtr first = product();
  if (!is_op("~")) return first;
  Concatenation parts;
  parts.parts.push_back(std::move(first));
  while (skip_op("~")) parts.parts.push_back(product());
  return make(line, std::move(parts));
}

ExpressionPtr Parser::product() {
  constexpr std::pair<std::string_view, Operator> operators[] = {
      {"*", Operator::multiply}, {"/", Operator::divide}, {"//", Operator::floor_divide}, {"%", Operator::modulo}};
  const int line = current().line;
  ExpressionPtr first = power();
  std::vector<std::pair<Operator, ExpressionPtr>> rest;
  while (true) {
    const auto found = std::ranges::find_if(operators, [&](const auto& candidate) { return is_op(candidate.first); });
    if (found == std::end(operators)) break;
    take();
    rest.emplace_back(found->second, power());
  }
  return rest.empty() ? std::move(first) : make(line, Arithmetic{std::move(first), std::move(rest)});
}

// From left to right, unlike Python's.
ExpressionPtr Parser::power() {
  const int line = current().line;
  ExpressionPtr first = unary();
  std::vector<std::pair<Operator, ExpressionPtr>> rest;
  while (skip_op("**")) rest.emplace_back(Operator::power, unary());
  return rest.empty() ? std::move(first) : make(line, Arithmetic{std::move(first), std::move(rest)});
}

ExpressionPtr Parser::unary(bool with_filters) {
  const Nested nested(*this);
  const int line = current().line;
  ExpressionPtr operand;
  if (is_op("-") || is_op("+")) {
    const char op = take().text[0];
    operand = make(line, Unary{op, unary(false)});
  } else {
    operand = primary();
  }
  std::vector<Suffix> all;
  suffixes(all);
  if (with_filters) filters_and_tests(all);
  return all.empty() ? std::move(operand) : make(line, Postfix{std::move(operand), std::move(all)});
}

ExpressionPtr Parser::primary() {
  const Token& token = current();
  switch (token.type) {
    case TokenType::name: {
      const Token& name = take();
      if (name.text == "true" || name.text == "True") return make(name.line, Literal{true});
      if (name.text == "false" || name.text == "False") return make(name.line, Literal{false});
      if (name.text == "none" || name.text == "None") return make(name.line, Literal{});
      mentioned_.back().varargs |= name.text == "varargs";
      mentioned_.back().kwargs |= name.text == "kwargs";
      mentioned_.back().caller |= name.text == "caller";
      mentioned_.back().loop |= name.text == "loop";
      return make(name.line, Name{name.text});
    }
    case TokenType::string:
      return string_literal();
    case TokenType::integer:
    case TokenType::real:
      return number_literal();
    case TokenType::op:
      if (skip_op("(")) {
        ExpressionPtr value = tuple(true, {}, true);
        expect_op(")");
        return value;
      }
      if (token.text == "[") return list_literal();
      if (token.text == "{") return dict_literal();
      [[fallthrough]];
    default:
      error("unexpected " + describe_current());
  }
}

ExpressionPtr Parser::string_literal() {
  const int line = current().line;
  std::string text;
  while (current().type == TokenType::string) text += take().text;
  return make(line, Literal{std::move(text)});
}

ExpressionPtr Parser::number_literal() {
  const Token& token = take();
  const std::string& text = token.text;
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (token.type == TokenType::real) {
    double value = 0;
    if (std::from_chars(begin, end, value).ec == std::errc::result_out_of_range) {
      const std::size_t e = text.find('e');
      value = e != std::string::npos && text[e + 1] == '-' ? 0.0 : HUGE_VAL;
    }
    return make(token.line, Literal{value});
  }
  const char kind = text.size() > 2 ? static_cast<char>(text[1] | 0x20) : '0';
  const unsigned base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
  try {
    return make(token.line, Literal{*read_integer(std::string_view(text).substr(base == 10 ? 0 : 2), base)});
  } catch (const TemplateError& too_long) {
    error(too_long.message(), token.line, too_long.kind());
  }
}

ExpressionPtr Parser::list_literal() {
  const int line = take().line;
  Sequence list{true, {}};
  while (!is_op("]")) {
    if (!list.parts.empty()) expect_op(",");
    if (is_op("]")) break;
    list.parts.push_back(expression());
  }
  expect_op("]");
  return make(line, std::move(list));
}

ExpressionPtr Parser::dict_literal() {
  const int line = take().line;
  DictLiteral dict;
  while (!is_op("}")) {
    if (!dict.entries.empty()) expect_op(",");
    if (is_op("}")) break;
    ExpressionPtr key = expression();
    expect_op(":");
    dict.entries.emplace_back(std::move(key), expression());
  }
  expect_op("}");
  return make(line, std::move(dict));
}

ExpressionPtr Parser::tuple(bool with_conditional, Words ends, bool in_parentheses) {
  const int line = current().line;
  Sequence sequence{false, {}};
  bool has_comma = false;
  while (true) {
    const bool at_end =
        current().type == TokenType::variable_end || current().type == TokenType::block_end || is_op(")") || is_any_word(ends);
    if (at_end) break;
    sequence.parts.push_back(with_conditional ? expression() : logic(false));
    if (!is_op(",")) break;
    has_comma = true;
    take();
  }
  if (!has_comma) {
    if (!sequence.parts.empty()) return std::move(sequence.parts.front());
    if (!in_parentheses) error("Expected an expression, got " + describe_current());
  }
  return make(line, std::move(sequence));
}

}  // namespace venturi::templates
