// The variables of a template: scopes within one another.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "template/item.h"

namespace venturi::templates {

// Names are those of the syntax tree, which lives as long as the rendering. Few a scope, hence searched in order.
class Scope {
 public:
  explicit Scope(Scope* parent) : parent_(parent) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  void set(std::string_view name, Item value) {
    for (auto& [known, item] : variables_) {
      if (known == name) {
        item = std::move(value);
        return;
      }
    }
    variables_.emplace_back(name, std::move(value));
  }
  [[nodiscard]] const Item* find(std::string_view name) const {
    for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
      for (const auto& [known, item] : scope->variables_) {
        if (known == name) return &item;
      }
    }
    return nullptr;
  }
  [[nodiscard]] bool descends_from(const Scope& ancestor) const {
    const Scope* scope = this;
    while (scope != nullptr && scope != &ancestor) scope = scope->parent_;
    return scope != nullptr;
  }
  // A macro was defined here: it may be called when the scope's statement is over.
  void capture() {
    for (Scope* scope = this; scope != nullptr && !scope->captured_; scope = scope->parent_) scope->captured_ = true;
  }
  [[nodiscard]] bool is_captured() const { return captured_; }
  void clear() { variables_.clear(); }
  [[nodiscard]] auto begin() const { return variables_.begin(); }
  [[nodiscard]] auto end() const { return variables_.end(); }

 private:
  Scope* parent_;
  bool captured_ = false;
  std::vector<std::pair<std::string_view, Item>> variables_;
};

}  // namespace venturi::templates
