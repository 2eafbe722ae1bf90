// A JSON schema that values are held against, as Airflow does it with Python's jsonschema: draft 2020-12, unless "$schema"
// names draft 4, 6, 7 or 2019-09; of formats those that are checked there (model/json_format.h). Schemas elsewhere ("$ref" to a
// URL) are not fetched.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi {

namespace json_schema {
struct Rules;
}

class JsonSchema {
 public:
  // The error says where and why it is no schema.
  [[nodiscard]] static Result<JsonSchema> parse(const Value& schema);
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // Nothing where the value fits; else where in it and why not: "/amount: \"x\" is not of type number".
  [[nodiscard]] std::optional<std::string> misfit(const Value& value) const;

 private:
  explicit JsonSchema(std::unique_ptr<json_schema::Rules> rules);
  std::unique_ptr<json_schema::Rules> rules_;
};

}  // namespace venturi
