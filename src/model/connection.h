// Airflow's connection, and every text that people write one in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi {

struct Connection {
  std::string conn_id, conn_type;
  std::optional<std::string> host, schema, login, password;
  std::optional<std::int32_t> port;
  std::optional<std::string> extra;  // JSON text, as Airflow keeps it
  std::string description;
  friend bool operator==(const Connection&, const Connection&) = default;
};

// Reads the forms that people have:
//   - Airflow's URI             postgres://user:p%40ss@host:5432/db?sslmode=require      (also postgresql://)
//   - Airflow's JSON            {"conn_type": "postgres", "host": ..., "extra": {...}}
//   - ADO.NET / Npgsql          Host=h;Database=d;Port=5432;Username=u;Password='p;w'
//   - libpq keywords            host=h dbname=d port=5432 user=u password='p w'
// A text that fits several forms (with different results) or none is refused, and the error lists the forms; it repeats nothing
// of the text, which may be a password anywhere. In the two forms of PostgreSQL the other keys become extra.
[[nodiscard]] Result<Connection> parse_connection(std::string_view conn_id, std::string_view text);
// Airflow's URI of it, with everything percent-encoded that has to be. parse_connection reads it back to the same, except for
// what a URI cannot say: the description, an upper-case conn_type, an empty host, schema or login, the white space of extra.
[[nodiscard]] std::string connection_uri(const Connection& connection);
// Airflow's JSON form. `with_secrets` false: password and secret extras are "***".
[[nodiscard]] Value connection_json(const Connection& connection, bool with_secrets);
// The protocol's ConnectionResult (contracts: all keys present, nil where there is none).
[[nodiscard]] Value connection_result(const Connection& connection);

// What must not appear in logs: the password, and the strings in extra under sensitive names.
[[nodiscard]] std::vector<std::string> connection_secrets(const Connection& connection);
// Airflow's should_hide_value_for_key: does a variable or a key of this name hold a secret ("api_key", "my_password")?
[[nodiscard]] bool is_sensitive_name(std::string_view name);
// The value with "***" for everything that stands under a sensitive name, at any depth.
[[nodiscard]] Value redact_sensitive(Value value, bool sensitive = false);

}  // namespace venturi
