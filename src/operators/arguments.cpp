#include "operators/arguments.h"

#include <algorithm>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::operators {
namespace {

std::optional<XComRef> as_xcom_ref(const Value& value) {
  if (value.get_string("__type") != "xcomref") return std::nullopt;
  const Value* var = value.get("__var");
  if (var == nullptr) return std::nullopt;
  const Value* item = var->get("item");
  return XComRef{.task_id = var->get_string("task_id"),
                 .key = var->get_string("key", "return_value"),
                 .map_index = var->get_int("map_index", -1),
                 .item = item == nullptr ? std::nullopt : std::optional(item->as_int()),
                 .is_sequence = var->get_bool("sequence")};
}

void collect(const Value& value, std::vector<XComRef>& refs) {
  if (value.is_array()) {
    for (const Value& item : value.as_array()) collect(item, refs);
  } else if (value.is_object()) {
    if (auto ref = as_xcom_ref(value)) {
      if (std::ranges::find(refs, *ref) == refs.end()) refs.push_back(std::move(*ref));
      return;
    }
    for (const auto& [key, member] : value.as_object()) collect(member, refs);
  }
}

Value replaced(const Value& value, const XComRef& ref, const Value& by) {
  if (value.is_array()) {
    Array array;
    array.reserve(value.as_array().size());
    for (const Value& item : value.as_array()) array.push_back(replaced(item, ref, by));
    return array;
  }
  if (value.is_object()) {
    if (as_xcom_ref(value) == ref) return by;
    Object object;
    for (const auto& [key, member] : value.as_object()) object.add(key, replaced(member, ref, by));
    return object;
  }
  return value;
}

bool is_of(const Value& value, ArgumentType type) {
  switch (type) {
    case ArgumentType::any:
      return true;
    case ArgumentType::string:
      return value.is_string();
    case ArgumentType::integer:
      return value.is_int();
    case ArgumentType::number:
      return value.is_number();
    case ArgumentType::boolean:
      return value.is_bool();
    case ArgumentType::object:
      return value.is_object();
    case ArgumentType::list:
      return value.is_array();
    case ArgumentType::string_list:
      return value.is_string() || (value.is_array() && std::ranges::all_of(value.as_array(), &Value::is_string));
  }
  return false;
}

std::string_view described(ArgumentType type) {
  switch (type) {
    case ArgumentType::any:
      return "any value";
    case ArgumentType::string:
      return "a string";
    case ArgumentType::integer:
      return "an integer";
    case ArgumentType::number:
      return "a number";
    case ArgumentType::boolean:
      return "true or false";
    case ArgumentType::object:
      return "an object";
    case ArgumentType::list:
      return "a list";
    case ArgumentType::string_list:
      return "a list of strings";
  }
  return "";
}

}  // namespace

bool is_xcom_ref(const Value& value) {
  return as_xcom_ref(value).has_value();
}

Value decode_serialized(const Value& value) {
  if (value.is_array()) {
    Array array;
    array.reserve(value.as_array().size());
    for (const Value& item : value.as_array()) array.push_back(decode_serialized(item));
    return array;
  }
  if (!value.is_object()) return value;
  const Value* type = value.as_object().find("__type");
  const Value* var = value.as_object().find("__var");
  if (type != nullptr && type->is_string() && var != nullptr) {
    if (type->as_string() == "xcomref") return value;
    return decode_serialized(*var);
  }
  Object object;
  object.reserve(value.as_object().size());
  for (const auto& [key, member] : value.as_object()) object.add(key, decode_serialized(member));
  return object;
}

Arguments::Arguments(const std::vector<Argument>& declared, const Value& serialized) : declared_(&declared) {
  if (!serialized.is_object()) return;
  for (const Argument& a : *declared_) {
    if (const Value* value = serialized.as_object().find(a.name)) values_.add(std::string(a.name), decode_serialized(*value));
  }
  if (const Value* kwargs = serialized.as_object().find("_kwargs")) values_.add("_kwargs", decode_serialized(*kwargs));
  spread_kwargs();
}

void Arguments::spread_kwargs() {
  const Value* kwargs = values_.find("_kwargs");
  if (kwargs == nullptr || as_xcom_ref(*kwargs)) return;
  const Value given = *kwargs;
  Object others;
  for (const auto& [name, value] : values_) {
    if (name != "_kwargs") others.add(name, value);
  }
  values_ = std::move(others);
  if (!given.is_object()) {
    throw TaskFailedForGood(fmt::format(
        "expand_kwargs() goes over objects whose members are arguments, and this item is of type {}", given.type_name()));
  }
  for (const auto& [name, value] : given.as_object()) {
    const auto is_it = [&](const Argument& a) { return a.name == name; };
    if (std::ranges::none_of(*declared_, is_it))
      throw TaskFailedForGood(
          fmt::format("the item of expand_kwargs() has a member {}, and the operator has no such argument", name));
    values_.set(name, value);
  }
}

std::vector<XComRef> Arguments::xcom_refs() const {
  std::vector<XComRef> refs;
  for (const auto& [name, value] : values_) collect(value, refs);
  return refs;
}

void Arguments::resolve(const XComRef& ref, const Value& value) {
  Object resolved;
  for (const auto& [name, old] : values_) resolved.add(name, replaced(old, ref, value));
  values_ = std::move(resolved);
  spread_kwargs();
}

void Arguments::check() const {
  for (const Argument& a : *declared_) {
    const Value* value = find(a.name);
    if (value == nullptr) {
      if (a.required) throw TaskFailedForGood(fmt::format("the argument {} is missing: give it {}", a.name, described(a.type)));
      continue;
    }
    if (!is_of(*value, a.type))
      throw TaskFailedForGood(fmt::format("the argument {} must be {}, not {}", a.name, described(a.type), value->type_name()));
  }
}

const Value* Arguments::find(std::string_view name) const {
  const Value* value = values_.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string Arguments::string(std::string_view name, std::string_view otherwise) const {
  const Value* value = find(name);
  return value == nullptr ? std::string(otherwise) : value->as_string();
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t otherwise) const {
  const Value* value = find(name);
  return value == nullptr ? otherwise : value->as_int();
}

double Arguments::number(std::string_view name, double otherwise) const {
  const Value* value = find(name);
  return value == nullptr ? otherwise : value->as_double();
}

bool Arguments::boolean(std::string_view name, bool otherwise) const {
  const Value* value = find(name);
  return value == nullptr ? otherwise : value->as_bool();
}

std::vector<std::string> Arguments::string_list(std::string_view name) const {
  std::vector<std::string> list;
  const Value* value = find(name);
  if (value == nullptr) return list;
  if (value->is_array()) {
    for (const Value& item : value->as_array()) list.push_back(item.as_string());
    return list;
  }
  std::string_view rest = value->as_string();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
    std::string_view item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) list.emplace_back(item);
  }
  return list;
}

}  // namespace venturi::operators
