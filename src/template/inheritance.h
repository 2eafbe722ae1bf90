// Blocks as a template sees them: self.name(), super().
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "template/evaluator.h"

namespace venturi::templates {

class SelfReference final : public HostObject {
 public:
  SelfReference(Evaluator& evaluator, Unit& unit) : evaluator_(evaluator), unit_(unit) {}
  [[nodiscard]] std::string type_name() const override { return "TemplateReference"; }
  [[nodiscard]] std::string repr(Walk&) override { return "<TemplateReference None>"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] Items* held() override { return &nothing_; }

 private:
  Evaluator& evaluator_;
  Unit& unit_;
  Items nothing_;
};

// A block at a level of the chain of those that override it: 0 is the most derived.
class BlockReference final : public HostObject {
 public:
  BlockReference(Evaluator& evaluator, Unit& unit, std::string name, std::size_t level)
      : evaluator_(evaluator), unit_(unit), name_(std::move(name)), level_(level) {}
  [[nodiscard]] std::string type_name() const override { return "BlockReference"; }
  // .super: the next level.
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] bool callable() const override { return true; }
  Item call(Call& call) override;
  [[nodiscard]] Items* held() override { return &nothing_; }

 private:
  Evaluator& evaluator_;
  Unit& unit_;
  const std::string name_;
  const std::size_t level_;
  Items nothing_;
};

// What `import` gives.
class ModuleObject final : public HostObject {
 public:
  ModuleObject(std::string name, Unit& unit, Item text) : name_(std::move(name)), unit_(unit), text_(std::move(text)) {}
  [[nodiscard]] std::string type_name() const override { return "TemplateModule"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] std::string repr(Walk& walk) override;
  [[nodiscard]] std::string str() override { return templates::str(text_); }
  [[nodiscard]] Items* held() override { return &nothing_; }

 private:
  const std::string name_;
  Unit& unit_;
  const Item text_;
  Items nothing_;
};

}  // namespace venturi::templates
