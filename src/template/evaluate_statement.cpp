#include "template/dict.h"
#include "template/evaluator.h"
#include "template/loop_object.h"
#include "template/namespace_object.h"

namespace venturi::templates {

void Evaluator::execute(const Body& body) {
  for (const Statement& statement : body) {
    const Budget::Depth depth(budget);
    budget.step();
    place_.line = statement.line;
    std::visit([&](const auto& node) { execute(node); }, statement.node);
  }
}

void Evaluator::execute(const TextOutput& node) {
  sink_->text(node.text);
}

void Evaluator::execute(const Output& node) {
  for (const ExpressionPtr& value : node.values) sink_->value(evaluate(*value), autoescape_);
}

void Evaluator::execute(const Do& node) {
  evaluate(*node.value);
}

void Evaluator::execute(const If& node) {
  for (const auto& [condition, body] : node.branches) {
    if (truth(evaluate(*condition))) return execute(body);
  }
  execute(node.otherwise);
}

void Evaluator::assign(const Target& target, Item value) {
  budget.step();
  if (target.unpacked) {
    Items parts = iterate(*this, value);
    if (parts.size() != target.parts.size()) {
      const bool more = parts.size() > target.parts.size();
      fail(ErrorKind::value, std::string(more ? "too many" : "not enough") + " values to unpack (expected " +
                                 std::to_string(target.parts.size()) +
                                 (more ? ")" : ", got " + std::to_string(parts.size()) + ")"));
    }
    for (std::size_t i = 0; i < parts.size(); ++i) assign(target.parts[i], std::move(parts[i]));
  } else if (target.attribute.empty()) {
    scope_->set(target.name, std::move(value));
  } else {
    const Item object = lookup(target.name);
    auto* space = object.is(Type::host) ? dynamic_cast<NamespaceObject*>(object.as_host().get()) : nullptr;
    if (space == nullptr) fail(ErrorKind::runtime, "cannot assign attribute on non-namespace object");
    if (reaches(budget, value, space)) fail(ErrorKind::value, "a namespace cannot hold itself");
    space->set(target.attribute, std::move(value));
  }
}

void Evaluator::execute(const Set& node) {
  assign(node.target, evaluate(*node.value));
}

Item Evaluator::capture(const Body& body) {
  Sink sink(budget, native_);
  Sink* const outer = std::exchange(sink_, &sink);
  const InnerScope scope(*this, scope_);
  execute(body);
  sink_ = outer;
  Item result = sink.finish();
  return autoescape_ && result.is_text() ? Item::markup(result.as_string()) : result;
}

void Evaluator::execute(const SetBlock& node) {
  Item value = capture(node.body);
  if (node.filters != nullptr) value = suffixes(std::move(value), std::get<Postfix>(node.filters->node), nullptr);
  assign(node.target, std::move(value));
}

void Evaluator::execute(const FilterBlock& node) {
  Item value = capture(node.body);
  written_as_is(suffixes(std::move(value), std::get<Postfix>(node.filters->node), nullptr));
}

void Evaluator::written_as_is(const Item& value) {
  if (value.is_undefined()) value.as_undefined().use();
  if (!native_ && !value.is_text()) {
    fail(ErrorKind::type, "sequence item 0: expected str instance, " + type_name(value) + " found");
  }
  sink_->value(value, false);
}

void Evaluator::execute(const With& node) {
  Items values;
  for (const auto& [target, value] : node.bindings) values.push_back(evaluate(*value));
  const InnerScope scope(*this, scope_);
  for (std::size_t i = 0; i < values.size(); ++i) assign(node.bindings[i].first, std::move(values[i]));
  execute(node.body);
}

void Evaluator::execute(const Autoescape& node) {
  const bool before = autoescape_;
  autoescape_ = truth(evaluate(*node.enabled));
  const InnerScope scope(*this, scope_);
  execute(node.body);
  autoescape_ = before;
}

void Evaluator::execute(const For& node) {
  loop(node, iterate(*this, evaluate(*node.iterated)), *scope_, 0);
}

Item Evaluator::packed(const Target& target) {
  if (!target.unpacked) return *scope_->find(target.name);
  Items parts;
  for (const Target& part : target.parts) parts.push_back(packed(part));
  return Item::tuple(std::move(parts));
}

void Evaluator::loop(const For& node, Items items, Scope& outer, int depth) {
  if (node.filter != nullptr) {
    Items kept;
    for (Item& item : items) {
      const InnerScope scope(*this, &outer);
      assign(node.target, item);
      // What was unpacked comes out as tuples, whatever it was.
      if (truth(evaluate(*node.filter))) kept.push_back(node.target.unpacked ? packed(node.target) : std::move(item));
    }
    items = std::move(kept);
  }
  if (items.empty()) {
    const InnerScope scope(*this, &outer);
    return execute(node.otherwise);
  }
  const auto loop = std::make_shared<LoopObject>(*this, node, std::move(items), outer, depth);
  struct Finish {
    LoopObject& loop;
    ~Finish() { loop.finish(); }
  } finish{*loop};
  for (std::size_t i = 0; i < loop->items().size(); ++i) {
    loop->move_to(i);
    const InnerScope scope(*this, &outer);
    if (node.uses_loop) scope_->set("loop", loop);
    assign(node.target, loop->items()[i]);
    execute(node.body);
  }
}

}  // namespace venturi::templates
