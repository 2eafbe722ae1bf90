#include "providers/postgres/table_load.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/text.h"
#include "operators/outcome.h"

namespace venturi::providers {
namespace {

SqlQuoting quoting(PgConnection& connection) {
  return [&connection](const std::string& name) { return connection.quoted_name(name); };
}

std::vector<std::string> primary_key(PgConnection& connection, const std::string& table) {
  const PgResult found = connection.execute(primary_key_query(connection.literal(table)));
  std::vector<std::string> key;
  for (int row = 0; row < ::PQntuples(found.get()); ++row) key.emplace_back(::PQgetvalue(found.get(), row, 0));
  return key;
}

}  // namespace

std::vector<TableColumn> columns_of_table(PgConnection& connection, const std::string& table) {
  const PgResult found = connection.execute(columns_query(connection.literal(table), connection.server_number()));
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
  return conflict_clause(quoting(connection), table, columns, upsert);
}

TableLoad::TableLoad(PgConnection& connection, LoadOptions options) : connection_(connection), options_(std::move(options)) {
  (void)connection_.execute("BEGIN");
  for (const std::string& statement : options_.before) (void)connection_.execute(statement);
  if (options_.columns.empty() && options_.upsert) {
    for (TableColumn& column : columns_of_table(connection_, options_.table))
      options_.columns.push_back(std::move(column.name));
  }
  columns_ = name_list(quoting(connection_), options_.columns);
  if (options_.truncate) (void)connection_.execute("TRUNCATE " + options_.table);
  if (!options_.upsert) return;
  conflict_ = on_conflict(connection_, options_.table, options_.columns, *options_.upsert);
  (void)connection_.execute(temporary_table(options_.table, columns_));
}

void TableLoad::begin(CopyFormat format) {
  connection_.begin_copy_in(copy_target(options_, columns_).append(words_of(format)));
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
  (void)connection_.execute(merge_statement(quoting(connection_), options_, columns_, conflict_));
  (void)connection_.execute(empty_temporary());
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
