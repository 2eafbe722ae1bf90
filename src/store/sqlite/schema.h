// The tables, as numbered migrations, and what a file must look like before this program writes to it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace venturi::store {

struct Migration {
  int version;
  std::string_view about;
  const char* sql;
};

// The newest version that this program knows.
[[nodiscard]] int program_schema_version();

// 0: an empty file. An error for a database of another program.
[[nodiscard]] Result<int> schema_version(Database& db);
// Where a database is kept as it was before it was migrated from this version.
[[nodiscard]] std::string copy_of_schema(const std::string& path, int version);
// Applies what is missing, each migration in a transaction of its own. An error for a schema that is newer than this program.
[[nodiscard]] Result<void> migrate(Database& db);
// Without changing anything: an error unless the schema is of exactly this program's version.
[[nodiscard]] Result<void> check_schema(Database& db);

}  // namespace venturi::store
