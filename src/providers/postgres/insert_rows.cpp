// SQLInsertRowsOperator: rows of an XCom or of the DAG into a table, by INSERT statements of many rows.
//
//   table_name, schema           as written in SQL
//   rows                         lists of values in the order of the columns, or objects by name; none: the task is skipped
//   columns, ignored_columns     which columns of the table; without columns: those of the first object, or all of the table
//   preoperator, postoperator    statements before and after, each by itself
//   insert_args                  commit_every (1000; 0: all rows in one transaction), replace (an upsert, by replace_index
//                                or the primary key; replace_target: what is updated)
//
// It gives no XCom, as in Airflow.
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"
#include "providers/postgres/sql_parameters.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr Oid json_type = 114, jsonb_type = 3802;
constexpr std::size_t rows_of_statement = 1000;

bool is_json(const TableColumn& column) {
  return column.type_number == json_type || column.type_number == jsonb_type;
}

std::vector<TableColumn> target_columns(const Arguments& arguments, const std::vector<TableColumn>& table, const Array& rows,
                                        const std::string& name) {
  std::vector<std::string> wanted = arguments.string_list("columns");
  const std::vector<std::string> ignored = arguments.string_list("ignored_columns");
  if (wanted.empty() && rows.front().is_object()) {
    for (const auto& [column, value] : rows.front().as_object()) wanted.push_back(column);
  }
  if (wanted.empty()) {
    for (const TableColumn& column : table) wanted.push_back(column.name);
  }
  std::erase_if(wanted, [&](const std::string& column) { return std::ranges::find(ignored, column) != ignored.end(); });
  std::vector<TableColumn> columns;
  for (const std::string& column : wanted) {
    const auto found = std::ranges::find(table, column, &TableColumn::name);
    if (found == table.end()) throw TaskFailed(fmt::format("the table {} has no column {}", name, column));
    columns.push_back(*found);
  }
  if (columns.empty()) throw TaskFailedForGood("no column is left to insert into: check columns and ignored_columns");
  return columns;
}

// Makes the statements; rows are counted from 0.
class Inserter {
 public:
  Inserter(PgConnection& connection, std::string table, std::vector<TableColumn> columns, std::optional<Upsert> upsert)
      : connection_(connection), table_(std::move(table)), columns_(std::move(columns)), upsert_(std::move(upsert)) {
    std::vector<std::string> names;
    for (const TableColumn& column : columns_) names.push_back(column.name);
    if (upsert_) conflict_ = on_conflict(connection_, table_, names, *upsert_);
    for (const std::string& name : names) list_ += (list_.empty() ? "" : ", ") + connection_.quoted_name(name);
  }

  // What can be seen before anything is written.
  void check(const Array& rows) const {
    for (std::size_t row = 0; row < rows.size(); ++row) (void)values_of(rows[row], row);
  }
  void insert(const Array& rows, std::size_t begin, std::size_t end) {
    std::vector<std::string> texts;
    std::unordered_map<std::string, std::size_t> place_of_key;
    for (std::size_t row = begin; row < end; ++row) {
      const std::vector<const Value*> values = values_of(rows[row], row);
      std::string text = text_of(values, row);
      const std::string key = key_of(values);
      // An upsert takes no two rows of one key in a statement: the last one counts, as if they came one by one.
      if (const auto [found, is_new] = place_of_key.try_emplace(key, texts.size()); !key.empty() && !is_new)
        texts[found->second] = std::move(text);
      else
        texts.push_back(std::move(text));
    }
    std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ", table_, list_);
    for (std::size_t i = 0; i < texts.size(); ++i) sql.append(i == 0 ? "" : ", ").append(texts[i]);
    (void)connection_.execute(sql + conflict_);
  }

 private:
  [[nodiscard]] std::vector<const Value*> values_of(const Value& row, std::size_t number) const {
    static const Value null;
    std::vector<const Value*> values;
    if (row.is_array()) {
      if (row.as_array().size() != columns_.size()) {
        throw TaskFailedForGood(fmt::format("rows[{}] has {} values, but {} columns are to be filled: {}", number,
                                            row.as_array().size(), columns_.size(), list_));
      }
      for (const Value& value : row.as_array()) values.push_back(&value);
    } else if (row.is_object()) {
      for (const TableColumn& column : columns_) {
        const Value* value = row.as_object().find(column.name);
        values.push_back(value == nullptr ? &null : value);
      }
    } else {
      throw TaskFailedForGood(
          fmt::format("rows[{}] must be a list of values, or an object by columns, not {}", number, row.type_name()));
    }
    return values;
  }
  std::string text_of(const std::vector<const Value*>& values, std::size_t number) {
    const auto literal = [this](const std::string& text) { return connection_.literal(text); };
    std::string text;
    try {
      for (std::size_t c = 0; c < values.size(); ++c) {
        text += c == 0 ? "(" : ", ";
        const bool as_json = values[c]->is_object() || (!values[c]->is_null() && is_json(columns_[c]));
        text += as_json ? literal(to_json(*values[c])) : with_parameters("%s", Array{*values[c]}, literal);
      }
    } catch (const TaskFailedForGood& e) {
      throw TaskFailedForGood(fmt::format("rows[{}]: {}", number, e.what()));
    }
    return text + ")";
  }
  // Empty where no key matters, or a null makes it one of its own.
  [[nodiscard]] std::string key_of(const std::vector<const Value*>& values) const {
    if (!upsert_) return {};
    Array key;
    for (std::size_t c = 0; c < values.size(); ++c) {
      if (std::ranges::find(upsert_->key, columns_[c].name) == upsert_->key.end()) continue;
      if (values[c]->is_null()) return {};
      key.push_back(*values[c]);
    }
    return to_json(Value(std::move(key)));
  }

  PgConnection& connection_;
  std::string table_;
  std::vector<TableColumn> columns_;
  std::optional<Upsert> upsert_;
  std::string list_, conflict_;
};

}  // namespace

Value move_rows_to_postgres(MoverTry& t, const Arguments& arguments) {
  const Value* given = arguments.find("rows");
  if (given == nullptr || given->as_array().empty())
    throw operators::TaskSkipped(fmt::format("Skipping task {} because no rows.", t.facts.task_id));
  const Array& rows = given->as_array();
  const InsertArgs insert_args = insert_args_of(arguments, t.log);
  const std::vector<std::string> before = statements_in(arguments, "preoperator"),
                                 after = statements_in(arguments, "postoperator");
  const std::string schema = arguments.string("schema");
  const std::string table = (schema.empty() ? "" : schema + ".") + arguments.string("table_name");

  PgConnection connection = connect_to(t, arguments);
  for (const std::string& statement : before) (void)connection.execute(statement);
  Inserter inserter(connection, table, target_columns(arguments, columns_of_table(connection, table), rows, table),
                    insert_args.upsert);
  inserter.check(rows);
  const auto chunk = insert_args.commit_every == 0 ? rows.size() : static_cast<std::size_t>(insert_args.commit_every);
  std::size_t done = 0;
  try {
    while (done < rows.size()) {
      const std::size_t end = std::min(rows.size(), done + chunk);
      (void)connection.execute("BEGIN");
      for (std::size_t at = done; at < end; at += rows_of_statement)
        inserter.insert(rows, at, std::min(end, at + rows_of_statement));
      (void)connection.execute("COMMIT");
      done = end;
      if (done < rows.size()) t.log.info(fmt::format("Loaded {} rows into {} so far", done, table));
    }
  } catch (const PgServerError& e) {
    throw TaskFailed(fmt::format("rows[{}] to rows[{}]: {}\n{} rows before them are committed", done,
                                 std::min(rows.size(), done + chunk) - 1, e.what(), done));
  }
  for (const std::string& statement : after) (void)connection.execute(statement);
  t.log.info(fmt::format("Done loading. Loaded a total of {} rows into {}", done, table));
  return {};
}

}  // namespace venturi::providers
