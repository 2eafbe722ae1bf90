// A macro, or the body of a `call` block as `caller`.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "template/evaluator.h"

namespace venturi::templates {

class MacroObject final : public HostObject {
 public:
  MacroObject(Evaluator& evaluator, std::string name, std::shared_ptr<const Signature> signature, Scope& closure, Unit& unit,
              const Tree& tree)
      : evaluator(evaluator),
        name(std::move(name)),
        signature(std::move(signature)),
        closure(closure),
        unit(unit),
        tree(tree) {}

  [[nodiscard]] std::string type_name() const override { return "Macro"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view attribute) override;
  [[nodiscard]] bool callable() const override { return true; }
  Item call(Call& call) override { return evaluator.call_macro(*this, call); }
  [[nodiscard]] std::string repr(Walk& walk) override;
  [[nodiscard]] Items* held() override { return &nothing_; }  // belongs to the rendering

  Evaluator& evaluator;
  const std::string name;
  const std::shared_ptr<const Signature> signature;
  Scope& closure;  // kept by the evaluator
  Unit& unit;
  const Tree& tree;

 private:
  Items nothing_;
};

}  // namespace venturi::templates
