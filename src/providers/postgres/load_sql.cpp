#include "providers/postgres/load_sql.h"

#include <algorithm>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;

constexpr const char* temporary = "venturi_load";
constexpr const char* place = "venturi_place";  // of a row among those of its key, the last one first

}  // namespace

std::string columns_query(const std::string& table, int server) {
  const char* writable = server >= 120000 ? " AND attgenerated = ''" : "";
  return fmt::format(
      "SELECT attname, atttypid FROM pg_catalog.pg_attribute WHERE attrelid = {}::regclass AND "
      "attnum > 0 AND NOT attisdropped{} "
      "ORDER BY attnum",
      table, writable);
}

std::string primary_key_query(const std::string& table) {
  return fmt::format(
      "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = "
      "ANY (i.indkey) WHERE i.indrelid = {}::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)",
      table);
}

std::string name_list(const SqlQuoting& name, const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + name(column);
  return list;
}

std::string conflict_clause(const SqlQuoting& name, const std::string& table, const std::vector<std::string>& columns,
                            const Upsert& upsert) {
  if (upsert.key.empty()) {
    throw TaskFailedForGood(fmt::format(
        "the table {} has no primary key: name the columns of a unique index by which its rows are found again", table));
  }
  for (const std::string& column : upsert.key) {
    if (std::ranges::find(columns, column) == columns.end())
      throw TaskFailedForGood(
          fmt::format("the rows lack the column {}, by which rows of the table {} are found again", column, table));
  }
  std::string set;
  for (const std::string& column : upsert.update.value_or(columns)) {
    if (!upsert.update && std::ranges::find(upsert.key, column) != upsert.key.end()) continue;
    const std::string quoted = name(column);
    set += (set.empty() ? "" : ", ") + quoted + " = excluded." + quoted;
  }
  return fmt::format(" ON CONFLICT ({}) DO {}", name_list(name, upsert.key), set.empty() ? "NOTHING" : "UPDATE SET " + set);
}

std::string temporary_table(const std::string& table, const std::string& columns) {
  return fmt::format("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA", temporary, columns, table);
}

std::string merge_statement(const SqlQuoting& name, const LoadOptions& options, const std::string& columns,
                            const std::string& conflict) {
  std::string has_null;
  for (const std::string& column : options.upsert->key) has_null += " OR " + name(column) + " IS NULL";
  return fmt::format(
      "INSERT INTO {0} ({1}) SELECT {1} FROM (SELECT *, row_number() OVER (PARTITION BY {2} ORDER BY ctid DESC) AS "
      "{3} FROM {4}) "
      "AS loaded WHERE {3} = 1{5}{6}",
      options.table, columns, name_list(name, options.upsert->key), place, temporary, has_null, conflict);
}

std::string empty_temporary() {
  return fmt::format("TRUNCATE {}", temporary);
}

std::string copy_target(const LoadOptions& options, const std::string& columns) {
  return fmt::format("COPY {}{} FROM STDIN", options.upsert ? temporary : options.table,
                     columns.empty() ? "" : " (" + columns + ")");
}

}  // namespace venturi::providers
