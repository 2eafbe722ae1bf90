#include "model/json_schema.h"

#include <utility>

#include "model/json_schema_rules.h"

namespace venturi {

using json_schema::Rules;

JsonSchema::JsonSchema(std::unique_ptr<Rules> rules) : rules_(std::move(rules)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::parse(const Value& schema) {
  if (!schema.is_object() && !schema.is_bool())
    return fail(ErrorKind::invalid, std::string("a JSON schema is an object, not ") + schema.type_name());
  auto rules = std::make_unique<Rules>();
  rules->root = schema;
  if (auto read = json_schema::read_rules(*rules); !read)
    return fail(ErrorKind::invalid, "it is no JSON schema: " + read.error().what);
  return JsonSchema(std::move(rules));
}

std::optional<std::string> JsonSchema::misfit(const Value& value) const {
  return json_schema::find_misfit(*rules_, value);
}

}  // namespace venturi
