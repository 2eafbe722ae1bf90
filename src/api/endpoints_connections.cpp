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
  auto rows = must(call.api->reader().connections());
  std::erase_if(rows, [&](const Connection& row) { return !fits_text(call, "connection_id", row.conn_id); });
  constexpr std::array<Column<Connection>, 7> columns{
      {{"conn_id", [](const Connection& c) { return Value(c.conn_id); }},
       {"connection_id", [](const Connection& c) { return Value(c.conn_id); }},
       {"id", [](const Connection& c) { return Value(c.conn_id); }},
       {"conn_type", [](const Connection& c) { return Value(c.conn_type); }},
       {"description", [](const Connection& c) { return Value(c.description); }},
       {"host", [](const Connection& c) { return text_or_nothing(c.host); }},
       {"port", [](const Connection& c) { return c.port ? Value(*c.port) : Value(); }}}};
  order_rows<Connection>(call, rows, columns);
  reply(page_of_rows(call, "connections", rows, connection_body));
}

void get_connection(const Call& call, const Reply& reply) {
  reply(json(connection_body(find_connection(*call.api, call.at("connection_id")))));
}

Value store_command(Object connection, bool replace) {
  return Object{{"command", "connections add"}, {"connections", Array{Value(std::move(connection))}}, {"replace", replace}};
}

void store_connection(const Call& call, const Reply& reply, Object connection, bool replace, unsigned status) {
  const std::string conn_id = connection.at("conn_id").as_string();
  Api* api = call.api;
  call.run(
      store_command(std::move(connection), replace), reply,
      [api, conn_id, status](const Value&) { return json(connection_body(find_connection(*api, conn_id)), status); },
      [conn_id](const Error& error) -> net::HttpServerResponse {
        if (error.kind != ErrorKind::conflict) throw refusal_of(error);
        throw unique_violation(fmt::format("there is a connection {} already", conn_id));
      });
}

constexpr const char* settable[] = {"conn_type", "description", "host", "login", "schema", "port", "password", "extra"};

Object new_connection(const Value& body) {
  Object connection{{"conn_id", body.at("connection_id")}};
  for (const char* name : settable) {
    if (const Value* given = body.get(name)) connection.set(name, *given);
  }
  return connection;
}

void post_connection(const Call& call, const Reply& reply) {
  store_connection(call, reply, new_connection(call.body), false, 201);
}

// With what of it stays as it was. `takes`: which members are set, also to null; nothing: those that are there.
Object changed_connection(const Connection& before, const Value& body,
                          const std::function<bool(std::string_view)>& takes_named = {}) {
  const Value stored = connection_json(before, true);
  Object connection{{"conn_id", before.conn_id}};
  for (const char* name : settable) {
    const Value* given = body.get(name);
    const bool takes = takes_named ? takes_named(name) : body.as_object().contains(name);
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
  return connection;
}

void patch_connection(const Call& call, const Reply& reply) {
  const std::string& conn_id = call.at("connection_id");
  if (call.body.at("connection_id").as_string() != conn_id)
    throw Refusal{400, "The connection_id in the request body does not match the URL parameter"};
  std::function<bool(std::string_view)> takes;
  if (call.query.contains("update_mask")) takes = [&](std::string_view member) { return call.takes(member); };
  store_connection(call, reply, changed_connection(find_connection(*call.api, conn_id), call.body, takes), true, 200);
}

// ---- tests ---------------------------------------------------------------------------------------------------------------

// As Airflow's rules have it: what is stored completes what is given, but for a server that it is not for.
Object tested_connection(const Call& call) {
  const Value& body = call.body;
  const auto stored = must(call.api->reader().connection(body.at("connection_id").as_string()));
  if (!stored) return new_connection(body);
  const auto differs = [&](const char* name) {
    const Value* given = body.as_object().find(name);
    const Value before = connection_json(*stored, true).get_value(name);
    const bool both_empty = given != nullptr && (given->is_null() || *given == Value("")) && before.is_null();
    return given != nullptr && !both_empty && *given != before;
  };
  if (!differs("host") && !differs("port")) return changed_connection(*stored, body);
  const auto is_own = [&](const char* name) {
    const Value* given = body.get(name);
    return given != nullptr && given->is_string() && !given->as_string().empty() && !given->as_string().contains("***");
  };
  if (!is_own("password") && !is_own("extra"))
    throw Refusal{400,
                  "The host or port to test differs from the stored connection. Include the credentials to test in the request "
                  "body."};
  return new_connection(body);
}

void test_connection(const Call& call, const Reply& reply) {
  if (call.api->config().text("core.test_connection") != "Enabled")
    throw Refusal{403, "Testing connections is disabled in Airflow configuration. Contact your deployment admin to enable it."};
  call.run(Object{{"command", "connections test"}, {"connection", tested_connection(call)}}, reply, [](const Value& result) {
    return json(Object{{"status", result.get_bool("status")}, {"message", result.get_string("message")}});
  });
}

void delete_connection(const Call& call, const Reply& reply) {
  const std::string& conn_id = call.at("connection_id");
  (void)find_connection(*call.api, conn_id);
  call.run(Object{{"command", "connections delete"}, {"conn_id", conn_id}}, reply, [](const Value&) { return no_content(); });
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

void bulk_connections(const Call& call, const Reply& reply) {
  bulk(call, reply,
       {.what = "connections",
        .ids = "connection_ids",
        .id = "connection_id",
        .members = connection_members,
        .is_there =
            [](const Call& of, const Value& body) {
              return must(of.api->reader().connection(entity_id("connection_id", body))).has_value();
            },
        .create = [](const Call&, const Value& body) { return store_command(new_connection(body), false); },
        .update =
            [](const Call& of, const Value& body, const Entities::Mask& mask) {
              const Connection before = find_connection(*of.api, body.at("connection_id").as_string());
              std::function<bool(std::string_view)> takes;
              if (mask) takes = [&](std::string_view member) { return std::ranges::find(*mask, member) != mask->end(); };
              return store_command(changed_connection(before, body, takes), true);
            },
        .remove = [](const Call&, const Value& body) -> Value {
          return Object{{"command", "connections delete"}, {"conn_id", entity_id("connection_id", body)}};
        }});
}

constexpr Field connection_query[] = {VENTURI_PAGE, VENTURI_PATTERNS("connection_id")};

}  // namespace

std::span<const Endpoint> connection_endpoints() {
  static const Endpoint list[] = {
      {"GET", "/api/v2/connections", "get_connections", Permission::op, get_connections, connection_query},
      {"POST",
       "/api/v2/connections",
       "post_connection",
       Permission::op,
       post_connection,
       {},
       connection_members,
       "connections"},
      {"PATCH", "/api/v2/connections", "bulk_connections", Permission::op, bulk_connections, {}, bulk_body, "connections"},
      {"GET", "/api/v2/connections/{connection_id}", "get_connection", Permission::op, get_connection},
      {"POST", "/api/v2/connections/test", "test_connection", Permission::op, test_connection, {}, connection_members},
      {"PATCH", "/api/v2/connections/{connection_id}", "patch_connection", Permission::op, patch_connection, update_mask,
       connection_members, "connections"},
      {"DELETE",
       "/api/v2/connections/{connection_id}",
       "delete_connection",
       Permission::op,
       delete_connection,
       {},
       {},
       "connections"},
  };
  return list;
}

}  // namespace venturi::api
