// Filters that choose or apply others: default, map, select, reject, attr.
#include "template/attribute_getter.h"
#include "template/builtins.h"
#include "template/operators.h"

namespace venturi::templates {
namespace {

Item default_filter(Call& call) {
  const Args args(call, {"value", "default_value", "boolean"}, 1);
  const bool missing = args[0].is_undefined() || (args.truth(2, false) && !truth(args[0]));
  if (!missing) return args[0];
  return args.has(1) ? args[1] : Item("");
}

Item attr_filter(Call& call) {
  const Args args(call, {"obj", "name"}, 2);
  if (args[0].is_undefined()) args[0].as_undefined().use();
  const std::string name = str(args[1]);
  if (name.starts_with("__")) return get_attribute(args[0], name);
  if (auto found = own_attribute(args[0], name)) return std::move(*found);
  return missing_attribute(args[0], name);
}

Item map_filter(Call& call) {
  if (!truth(call.args[0])) return make_generator({});  // of what is false nothing is asked
  Items items = iterate(call.runtime, call.args[0]);
  if (call.args.size() == 1 && !call.keywords.empty() && call.keywords[0].name == "attribute") {
    const Item* otherwise = nullptr;
    for (const Keyword& keyword : call.keywords) {
      if (keyword.name == "default" && !keyword.value.is_none()) otherwise = &keyword.value;
      if (keyword.name != "default" && keyword.name != "attribute") {
        fail(ErrorKind::filter_argument, "Unexpected keyword argument " + string_repr(keyword.name));
      }
    }
    const AttributeGetter getter(call.runtime, call.keywords[0].value, false, otherwise);
    for (Item& item : items) item = getter.get(item);
    return make_generator(std::move(items));
  }
  if (call.args.size() == 1) fail(ErrorKind::filter_argument, "map requires a filter argument");
  if (!call.args[1].is_text()) fail(ErrorKind::type, "the name of a filter must be str, not " + type_name(call.args[1]));
  for (Item& item : items) {
    Items args = {std::move(item)};
    args.insert(args.end(), call.args.begin() + 2, call.args.end());
    item = call.runtime.filter(call.args[1].as_string(), std::move(args), call.keywords);
  }
  return make_generator(std::move(items));
}

// Items for which the test named in call.args[next] has the outcome `Wanted`; without a name their truth.
template <bool Wanted, bool ByAttribute>
Item select_filter(Call& call) {
  std::size_t next = 1;
  Item attribute;
  if (ByAttribute) {
    if (call.args.size() < 2) fail(ErrorKind::filter_argument, "missing parameter for attribute name");
    attribute = call.args[next++];
  }
  const AttributeGetter getter(call.runtime, attribute, false);
  Items kept;
  if (!truth(call.args[0])) return make_generator({});
  for (Item& item : iterate(call.runtime, call.args[0])) {
    Item tested = getter.get(item);
    bool outcome = false;
    if (call.args.size() == next) {
      outcome = truth(tested);
    } else {
      Items args = {std::move(tested)};
      args.insert(args.end(), call.args.begin() + static_cast<std::ptrdiff_t>(next) + 1, call.args.end());
      outcome = call.runtime.test(str(call.args[next]), std::move(args), call.keywords);
    }
    if (outcome == Wanted) kept.push_back(std::move(item));
  }
  return make_generator(std::move(kept));
}

constexpr NamedNative of_choices[] = {
    {"attr", attr_filter},
    {"d", default_filter},
    {"default", default_filter},
    {"map", map_filter},
    {"reject", select_filter<false, false>},
    {"rejectattr", select_filter<false, true>},
    {"select", select_filter<true, false>},
    {"selectattr", select_filter<true, true>},
};

}  // namespace

const std::span<const NamedNative> choice_filters = of_choices;

}  // namespace venturi::templates
