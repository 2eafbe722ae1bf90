#include "providers/postgres/postgres.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/copy_text.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/pg_connection.h"
#include "providers/postgres/postgres_hook.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::ArgumentType;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using operators::templated;

// Which fields of a row go into the file: for each field of the query its place among the columns, or none.
struct Plan {
  std::vector<Column> columns;
  std::vector<std::size_t> column_of_field;  // columns.size(): left out
};

Plan make_plan(const PGresult* description, const std::optional<std::vector<Column>>& declared, const std::string& where) {
  const auto fields = static_cast<std::size_t>(::PQnfields(description));
  if (fields == 0) throw TaskFailedForGood("the sql returns no columns: it must be a query, like SELECT");
  Plan plan;
  std::vector<Column> found;
  for (std::size_t i = 0; i < fields; ++i) {
    found.push_back({::PQfname(description, static_cast<int>(i)), column_type_of(::PQftype(description, static_cast<int>(i)))});
  }
  plan.columns = declared.value_or(found);
  plan.column_of_field.assign(fields, plan.columns.size());
  for (std::size_t c = 0; c < plan.columns.size(); ++c) {
    const auto same_name = [&](const Column& column) { return column.name == plan.columns[c].name; };
    const auto field = std::ranges::find_if(found, same_name);
    if (field == found.end()) {
      std::string names;
      for (const Column& column : found) names += (names.empty() ? "" : ", ") + column.name;
      throw TaskFailed(fmt::format("{}: the query has no column {} (it has: {})", where, plan.columns[c].name, names));
    }
    if (std::ranges::count_if(found, same_name) > 1) {
      throw TaskFailed(
          fmt::format("{}: the query has two columns named {}: give one another name (AS ...)", where, plan.columns[c].name));
    }
    plan.column_of_field[static_cast<std::size_t>(field - found.begin())] = c;
  }
  return plan;
}

// COPY's text format (postgresql.org/docs/15/sql-copy.html): fields end with a tab, the last with a line feed; \N is null;
// backslashes escape.
std::string_view unescaped(std::string_view field, std::string& buffer) {
  if (std::memchr(field.data(), '\\', field.size()) == nullptr) return field;
  buffer.clear();
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      buffer += field[i];
      continue;
    }
    switch (const char c = field[++i]) {
      case 'b':
        buffer += '\b';
        break;
      case 'f':
        buffer += '\f';
        break;
      case 'n':
        buffer += '\n';
        break;
      case 'r':
        buffer += '\r';
        break;
      case 't':
        buffer += '\t';
        break;
      case 'v':
        buffer += '\v';
        break;
      default:
        buffer += c;
    }
  }
  return buffer;
}

class RowWriter {
 public:
  RowWriter(RunFileWriter& writer, const Plan& plan)
      : writer_(writer), plan_(plan), cells_(plan.columns.size() + 1), unescaped_(plan.columns.size() + 1) {}

  void put(std::string_view row) {
    if (row.ends_with('\n')) row.remove_suffix(1);
    const char* at = row.data();
    const char* const end = row.data() + row.size();
    for (const std::size_t column : plan_.column_of_field) {
      const auto* tab = static_cast<const char*>(std::memchr(at, '\t', static_cast<std::size_t>(end - at)));
      const char* const stop = tab == nullptr ? end : tab;
      const std::string_view field(at, static_cast<std::size_t>(stop - at));
      cells_[column] = field == "\\N" ? TextCell{{}, true} : TextCell{unescaped(field, unescaped_[column]), false};
      at = tab == nullptr ? end : tab + 1;
    }
    unreadable_ += writer_.text_row(cells_.data(), plan_.columns.size());
  }
  [[nodiscard]] std::int64_t unreadable() const { return unreadable_; }

 private:
  RunFileWriter& writer_;
  const Plan& plan_;
  std::vector<TextCell> cells_;         // of the columns, and one for all fields that are left out
  std::vector<std::string> unescaped_;  // of the cells that had a backslash
  std::int64_t unreadable_ = 0;
};

}  // namespace

Value move_from_postgres(MoverTry& t, const Arguments& arguments) {
  const std::optional<std::vector<Column>> declared = operators::columns_of(arguments);
  PgConnection connection = connect_to(t, arguments);
  t.log.info(fmt::format("connected to {}, version {}", connection.where(), connection.server_version()));

  const std::string sql = query_of(connection, arguments);
  const PgResult description = connection.describe(sql);
  const Plan plan = make_plan(description.get(), declared, connection.where());
  RunFileWriter writer(t.run_dir, operators::file_name(arguments, t), plan.columns);
  RowWriter rows(writer, plan);
  // The line feed ends a comment that the query may end with.
  connection.begin_copy("COPY (" + sql + "\n) TO STDOUT");
  for (;;) {
    const std::string_view row = connection.next_row();
    if (row.empty()) break;
    rows.put(row);
  }
  const RunFile file = writer.finish();
  t.log.info(fmt::format("wrote {} rows, {} bytes, to {}", file.row_count, file.bytes, file.path));
  if (rows.unreadable() > 0)
    t.log.warning(fmt::format("{} cells are no values of their column's type; they are kept as unreadable", rows.unreadable()));
  return file.to_value();
}

}  // namespace venturi::providers
