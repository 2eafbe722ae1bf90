// The keywords for lists and objects.
#include <algorithm>
#include <utility>

#include "model/json_schema_checker.h"

namespace venturi::json_schema {
namespace {

using enum Dialect;

std::string plural(std::size_t n, const char* noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

bool is_false(const Value& schema) {
  return schema.is_bool() && !schema.as_bool();
}

}  // namespace

// ---- lists ---------------------------------------------------------------------------------------------------------

bool Check::items_from(std::size_t first, const Value& schema, const Value& v, const char* what) {
  const Array& list = v.as_array();
  if (is_false(schema) && list.size() > first) {
    return fail([&] {
      if (what != nullptr) return std::string(what) + " items are not allowed (" + shown(list[first]) + " was unexpected)";
      return "Expected at most " + plural(first, "item") + " but found " + std::to_string(list.size() - first) +
             " extra: " + shown(list[first]);
    });
  }
  for (std::size_t i = first; i < list.size(); ++i) {
    if (!fits_below(schema, list[i], std::to_string(i))) return false;
  }
  return true;
}

bool Check::items(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_array()) return true;
  if (k.is_array()) return prefix_items(k, v, schema);
  const Value* before = rules_.dialect == draft2020 ? schema.find("prefixItems") : nullptr;
  return items_from(before == nullptr ? 0 : before->as_array().size(), k, v, nullptr);
}

bool Check::prefix_items(const Value& k, const Value& v, const Object&) {
  if (!v.is_array()) return true;
  const std::size_t size = std::min(k.as_array().size(), v.as_array().size());
  for (std::size_t i = 0; i < size; ++i) {
    if (!fits_below(k.as_array()[i], v.as_array()[i], std::to_string(i))) return false;
  }
  return true;
}

bool Check::additional_items(const Value& k, const Value& v, const Object& schema) {
  const Value* items = schema.find("items");
  if (!v.is_array() || items == nullptr || !items->is_array()) return true;
  return items_from(items->as_array().size(), k, v, "Additional");
}

bool Check::contains(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_array()) return true;
  const auto found =
      static_cast<std::size_t>(std::ranges::count_if(v.as_array(), [&](const Value& item) { return fits_silently(k, item); }));
  const bool is_counted = rules_.dialect >= draft2019;
  const Value* least = is_counted ? schema.find("minContains") : nullptr;
  const Value* most = is_counted ? schema.find("maxContains") : nullptr;
  if (most != nullptr && found > size_in(*most))
    return fail([&] { return "Too many items match the given schema (expected at most " + shown(*most) + ")"; });
  if (found >= (least == nullptr ? 1 : size_in(*least))) return true;
  return fail([&] {
    if (found == 0) return shown(v) + " does not contain items matching the given schema";
    return "Too few items match the given schema (expected at least " + shown(*least) + " but only " + std::to_string(found) +
           " matched)";
  });
}

bool Check::min_items(const Value& k, const Value& v, const Object&) {
  if (!v.is_array() || v.as_array().size() >= size_in(k)) return true;
  return fail(
      [&] { return shown(v) + (size_in(k) == 1 ? " should be non-empty" : " is too short (minItems " + shown(k) + ")"); });
}
bool Check::max_items(const Value& k, const Value& v, const Object&) {
  if (!v.is_array() || v.as_array().size() <= size_in(k)) return true;
  return fail(
      [&] { return shown(v) + (size_in(k) == 0 ? " is expected to be empty" : " is too long (maxItems " + shown(k) + ")"); });
}

// Texts and numbers are sorted; what else there is, is compared each with each.
bool Check::unique_items(const Value& k, const Value& v, const Object&) {
  if (!v.is_array() || !k.as_bool()) return true;
  std::vector<std::string> texts;
  std::vector<double> numbers;
  std::vector<const Value*> others;
  for (const Value& item : v.as_array()) {
    if (item.is_string())
      texts.push_back(item.as_string());
    else if (item.is_number())
      numbers.push_back(item.as_double());
    else
      others.push_back(&item);
  }
  std::ranges::sort(texts);
  std::ranges::sort(numbers);
  bool is_unique = std::ranges::adjacent_find(texts) == texts.end() && std::ranges::adjacent_find(numbers) == numbers.end();
  for (std::size_t i = 0; is_unique && i < others.size(); ++i) {
    for (std::size_t j = 0; is_unique && j < i; ++j) is_unique = !(*others[i] == *others[j]);
  }
  return is_unique || fail([&] { return shown(v) + " has non-unique elements"; });
}

bool Check::unevaluated_items(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_array()) return true;
  std::set<std::size_t> places;
  evaluated_items(Value(schema), v.as_array(), places);
  for (std::size_t i = 0; i < v.as_array().size(); ++i) {
    if (places.contains(i) || fits_silently(k, v.as_array()[i])) continue;
    return fail([&] { return "Unevaluated items are not allowed (" + shown(v.as_array()[i]) + " was unexpected)"; });
  }
  return true;
}

// ---- objects -------------------------------------------------------------------------------------------------------

bool Check::required(const Value& k, const Value& v, const Object&) {
  if (!v.is_object()) return true;
  for (const Value& name : k.as_array()) {
    if (!v.as_object().contains(name.as_string()))
      return fail([&] { return "'" + name.as_string() + "' is a required property"; });
  }
  return true;
}

bool Check::min_properties(const Value& k, const Value& v, const Object&) {
  if (!v.is_object() || v.as_object().size() >= size_in(k)) return true;
  return fail([&] { return shown(v) + (size_in(k) == 1 ? " should be non-empty" : " does not have enough properties"); });
}
bool Check::max_properties(const Value& k, const Value& v, const Object&) {
  if (!v.is_object() || v.as_object().size() <= size_in(k)) return true;
  return fail([&] { return shown(v) + " has too many properties"; });
}

bool Check::properties(const Value& k, const Value& v, const Object&) {
  if (!v.is_object()) return true;
  for (const auto& [name, schema] : k.as_object()) {
    const Value* member = v.as_object().find(name);
    if (member != nullptr && !fits_below(schema, *member, name)) return false;
  }
  return true;
}

bool Check::pattern_properties(const Value& k, const Value& v, const Object&) {
  if (!v.is_object()) return true;
  for (const auto& [name, member] : v.as_object()) {
    for (const auto& [pattern, schema] : k.as_object()) {
      bool gave_up = false;
      if (matches(pattern, name, gave_up) && !fits_below(schema, member, name)) return false;
      if (gave_up) return fail([&] { return "it takes too many steps to match '" + name + "' with '" + pattern + "'"; });
    }
  }
  return true;
}

bool Check::is_named(const Object& schema, const std::string& member) const {
  const Value* names = schema.find("properties");
  if (names != nullptr && names->as_object().contains(member)) return true;
  const Value* patterns = schema.find("patternProperties");
  bool gave_up = false;
  return patterns != nullptr && std::ranges::any_of(patterns->as_object(), [&](const Object::Entry& entry) {
           return matches(entry.first, member, gave_up);
         });
}

bool Check::unexpected_members(const std::vector<std::string>& names, const char* what) {
  if (names.empty()) return true;
  return fail([&] {
    return std::string(what) + " properties are not allowed (" + joined(names) + (names.size() == 1 ? " was" : " were") +
           " unexpected)";
  });
}

bool Check::additional_properties(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_object()) return true;
  std::vector<std::string> unexpected;
  for (const auto& [name, member] : v.as_object()) {
    if (is_named(schema, name)) continue;
    if (is_false(k))
      unexpected.push_back(name);
    else if (!fits_below(k, member, name))
      return false;
  }
  return unexpected_members(unexpected, "Additional");
}

bool Check::unevaluated_properties(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_object()) return true;
  std::set<std::string> names;
  evaluated_members(Value(schema), v.as_object(), names);
  std::vector<std::string> unexpected;
  for (const auto& [name, member] : v.as_object()) {
    if (!names.contains(name) && !fits_silently(k, member)) unexpected.push_back(name);
  }
  return unexpected_members(unexpected, "Unevaluated");
}

bool Check::property_names(const Value& k, const Value& v, const Object&) {
  if (!v.is_object()) return true;
  return std::ranges::all_of(v.as_object(), [&](const Object::Entry& entry) { return fits(k, Value(entry.first)); });
}

// "dependencies", "dependentRequired" and "dependentSchemas".
bool Check::dependencies(const Value& k, const Value& v, const Object&) {
  if (!v.is_object()) return true;
  for (const auto& [name, wanted] : k.as_object()) {
    if (!v.as_object().contains(name)) continue;
    if (!wanted.is_array()) {
      if (!fits(wanted, v)) return false;
      continue;
    }
    for (const Value& other : wanted.as_array()) {
      if (!v.as_object().contains(other.as_string()))
        return fail([&] { return "'" + other.as_string() + "' is a dependency of '" + name + "'"; });
    }
  }
  return true;
}

// ---- what was looked at --------------------------------------------------------------------------------------------

void Check::each_applied(const Value& schema, const Value& value, const std::function<void(const Value&)>& see) {
  for (const auto& [name, member] : schema.as_object()) {
    if (name == "$ref" || name == "$dynamicRef") {
      const auto found = rules_.references.find(member.as_string());
      if (found != rules_.references.end()) see(*found->second);
    } else if (name == "allOf" || name == "anyOf" || name == "oneOf") {
      for (const Value& part : member.as_array()) {
        if (fits_silently(part, value)) see(part);
      }
    } else if (name == "if") {
      const bool is_right = fits_silently(member, value);
      if (is_right) see(member);
      if (const Value* next = schema.get(is_right ? "then" : "else")) see(*next);
    } else if (name == "dependentSchemas" && value.is_object()) {
      for (const auto& [key, part] : member.as_object()) {
        if (value.as_object().contains(key)) see(part);
      }
    }
  }
}

void Check::evaluated_members(const Value& schema, const Object& value, std::set<std::string>& names) {
  if (!schema.is_object() || level_ > 100) return;
  const Object& keywords = schema.as_object();
  const bool takes_all = keywords.contains("additionalProperties") || keywords.contains("unevaluatedProperties");
  for (const auto& [name, member] : value) {
    if (is_named(keywords, name)) names.insert(name);
  }
  // They saw what was left, where they let it pass.
  if (takes_all && !keywords.contains("unevaluatedProperties")) {
    for (const auto& [name, member] : value) names.insert(name);
  }
  ++level_;
  each_applied(schema, Value(value), [&](const Value& part) {
    if (const Value* left = part.get("unevaluatedProperties"); left != nullptr && !is_false(*left)) {
      for (const auto& [name, member] : value) names.insert(name);
    }
    evaluated_members(part, value, names);
  });
  --level_;
}

void Check::evaluated_items(const Value& schema, const Array& value, std::set<std::size_t>& places) {
  if (!schema.is_object() || level_ > 100) return;
  const auto take = [&](std::size_t to) {
    for (std::size_t i = 0; i < std::min(to, value.size()); ++i) places.insert(i);
  };
  if (const Value* items = schema.get("items")) take(items->is_array() ? items->as_array().size() : value.size());
  if (const Value* prefix = schema.get("prefixItems")) take(prefix->as_array().size());
  if (schema.get("additionalItems") != nullptr) take(value.size());
  if (const Value* wanted = schema.get("contains"); wanted != nullptr && rules_.dialect == draft2020) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (fits_silently(*wanted, value[i])) places.insert(i);
    }
  }
  ++level_;
  each_applied(schema, Value(value), [&](const Value& part) {
    if (const Value* left = part.get("unevaluatedItems"); left != nullptr && !is_false(*left)) take(value.size());
    evaluated_items(part, value, places);
  });
  --level_;
}

}  // namespace venturi::json_schema
