#include <algorithm>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
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
  const auto page = call.page();
  auto rows = must(call.api->reader().variables());
  if (call.is_descending("key")) std::ranges::reverse(rows);
  Array shown;
  for (std::size_t i = page.offset; i < rows.size() && shown.size() < page.limit; ++i) shown.push_back(variable_body(rows[i]));
  reply(page_of("variables", std::move(shown), rows.size()));
}

void get_variable(const Call& call, const Reply& reply) {
  reply(json(variable_body(find_variable(*call.api, call.at("variable_key")))));
}

// A value that is no text is kept as JSON, as in Airflow.
std::string text_of(const Value& value) {
  return value.is_string() ? value.as_string() : to_json(value);
}

void set_variable(const Call& call, const Reply& reply, const std::string& key, const std::string& value,
                  const std::string& description, bool replace, unsigned status) {
  Api* api = call.api;
  api->command(
      Object{{"command", "variables set"},
             {"variables", Array{Value(Object{{"key", key}, {"value", value}, {"description", description}})}},
             {"replace", replace}},
      reply, [api, key, status](const Value&) { return json(variable_body(find_variable(*api, key)), status); },
      [key](const Error& error) -> net::HttpServerResponse {
        if (error.kind == ErrorKind::conflict)
          throw Refusal{409, fmt::format("The Variable with key: `{}` already exists", key)};
        throw refusal_of(error);
      });
}

void post_variable(const Call& call, const Reply& reply) {
  const Value* value = call.body.as_object().find("value");
  set_variable(call, reply, call.body.at("key").as_string(), text_of(*value), call.body.get_string("description"), false, 201);
}

void patch_variable(const Call& call, const Reply& reply) {
  const std::string& key = call.at("variable_key");
  if (call.body.at("key").as_string() != key)
    throw Refusal{400, "Invalid body, key from request body doesn't match uri parameter"};
  const store::VariableRow before = find_variable(*call.api, key);
  const Value* value = call.body.as_object().find("value");
  const std::string text = value != nullptr && call.takes("value") ? text_of(*value) : before.value;
  const Value* description = call.body.get("description");
  // What is shown as "***" stays what it is when it comes back.
  set_variable(call, reply, key, text == "***" ? before.value : text,
               description != nullptr && call.takes("description") ? description->as_string() : before.description, true, 200);
}

void delete_variable(const Call& call, const Reply& reply) {
  const std::string& key = call.at("variable_key");
  (void)find_variable(*call.api, key);
  call.api->command(Object{{"command", "variables delete"}, {"key", key}}, reply, [](const Value&) { return no_content(); });
}

constexpr Field variable_members[] = {{"key", Field::Type::text, true, false},
                                      {"value", Field::Type::any, true},
                                      {"description", Field::Type::text},
                                      {"team_name", Field::Type::text, false, true, false}};

}  // namespace

std::span<const Endpoint> variable_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/variables", "get_variables", Permission::viewer, get_variables, page_query},
      {"POST", "/api/v2/variables", "post_variable", Permission::op, post_variable, {}, variable_members},
      {"GET", "/api/v2/variables/{variable_key}", "get_variable", Permission::viewer, get_variable},
      {"PATCH", "/api/v2/variables/{variable_key}", "patch_variable", Permission::op, patch_variable, update_mask,
       variable_members},
      {"DELETE", "/api/v2/variables/{variable_key}", "delete_variable", Permission::op, delete_variable},
  };
  return list;
}

}  // namespace venturi::api
