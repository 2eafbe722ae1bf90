// FileToPostgresOperator: a file of the run, or a CSV file, into a table by COPY, in one transaction.
//
//   file            the handle of a file of the run, or
//   path            a CSV file, with delimiter, header and encoding as CsvToFileOperator has them
//   table           as written in SQL: orders, shop.orders, "Orders"
//   columns         what is taken of the file, by name (and with types: what a cell has to be); without: all of it
//   column_mapping  {"column of the file": "column of the table"}; what is not named there has the same name in both
//   mode            append; truncate: the table is emptied first; upsert: a row that is there already (by `key`, the
//                   primary key where not given) is updated. Of rows of the file with the same key the last one counts
//   unreadable      error: a cell that is no value of its column fails the task, and names line and column; null: it
//                   becomes NULL
//
// The XCom is the number of rows.
#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

#include "operators/cells.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/copy_text.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/rows/csv_input.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::size_t rows_at_once = 32UL << 10U;  // bytes

// One column on its way.
struct LoadedColumn {
  std::string source;
  std::size_t place = 0;  // in the file
  TableColumn target;
  ColumnType type = ColumnType::string;  // what a cell of text has to be
};

struct LoadPlan {
  std::vector<LoadedColumn> columns;
  bool null_for_unreadable = false;
  std::int64_t made_null = 0;
};

bool unreadable_is_null(const Arguments& arguments) {
  const std::string word = arguments.string("unreadable", "error");
  if (word == "null") return true;
  if (word == "error") return false;
  throw TaskFailedForGood(fmt::format("the argument unreadable must be error or null, not '{}'", word));
}

LoadOptions load_options(const Arguments& arguments) {
  LoadOptions options;
  options.table = arguments.string("table");
  const std::string mode = arguments.string("mode", "append");
  if (mode == "truncate")
    options.truncate = true;
  else if (mode == "upsert")
    options.upsert = Upsert{.key = arguments.string_list("key"), .update = std::nullopt};
  else if (mode != "append")
    throw TaskFailedForGood(fmt::format("the argument mode must be append, truncate or upsert, not '{}'", mode));
  return options;
}

std::string mapped_name(const Arguments& arguments, const std::string& source) {
  const Value* mapping = arguments.find("column_mapping");
  const Value* target = mapping == nullptr ? nullptr : mapping->get(source);
  if (target == nullptr) return source;
  if (!target->is_string())
    throw TaskFailedForGood(fmt::format("column_mapping: {} must be the name of a column of the table", source));
  return target->as_string();
}

// `sources` are the columns of the file, or those of them that are wanted.
LoadPlan plan_load(const Arguments& arguments, const std::vector<Column>& sources, bool typed,
                   const std::vector<TableColumn>& table) {
  LoadPlan plan;
  plan.null_for_unreadable = unreadable_is_null(arguments);
  for (const Column& source : sources) {
    const std::string name = mapped_name(arguments, source.name);
    const auto target = std::ranges::find(table, name, &TableColumn::name);
    if (target == table.end()) {
      std::string names;
      for (const TableColumn& column : table) names += (names.empty() ? "" : ", ") + column.name;
      throw TaskFailed(fmt::format(
          "the table {} has no column {} (it has: {}); name the columns to load in columns, and others in column_mapping",
          arguments.string("table"), name, names));
    }
    plan.columns.push_back({source.name, 0, *target, typed ? source.type : column_type_of(target->type_number)});
  }
  if (const Value* mapping = arguments.find("column_mapping")) {
    for (const auto& [source, target] : mapping->as_object()) {
      if (std::ranges::find(sources, source, &Column::name) == sources.end())
        throw TaskFailed(fmt::format("column_mapping: the file has no column {}", source));
    }
  }
  return plan;
}

void set_columns(LoadOptions& options, const LoadPlan& plan) {
  for (const LoadedColumn& column : plan.columns) options.columns.push_back(column.target.name);
}

[[noreturn]] void fail_unreadable(const std::string& where, const LoadedColumn& column, std::string_view text) {
  throw TaskFailed(fmt::format("{}, column {}: '{}' is no value of the column {} (unreadable = \"null\" makes it NULL)", where,
                               column.source, text, column.target.name));
}

// Rows of the file as COPY's. `where_is` says where the n-th row stands, for errors.
template <class NextRow, class WhereIs>
std::int64_t load_rows(TableLoad& load, const NextRow& next_row, const WhereIs& where_is) {
  load.begin();
  std::string rows;
  try {
    while (next_row(rows)) {
      if (rows.size() < rows_at_once) continue;
      load.put(rows);
      rows.clear();
    }
    load.put(rows);
    return load.end();
  } catch (const PgServerError& e) {
    const auto row = row_of(e);
    if (!row) throw;
    throw TaskFailed(where_is(*row) + ": " + e.what());
  }
}

std::int64_t load_run_file(MoverTry& t, const Arguments& arguments, PgConnection& connection, LoadOptions options) {
  const RunFile file = RunFile::from_value(*arguments.find("file"), t.run_dir);
  RunFileReader reader(file.absolute_path());
  const auto wanted = operators::columns_of(arguments);
  LoadPlan plan = plan_load(arguments, wanted ? *wanted : reader.columns(), false, columns_of_table(connection, options.table));
  for (LoadedColumn& column : plan.columns) column.place = reader.column(column.source);
  set_columns(options, plan);
  TableLoad load(connection, std::move(options));
  std::int64_t number = 0;
  const auto where_is = [&](std::int64_t row) { return fmt::format("{}, row {}", file.path, row); };
  const auto next_row = [&](std::string& rows) {
    if (!reader.next()) return false;
    ++number;
    for (std::size_t c = 0; c < plan.columns.size(); ++c) {
      if (c > 0) rows += '\t';
      const Cell& cell = reader.cell(plan.columns[c].place);
      if (cell.state == Cell::State::value) {
        append_copy_cell(rows, cell);
        continue;
      }
      if (cell.state == Cell::State::unreadable) {
        if (!plan.null_for_unreadable) fail_unreadable(where_is(number), plan.columns[c], cell.text);
        ++plan.made_null;
      }
      append_copy_null(rows);
    }
    rows += '\n';
    return true;
  };
  const std::int64_t rows = load_rows(load, next_row, where_is);
  load.commit();
  if (plan.made_null > 0) t.log.warning(fmt::format("{} unreadable cells were made NULL", plan.made_null));
  return rows;
}

void append_text_cell(std::string& rows, LoadPlan& plan, const LoadedColumn& column, const CsvField& field) {
  if (field.is_null(column.type)) return append_copy_null(rows);
  // Without this the server decides what it takes, and an error of its own names the column.
  if (plan.null_for_unreadable &&
      (!is_readable(field.text, column.type) || !is_in_range(field.text, column.target.type_number))) {
    ++plan.made_null;
    return append_copy_null(rows);
  }
  append_copy_text(rows, field.text);
}

// "orders.csv, line 17", where the n-th row begins. Rows may have line breaks in them, so the file is read again that far.
std::string place_of_row(const std::string& path, const Arguments& arguments, const operators::StopSignal& stop,
                         std::int64_t row) {
  if (struct stat info{}; ::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode))
    return fmt::format("{}, row {}", path, row);
  const CsvInput input(arguments, operators::columns_of(arguments), stop);
  while (row-- > 0 && input.reader->next()) {}
  return fmt::format("{}, line {}", path, input.reader->line());
}

std::int64_t load_csv(MoverTry& t, const Arguments& arguments, PgConnection& connection, LoadOptions options) {
  const std::string path = arguments.string("path");
  const auto wanted = operators::columns_of(arguments);
  const CsvInput input(arguments, wanted, t.stop);
  CsvReader& reader = *input.reader;
  std::vector<Column> sources;
  if (wanted)
    sources = *wanted;
  else
    for (const std::string& name : reader.header()) sources.push_back({name, ColumnType::string});
  // Types that the table gives are as good as declared ones, and know more.
  const bool typed = wanted && std::ranges::any_of(*wanted, [](const Column& c) { return c.type != ColumnType::string; });
  LoadPlan plan = plan_load(arguments, sources, typed, columns_of_table(connection, options.table));
  for (LoadedColumn& column : plan.columns) column.place = reader.place_of(column.source);
  set_columns(options, plan);
  TableLoad load(connection, std::move(options));
  const auto where_is = [&](std::int64_t row) { return place_of_row(path, arguments, t.stop, row); };
  const auto next_row = [&](std::string& rows) {
    if (!reader.next()) return false;
    const auto fields = reader.fields();
    for (std::size_t c = 0; c < plan.columns.size(); ++c) {
      if (c > 0) rows += '\t';
      const LoadedColumn& column = plan.columns[c];
      append_text_cell(rows, plan, column, column.place < fields.size() ? fields[column.place] : CsvField{});
    }
    rows += '\n';
    return true;
  };
  const std::int64_t rows = load_rows(load, next_row, where_is);
  load.commit();
  if (plan.made_null > 0) t.log.warning(fmt::format("{} unreadable cells were made NULL", plan.made_null));
  return rows;
}

}  // namespace

Value move_file_to_postgres(MoverTry& t, const Arguments& arguments) {
  const bool from_run = arguments.find("file") != nullptr, from_csv = arguments.find("path") != nullptr;
  if (from_run == from_csv) throw TaskFailedForGood("give one of the arguments file (of the run) and path (of a CSV file)");
  LoadOptions options = load_options(arguments);
  (void)unreadable_is_null(arguments);
  const std::string table = options.table;
  PgConnection connection = connect_to(t, arguments);
  t.log.info(fmt::format("connected to {}, version {}", connection.where(), connection.server_version()));
  try {
    const std::int64_t rows = from_run ? load_run_file(t, arguments, connection, std::move(options))
                                       : load_csv(t, arguments, connection, std::move(options));
    t.log.info(fmt::format("loaded {} rows into {}", rows, table));
    return static_cast<long long>(rows);
  } catch (const CsvError& e) {
    throw TaskFailed(e.what());
  }
}

}  // namespace venturi::providers
