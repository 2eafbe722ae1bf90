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
    const Late late(*this, false);
    ExpressionPtr enabled = expression();
    return done(Autoescape{std::move(enabled), body_up_to("endautoescape")});
  }
  if (tag == "filter") {
    const Late late(*this, false);
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
  if (name.text == "loop") ++assigns_loop_;
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
  const int assigned_before = assigns_loop_;
  For loop{target(true, false, {"in"}), nullptr, nullptr, {}, {}, false, false};
  expect_word("in");
  loop.iterated = tuple(false, {"recursive"});
  const Late late(*this, false);
  mentioned_.emplace_back();
  if (skip_word("if")) loop.filter = expression();
  loop.recursive = skip_word("recursive");
  const std::size_t blocks_before = blocks_.size();
  loop.body = body({"endfor", "else"});
  const bool has_scoped_block = std::ranges::any_of(blocks_.begin() + static_cast<std::ptrdiff_t>(blocks_before), blocks_.end(),
                                                    [](const auto& block) { return block->scoped; });
  loop.uses_loop = take_mentioned().loop || loop.recursive || has_scoped_block;
  if (assigns_loop_ > assigned_before) {
    error("Can't assign to special loop variable in for-loop target", line, ErrorKind::assertion);
  }
  if (take().text == "else") loop.otherwise = body_up_to("endfor");
  return loop;
}

If Parser::if_chain() {
  const Late late(*this, true);
  If result;
  do {
    take();
    ExpressionPtr condition = tuple(false);
    result.branches.emplace_back(std::move(condition), body({"elif", "else", "endif"}));
  } while (is_word("elif"));
  if (take().text == "else") result.otherwise = body_up_to("endif");
  return result;
}

std::variant<Set, SetBlock> Parser::set() {
  take();
  Target assigned = target(true, true);
  if (skip_op("=")) return Set{std::move(assigned), tuple()};
  const Late late(*this, false);
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
  const Late late(*this, false);
  result.body = body_up_to("endwith");
  return result;
}

Signature Parser::signature(bool has_parentheses) {
  const Late late(*this, false);
  Signature result{};
  if (has_parentheses) {
    expect_op("(");
    while (!is_op(")")) {
      if (!result.parameters.empty()) expect_op(",");
      result.parameters.push_back(single_target(false).name);
      if (std::ranges::find(result.parameters, result.parameters.back()) != std::prev(result.parameters.end())) {
        error("duplicate argument '" + result.parameters.back() + "' in function definition");
      }
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
  const Late late(*this, false);
  mentioned_.emplace_back();
  head.body = body_up_to(end);
  const Mentioned mentioned = take_mentioned();
  head.uses_varargs = mentioned.varargs;
  head.uses_kwargs = mentioned.kwargs;
  head.uses_caller = mentioned.caller;
  return std::make_shared<const Signature>(std::move(head));
}

Parser::Mentioned Parser::take_mentioned() {
  const Mentioned mentioned = mentioned_.back();
  mentioned_.pop_back();
  Mentioned& outer = mentioned_.back();
  outer = {outer.varargs || mentioned.varargs, outer.kwargs || mentioned.kwargs, outer.caller || mentioned.caller,
           outer.loop || mentioned.loop};
  return mentioned;
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
  while (true) {
    const bool ends = (is_word("with") || is_word("without")) && following().text == "context";
    if (!result.names.empty() && ends) break;
    const Token& name = expect(TokenType::name, "name");
    if (name.text.starts_with('_')) {
      error("names starting with an underline can not be imported", name.line, ErrorKind::assertion);
    }
    const std::string as = skip_word("as") ? single_target(false).name : name.text;
    result.names.emplace_back(name.text, as);
    if (!skip_op(",")) break;
  }
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
  {
    const Late late(*this, false);
    mentioned_.emplace_back();
    result->body = body({"endblock"});
    mentioned_.pop_back();  // a block is a function of its own: what it mentions is not the loop's around it
  }
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
