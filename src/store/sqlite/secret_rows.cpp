#include "store/sqlite/secret_rows.h"

#include <string>
#include <utility>

#include "store/sqlite/rows.h"

namespace venturi::store {
namespace {

// Turns a stored token into what it hides. The error says which row it is, and nothing of its content.
Result<void> decrypt(const Cipher& cipher, std::string& value, const std::string& row) {
  auto clear = cipher.decrypt(value);
  if (!clear) {
    return fail(
        clear.error().kind, "the stored secret cannot be decrypted: " + clear.error().what, row,
        clear.error().hint.empty() ? "put back the Fernet key that it was stored with, or store it anew" : clear.error().hint);
  }
  value = std::move(*clear);
  return {};
}

}  // namespace

Result<std::vector<Connection>> read_connections(const Database& db, const Cipher& cipher, Statement& statement) {
  std::vector<Connection> all;
  while (statement.next()) {
    Connection& c = all.emplace_back();
    bool is_encrypted = false, is_extra_encrypted = false;
    Columns columns = statement.row();
    columns.read(c.conn_id, c.conn_type, c.description, c.host, c.schema, c.login, c.password, c.port, is_encrypted,
                 is_extra_encrypted, c.extra);
    if (!columns.problem().empty()) {
      statement.reset();
      return unreadable_row(db, "connection", columns.problem());
    }
    Result<void> clear;
    if (is_encrypted && c.password) clear = decrypt(cipher, *c.password, "connection " + c.conn_id + ", password");
    if (clear && is_extra_encrypted && c.extra) clear = decrypt(cipher, *c.extra, "connection " + c.conn_id + ", extra");
    if (!clear) {
      statement.reset();
      return std::unexpected(std::move(clear.error()));
    }
  }
  if (!statement.ok()) return std::unexpected(db.error("reading connections"));
  return all;
}

Result<std::vector<VariableRow>> read_variables(const Database& db, const Cipher& cipher, Statement& statement) {
  std::vector<VariableRow> all;
  while (statement.next()) {
    VariableRow& v = all.emplace_back();
    bool is_encrypted = false;
    statement.row().read(v.key, v.value, v.description, is_encrypted);
    if (!is_encrypted) continue;
    if (auto clear = decrypt(cipher, v.value, "variable " + v.key); !clear) {
      statement.reset();
      return std::unexpected(std::move(clear.error()));
    }
  }
  if (!statement.ok()) return std::unexpected(db.error("reading variables"));
  return all;
}

}  // namespace venturi::store
