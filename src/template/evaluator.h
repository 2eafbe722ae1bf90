// One rendering of a template. The expressions are in evaluate_expression.cpp, the statements in evaluate_statement.cpp, macros
// in macro.cpp, what concerns several templates in inheritance.cpp.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "template/ast.h"
#include "template/call.h"
#include "template/scope.h"
#include "template/template.h"

namespace venturi::templates {

class LoopObject;
class MacroObject;

// Where the output goes: text, or in native rendering the values themselves.
class Sink {
 public:
  Sink(Budget& budget, bool native) : budget_(budget), native_(native) {}
  void text(std::string_view text);
  void value(const Item& item, bool escaped);
  // All that was written; as native_concat() where rendering is native.
  [[nodiscard]] Item finish();

  bool muted = false;  // after `extends` what stands outside of blocks is not written

 private:
  Budget& budget_;
  const bool native_;
  std::string text_;
  Items values_;
};

// A template as part of a rendering: its top-level variables and the blocks that it and its parents have.
struct Unit {
  explicit Unit(Scope* context) : root(context) {}
  Scope root;
  std::map<std::string_view, std::vector<const Block*>> blocks;  // the most derived first
  std::shared_ptr<const Tree> parent;                            // what it extends
};

class Evaluator final : public Runtime {
 public:
  Evaluator(std::shared_ptr<const Environment> environment, const Context& context, bool native);

  // What the template gives, as text or as native value. Throws TemplateError with its place, and NotYet.
  Item run(const std::shared_ptr<const Tree>& tree);

  Item call(const Item& callee, Items args, Keywords keywords) override;
  Item filter(std::string_view name, Items args, Keywords keywords) override;
  bool test(std::string_view name, Items args, Keywords keywords) override;
  [[nodiscard]] bool autoescape() const override { return autoescape_; }
  std::uint64_t random() override;

 private:
  friend class BlockReference;
  friend class LoopObject;
  friend class MacroObject;
  friend class SelfReference;

  // A scope for the length of a statement; kept until the end where a macro was defined in it.
  class InnerScope;
  struct Place {
    const Tree* tree;
    int line;
  };

  // Expressions.
  Item evaluate(const Expression& expression);
  Item evaluate(int line, const Literal& node);
  Item evaluate(int line, const Name& node);
  Item evaluate(int line, const Sequence& node);
  Item evaluate(int line, const DictLiteral& node);
  Item evaluate(int line, const Postfix& node);
  Item evaluate(int line, const Arithmetic& node);
  Item evaluate(int line, const Concatenation& node);
  Item evaluate(int line, const Comparison& node);
  Item evaluate(int line, const Logic& node);
  Item evaluate(int line, const Unary& node);
  Item evaluate(int line, const Conditional& node);
  Item optional(const ExpressionPtr& expression);
  Item lookup(std::string_view name);
  Item suffixes(Item value, const Postfix& node, const Item* caller);
  Item suffix(const Item& value, const Attribute& part, const Item* caller);
  Item suffix(const Item& value, const Subscript& part, const Item* caller);
  Item suffix(const Item& value, const Slice& part, const Item* caller);
  Item suffix(const Item& value, const Invocation& part, const Item* caller);
  Item suffix(const Item& value, const Filter& part, const Item* caller);
  Item suffix(const Item& value, const Test& part, const Item* caller);
  bool compare(Comparator comparator, const Item& left, const Item& right);
  void arguments(const Arguments& arguments, Items& args, Keywords& keywords);
  Item call_native(Native function, std::string_view name, Items args, Keywords keywords);
  void charge(const Items& args);
  Item limited(Item result);

  // Statements. The variables of `scope` are seen, assignments go into it.
  void execute(const Body& body);
  void execute(const TextOutput& node);
  void execute(const Output& node);
  void execute(const For& node);
  void execute(const If& node);
  void execute(const Set& node);
  void execute(const SetBlock& node);
  void execute(const With& node);
  void execute(const FilterBlock& node);
  void execute(const Macro& node);
  void execute(const CallBlock& node);
  void execute(const Do& node);
  void execute(const Autoescape& node);
  void execute(const Include& node);
  void execute(const Import& node);
  void execute(const FromImport& node);
  void execute(const Extends& node);
  void execute(const std::shared_ptr<const Block>& node);
  // What a filter or call block gives must be a text already; it is not escaped.
  void written_as_is(const Item& value);
  void loop(const For& node, Items items, Scope& outer, int depth);
  void assign(const Target& target, Item value);
  Item packed(const Target& target);  // what was just assigned to it
  // The output of `body`, run in a scope within the present one.
  Item capture(const Body& body);
  Item make_macro(std::string name, std::shared_ptr<const Signature> signature);
  Item call_macro(const MacroObject& macro, Call& call);

  // Several templates.
  std::shared_ptr<const Tree> load(const Item& name);
  std::shared_ptr<const Tree> load(std::string_view name);
  void run_unit(Unit& unit, const std::shared_ptr<const Tree>& tree);
  void add_blocks(Unit& unit, const Tree& tree);
  void run_block(const Block& block, std::size_t level, Scope& scope);
  Item block_text(std::string_view name, std::size_t level);
  Item import_module(const Expression& source, bool with_context);

  const std::shared_ptr<const Environment> environment_;
  const Context& context_;
  const bool native_;
  bool autoescape_ = false;
  std::uint64_t random_state_;
  Scope globals_;        // of the environment, made when asked for
  Scope context_scope_;  // what context_ has given so far
  std::map<std::string, std::shared_ptr<const Tree>, std::less<>> trees_;
  std::deque<Unit> units_;
  std::vector<std::unique_ptr<Scope>> kept_;

  // Where we are.
  Place place_{nullptr, 0};
  Scope* scope_ = nullptr;
  Sink* sink_ = nullptr;
  Unit* unit_ = nullptr;
};

class Evaluator::InnerScope {
 public:
  InnerScope(Evaluator& evaluator, Scope* parent)
      : evaluator_(evaluator), outer_(evaluator.scope_), scope_(std::make_unique<Scope>(parent)) {
    evaluator_.scope_ = scope_.get();
  }
  ~InnerScope() {
    evaluator_.scope_ = outer_;
    if (scope_->is_captured()) evaluator_.kept_.push_back(std::move(scope_));
  }
  InnerScope(const InnerScope&) = delete;
  InnerScope& operator=(const InnerScope&) = delete;

 private:
  Evaluator& evaluator_;
  Scope* const outer_;
  std::unique_ptr<Scope> scope_;
};

}  // namespace venturi::templates
