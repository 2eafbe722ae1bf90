#include "providers/postgres/table_load.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

using operators::TaskFailedForGood;

constexpr const char* temporary = "venturi_load";
constexpr const char* place = "venturi_place";  // of a row among those of its key, the last one first

std::string names(PgConnection& connection, const std::vector<std::string>& columns) {
  std::string list;
  for (const std::string& column : columns) list += (list.empty() ? "" : ", ") + connection.quoted_name(column);
  return list;
}

std::vector<std::string> primary_key(PgConnection& connection, const std::string& table) {
  const PgResult found = connection.execute(fmt::format(
      "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = "
      "ANY (i.indkey) WHERE i.indrelid = {}::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)",
      connection.literal(table)));
  std::vector<std::string> key;
  for (int row = 0; row < ::PQntuples(found.get()); ++row) key.emplace_back(::PQgetvalue(found.get(), row, 0));
  return key;
}

}  // namespace

std::vector<TableColumn> columns_of_table(PgConnection& connection, const std::string& table) {
  const char* writable = connection.server_number() >= 120000 ? " AND attgenerated = ''" : "";
  const PgResult found =
      connection.execute(fmt::format("SELECT attname, atttypid FROM pg_catalog.pg_attribute WHERE attrelid = {}::regclass AND "
                                     "attnum > 0 AND NOT attisdropped{} "
                                     "ORDER BY attnum",
                                     connection.literal(table), writable));
  std::vector<TableColumn> columns;
  for (int row = 0; row < ::PQntuples(found.get()); ++row) {
    columns.push_back({::PQgetvalue(found.get(), row, 0),
                       static_cast<unsigned>(std::strtoul(::PQgetvalue(found.get(), row, 1), nullptr, 10))});
  }
  return columns;
}

std::string on_conflict(PgConnection& connection, const std::string& table, const std::vector<std::string>& columns,
                        Upsert& upsert) {
  if (upsert.key.empty()) upsert.key = primary_key(connection, table);
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
    const std::string name = connection.quoted_name(column);
    set += (set.empty() ? "" : ", ") + name + " = excluded." + name;
  }
  return fmt::format(" ON CONFLICT ({}) DO {}", names(connection, upsert.key), set.empty() ? "NOTHING" : "UPDATE SET " + set);
}

TableLoad::TableLoad(PgConnection& connection, LoadOptions options) : connection_(connection), options_(std::move(options)) {
  (void)connection_.execute("BEGIN");
  for (const std::string& statement : options_.before) (void)connection_.execute(statement);
  if (options_.columns.empty() && options_.upsert) {
    for (TableColumn& column : columns_of_table(connection_, options_.table))
      options_.columns.push_back(std::move(column.name));
  }
  columns_ = names(connection_, options_.columns);
  if (options_.truncate) (void)connection_.execute("TRUNCATE " + options_.table);
  if (!options_.upsert) return;
  conflict_ = on_conflict(connection_, options_.table, options_.columns, *options_.upsert);
  (void)connection_.execute(fmt::format("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA", temporary,
                                        columns_, options_.table));
}

void TableLoad::begin(CopyFormat format) {
  connection_.begin_copy_in(fmt::format("COPY {}{} FROM STDIN{}", options_.upsert ? temporary : options_.table,
                                        columns_.empty() ? "" : " (" + columns_ + ")", words_of(format)));
}

std::vector<unsigned> TableLoad::types() {
  const std::vector<TableColumn> all = columns_of_table(connection_, options_.table);
  std::vector<unsigned> types;
  if (options_.columns.empty()) {
    for (const TableColumn& column : all) types.push_back(column.type_number);
    return types;
  }
  for (const std::string& name : options_.columns) {
    const auto found = std::ranges::find(all, name, &TableColumn::name);
    if (found == all.end()) return {};
    types.push_back(found->type_number);
  }
  return types;
}

std::int64_t TableLoad::end() {
  const std::int64_t rows = connection_.end_copy_in();
  if (!options_.upsert) return rows;
  // Of rows with the same key the last one counts. Those with a null in the key are no two the same.
  std::string keys, has_null;
  for (const std::string& column : options_.upsert->key) {
    const std::string name = connection_.quoted_name(column);
    keys += (keys.empty() ? "" : ", ") + name;
    has_null += " OR " + name + " IS NULL";
  }
  (void)connection_.execute(
      fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM (SELECT *, row_number() OVER (PARTITION BY {2} ORDER BY ctid DESC) AS "
                  "{3} FROM {4}) "
                  "AS loaded WHERE {3} = 1{5}{6}",
                  options_.table, columns_, keys, place, temporary, has_null, conflict_));
  (void)connection_.execute(fmt::format("TRUNCATE {}", temporary));
  return rows;
}

void TableLoad::commit() {
  for (const std::string& statement : options_.after) (void)connection_.execute(statement);
  (void)connection_.execute("COMMIT");
}

// "COPY orders, line 3, column amount: ..." in whatever language the server speaks: the first number behind the comma.
std::optional<std::int64_t> row_of(const PgServerError& error) {
  // The server was told to stop, or is going down: whichever row it was at is not to blame.
  if (error.sqlstate.starts_with("57") || error.sqlstate.starts_with("08")) return std::nullopt;
  std::string_view text = error.context;
  const std::size_t begin = text.starts_with("COPY ") ? 0 : text.find("\nCOPY ");
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin + 5);
  text = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.find(", "), text.size()));
  while (!text.empty() && !is_digit(text.front()) && text.front() != ':') text.remove_prefix(1);
  std::int64_t row = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), row);
  if (failed != std::errc()) return std::nullopt;
  return row;
}

}  // namespace venturi::providers
