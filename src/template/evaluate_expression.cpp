#include "template/builtins.h"
#include "template/compare.h"
#include "template/dict.h"
#include "template/evaluator.h"
#include "template/markup.h"

namespace venturi::templates {

Item Evaluator::evaluate(const Expression& expression) {
  const Budget::Depth depth(budget);
  budget.step();
  place_.line = expression.line;
  return std::visit([&](const auto& node) { return evaluate(expression.line, node); }, expression.node);
}

Item Evaluator::optional(const ExpressionPtr& expression) {
  return expression == nullptr ? Item() : evaluate(*expression);
}

Item Evaluator::evaluate(int, const Literal& node) {
  return node.value;
}

Item Evaluator::evaluate(int, const Name& node) {
  return lookup(node.name);
}

Item Evaluator::evaluate(int, const Sequence& node) {
  budget.make_items(node.parts.size());
  Items items;
  items.reserve(node.parts.size());
  for (const ExpressionPtr& part : node.parts) items.push_back(evaluate(*part));
  return node.list ? Item::list(std::move(items)) : Item::tuple(std::move(items));
}

Item Evaluator::evaluate(int, const DictLiteral& node) {
  budget.make_items(node.entries.size());
  auto dict = std::make_shared<Dict>();
  for (const auto& [key, value] : node.entries) {
    const Item evaluated_key = evaluate(*key);
    dict->set(evaluated_key, evaluate(*value));
  }
  return dict;
}

Item Evaluator::evaluate(int, const Arithmetic& node) {
  Item value = evaluate(*node.first);
  for (const auto& [op, right] : node.rest) {
    const Item operand = evaluate(*right);
    budget.step();
    value = apply(*this, op, value, operand);
  }
  return value;
}

Item Evaluator::evaluate(int, const Concatenation& node) {
  Items parts;
  bool markup = false;
  for (const ExpressionPtr& part : node.parts) {
    parts.push_back(evaluate(*part));
    markup |= autoescape_ && parts.back().is_markup();
  }
  std::string text;
  for (const Item& part : parts) {
    if (markup) {
      text += escape(part);
    } else {
      append_str(text, part);
    }
    budget.check_text(text.size());
  }
  budget.make_text(text.size());
  return Text{std::move(text), markup};
}

bool Evaluator::compare(Comparator comparator, const Item& left, const Item& right) {
  switch (comparator) {
    case Comparator::equal:
      return equal(left, right);
    case Comparator::not_equal:
      return !equal(left, right);
    case Comparator::less:
      return less(left, right);
    case Comparator::greater:
      return less(right, left, ">");
    case Comparator::less_equal:
      return less(left, right, "<=") || equal(left, right);
    case Comparator::greater_equal:
      return less(right, left, ">=") || equal(left, right);
    case Comparator::in:
      return contains(*this, right, left);
    case Comparator::not_in:
      return !contains(*this, right, left);
  }
  return false;
}

Item Evaluator::evaluate(int, const Comparison& node) {
  Item left = evaluate(*node.first);
  for (const auto& [comparator, expression] : node.rest) {
    Item right = evaluate(*expression);
    charge({left, right});
    if (!compare(comparator, left, right)) return false;
    left = std::move(right);
  }
  return true;
}

Item Evaluator::evaluate(int, const Logic& node) {
  Item value;
  for (const ExpressionPtr& operand : node.operands) {
    value = evaluate(*operand);
    if (operand != node.operands.back() && truth(value) != node.conjunction) break;
  }
  return value;
}

Item Evaluator::evaluate(int, const Unary& node) {
  const Item operand = evaluate(*node.operand);
  if (node.op == '!') return !truth(operand);
  return node.op == '-' ? negate(operand) : positive(operand);
}

Item Evaluator::evaluate(int, const Conditional& node) {
  if (truth(evaluate(*node.condition))) return evaluate(*node.then);
  if (node.otherwise != nullptr) return evaluate(*node.otherwise);
  return Item::lenient_undefined("the inline if-expression evaluated to false and no else section was defined.");
}

Item Evaluator::evaluate(int, const Postfix& node) {
  return suffixes(evaluate(*node.operand), node, nullptr);
}

Item Evaluator::suffixes(Item value, const Postfix& node, const Item* caller) {
  for (const Suffix& next : node.suffixes) {
    budget.step();
    place_.line = next.line;
    const Item* passed = &next == &node.suffixes.back() ? caller : nullptr;
    value = std::visit([&](const auto& part) { return suffix(value, part, passed); }, next.part);
  }
  return value;
}

Item Evaluator::suffix(const Item& value, const Attribute& part, const Item*) {
  return get_attribute(value, part.name);
}

Item Evaluator::suffix(const Item& value, const Subscript& part, const Item*) {
  const Item key = evaluate(*part.key);
  if (value.is_text()) budget.step(value.as_string().size() / 64);  // characters are counted
  return get_item(value, key);
}

Item Evaluator::suffix(const Item& value, const Slice& part, const Item*) {
  const Item start = optional(part.start), stop = optional(part.stop), step = optional(part.step);
  charge({value});
  return slice(*this, value, start, stop, step);
}

Item Evaluator::suffix(const Item& value, const Invocation& part, const Item* caller) {
  Items args;
  Keywords keywords;
  const Place place = place_;
  arguments(part.arguments, args, keywords);
  if (caller != nullptr) keywords.push_back({"caller", *caller});
  place_ = place;
  Item result = call(value, std::move(args), std::move(keywords));
  place_ = place;
  return result;
}

Item Evaluator::suffix(const Item& value, const Filter& part, const Item*) {
  if (part.function == nullptr) fail(ErrorKind::runtime, no_such_filter(part.name));
  Items args = {value};
  Keywords keywords;
  arguments(part.arguments, args, keywords);
  return call_native(part.function, part.name, std::move(args), std::move(keywords));
}

Item Evaluator::suffix(const Item& value, const Test& part, const Item*) {
  if (part.function == nullptr) fail(ErrorKind::runtime, no_such_test(part.name));
  Items args = {value};
  Keywords keywords;
  arguments(part.arguments, args, keywords);
  return truth(call_native(part.function, part.name, std::move(args), std::move(keywords))) != part.negated;
}

void Evaluator::arguments(const Arguments& arguments, Items& args, Keywords& keywords) {
  for (const ExpressionPtr& argument : arguments.positional) args.push_back(evaluate(*argument));
  if (arguments.star != nullptr) {
    Items more = iterate(*this, evaluate(*arguments.star));
    args.insert(args.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  for (const auto& [name, argument] : arguments.keywords) keywords.push_back({name, evaluate(*argument)});
  if (arguments.double_star == nullptr) return;
  const Item more = evaluate(*arguments.double_star);
  if (!more.is(Type::dict)) fail(ErrorKind::type, "argument after ** must be a mapping, not " + type_name(more));
  for (const Dict::Entry& entry : more.as_dict()) {
    if (!entry.key.is_text()) fail(ErrorKind::type, "keywords must be strings");
    keywords.push_back({entry.key.as_string(), entry.value});
  }
}

// Whatever made a text, it is within the limits.
Item Evaluator::limited(Item result) {
  constexpr std::size_t large = 4096;
  if (result.is_text() && result.as_string().size() > large) {
    budget.make_text(result.as_string().size());
    budget.step(result.as_string().size() / 256);
  }
  return result;
}

// A step for each so many bytes or items that a function may look through.
void Evaluator::charge(const Items& args) {
  std::size_t size = 0;
  for (const Item& item : args) {
    if (item.is_text()) size += item.as_string().size() / 64;
    if (item.is_sequence()) size += item.sequence().size();
    if (item.is(Type::dict)) size += item.as_dict().size();
  }
  budget.step(1 + size / 4);
}

Item Evaluator::call_native(Native function, std::string_view name, Items args, Keywords keywords) {
  charge(args);
  Call call{*this, name, std::move(args), std::move(keywords)};
  return limited(function(call));
}

namespace {

bool is_quick_method(const Item& self, std::string_view name, std::size_t arguments) {
  if (self.is(Type::list)) return name == "append" || name == "extend" || (name == "pop" && arguments == 0);
  return self.is(Type::dict) &&
         (name == "get" || name == "setdefault" || name == "update" || name == "keys" || name == "values" || name == "items");
}

}  // namespace

Item Evaluator::call(const Item& callee, Items args, Keywords keywords) {
  const Budget::Depth depth(budget);
  switch (callee.type()) {
    case Type::undefined:
      callee.as_undefined().use();
    case Type::callable: {
      const std::shared_ptr<const Callable>& function = callee.as_callable();
      // Some methods of a list or dict cost the same however long that is.
      const bool whole_self = function->self && !is_quick_method(*function->self, function->name, args.size());
      charge(args);
      if (whole_self) charge({*function->self});
      if (function->self) args.insert(args.begin(), *function->self);
      Call call{*this, function->name, std::move(args), std::move(keywords)};
      return limited(function->body(call));
    }
    case Type::host: {
      const std::shared_ptr<HostObject>& object = callee.as_host();
      charge(args);
      Call call{*this, "call", std::move(args), std::move(keywords)};
      return object->call(call);
    }
    default:
      fail(ErrorKind::type, "'" + type_name(callee) + "' object is not callable");
  }
}

Item Evaluator::filter(std::string_view name, Items args, Keywords keywords) {
  const Native function = find_filter(name);
  if (function == nullptr) fail(ErrorKind::runtime, no_such_filter(name));
  return call_native(function, name, std::move(args), std::move(keywords));
}

bool Evaluator::test(std::string_view name, Items args, Keywords keywords) {
  const Native function = find_test(name);
  if (function == nullptr) fail(ErrorKind::runtime, no_such_test(name));
  return truth(call_native(function, name, std::move(args), std::move(keywords)));
}

}  // namespace venturi::templates
