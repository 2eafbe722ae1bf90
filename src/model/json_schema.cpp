#include "model/json_schema.h"

#define VALIJSON_USE_EXCEPTIONS 1  // otherwise what is no schema ends the process

#include <boost/json.hpp>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace venturi {

struct JsonSchema::State {
  valijson::Schema schema;
  valijson::Validator validator;  // strong types: "3" is no number
};

JsonSchema::JsonSchema(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::parse(const Value& schema) {
  if (!schema.is_object())
    return fail(ErrorKind::invalid, std::string("a JSON schema is an object, not ") + schema.type_name());
  auto state = std::make_unique<State>();
  try {
    const boost::json::value json = boost::json::parse(to_json(schema));
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::BoostJsonAdapter(json), state->schema);
  } catch (const std::exception& e) {
    return fail(ErrorKind::invalid, std::string("it is no JSON schema: ") + e.what());
  }
  return JsonSchema(std::move(state));
}

std::optional<std::string> JsonSchema::misfit(const Value& value) const {
  const boost::json::value json = boost::json::parse(to_json(value));
  valijson::ValidationResults results;
  if (state_->validator.validate(state_->schema, valijson::adapters::BoostJsonAdapter(json), &results)) return std::nullopt;
  // The innermost is told first.
  valijson::ValidationResults::Error error;
  std::string text = "it does not fit the schema";
  if (results.popError(error)) {
    std::string path;
    for (const std::string& part : error.context) {
      if (part.starts_with('[')) path += "/" + part.substr(1, part.size() - 2);
    }
    text = (path.empty() ? "" : path + ": ") + error.description;
  }
  return text;
}

}  // namespace venturi
