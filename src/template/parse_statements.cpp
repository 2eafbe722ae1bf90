#include <algorithm>

#include "template/parser.h"

namespace venturi::templates {

Statement Parser::statement() {
  const Token& token = current();
  if (token.type != TokenType::name) error("tag name expected");
  const int line = token.line;
  const std::string tag = token.text;
  const Nested nested(*this);
  open_tags_.push_back(tag);
  const auto done = [&](auto node) {
    open_tags_.pop_back();
    return Statement{line, std::move(node)};
  };
  if (tag == "set") {
    auto node = set();
    open_tags_.pop_back();
    return std::visit([&](auto& either) { return Statement{line, std::move(either)}; }, node);
  }
  if (tag == "print") return print();
  if (tag == "for") return done(for_loop());
  if (tag == "if") return done(if_chain());
  if (tag == "block") return done(block());
  if (tag == "extends") return done(extends());
  if (tag == "macro") return done(macro());
  if (tag == "include") return done(include());
  if (tag == "from") return done(from_import());
  if (tag == "import") return done(import());
  if (tag == "with") return done(with());
  if (tag == "call") return done(call_block());
  take();
  if (tag == "do") return done(Do{tuple()});
  if (tag == "autoescape") {
    ExpressionPtr enabled = expression();
    return done(Autoescape{std::move(enabled), body_up_to("endautoescape")});
  }
  if (tag == "filter") {
    ExpressionPtr filters = filter_chain(false);
    return done(FilterBlock{std::move(filters), body_up_to("endfilter")});
  }
  open_tags_.pop_back();
  std::string message = "Encountered unknown tag '" + tag + "'.";
  if (!open_tags_.empty()) message += " The innermost block that needs to be closed is '" + open_tags_.back() + "'.";
  error(message, line);
}

Statement Parser::print() {
  const int line = take().line;
  open_tags_.pop_back();
  Output output;
  do {
    output.values.push_back(expression());
  } while (skip_op(","));
  return {line, std::move(output)};
}

Target Parser::single_target(bool with_namespace) {
  if (skip_op("(")) {
    const Nested nested(*this);
    Target inner = target(true, with_namespace);
    expect_op(")");
    return inner;
  }
  const Token& name = expect(TokenType::name, "name");
  constexpr std::string_view constants[] = {"true", "false", "none", "True", "False", "None"};
  if (std::ranges::find(constants, name.text) != std::end(constants)) error("can't assign to 'const'", name.line);
  Target target{name.line, name.text, {}, {}};
  if (with_namespace && skip_op(".")) target.attribute = expect(TokenType::name, "name").text;
  return target;
}

Target Parser::target(bool with_tuple, bool with_namespace, Words ends) {
  const int line = current().line;
  Target first = single_target(with_namespace);
  if (!with_tuple || !is_op(",")) return first;
  Target all{line, {}, {}, {}, true};
  all.parts.push_back(std::move(first));
  while (skip_op(",")) {
    const bool at_end = current().type == TokenType::block_end || is_op(")") || is_op("=") || is_any_word(ends);
    if (at_end) break;
    all.parts.push_back(single_target(with_namespace));
  }
  return all;
}

For Parser::for_loop() {
  const int line = take().line;
  For loop{target(true, false, {"in"}), nullptr, nullptr, {}, {}, false};
  if (loop.target.name == "loop") error("can't assign to special loop variable in for-loop target", line, ErrorKind::assertion);
  expect_word("in");
  loop.iterated = tuple(false, {"recursive"});
  if (skip_word("if")) loop.filter = expression();
  loop.recursive = skip_word("recursive");
  loop.body = body({"endfor", "else"});
  if (take().text == "else") loop.otherwise = body_up_to("endfor");
  return loop;
}

If Parser::if_chain() {
  const std::size_t unknown_before = unknown_.size();
  If result;
  do {
    take();
    ExpressionPtr condition = tuple(false);
    result.branches.emplace_back(std::move(condition), body({"elif", "else", "endif"}));
  } while (is_word("elif"));
  if (take().text == "else") result.otherwise = body_up_to("endif");
  unknown_.resize(unknown_before);
  return result;
}

std::variant<Set, SetBlock> Parser::set() {
  take();
  Target assigned = target(true, true);
  if (skip_op("=")) return Set{std::move(assigned), tuple()};
  ExpressionPtr filters = filter_chain(true);
  return SetBlock{std::move(assigned), std::move(filters), body_up_to("endset")};
}

With Parser::with() {
  take();
  With result;
  while (current().type != TokenType::block_end) {
    if (!result.bindings.empty()) expect_op(",");
    Target bound = target(false, false);
    expect_op("=");
    result.bindings.emplace_back(std::move(bound), expression());
  }
  result.body = body_up_to("endwith");
  return result;
}

Signature Parser::signature(bool has_parentheses) {
  Signature result{};
  if (has_parentheses) {
    expect_op("(");
    while (!is_op(")")) {
      if (!result.parameters.empty()) expect_op(",");
      result.parameters.push_back(single_target(false).name);
      if (skip_op("=")) {
        result.defaults.push_back(expression());
      } else if (!result.defaults.empty()) {
        error("non-default argument follows default argument");
      }
    }
    expect_op(")");
  }
  return result;
}

std::shared_ptr<const Signature> Parser::with_body(Signature head, std::string_view end) {
  mentioned_.emplace_back();
  head.body = body_up_to(end);
  head.uses_varargs = mentioned_.back().varargs;
  head.uses_kwargs = mentioned_.back().kwargs;
  head.uses_caller = mentioned_.back().caller;
  mentioned_.pop_back();
  return std::make_shared<const Signature>(std::move(head));
}

Macro Parser::macro() {
  take();
  std::string name = expect(TokenType::name, "name").text;
  Signature head = signature(true);
  return {std::move(name), with_body(std::move(head), "endmacro")};
}

CallBlock Parser::call_block() {
  take();
  Signature head = signature(is_op("("));
  const int line = current().line;
  ExpressionPtr call = expression();
  const auto* postfix = std::get_if<Postfix>(&call->node);
  if (postfix == nullptr || !std::holds_alternative<Invocation>(postfix->suffixes.back().part)) error("expected call", line);
  return {std::move(call), with_body(std::move(head), "endcall")};
}

bool Parser::context_clause(bool otherwise) {
  const bool with = is_word("with");
  if ((!with && !is_word("without")) || following().type != TokenType::name || following().text != "context") return otherwise;
  take();
  take();
  return with;
}

Include Parser::include() {
  take();
  Include result{expression(), false, true};
  if (is_word("ignore") && following().type == TokenType::name && following().text == "missing") {
    take();
    take();
    result.ignore_missing = true;
  }
  result.with_context = context_clause(true);
  return result;
}

Import Parser::import() {
  take();
  Import result{expression(), {}, false};
  expect_word("as");
  result.target = single_target(false).name;
  result.with_context = context_clause(false);
  return result;
}

FromImport Parser::from_import() {
  take();
  FromImport result{expression(), {}, false};
  expect_word("import");
  while (current().type == TokenType::name) {
    if (!result.names.empty() && (is_word("with") || is_word("without")) && following().text == "context") break;
    const Token& name = take();
    if (name.text.starts_with('_')) {
      error("names starting with an underline can not be imported", name.line, ErrorKind::assertion);
    }
    const std::string as = skip_word("as") ? single_target(false).name : name.text;
    result.names.emplace_back(name.text, as);
    if (!skip_op(",")) break;
  }
  if (result.names.empty()) expect(TokenType::name, "name");
  result.with_context = context_clause(false);
  return result;
}

Extends Parser::extends() {
  take();
  return {expression()};
}

std::shared_ptr<const Block> Parser::block() {
  take();
  auto result = std::make_shared<Block>();
  const Token& name = expect(TokenType::name, "name");
  result->name = name.text;
  result->scoped = skip_word("scoped");
  result->required = skip_word("required");
  if (is_op("-"))
    error("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.");
  result->body = body({"endblock"});
  take();
  if (current().type == TokenType::name) {
    if (current().text != name.text) error("'" + name.text + "' block ended as '" + current().text + "'");
    take();
  }
  if (result->required) {
    const bool blank = std::ranges::all_of(result->body, [](const Statement& part) {
      const auto* text = std::get_if<TextOutput>(&part.node);
      return text != nullptr && text->text.find_first_not_of(" \t\r\n\f\v") == std::string::npos;
    });
    if (!blank) error("Required blocks can only contain comments or whitespace");
  }
  if (std::ranges::any_of(blocks_, [&](const auto& other) { return other->name == name.text; })) {
    error("block '" + name.text + "' defined twice", name.line, ErrorKind::assertion);
  }
  blocks_.push_back(result);
  return result;
}

}  // namespace venturi::templates
