// `namespace()`: the one object whose attributes a template can assign, also from within a loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "template/dict.h"
#include "template/host_object.h"

namespace venturi::templates {

class NamespaceObject final : public Holder {
 public:
  NamespaceObject() : Holder({Item(std::make_shared<Dict>())}) {}
  [[nodiscard]] std::string type_name() const override { return "Namespace"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override {
    const Item* found = held_.empty() ? nullptr : held_[0].as_dict().find(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  void set(const Item& name, Item value) { held_[0].as_dict().set(name, std::move(value)); }
  [[nodiscard]] std::string repr(Walk& walk) override;
};

}  // namespace venturi::templates
