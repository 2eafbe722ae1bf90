#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"
#include "api/listing.h"
#include "base/json.h"
#include "model/connection.h"

namespace venturi::api {
namespace {

// Secret by its key, or within its JSON by theirs.
Value variable_body(const store::VariableRow& row) {
  std::string shown = row.value;
  if (is_sensitive_name(row.key)) {
    shown = "***";
  } else if (const auto value = parse_json(row.value); value && (value->is_object() || value->is_array())) {
    shown = to_json(redact_sensitive(*value));
  }
  return Object{{"key", row.key},
                {"value", shown},
                {"description", text_or_null(row.description)},
                {"is_encrypted", true},
                {"team_name", Value()}};
}

store::VariableRow find_variable(Api& api, const std::string& key) {
  auto row = must(api.reader().variable(key));
  if (!row) throw Refusal{404, fmt::format("The Variable with key: `{}` was not found", key)};
  return std::move(*row);
}

void get_variables(const Call& call, const Reply& reply) {
  using Row = store::VariableRow;
  auto rows = must(call.api->reader().variables());
  std::erase_if(rows, [&](const Row& row) { return !fits_text(call, "variable_key", row.key); });
  constexpr std::array<Column<Row>, 4> columns{{{"key", [](const Row& row) { return Value(row.key); }},
                                                {"id", [](const Row& row) { return Value(row.key); }},
                                                {"_val", [](const Row&) { return Value(); }},
                                                {"description", [](const Row& row) { return Value(row.description); }}}};
  order_rows<Row>(call, rows, columns);
  reply(page_of_rows(call, "variables", rows, variable_body));
}

void get_variable(const Call& call, const Reply& reply) {
  reply(json(variable_body(find_variable(*call.api, call.at("variable_key")))));
}

// A value that is no text is kept as JSON, as in Airflow.
std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

Value set_variable_command(const std::string& key, const std::string& value, const std::string& description, bool replace) {
  return Object{{"command", "variables set"},
                {"variables", Array{Value(Object{{"key", key}, {"value", value}, {"description", description}})}},
                {"replace", replace}};
}

void set_variable(const Call& call, const Reply& reply, const std::string& key, Value command, unsigned status) {
  Api* api = call.api;
  call.run(
      std::move(command), reply,
      [api, key, status](const Value&) { return json(variable_body(find_variable(*api, key)), status); },
      [key](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::conflict)
          throw Refusal{409, fmt::format("The Variable with key: `{}` already exists", key)};
        throw refusal_of(error);
      });
}

Value new_variable_command(const Value& body) {
  return set_variable_command(body.at("key").as_string(), text_of(*body.as_object().find("value")),
                              body.get_string("description"), false);
}

void post_variable(const Call& call, const Reply& reply) {
  set_variable(call, reply, call.body.at("key").as_string(), new_variable_command(call.body), 201);
}

// What is shown as "***" stays what it is when it comes back.
std::string merged_value(const Value& given, const std::string& before) {
  std::string text = text_of(given);
  if (text == "***") return before;
  const auto value = parse_json(text), old = parse_json(before);
  if (!value || !old || (!value->is_object() && !value->is_array())) return text;
  const Value kept = with_kept_secrets(*value, *old);
  return kept == *value ? text : to_json(kept);
}

// `takes`: which members are set, also to null; nothing: those that are there.
Value changed_variable_command(Api& api, const Value& body, const std::function<bool(std::string_view)>& takes_named) {
  const auto takes = [&](std::string_view name) { return takes_named ? takes_named(name) : body.as_object().contains(name); };
  const store::VariableRow before = find_variable(api, body.at("key").as_string());
  const Value* value = body.as_object().find("value");
  return set_variable_command(before.key,
                              value != nullptr && takes("value") ? merged_value(*value, before.value) : before.value,
                              takes("description") ? body.get_string("description") : before.description, true);
}

void patch_variable(const Call& call, const Reply& reply) {
  const std::string& key = call.at("variable_key");
  if (call.body.at("key").as_string() != key)
    throw Refusal{400, "Invalid body, key from request body doesn't match uri parameter"};
  std::function<bool(std::string_view)> takes;
  if (call.query.contains("update_mask")) takes = [&](std::string_view member) { return call.takes(member); };
  set_variable(call, reply, key, changed_variable_command(*call.api, call.body, takes), 200);
}

void delete_variable(const Call& call, const Reply& reply) {
  const std::string& key = call.at("variable_key");
  (void)find_variable(*call.api, key);
  call.run(Object{{"command", "variables delete"}, {"key", key}}, reply, [](const Value&) { return no_content(); });
}

constexpr Field variable_members[] = {{"key", Field::Type::text, true, false},
                                      {"value", Field::Type::any, true},
                                      {"description", Field::Type::text},
                                      {"team_name", Field::Type::text, false, true, false}};

void bulk_variables(const Call& call, const Reply& reply) {
  bulk(call, reply,
       {.what = "variables",
        .ids = "keys",
        .id = "key",
        .members = variable_members,
        .is_there =
            [](const Call& of, const Value& variable) {
              return must(of.api->reader().variable(entity_id("key", variable))).has_value();
            },
        .create = [](const Call&, const Value& variable) { return new_variable_command(variable); },
        .update =
            [](const Call& of, const Value& variable, const Entities::Mask& mask) {
              std::function<bool(std::string_view)> takes;
              if (mask) takes = [&](std::string_view member) { return std::ranges::find(*mask, member) != mask->end(); };
              return changed_variable_command(*of.api, variable, takes);
            },
        .remove = [](const Call&, const Value& variable) -> Value {
          return Object{{"command", "variables delete"}, {"key", entity_id("key", variable)}};
        }});
}

constexpr Field variable_query[] = {VENTURI_PAGE, VENTURI_PATTERNS("variable_key")};

}  // namespace

std::span<const Endpoint> variable_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/variables", "get_variables", Permission::op, get_variables, variable_query},
      {"POST", "/api/v2/variables", "post_variable", Permission::op, post_variable, {}, variable_members, "variables"},
      {"PATCH", "/api/v2/variables", "bulk_variables", Permission::op, bulk_variables, {}, bulk_body, "variables"},
      {"GET", "/api/v2/variables/{variable_key}", "get_variable", Permission::op, get_variable},
      {"PATCH", "/api/v2/variables/{variable_key}", "patch_variable", Permission::op, patch_variable, update_mask,
       variable_members, "variables"},
      {"DELETE", "/api/v2/variables/{variable_key}", "delete_variable", Permission::op, delete_variable, {}, {}, "variables"},
  };
  return list;
}

}  // namespace venturi::api
