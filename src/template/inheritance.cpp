#include "template/inheritance.h"

#include <algorithm>

#include "template/parser.h"

namespace venturi::templates {

std::optional<Item> SelfReference::attribute(std::string_view name) {
  if (!unit_.blocks.contains(name)) return std::nullopt;
  return std::make_shared<BlockReference>(evaluator_, unit_, std::string(name), 0);
}

std::optional<Item> BlockReference::attribute(std::string_view name) {
  if (name != "super") return std::nullopt;
  if (level_ + 1 >= unit_.blocks.at(name_).size()) {
    return Item::undefined("there is no parent block called " + string_repr(name_) + ".");
  }
  return std::make_shared<BlockReference>(evaluator_, unit_, name_, level_ + 1);
}

Item BlockReference::call(Call&) {
  Unit* const outer = std::exchange(evaluator_.unit_, &unit_);
  Item text = evaluator_.block_text(name_, level_);
  evaluator_.unit_ = outer;
  return text;
}

std::optional<Item> ModuleObject::attribute(std::string_view name) {
  if (name.starts_with('_')) return std::nullopt;
  for (const auto& [known, item] : unit_.root) {
    if (known == name) return item;
  }
  return std::nullopt;
}

std::string ModuleObject::repr(Walk&) {
  return "<TemplateModule " + string_repr(name_) + ">";
}

std::shared_ptr<const Tree> Evaluator::load(std::string_view name) {
  if (const auto known = trees_.find(name); known != trees_.end()) return known->second;
  if (environment_->loader == nullptr) fail(ErrorKind::type, "no loader for this environment specified");
  const auto source = environment_->loader->source(name);
  if (!source) return nullptr;
  budget.make_text(source->size());
  budget.step(source->size() / 16);
  auto tree = std::make_shared<const Tree>(parse_template(*source, std::string(name), environment_->syntax));
  trees_.emplace(name, tree);
  return tree;
}

std::shared_ptr<const Tree> Evaluator::load(const Item& name) {
  if (!name.is_text()) {
    if (name.is_undefined()) name.as_undefined().use();
    fail(ErrorKind::type, "a template's name must be str, not " + type_name(name));
  }
  auto tree = load(std::string_view(name.as_string()));
  if (tree == nullptr) fail(ErrorKind::no_template, name.as_string());
  return tree;
}

void Evaluator::add_blocks(Unit& unit, const Tree& tree) {
  for (const auto& block : tree.blocks) unit.blocks[block->name].push_back(block.get());
}

void Evaluator::run_unit(Unit& unit, const std::shared_ptr<const Tree>& first) {
  const Place place = place_;
  Unit* const outer_unit = std::exchange(unit_, &unit);
  Scope* const outer_scope = std::exchange(scope_, &unit.root);
  add_blocks(unit, *first);
  for (std::shared_ptr<const Tree> tree = first; tree != nullptr; tree = std::exchange(unit.parent, nullptr)) {
    const Budget::Depth depth(budget);
    place_ = {tree.get(), 1};
    sink_->muted = false;
    execute(tree->body);
  }
  sink_->muted = false;
  scope_ = outer_scope;
  unit_ = outer_unit;
  place_ = place;
}

void Evaluator::execute(const Extends& node) {
  if (unit_->parent != nullptr) fail(ErrorKind::runtime, "extended multiple times");
  std::shared_ptr<const Tree> parent = load(evaluate(*node.source));
  add_blocks(*unit_, *parent);
  unit_->parent = std::move(parent);
  sink_->muted = true;
}

void Evaluator::run_block(const Block& block, std::size_t level, Scope& outer) {
  const InnerScope scope(*this, &outer);
  const bool escapes = std::exchange(autoescape_, false);  // a block is compiled apart from what is around it
  BlockReference here(*this, *unit_, block.name, level);
  scope_->set("super", *here.attribute("super"));
  execute(block.body);
  autoescape_ = escapes;
}

void Evaluator::execute(const std::shared_ptr<const Block>& node) {
  if (sink_->muted) return;
  const std::vector<const Block*>& chain = unit_->blocks[node->name];
  if (chain.front()->required) fail(ErrorKind::runtime, "Required block " + string_repr(node->name) + " not found");
  run_block(*chain.front(), 0, node->scoped ? *scope_ : unit_->root);
}

Item Evaluator::block_text(std::string_view name, std::size_t level) {
  Sink sink(budget, native_);
  Sink* const outer = std::exchange(sink_, &sink);
  run_block(*unit_->blocks.at(name)[level], level, unit_->root);
  sink_ = outer;
  Item text = sink.finish();
  return autoescape_ && text.is_text() ? Item::markup(text.as_string()) : text;
}

void Evaluator::execute(const Include& node) {
  const Item source = evaluate(*node.source);
  std::shared_ptr<const Tree> tree;
  if (source.is_sequence()) {
    for (const Item& name : source.sequence()) {
      if (tree == nullptr && name.is_text()) tree = load(std::string_view(name.as_string()));
    }
    if (tree == nullptr && !node.ignore_missing)
      fail(ErrorKind::no_template, "none of the templates given were found: " + repr(source));
  } else if (node.ignore_missing && source.is_text()) {
    tree = load(std::string_view(source.as_string()));
  } else {
    tree = load(source);
  }
  if (tree == nullptr) return;
  Unit& unit = units_.emplace_back(node.with_context ? scope_ : &globals_);
  if (node.with_context) scope_->capture();
  const bool muted = sink_->muted;
  if (!muted) run_unit(unit, tree);
}

Item Evaluator::import_module(const Expression& source, bool with_context) {
  const std::shared_ptr<const Tree> tree = load(evaluate(source));
  if (with_context) scope_->capture();
  Unit& unit = units_.emplace_back(with_context ? scope_ : &globals_);
  Sink sink(budget, native_);
  Sink* const outer = std::exchange(sink_, &sink);
  run_unit(unit, tree);
  sink_ = outer;
  return std::make_shared<ModuleObject>(tree->name, unit, sink.finish());
}

void Evaluator::execute(const Import& node) {
  scope_->set(node.target, import_module(*node.source, node.with_context));
}

void Evaluator::execute(const FromImport& node) {
  const Item module = import_module(*node.source, node.with_context);
  for (const auto& [name, as] : node.names) {
    auto found = module.as_host()->attribute(name);
    scope_->set(as, found ? std::move(*found)
                          : Item::undefined("the template does not export the requested name " + string_repr(name)));
  }
}

}  // namespace venturi::templates
