#include "template/macro.h"

#include <algorithm>

#include "template/dict.h"

namespace venturi::templates {

std::optional<Item> MacroObject::attribute(std::string_view attribute) {
  if (attribute == "name") return name;
  if (attribute == "arguments") {
    Items names;
    for (const std::string& parameter : signature->parameters) names.emplace_back(parameter);
    return Item::tuple(std::move(names));
  }
  if (attribute == "catch_kwargs") return signature->uses_kwargs;
  if (attribute == "catch_varargs") return signature->uses_varargs;
  if (attribute == "caller") return signature->uses_caller;
  return std::nullopt;
}

std::string MacroObject::repr(Walk&) {
  return name.empty() ? "<Macro anonymous>" : "<Macro " + string_repr(name) + ">";
}

Item Evaluator::make_macro(std::string name, std::shared_ptr<const Signature> signature) {
  scope_->capture();
  return std::make_shared<MacroObject>(*this, std::move(name), std::move(signature), *scope_, *unit_, *place_.tree);
}

void Evaluator::execute(const Macro& node) {
  scope_->set(node.name, make_macro(node.name, node.signature));
}

void Evaluator::execute(const CallBlock& node) {
  const Item caller = make_macro("", node.caller);
  const auto& call = std::get<Postfix>(node.call->node);
  written_as_is(suffixes(evaluate(*call.operand), call, &caller));
}

Item Evaluator::call_macro(const MacroObject& macro, Call& call) {
  const Signature& signature = *macro.signature;
  const std::string name = macro.name.empty() ? "macro" : "macro " + string_repr(macro.name);
  std::vector<std::optional<Item>> given(signature.parameters.size());
  const std::size_t by_position = std::min(call.args.size(), given.size());
  for (std::size_t i = 0; i < by_position; ++i) given[i] = call.args[i];
  Item caller = Item::undefined("No caller defined");
  auto kwargs = std::make_shared<Dict>();
  for (Keyword& keyword : call.keywords) {
    const auto parameter = std::ranges::find(signature.parameters, keyword.name);
    const auto at = static_cast<std::size_t>(parameter - signature.parameters.begin());
    if (at < given.size() && !given[at]) {
      given[at] = std::move(keyword.value);
    } else if (keyword.name == "caller" && signature.uses_caller) {
      caller = std::move(keyword.value);
    } else if (signature.uses_kwargs) {
      kwargs->set(keyword.name, std::move(keyword.value));
    } else if (keyword.name == "caller") {
      fail(ErrorKind::type, name + " was invoked with two values for the special caller argument. This is most likely a bug.");
    } else {
      fail(ErrorKind::type, name + " takes no keyword argument " + string_repr(keyword.name));
    }
  }
  if (call.args.size() > given.size() && !signature.uses_varargs) {
    fail(ErrorKind::type, name + " takes not more than " + std::to_string(given.size()) + " argument(s)");
  }

  const Place place = place_;
  Unit* const outer_unit = std::exchange(unit_, &macro.unit);
  place_.tree = &macro.tree;
  const InnerScope scope(*this, &macro.closure);
  if (signature.uses_caller) scope_->set("caller", caller);
  if (signature.uses_kwargs) scope_->set("kwargs", Item(kwargs));
  if (signature.uses_varargs) {
    scope_->set("varargs", Item::tuple(Items(call.args.begin() + static_cast<std::ptrdiff_t>(by_position), call.args.end())));
  }
  const std::size_t without_default = given.size() - signature.defaults.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& parameter = signature.parameters[i];
    if (!given[i]) {
      given[i] = i < without_default ? Item::undefined("parameter " + string_repr(parameter) + " was not provided")
                                     : evaluate(*signature.defaults[i - without_default]);
    }
    scope_->set(parameter, std::move(*given[i]));
  }
  Item result = capture(signature.body);
  unit_ = outer_unit;
  place_ = place;
  return result;
}

}  // namespace venturi::templates
