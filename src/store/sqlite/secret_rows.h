// Connections and variables, in clear.
#pragma once

#include <vector>

#include "store/sqlite/database.h"
#include "store/store.h"

namespace venturi::store {

inline constexpr const char* connection_columns =
    "SELECT conn_id, conn_type, description, host, schema, login, password, port, is_encrypted, is_extra_encrypted, extra "
    "FROM connection ";
inline constexpr const char* variable_columns = "SELECT key, val, description, is_encrypted FROM variable ";

// Of a statement with these columns, which is bound.
[[nodiscard]] Result<std::vector<Connection>> read_connections(const Database& db, const Cipher& cipher, Statement& statement);
[[nodiscard]] Result<std::vector<VariableRow>> read_variables(const Database& db, const Cipher& cipher, Statement& statement);

}  // namespace venturi::store
