#include <algorithm>

#include <fmt/format.h>

#include "api/api.h"
#include "api/endpoints.h"
#include "base/json.h"
#include "model/connection.h"

namespace venturi::api {
namespace {

constexpr const char* hidden = "***";

Value text_or_nothing(const std::optional<std::string>& text) {
  return text ? Value(*text) : Value();
}

Value connection_body(const Connection& c) {
  Value extra = text_or_nothing(c.extra);
  if (c.extra) {
    if (const auto value = parse_json(*c.extra)) extra = to_json(redact_sensitive(*value));
  }
  return Object{{"connection_id", c.conn_id},
                {"conn_type", c.conn_type},
                {"description", text_or_null(c.description)},
                {"host", text_or_nothing(c.host)},
                {"login", text_or_nothing(c.login)},
                {"schema", text_or_nothing(c.schema)},
                {"port", c.port ? Value(*c.port) : Value()},
                {"password", c.password ? Value(hidden) : Value()},
                {"extra", std::move(extra)},
                {"team_name", Value()}};
}

Connection find_connection(Api& api, const std::string& conn_id) {
  auto connection = must(api.reader().connection(conn_id));
  if (!connection) throw Refusal{404, fmt::format("The Connection with connection_id: `{}` was not found", conn_id)};
  return std::move(*connection);
}

void get_connections(const Call& call, const Reply& reply) {
  const auto page = call.page();
  auto rows = must(call.api->reader().connections());
  if (call.is_descending("connection_id")) std::ranges::reverse(rows);
  Array shown;
  for (std::size_t i = page.offset; i < rows.size() && shown.size() < page.limit; ++i)
    shown.push_back(connection_body(rows[i]));
  reply(page_of("connections", std::move(shown), rows.size()));
}

void get_connection(const Call& call, const Reply& reply) {
  reply(json(connection_body(find_connection(*call.api, call.at("connection_id")))));
}

void store_connection(const Call& call, const Reply& reply, Object connection, bool replace, unsigned status) {
  const std::string conn_id = connection.at("conn_id").as_string();
  Api* api = call.api;
  api->command(
      Object{{"command", "connections add"}, {"connections", Array{Value(std::move(connection))}}, {"replace", replace}}, reply,
      [api, conn_id, status](const Value&) { return json(connection_body(find_connection(*api, conn_id)), status); },
      [conn_id](const Error& error) -> net::HttpServerResponse {
        if (error.kind != ErrorKind::conflict) throw refusal_of(error);
        throw unique_violation(fmt::format("there is a connection {} already", conn_id));
      });
}

constexpr const char* settable[] = {"conn_type", "description", "host", "login", "schema", "port", "password", "extra"};

void post_connection(const Call& call, const Reply& reply) {
  Object connection{{"conn_id", call.body.at("connection_id")}};
  for (const char* name : settable) {
    if (const Value* given = call.body.get(name)) connection.set(name, *given);
  }
  store_connection(call, reply, std::move(connection), false, 201);
}

// Secrets of extra that came back as they were shown stay what they are.
Value with_kept_secrets(const Value& given, const Value& before) {
  if (given.is_string() && given.as_string() == hidden) return before;
  if (!given.is_object()) return given;
  Object kept;
  for (const auto& [name, value] : given.as_object()) kept.add(name, with_kept_secrets(value, before.get_value(name)));
  return kept;
}

void patch_connection(const Call& call, const Reply& reply) {
  const std::string& conn_id = call.at("connection_id");
  if (call.body.at("connection_id").as_string() != conn_id)
    throw Refusal{400, "The connection_id in the request body does not match the URL parameter"};
  const Connection before = find_connection(*call.api, conn_id);
  const Value stored = connection_json(before, true);
  Object connection{{"conn_id", conn_id}};
  for (const char* name : settable) {
    const Value* given = call.body.get(name);
    const bool takes = call.query.contains("update_mask") ? call.takes(name) : given != nullptr;
    const Value kept = stored.get_value(name);
    if (!takes || given == nullptr) {
      if (!takes && !kept.is_null()) connection.set(name, kept);
    } else if (std::string_view(name) == "extra" && given->is_string()) {
      const auto extra = parse_json(given->as_string());
      const auto old = parse_json(before.extra.value_or("{}"));
      connection.set(name, extra && old ? Value(to_json(with_kept_secrets(*extra, *old))) : *given);
    } else {
      connection.set(name, with_kept_secrets(*given, kept));
    }
  }
  store_connection(call, reply, std::move(connection), true, 200);
}

void delete_connection(const Call& call, const Reply& reply) {
  const std::string& conn_id = call.at("connection_id");
  (void)find_connection(*call.api, conn_id);
  call.api->command(Object{{"command", "connections delete"}, {"conn_id", conn_id}}, reply,
                    [](const Value&) { return no_content(); });
}

constexpr Field connection_members[] = {{"connection_id", Field::Type::text, true, false},
                                        {"conn_type", Field::Type::text, true, false},
                                        {"description", Field::Type::text},
                                        {"host", Field::Type::text},
                                        {"login", Field::Type::text},
                                        {"schema", Field::Type::text},
                                        {"port", Field::Type::integer},
                                        {"password", Field::Type::text},
                                        {"extra", Field::Type::text},
                                        {"team_name", Field::Type::text, false, true, false}};

}  // namespace

std::span<const Endpoint> connection_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/connections", "get_connections", Permission::viewer, get_connections, page_query},
      {"POST", "/api/v2/connections", "post_connection", Permission::op, post_connection, {}, connection_members},
      {"GET", "/api/v2/connections/{connection_id}", "get_connection", Permission::viewer, get_connection},
      {"PATCH", "/api/v2/connections/{connection_id}", "patch_connection", Permission::op, patch_connection, update_mask,
       connection_members},
      {"DELETE", "/api/v2/connections/{connection_id}", "delete_connection", Permission::op, delete_connection},
  };
  return list;
}

}  // namespace venturi::api
