#include "model/connection.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "model/connection_forms.h"

namespace venturi {
namespace {

constexpr std::string_view forms =
    "write it as a URI: postgres://user:password@host:5432/database?sslmode=require with special characters percent-encoded; "
    R"(as JSON: {"conn_type": "postgres", "host": "h", "login": "u", "password": "p"}; )"
    "as Npgsql: Host=h;Database=d;Port=5432;Username=u;Password='p;w'; "
    "or as libpq keywords: host=h dbname=d port=5432 user=u password='p w'";

std::unexpected<Error> refuse(std::string_view conn_id, std::string what) {
  return fail(ErrorKind::invalid, std::move(what), "connection " + std::string(conn_id), std::string(forms));
}

bool is_text(const std::optional<std::string>& s) {
  return !s || (is_utf8(*s) && s->find('\0') == std::string::npos);
}

Result<Connection> parse_any(std::string_view text, std::string_view conn_id) {
  if (text.empty()) return connection_forms::unfit("it is empty");
  if (text.starts_with('{')) return connection_forms::parse_airflow_json(conn_id, text);
  if (connection_forms::looks_like_uri(text)) return connection_forms::parse_uri(text);
  auto npgsql = connection_forms::parse_npgsql(text), libpq = connection_forms::parse_libpq(text);
  if (npgsql && libpq && *npgsql != *libpq) {
    return connection_forms::unfit(
        "the text can be read both as Npgsql (parts separated by ;) and as libpq keywords "
        "(parts separated by blanks), with different results: put the values in single quotes");
  }
  if (npgsql) return npgsql;
  if (libpq) return libpq;
  return connection_forms::unfit(
      "the text is no URI (no scheme:// at its beginning), no JSON (no { at its beginning), not Npgsql (" +
      npgsql.error().what + ") and no libpq keywords (" + libpq.error().what + ")");
}

Value or_null(const std::optional<std::string>& s) {
  return s ? Value(*s) : Value();
}
Value or_null(const std::optional<std::int32_t>& i) {
  return i ? Value(*i) : Value();
}

}  // namespace

Result<Connection> connection_forms::parse_airflow_json(std::string_view conn_id, std::string_view text) {
  const auto value = parse_json(text);
  // The parser's own words could quote the text.
  if (!value) return unfit("it begins with { but is not valid JSON");
  if (!value->is_object()) return unfit("the JSON is no object");
  Connection connection;
  const auto read = [](const Value& member, auto& into) {
    if (member.is_string()) into = member.as_string();
    return member.is_string() || member.is_null();
  };
  for (const auto& [key, member] : value->as_object()) {
    bool ok = true;
    if (key == "conn_type") {
      ok = read(member, connection.conn_type);
    } else if (key == "host") {
      ok = read(member, connection.host);
    } else if (key == "schema") {
      ok = read(member, connection.schema);
    } else if (key == "login") {
      ok = read(member, connection.login);
    } else if (key == "password") {
      ok = read(member, connection.password);
    } else if (key == "description") {
      ok = read(member, connection.description);
    } else if (key == "port") {
      if (member.is_int()) connection.port = parse_port(std::to_string(member.as_int()));
      if (member.is_string()) connection.port = parse_port(member.as_string());
      const bool none = member.is_null() || (member.is_string() && member.as_string().empty());
      if (!connection.port && !none) return unfit(std::string(bad_port));
    } else if (key == "extra") {
      if (member.is_string()) {
        if (!member.as_string().empty()) connection.extra = member.as_string();
      } else if (!member.is_null() && !(member.is_object() && member.as_object().empty())) {
        connection.extra = to_json(member);
      }
    } else if (key == "conn_id") {
      if (!member.is_null() && member != Value(conn_id)) return unfit("the JSON has another conn_id");
    } else {
      return unfit("the JSON has a key that is none of conn_type, host, schema, login, password, port, extra, description");
    }
    if (!ok) return unfit("the value of " + key + " is neither a string nor null");
  }
  if (connection.conn_type.empty()) return unfit("the JSON has no conn_type");
  auto conn_type = normalize_conn_type(connection.conn_type);
  if (!conn_type) return unfit("the conn_type has characters other than letters, digits, _ - + and .");
  connection.conn_type = std::move(*conn_type);
  return connection;
}

Result<Connection> parse_connection(std::string_view conn_id, std::string_view text) {
  auto connection = parse_any(trim(text), conn_id);
  if (!connection) return refuse(conn_id, std::move(connection.error().what));
  connection->conn_id = conn_id;
  const Connection& c = *connection;
  if (!is_text(c.host) || !is_text(c.schema) || !is_text(c.login) || !is_text(c.password) || !is_text(c.extra) ||
      !is_text(c.description)) {
    return refuse(conn_id, "a part of it is not UTF-8, or holds a zero byte");
  }
  return connection;
}

Value connection_json(const Connection& connection, bool with_secrets) {
  Value extra;
  if (connection.extra && !connection.extra->empty()) {
    auto parsed = parse_json(*connection.extra);
    if (parsed && parsed->is_object()) {
      extra = with_secrets ? std::move(*parsed) : redact_sensitive(std::move(*parsed));
    } else {
      extra = with_secrets ? Value(*connection.extra) : Value("***");
    }
  }
  Object json;
  json.add("conn_id", connection.conn_id);
  json.add("conn_type", connection.conn_type);
  json.add("description", connection.description.empty() ? Value() : Value(connection.description));
  json.add("host", or_null(connection.host));
  json.add("login", or_null(connection.login));
  json.add("password", !connection.password || with_secrets ? or_null(connection.password) : Value("***"));
  json.add("schema", or_null(connection.schema));
  json.add("port", or_null(connection.port));
  json.add("extra", std::move(extra));
  return json;
}

Value connection_result(const Connection& connection) {
  Object result;
  result.add("type", "ConnectionResult");
  result.add("conn_id", connection.conn_id);
  result.add("conn_type", connection.conn_type);
  result.add("host", or_null(connection.host));
  result.add("schema", or_null(connection.schema));
  result.add("login", or_null(connection.login));
  result.add("password", or_null(connection.password));
  result.add("port", or_null(connection.port));
  result.add("extra", or_null(connection.extra));
  return result;
}

}  // namespace venturi
