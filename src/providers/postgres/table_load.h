// Rows on their way into a table by COPY: into the table itself, or for an upsert into a temporary one and from there.
// Everything happens in one transaction: what goes wrong in the middle leaves the table as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "providers/postgres/load_sql.h"
#include "providers/postgres/pg_connection.h"

namespace venturi::providers {

// Those that can be written, in their order. Throws PgServerError where there is no such table. `table` is written as in SQL:
// schema.table, "With Capitals".
[[nodiscard]] std::vector<TableColumn> columns_of_table(PgConnection& connection, const std::string& table);

// " ON CONFLICT (...) DO ..." behind an INSERT; `upsert.key` is the primary key afterwards where it was empty. Throws
// TaskFailedForGood where the table has none, or a column of the key is not among `columns`.
[[nodiscard]] std::string on_conflict(PgConnection& connection, const std::string& table,
                                      const std::vector<std::string>& columns, Upsert& upsert);

class TableLoad {
 public:
  // Begins the transaction. The connection outlives the load.
  TableLoad(PgConnection& connection, LoadOptions options);

  // Begins to take rows in a format of COPY's. May be called again after end().
  void begin(CopyFormat format = CopyFormat::text);
  // Of the columns that rows have, in order; empty where the table has no such columns: COPY will tell.
  [[nodiscard]] std::vector<unsigned> types();
  void put(std::string_view bytes) { connection_.put(bytes); }
  // Returns the number of rows. An error of the rows comes out here.
  std::int64_t end();
  void commit();

 private:
  PgConnection& connection_;
  LoadOptions options_;
  std::string columns_, conflict_;  // "(a, b)"; what stands behind the INSERT of an upsert
};

// The number of the row that an error of COPY is about, from 1; nothing where it says none.
[[nodiscard]] std::optional<std::int64_t> row_of(const PgServerError& error);

}  // namespace venturi::providers
