#include "model/params.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "model/dag_fields.h"
#include "model/json_schema.h"

namespace venturi {
namespace {

// Plain JSON of what the serialization wrapped.
Value plain(const Value& value) {
  const Value& inner = unwrapped(value);
  if (inner.is_array()) {
    Array array;
    for (const Value& item : inner.as_array()) array.push_back(plain(item));
    return array;
  }
  if (!inner.is_object()) return inner;
  Object object;
  for (const auto& [key, member] : inner.as_object()) object.add(key, plain(member));
  return object;
}

Error misfit(const Dag& dag, const Param& param, std::string what, std::string hint) {
  return {ErrorKind::invalid, fmt::format("the param {} {}", param.name, what), "dag " + dag.dag_id, std::move(hint)};
}

Result<JsonSchema> parse_schema(const Dag& dag, const Param& param) {
  auto schema = JsonSchema::parse(param.schema.is_null() ? Value(Object{}) : param.schema);
  if (!schema)
    return std::unexpected(
        misfit(dag, param, "has a schema, but " + schema.error().what, "correct the schema in the DAG's file"));
  return schema;
}

std::string shown(const Value& value) {
  constexpr std::size_t most = 200;
  return shortened(to_json(value), most, "...");
}

}  // namespace

// [["limit", {"default": 10, "schema": {...}, "description": ...}], ...]; without a default {"__type": "arg_not_set"}.
std::vector<Param> read_params(const Dag& dag) {
  std::vector<Param> params;
  const Value* dag_part = dag.serialized.get("dag");
  const Value* list = dag_part == nullptr ? nullptr : dag_part->get("params");
  if (list == nullptr || !list->is_array()) return params;
  for (const Value& item : list->as_array()) {
    const Value& pair = unwrapped(item);
    if (!pair.is_array() || pair.as_array().size() != 2 || !pair.as_array()[0].is_string()) continue;
    const Value& param = unwrapped(pair.as_array()[1]);
    const Value* value = param.get("default");
    const Value* schema = param.get("schema");
    Param read{.name = pair.as_array()[0].as_string(),
               .value = Value(),
               .schema = schema == nullptr ? Value() : plain(*schema),
               .description = param.get_string("description")};
    if (value != nullptr && value->get_string("__type") == "arg_not_set")
      read.value.reset();
    else if (value != nullptr)
      read.value = plain(*value);
    params.push_back(std::move(read));
  }
  return params;
}

Result<void> check_param(const Dag& dag, const Param& param, const Value& value) {
  const auto schema = parse_schema(dag, param);
  if (!schema) return std::unexpected(schema.error());
  const auto why = schema->misfit(value);
  if (!why) return {};
  return std::unexpected(misfit(dag, param, fmt::format("is {}, which does not fit its schema: {}", shown(value), *why),
                                "its schema is " + shown(param.schema)));
}

Result<Object> params_of_run(const Dag& dag, const Value& conf) {
  Object values;
  for (const Param& param : read_params(dag)) {
    const Value* given = conf.is_object() ? conf.as_object().find(param.name) : nullptr;
    if (given == nullptr && !param.value) {
      return std::unexpected(misfit(dag, param, "has no value", fmt::format("give it: --conf '{{\"{}\": ...}}'", param.name)));
    }
    const Value& value = given == nullptr ? *param.value : *given;
    if (auto fits = check_param(dag, param, value); !fits) return std::unexpected(std::move(fits.error()));
    values.set(param.name, value);
  }
  if (conf.is_object()) {
    for (const auto& [name, value] : conf.as_object()) values.set(name, value);
  }
  return values;
}

Result<void> check_params(const Dag& dag) {
  const bool is_scheduled = dag.timetable.get_string("__type") != "airflow.timetables.simple.NullTimetable";
  for (const Param& param : read_params(dag)) {
    if (auto schema = parse_schema(dag, param); !schema) return std::unexpected(std::move(schema.error()));
    if (!is_scheduled) continue;
    if (!param.value) {
      return std::unexpected(
          misfit(dag, param, "has no default, and scheduled runs bring no values", "give it one, or take the schedule away"));
    }
    if (auto fits = check_param(dag, param, *param.value); !fits) return fits;
  }
  return {};
}

}  // namespace venturi
