// Whether a schema is one: each keyword of its dialect has the form that it has to have. As in jsonschema, keywords that are
// not known mean nothing.
#include "model/json_schema_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"

namespace venturi::json_schema {
namespace {

enum class Form : std::uint8_t {
  schema,
  schemas,
  schema_or_list,
  schema_map,
  dependencies,
  count,
  number,
  positive,
  bound,
  boolean,
  text,
  pattern,
  pattern_map,
  strings,
  string_map,
  type,
  list,
  reference
};

struct Keyword {
  std::string_view name;
  Form form;
  Dialect from = Dialect::draft4, to = Dialect::draft2020;
};

using enum Dialect;
constexpr Keyword keywords[] = {
    {"$defs", Form::schema_map},
    {"$dynamicRef", Form::reference, draft2020},
    {"$ref", Form::reference},
    {"additionalItems", Form::schema, draft4, draft2019},
    {"additionalProperties", Form::schema},
    {"allOf", Form::schemas},
    {"anyOf", Form::schemas},
    {"contains", Form::schema, draft6},
    {"definitions", Form::schema_map},
    {"dependencies", Form::dependencies, draft4, draft7},
    {"dependentRequired", Form::string_map, draft2019},
    {"dependentSchemas", Form::schema_map, draft2019},
    {"description", Form::text},
    {"else", Form::schema, draft7},
    {"enum", Form::list},
    {"exclusiveMaximum", Form::bound},
    {"exclusiveMinimum", Form::bound},
    {"format", Form::text},
    {"if", Form::schema, draft7},
    {"items", Form::schema_or_list},
    {"maxContains", Form::count, draft2019},
    {"maxItems", Form::count},
    {"maxLength", Form::count},
    {"maxProperties", Form::count},
    {"maximum", Form::number},
    {"minContains", Form::count, draft2019},
    {"minItems", Form::count},
    {"minLength", Form::count},
    {"minProperties", Form::count},
    {"minimum", Form::number},
    {"multipleOf", Form::positive},
    {"not", Form::schema},
    {"oneOf", Form::schemas},
    {"pattern", Form::pattern},
    {"patternProperties", Form::pattern_map},
    {"prefixItems", Form::schemas, draft2020},
    {"properties", Form::schema_map},
    {"propertyNames", Form::schema, draft6},
    {"required", Form::strings},
    {"then", Form::schema, draft7},
    {"title", Form::text},
    {"type", Form::type},
    {"unevaluatedItems", Form::schema, draft2019},
    {"unevaluatedProperties", Form::schema, draft2019},
    {"uniqueItems", Form::boolean},
};

constexpr std::array types{"array", "boolean", "integer", "null", "number", "object", "string"};
constexpr int most_rule_levels = 100;

bool has_doubles(const Array& strings) {
  std::set<std::string_view> seen;
  return !std::ranges::all_of(strings, [&](const Value& text) { return seen.insert(text.as_string()).second; });
}

class Reader {
 public:
  explicit Reader(Rules& rules) : rules_(rules) {}

  Result<void> read() {
    if (const Value* name = rules_.root.get("$schema"); name != nullptr && name->is_string()) read_dialect(name->as_string());
    if (auto read = schema(rules_.root, ""); !read) return read;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {  // more may come
      const auto [place, reference] = wanted_[i];
      if (rules_.references.contains(reference)) continue;
      const Value* found = pointed_to(reference);
      if (found == nullptr) return wrong(place, "there is no " + shown(reference) + " in it (other documents are not fetched)");
      rules_.references.emplace(reference, found);
      if (auto read = schema(*found, reference); !read) return read;  // it may stand where no schema is looked for
    }
    return {};
  }

 private:
  static std::unexpected<Error> wrong(const std::string& place, const std::string& what) {
    return fail(ErrorKind::invalid, (place.empty() ? "" : place + ": ") + what);
  }

  void read_dialect(std::string_view name) {
    if (name.ends_with('#')) name.remove_suffix(1);
    const std::size_t scheme = name.find("://");
    if (scheme != std::string_view::npos) name.remove_prefix(scheme + 3);
    if (name == "json-schema.org/draft-04/schema") rules_.dialect = draft4;
    if (name == "json-schema.org/draft-06/schema") rules_.dialect = draft6;
    if (name == "json-schema.org/draft-07/schema") rules_.dialect = draft7;
    if (name == "json-schema.org/draft/2019-09/schema") rules_.dialect = draft2019;
  }

  // "#", "#/a/b~1c": a member of the document.
  [[nodiscard]] const Value* pointed_to(std::string_view reference) const {
    if (!reference.starts_with('#')) return nullptr;
    const Value* value = &rules_.root;
    std::string_view rest = reference.substr(1);
    while (!rest.empty()) {
      if (rest.front() != '/') return nullptr;
      rest.remove_prefix(1);
      const std::size_t slash = std::min(rest.find('/'), rest.size());
      const std::string name = unescaped(rest.substr(0, slash));
      rest.remove_prefix(slash);
      if (value->is_array() && name.size() < 9 && !name.empty() && std::ranges::all_of(name, is_digit)) {
        const auto index = static_cast<std::size_t>(std::stoul(name));
        if (index >= value->as_array().size()) return nullptr;
        value = &value->as_array()[index];
      } else {
        if (!value->is_object()) return nullptr;
        value = value->as_object().find(name);
        if (value == nullptr) return nullptr;
      }
    }
    return value;
  }
  static std::string unescaped(std::string_view name) {
    std::string text;
    for (std::size_t i = 0; i < name.size(); ++i) {
      const bool is_tilde = name[i] == '~' && i + 1 < name.size() && (name[i + 1] == '0' || name[i + 1] == '1');
      text += !is_tilde ? name[i] : name[i + 1] == '0' ? '~' : '/';
      i += is_tilde ? 1 : 0;
    }
    return text;
  }

  Result<void> schema(const Value& value, const std::string& place) {
    if (value.is_bool() && rules_.dialect >= draft6) return {};
    if (!value.is_object()) return wrong(place, shown(value) + " is no schema: write an object, or true or false");
    if (!read_.insert(&value).second) return {};
    if (++level_ > most_rule_levels)
      return wrong("", "it is nested more than " + std::to_string(most_rule_levels) + " levels deep");
    name_it(value);
    for (const auto& [name, member] : value.as_object()) {
      const auto* keyword = std::ranges::find(keywords, name, &Keyword::name);
      if (keyword == std::end(keywords) || rules_.dialect < keyword->from || rules_.dialect > keyword->to) continue;
      if (auto read = check(keyword->form, member, place + "/" + name); !read) return read;
    }
    --level_;
    return {};
  }

  // By which names references find it.
  void name_it(const Value& value) {
    for (const char* key : {"$anchor", "$dynamicAnchor"}) {
      if (const std::string name = value.get_string(key); !name.empty()) rules_.references.emplace("#" + name, &value);
    }
    for (const char* key : {"$id", "id"}) {
      if (const std::string name = value.get_string(key); !name.empty()) rules_.references.emplace(name, &value);
    }
  }

  Result<void> pattern(const Value& value, const std::string& place) {
    if (!value.is_string()) return wrong(place, shown(value) + " is no string");
    if (rules_.patterns.contains(value.as_string())) return {};
    auto parsed = JsonPattern::parse(value.as_string());
    if (!parsed) return wrong(place, shown(value) + " is no regular expression: " + parsed.error().what);
    rules_.patterns.emplace(value.as_string(), *std::move(parsed));
    return {};
  }

  Result<void> strings(const Value& value, const std::string& place) {
    if (!value.is_array() || !std::ranges::all_of(value.as_array(), &Value::is_string) || has_doubles(value.as_array()))
      return wrong(place, shown(value) + " is no list of strings, each once");
    return {};
  }

  Result<void> type(const Value& value, const std::string& place) {
    const auto is_type = [](const Value& v) { return v.is_string() && std::ranges::find(types, v.as_string()) != types.end(); };
    if (is_type(value)) return {};
    const bool is_list = value.is_array() && !value.as_array().empty();
    if (is_list && std::ranges::all_of(value.as_array(), is_type) && !has_doubles(value.as_array())) return {};
    return wrong(place,
                 shown(value) + " is no type (array, boolean, integer, null, number, object, string, or a list of them)");
  }

  Result<void> schemas(const Value& value, const std::string& place) {
    if (!value.is_array() || value.as_array().empty()) return wrong(place, shown(value) + " is no list of schemas");
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      if (auto read = schema(value.as_array()[i], place + "/" + std::to_string(i)); !read) return read;
    }
    return {};
  }

  Result<void> items(const Value& value, const std::string& place) {
    if (!value.is_array()) return schema(value, place);
    if (rules_.dialect < draft2020) return schemas(value, place);
    return wrong(place, shown(value) + " is no schema: a list of schemas, one for each item, is prefixItems");
  }

  Result<void> members(Form form, const Value& value, const std::string& place) {
    if (!value.is_object()) return wrong(place, shown(value) + " is no object");
    for (const auto& [name, member] : value.as_object()) {
      if (form == Form::pattern_map) {
        if (auto read = pattern(Value(name), place); !read) return read;
      }
      const bool has_strings = form == Form::string_map || (form == Form::dependencies && member.is_array());
      const std::string here = place + "/" + name;
      if (auto read = has_strings ? strings(member, here) : schema(member, here); !read) return read;
    }
    return {};
  }

  Result<void> number(Form form, const Value& value, const std::string& place) {
    if (!value.is_number()) return wrong(place, shown(value) + " is no number");
    const double number = value.as_double();
    if (form == Form::positive && !(number > 0)) return wrong(place, shown(value) + " is not above 0");
    if (form == Form::count && (number < 0 || std::floor(number) != number))
      return wrong(place, shown(value) + " is no number from 0 on without a fraction");
    return {};
  }

  Result<void> check(Form form, const Value& value, const std::string& place) {
    switch (form) {
      case Form::schema:
        // Drafts before 6 have true and false here alone.
        return value.is_bool() ? Result<void>() : schema(value, place);
      case Form::schemas:
        return schemas(value, place);
      case Form::schema_or_list:
        return items(value, place);
      case Form::schema_map:
      case Form::pattern_map:
      case Form::string_map:
      case Form::dependencies:
        return members(form, value, place);
      case Form::bound:
        return rules_.dialect == draft4 ? check(Form::boolean, value, place) : number(form, value, place);
      case Form::count:
      case Form::number:
      case Form::positive:
        return number(form, value, place);
      case Form::boolean:
        return value.is_bool() ? Result<void>() : wrong(place, shown(value) + " is neither true nor false");
      case Form::text:
        return value.is_string() ? Result<void>() : wrong(place, shown(value) + " is no string");
      case Form::pattern:
        return pattern(value, place);
      case Form::strings:
        return strings(value, place);
      case Form::type:
        return type(value, place);
      case Form::list:
        return value.is_array() ? Result<void>() : wrong(place, shown(value) + " is no list");
      case Form::reference:
        if (!value.is_string()) return wrong(place, shown(value) + " is no string");
        wanted_.emplace_back(place, value.as_string());
        return {};
    }
    return {};
  }

  Rules& rules_;
  std::vector<std::pair<std::string, std::string>> wanted_;  // references, by where they stand
  std::set<const Value*> read_;
  int level_ = 0;
};

}  // namespace

Result<void> read_rules(Rules& rules) {
  return Reader(rules).read();
}

std::string shown(const Value& value) {
  constexpr std::size_t most = 200;
  return shortened(to_json(value), most, "...");
}

}  // namespace venturi::json_schema
