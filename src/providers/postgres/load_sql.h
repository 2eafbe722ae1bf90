// The statements by which rows get into a table (table_load.h, session_load.h): COPY into the table itself, or for an upsert
// into a temporary one and from there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace venturi::providers {

struct TableColumn {
  std::string name;
  unsigned type_number = 0;
};

struct Upsert {
  std::vector<std::string> key;                    // of a unique index; empty: the primary key
  std::optional<std::vector<std::string>> update;  // all other columns; none of an empty list: rows that are there stay
};

struct LoadOptions {
  std::string table;
  std::vector<std::string> columns;  // of the rows, in order; empty: all of the table
  bool truncate = false;             // first
  std::optional<Upsert> upsert;
  std::vector<std::string> before, after;  // statements in the same transaction
};

// Makes a quoted name, or a literal, of SQL.
using SqlQuoting = std::function<std::string(const std::string&)>;

// attname and atttypid of the columns that can be written, in their order; `table` is a literal. `server`: 150018 is 15.18.
[[nodiscard]] std::string columns_query(const std::string& table, int server);
// attname of the primary key's columns.
[[nodiscard]] std::string primary_key_query(const std::string& table);
// "a, b", quoted.
[[nodiscard]] std::string name_list(const SqlQuoting& name, const std::vector<std::string>& columns);
// " ON CONFLICT (...) DO ..." behind an INSERT. Throws TaskFailedForGood where the upsert has no key, or a column of it is not
// among `columns`.
[[nodiscard]] std::string conflict_clause(const SqlQuoting& name, const std::string& table,
                                          const std::vector<std::string>& columns, const Upsert& upsert);

// Of an upsert: where rows are copied to first, how they get from there into the table (of rows with the same key the last one
// counts; those with a null in the key are no two the same), and how it becomes empty.
[[nodiscard]] std::string temporary_table(const std::string& table, const std::string& columns);
[[nodiscard]] std::string merge_statement(const SqlQuoting& name, const LoadOptions& options, const std::string& columns,
                                          const std::string& conflict);
[[nodiscard]] std::string empty_temporary();
// COPY into it, or into the table. `columns`: name_list(), empty for all.
[[nodiscard]] std::string copy_target(const LoadOptions& options, const std::string& columns);

}  // namespace venturi::providers
