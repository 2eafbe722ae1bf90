// The keywords by their names; those for any value, numbers and strings.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/utf8.h"
#include "model/json_format.h"
#include "model/json_schema_checker.h"

namespace venturi::json_schema {

using enum Dialect;

namespace {

// Deeper goes only a schema that refers to itself without getting any further in the value.
constexpr int most_levels = 500;

bool is_of_type(const Value& value, std::string_view type, Dialect dialect) {
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_int() || (dialect > draft4 && value.is_double() && std::floor(value.as_double()) == value.as_double());
  return type == value.type_name();
}

bool is_less(const Value& a, const Value& b) {
  return a.is_int() && b.is_int() ? a.as_int() < b.as_int() : a.as_double() < b.as_double();
}

bool is_on(const Object& schema, std::string_view keyword) {
  const Value* value = schema.find(keyword);
  return value != nullptr && value->is_bool() && value->as_bool();
}

}  // namespace

std::size_t size_in(const Value& keyword) {
  return static_cast<std::size_t>(std::min(keyword.as_double(), 1e15));
}

struct Check::Keyword {
  std::string_view name;
  bool (Check::*holds)(const Value&, const Value&, const Object&);
  Dialect from = draft4, to = draft2020;
};

const Check::Keyword* Check::find(std::string_view name) {
  static constexpr std::array<Keyword, 37> keywords{{
      {"$dynamicRef", &Check::reference, draft2020},
      {"$ref", &Check::reference},
      {"additionalItems", &Check::additional_items, draft4, draft2019},
      {"additionalProperties", &Check::additional_properties},
      {"allOf", &Check::all_of},
      {"anyOf", &Check::any_of},
      {"const", &Check::constant, draft6},
      {"contains", &Check::contains, draft6},
      {"dependencies", &Check::dependencies, draft4, draft7},
      {"dependentRequired", &Check::dependencies, draft2019},
      {"dependentSchemas", &Check::dependencies, draft2019},
      {"enum", &Check::one_of_values},
      {"exclusiveMaximum", &Check::exclusive_maximum},
      {"exclusiveMinimum", &Check::exclusive_minimum},
      {"format", &Check::format},
      {"if", &Check::condition, draft7},
      {"items", &Check::items},
      {"maxItems", &Check::max_items},
      {"maxLength", &Check::max_length},
      {"maxProperties", &Check::max_properties},
      {"maximum", &Check::maximum},
      {"minItems", &Check::min_items},
      {"minLength", &Check::min_length},
      {"minProperties", &Check::min_properties},
      {"minimum", &Check::minimum},
      {"multipleOf", &Check::multiple_of},
      {"not", &Check::is_not},
      {"oneOf", &Check::one_of},
      {"pattern", &Check::pattern},
      {"patternProperties", &Check::pattern_properties},
      {"prefixItems", &Check::prefix_items, draft2020},
      {"properties", &Check::properties},
      {"propertyNames", &Check::property_names, draft6},
      {"required", &Check::required},
      {"unevaluatedItems", &Check::unevaluated_items, draft2019},
      {"unevaluatedProperties", &Check::unevaluated_properties, draft2019},
      {"uniqueItems", &Check::unique_items},
  }};
  const auto* found = std::ranges::lower_bound(keywords, name, {}, &Keyword::name);
  return found == keywords.end() || found->name != name ? nullptr : found;
}

bool Check::fits(const Value& schema, const Value& value) {
  if (schema.is_bool()) return schema.as_bool() || fail([&] { return "False schema does not allow " + shown(value); });
  if (++level_ > most_levels) {
    --level_;
    return fail([] { return std::string("the schema refers to itself without an end"); });
  }
  const Object& members = schema.as_object();
  bool is_right = true;
  const Value* named = members.find("type");
  const Value* alone = rules_.dialect <= draft7 ? members.find("$ref") : nullptr;  // what stands beside it counts from 2019 on
  if (alone != nullptr) {
    is_right = reference(*alone, value, members);
  } else {
    if (named != nullptr) is_right = type(*named, value, members);  // says most
    for (auto member = members.begin(); is_right && member != members.end(); ++member) {
      const Keyword* keyword = find(member->first);
      if (keyword == nullptr || rules_.dialect < keyword->from || rules_.dialect > keyword->to) continue;
      is_right = (this->*keyword->holds)(member->second, value, members);
    }
  }
  --level_;
  return is_right;
}

// ---- any value -----------------------------------------------------------------------------------------------------

bool Check::type(const Value& k, const Value& v, const Object&) {
  if (k.is_string() && is_of_type(v, k.as_string(), rules_.dialect)) return true;
  std::string names;
  for (const Value& name : k.is_string() ? Array{k} : k.as_array()) {
    if (is_of_type(v, name.as_string(), rules_.dialect)) return true;
    names += (names.empty() ? "'" : ", '") + name.as_string() + "'";
  }
  return fail([&] { return shown(v) + " is not of type " + names; });
}

bool Check::one_of_values(const Value& k, const Value& v, const Object&) {
  if (std::ranges::find(k.as_array(), v) != k.as_array().end()) return true;
  return fail([&] { return shown(v) + " is not one of " + shown(k); });
}

bool Check::constant(const Value& k, const Value& v, const Object&) {
  return k == v || fail([&] { return shown(k) + " was expected, not " + shown(v); });
}

// ---- numbers -------------------------------------------------------------------------------------------------------

bool Check::minimum(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_number()) return true;
  if (rules_.dialect == draft4 && is_on(schema, "exclusiveMinimum")) return exclusive_minimum(k, v, schema);
  return !is_less(v, k) || fail([&] { return shown(v) + " is less than the minimum of " + shown(k); });
}
bool Check::maximum(const Value& k, const Value& v, const Object& schema) {
  if (!v.is_number()) return true;
  if (rules_.dialect == draft4 && is_on(schema, "exclusiveMaximum")) return exclusive_maximum(k, v, schema);
  return !is_less(k, v) || fail([&] { return shown(v) + " is greater than the maximum of " + shown(k); });
}
bool Check::exclusive_minimum(const Value& k, const Value& v, const Object&) {
  if (!v.is_number() || k.is_bool()) return true;
  return is_less(k, v) || fail([&] { return shown(v) + " is less than or equal to the minimum of " + shown(k); });
}
bool Check::exclusive_maximum(const Value& k, const Value& v, const Object&) {
  if (!v.is_number() || k.is_bool()) return true;
  return is_less(v, k) || fail([&] { return shown(v) + " is greater than or equal to the maximum of " + shown(k); });
}

bool Check::multiple_of(const Value& k, const Value& v, const Object&) {
  if (!v.is_number()) return true;
  bool is_multiple = false;
  if (k.is_int() && v.is_int()) {
    is_multiple = v.as_int() % k.as_int() == 0;
  } else if (k.is_int()) {
    is_multiple = std::fmod(v.as_double(), k.as_double()) == 0;
  } else {
    const double quotient = v.as_double() / k.as_double();
    is_multiple = std::isfinite(quotient) && std::trunc(quotient) == quotient;
  }
  return is_multiple || fail([&] { return shown(v) + " is not a multiple of " + shown(k); });
}

// ---- strings -------------------------------------------------------------------------------------------------------

bool Check::min_length(const Value& k, const Value& v, const Object&) {
  if (!v.is_string() || count_characters(v.as_string()) >= size_in(k)) return true;
  return fail(
      [&] { return shown(v) + (size_in(k) == 1 ? " should be non-empty" : " is too short (minLength " + shown(k) + ")"); });
}
bool Check::max_length(const Value& k, const Value& v, const Object&) {
  if (!v.is_string() || count_characters(v.as_string()) <= size_in(k)) return true;
  return fail(
      [&] { return shown(v) + (size_in(k) == 0 ? " is expected to be empty" : " is too long (maxLength " + shown(k) + ")"); });
}

bool Check::matches(const std::string& pattern, const std::string& text, bool& gave_up) const {
  const auto found = rules_.patterns.find(pattern);
  if (found == rules_.patterns.end()) return false;
  const auto matched = found->second.search(text);
  gave_up = gave_up || !matched;
  return matched && *matched;
}

bool Check::pattern(const Value& k, const Value& v, const Object&) {
  if (!v.is_string()) return true;
  bool gave_up = false;
  if (matches(k.as_string(), v.as_string(), gave_up)) return true;
  return fail([&] {
    return gave_up ? "it takes too many steps to match " + shown(v) + " with " + shown(k) + ": write a simpler pattern"
                   : shown(v) + " does not match " + shown(k);
  });
}

bool Check::format(const Value& k, const Value& v, const Object&) {
  if (!v.is_string() || has_format(k.as_string(), v.as_string())) return true;
  return fail([&] { return shown(v) + " is not a '" + k.as_string() + "'"; });
}

// ---- schemas for the same value ------------------------------------------------------------------------------------

bool Check::all_of(const Value& k, const Value& v, const Object&) {
  return std::ranges::all_of(k.as_array(), [&](const Value& schema) { return fits(schema, v); });
}
bool Check::any_of(const Value& k, const Value& v, const Object&) {
  const bool is_right = std::ranges::any_of(k.as_array(), [&](const Value& schema) { return fits_silently(schema, v); });
  return is_right || fail([&] { return shown(v) + " is not valid under any of the given schemas"; });
}
bool Check::one_of(const Value& k, const Value& v, const Object&) {
  const auto right = std::ranges::count_if(k.as_array(), [&](const Value& schema) { return fits_silently(schema, v); });
  if (right == 1) return true;
  return fail([&] {
    return shown(v) + (right == 0
                           ? " is not valid under any of the given schemas"
                           : " is valid under " + std::to_string(right) + " of the given schemas, and should be under one");
  });
}
bool Check::is_not(const Value& k, const Value& v, const Object&) {
  return !fits_silently(k, v) || fail([&] { return shown(v) + " should not be valid under " + shown(k); });
}
bool Check::condition(const Value& k, const Value& v, const Object& schema) {
  const Value* then = schema.find(fits_silently(k, v) ? "then" : "else");
  return then == nullptr || fits(*then, v);
}
bool Check::reference(const Value& k, const Value& v, const Object&) {
  const auto found = rules_.references.find(k.as_string());
  return found == rules_.references.end() || fits(*found->second, v);
}

std::optional<std::string> find_misfit(const Rules& rules, const Value& value) {
  Check check(rules);
  if (check.fits(rules.root, value)) return std::nullopt;
  return check.error();
}

}  // namespace venturi::json_schema
