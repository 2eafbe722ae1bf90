#include "lanes/yaml/json_schema.h"

#include <algorithm>

#include "catalog/catalog.h"
#include "lanes/yaml/arguments.h"
#include "lanes/yaml/keys.h"
#include "lanes/yaml/partition_words.h"
#include "lanes/yaml/timetable_words.h"

namespace venturi::lanes::yaml {
namespace {

constexpr const char* id_pattern = "^[A-Za-z0-9_.-]{1,250}$";

Value ref(std::string_view name) {
  return Object{{"$ref", "#/definitions/" + std::string(name)}};
}

Value of_type(std::string_view type) {
  return Object{{"type", type}};
}

Value any_of(Array choices) {
  return Object{{"anyOf", std::move(choices)}};
}

Value words(std::span<const std::string_view> list) {
  return Object{{"enum", Array(list.begin(), list.end())}};
}

Value closed_object(Object properties) {
  return Object{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

// Named children: by id, or a list with the id in each.
Value named(std::string_view of) {
  return any_of({Object{{"type", "object"}, {"additionalProperties", ref(of)}}, Object{{"type", "array"}, {"items", ref(of)}},
                 of_type("null")});
}

Value schema_of(const Key& key) {
  switch (key.kind) {
    case KeyKind::text:
      return of_type("string");
    case KeyKind::id:
      return Object{{"type", "string"}, {"pattern", id_pattern}};
    case KeyKind::flag:
      return of_type("boolean");
    case KeyKind::flag_or_duration:
      return any_of({of_type("boolean"), ref("duration")});
    case KeyKind::integer:
      return Object{{"type", "integer"}, {"minimum", key.minimum}};
    case KeyKind::number:
      return Object{{"type", Array{"number", "boolean"}}, {"minimum", 0}};
    case KeyKind::duration:
      return ref("duration");
    case KeyKind::date:
      return Object{{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}"}};
    case KeyKind::dates:
    case KeyKind::texts:
    case KeyKind::steps:
      return ref("texts");
    case KeyKind::trigger_rule:
      return words(trigger_rule_words());
    case KeyKind::weight_rule:
      return words(weight_rule_words());
    case KeyKind::schedule:
      return ref("schedule");
    case KeyKind::params:
      return ref("params");
    case KeyKind::callbacks:
      return ref("callbacks");
    case KeyKind::deadlines:
      return ref("deadlines");
    case KeyKind::deadline_reference:
      return words(deadline_reference_words());
    case KeyKind::assets:
      return any_of({ref("asset"), Object{{"type", "array"}, {"items", ref("asset")}}, of_type("null")});
    case KeyKind::watchers:
      return ref("watchers");
    case KeyKind::inlets: {
      const Value one = any_of({ref("asset"), ref("asset_alias")});
      return any_of({one, Object{{"type", "array"}, {"items", one}}, of_type("null")});
    }
    case KeyKind::asset_expression:
      return ref("asset_expression");
    case KeyKind::partition_mapper:
      return ref("partition_mapper");
    case KeyKind::partition_mappers:
      return Object{{"type", "array"}, {"items", ref("partition_mapper")}, {"minItems", 2}};
    case KeyKind::partition_mapper_config:
      return Object{{"type", "object"}, {"additionalProperties", ref("partition_mapper")}};
    case KeyKind::partition_window:
      return ref("partition_window");
    case KeyKind::window_direction:
      return words(window_direction_words());
    case KeyKind::wait_policy:
      return ref("wait_policy");
    case KeyKind::default_args:
      return ref("default_args");
    case KeyKind::tasks:
      return named("task");
    case KeyKind::task_groups:
      return named("task_group");
    case KeyKind::operator_name:
      return ref("operator");
    case KeyKind::expand:
      return Object{{"type", "object"}, {"additionalProperties", ref("list_or_reference")}};
    case KeyKind::expand_kwargs:
      return any_of({Object{{"type", "array"}, {"items", of_type("object")}}, ref("reference")});
    case KeyKind::partial:
      return of_type("object");
    case KeyKind::teardown:
      return any_of({of_type("boolean"), ref("texts"),
                     closed_object({{"setups", ref("texts")}, {"on_failure_fail_dagrun", of_type("boolean")}})});
    case KeyKind::dags:
      return named("dag");
  }
  return true;
}

void add_keys(Object& properties, std::span<const Key> keys) {
  for (const Key& key : keys) {
    Value schema = schema_of(key);
    // Beside $ref other words do not count in draft 7.
    if (schema.get("$ref") != nullptr) schema = Object{{"allOf", Array{std::move(schema)}}};
    schema.as_object().set("description", key.help);
    properties.set(key.name, std::move(schema));
  }
}

Value schema_of(const catalog::ArgumentInfo& argument, bool may_refer) {
  Value schema = true;
  if (is_duration(argument)) {
    schema = argument.templated ? any_of({ref("duration"), of_type("string")}) : ref("duration");
  } else {
    switch (argument.type) {
      case catalog::ArgumentType::any:
        return true;
      case catalog::ArgumentType::string:
        schema = of_type("string");
        break;
      case catalog::ArgumentType::integer:
        schema = of_type("integer");
        break;
      case catalog::ArgumentType::number:
        break;
      case catalog::ArgumentType::boolean:
        schema = of_type("boolean");
        break;
      case catalog::ArgumentType::object:
        schema = of_type("object");
        break;
      case catalog::ArgumentType::list:
        schema = of_type("array");
        break;
      case catalog::ArgumentType::string_list:
        schema = any_of({of_type("string"), of_type("array")});
        break;
    }
  }
  if (!may_refer) return schema;
  return any_of({std::move(schema), ref("reference"), of_type("null")});
}

std::string description_of(const catalog::ArgumentInfo& argument) {
  return std::string(argument.required ? "needed" : "") + (argument.required && argument.templated ? ", " : "") +
         (argument.templated ? "a template" : "");
}

Value with_description(Value schema, const std::string& text) {
  if (text.empty()) return schema;
  if (!schema.is_object()) schema = Object{};
  schema.as_object().set("description", text);
  return schema;
}

// Its own arguments, and what every task may say: that is described once, with all tasks.
Value operator_schema(const catalog::OperatorInfo& op) {
  Object properties;
  for (const auto keys : {task_keys(), option_keys()}) {
    for (const Key& key : keys) properties.set(key.name, true);
  }
  for (const catalog::ArgumentInfo& argument : op.arguments)
    properties.set(argument.name, with_description(schema_of(argument, true), description_of(argument)));
  return closed_object(std::move(properties));
}

Value task_schema() {
  Object properties;
  add_keys(properties, task_keys());
  add_keys(properties, option_keys());
  Array by_operator;
  for (const catalog::OperatorInfo& op : catalog::operators()) {
    // Without `required` a task that has no operator yet would be held against all of them.
    Object chosen{{"properties", Object{{"operator", Object{{"const", op.task_type}}}}}, {"required", Array{"operator"}}};
    by_operator.push_back(Object{{"if", std::move(chosen)}, {"then", ref(op.task_type)}});
  }
  return Object{{"type", "object"},
                {"properties", std::move(properties)},
                {"required", Array{"operator"}},
                {"allOf", std::move(by_operator)}};
}

Value operator_names() {
  Array names;
  for (const catalog::OperatorInfo& op : catalog::operators()) names.emplace_back(op.task_type);
  return any_of({Object{{"enum", std::move(names)}}, Object{{"type", "string"}, {"pattern", "^[A-Za-z_.]+[.][A-Za-z]+$"}}});
}

// One of the entries, `word: NAME`, with its arguments beside it and whatever else there is.
template <class Entry>
Value one_of_entries(const std::vector<Entry>& entries, const char* word, const Object& beside) {
  Array all;
  for (const Entry& entry : entries) {
    Object properties{{word, Object{{"enum", Array{entry.name, entry.classpath}}}}};
    Array required{word};
    for (const auto& [name, schema] : beside) {
      properties.set(name, schema);
      required.emplace_back(name);
    }
    for (const catalog::ArgumentInfo& argument : entry.arguments) {
      properties.set(argument.name, with_description(schema_of(argument, false), description_of(argument)));
      if (argument.required) required.emplace_back(argument.name);
    }
    Value schema = closed_object(std::move(properties));
    schema.as_object().set("required", std::move(required));
    all.push_back(std::move(schema));
  }
  return any_of(std::move(all));
}

Value watchers_schema() {
  return Object{{"type", "array"},
                {"items", one_of_entries(catalog::event_triggers(), "trigger", {{"name", of_type("string")}})}};
}

Value callbacks_schema() {
  const Value one = one_of_entries(catalog::notifiers(), "notifier", {});
  return any_of({one, Object{{"type", "array"}, {"items", one}}, of_type("null")});
}

Value duration_schema() {
  Object units;
  for (const char* unit : {"weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds"})
    units.set(unit, Object{{"type", "number"}, {"minimum", 0}});
  return any_of({Object{{"type", "number"}, {"minimum", 0}, {"description", "seconds"}},
                 Object{{"type", "string"}, {"pattern", "^([0-9.]+(w|d|h|min|ms|m|s) ?)+$"}}, closed_object(std::move(units)),
                 of_type("null")});
}

Value dag_schema(std::span<const Key> keys) {
  Object properties;
  add_keys(properties, keys);
  Value schema = closed_object(std::move(properties));
  schema.as_object().set("patternProperties", Object{{"^x-", true}});
  return schema;
}

Value of_keys(std::span<const Key> keys) {
  Object properties;
  add_keys(properties, keys);
  return closed_object(std::move(properties));
}

Value deadlines_schema() {
  const Value one = of_keys(deadline_keys());
  return any_of({one, Object{{"type", "array"}, {"items", one}}, of_type("null")});
}

// What a DAG is scheduled on: all of a list, or {any: [...]}, {all: [...]}.
Value asset_expression_schema() {
  const Value list = Object{{"type", "array"}, {"items", ref("asset_expression")}, {"minItems", 1}};
  return any_of({ref("asset"), ref("asset_alias"), list, closed_object({{"any", list}}), closed_object({{"all", list}})});
}

// {name_key: NAME} and the arguments of NAME, for each of several.
template <class Argument>
Value one_of_these(std::string_view name_key, std::string_view name, const std::vector<Argument>& arguments) {
  Object properties{{name_key, Object{{"const", name}}}};
  Array required{name_key};
  for (const Argument& argument : arguments) {
    add_keys(properties, std::span(&argument.key, 1));
    if (argument.required) required.emplace_back(argument.key.name);
  }
  Value schema = closed_object(std::move(properties));
  schema.as_object().set("required", std::move(required));
  return schema;
}

// A name alone where nothing else has to be said.
Value partition_words_schema(std::string_view name_key, std::span<const PartitionWord> all) {
  Array names, choices;
  for (const PartitionWord& word : all) {
    if (std::ranges::none_of(word.arguments, &PartitionWord::Argument::required)) names.emplace_back(word.name);
    choices.push_back(one_of_these(name_key, word.name, word.arguments));
  }
  choices.push_back(Object{{"enum", std::move(names)}});
  return any_of(std::move(choices));
}

Value schedule_schema() {
  Array choices{of_type("null"), of_type("string"), ref("duration"),
                Object{{"type", "array"}, {"items", ref("asset_expression")}, {"minItems", 1}},
                Object{{"type", "object"},
                       {"properties", Object{{"assets", ref("asset_expression")}, {"time", of_type("string")}}},
                       {"required", Array{"assets"}},
                       {"additionalProperties", false}}};
  for (const TimetableKind& kind : timetable_kinds()) choices.push_back(one_of_these("timetable", kind.name, kind.arguments));
  return any_of(std::move(choices));
}

Value default_args_schema() {
  Object properties;
  add_keys(properties, option_keys());
  Object arguments;
  for (const catalog::OperatorInfo& op : catalog::operators()) {
    for (const catalog::ArgumentInfo& argument : op.arguments) {
      if (properties.find(argument.name) == nullptr) arguments.set(argument.name, true);
    }
  }
  for (const auto& [name, any] : arguments) properties.set(name, any);
  return closed_object(std::move(properties));
}

Value reference_schema() {
  return any_of(
      {Object{{"type", "object"},
              {"properties", Object{{"xcom", Object{{"type", "string"}, {"description", "a task: what it gives"}}},
                                    {"key", Object{{"type", "string"}, {"description", "return_value"}}}}},
              {"required", Array{"xcom"}},
              {"additionalProperties", false}},
       Object{{"type", "object"},
              {"properties", Object{{"item", Object{{"type", "string"}, {"description", "a list of the mapped group"}}}}},
              {"required", Array{"item"}},
              {"additionalProperties", false}}});
}

}  // namespace

Value json_schema() {
  Object definitions{
      {"dag", dag_schema(dag_keys())},
      {"task_group", of_keys(group_keys())},
      {"task", task_schema()},
      {"operator", operator_names()},
      {"default_args", default_args_schema()},
      {"callbacks", callbacks_schema()},
      {"watchers", watchers_schema()},
      {"duration", duration_schema()},
      {"reference", reference_schema()},
      {"list_or_reference", any_of({of_type("array"), of_type("object")})},
      {"texts", any_of({of_type("string"), Object{{"type", "array"}, {"items", of_type("string")}}, of_type("null")})},
      {"params", Object{{"type", "object"}}},
      {"deadlines", deadlines_schema()},
      {"asset", any_of({of_type("string"), of_keys(asset_keys())})},
      {"asset_alias", of_keys(asset_alias_keys())},
      {"asset_expression", asset_expression_schema()},
      {"schedule", schedule_schema()},
      {"partition_mapper", partition_words_schema("mapper", partition_mapper_words())},
      {"partition_window", partition_words_schema("window", partition_window_words())},
      {"wait_policy", partition_words_schema("wait_policy", wait_policy_words())},
  };
  for (const catalog::OperatorInfo& op : catalog::operators()) definitions.set(op.task_type, operator_schema(op));
  return Object{{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"title", "DAGs of Venturi"},
                {"if", Object{{"required", Array{"dags"}}}},
                {"then", dag_schema(file_keys())},
                {"else", ref("dag")},
                {"definitions", std::move(definitions)}};
}

}  // namespace venturi::lanes::yaml
