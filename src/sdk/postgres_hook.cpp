// Transactions, and rows into tables.
#include <algorithm>
#include <span>

#include "sdk/postgres_calls.h"

namespace venturi::inline sdk {
namespace internal {

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string quoted_table(std::string_view table) {
  if (table.find('"') != std::string_view::npos) return std::string(table);
  const std::size_t dot = table.find('.');
  if (dot == std::string_view::npos) return quoted_name(table);
  return quoted_name(table.substr(0, dot)) + "." + quoted_name(table.substr(dot + 1));
}

std::string name_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "(" : ", ") + quoted_name(name);
  return list.empty() ? list : list + ")";
}

}  // namespace internal

// ---- transactions -----------------------------------------------------------------------------------------------------------

PostgresTransaction PostgresStatements::begin(const TransactionOptions& options) const {
  Object arguments;
  if (!options.isolation.empty()) arguments.add("isolation", options.isolation);
  if (options.read_only) arguments.add("read_only", true);
  detail::PgTarget target = target_;
  target.transaction = internal::call_postgres(target_, "begin", std::move(arguments)).get_int("transaction");
  return PostgresTransaction(std::move(target));
}

PostgresTransaction::PostgresTransaction(PostgresTransaction&& other) noexcept : PostgresStatements(other.target_) {
  other.target_.transaction = 0;
}

PostgresTransaction::~PostgresTransaction() {
  try {
    rollback();
  } catch (const std::exception&) {
    return;  // with its connection gone it is rolled back
  }
}

void PostgresTransaction::commit() {
  if (target_.transaction == 0) throw std::logic_error("the transaction is over");
  Object arguments{{"transaction", target_.transaction}};
  target_.transaction = 0;
  (void)internal::call_postgres(target_, "commit", std::move(arguments));
}

void PostgresTransaction::rollback() {
  if (target_.transaction == 0) return;
  Object arguments{{"transaction", target_.transaction}};
  target_.transaction = 0;
  (void)internal::call_postgres(target_, "rollback", std::move(arguments));
}

// ---- insert_rows ------------------------------------------------------------------------------------------------------------

namespace {

constexpr std::size_t most_values = 65535, most_rows = 1000, most_bytes = 4UL << 20U;  // of a statement

std::size_t text_bytes(const Value& value) {
  std::size_t bytes = 16;
  if (value.is_string()) bytes += value.as_string().size();
  if (value.is_array()) {
    for (const Value& item : value.as_array()) bytes += text_bytes(item);
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.as_object()) bytes += key.size() + text_bytes(member);
  }
  return bytes;
}

class Inserter {
 public:
  Inserter(std::string_view table, const detail::PgRows& rows, const InsertOptions& options)
      : rows_(rows), columns_(options.target_fields) {
    if (rows.type->fields == nullptr && rows.type->name != "vector")
      throw std::invalid_argument("insert_rows takes rows that are a VENTURI_STRUCT or a vector, not " + type_text(*rows.type));
    if (columns_.empty()) {
      for (const detail::Field& field : std::span(rows.type->fields, rows.type->field_count)) columns_.emplace_back(field.name);
    }
    if (options.replace && (options.replace_index.empty() || columns_.empty()))
      throw std::invalid_argument("insert_rows: replace needs replace_index, and target_fields where rows are vectors");
    begin_ = "INSERT INTO " + internal::quoted_table(table) + (columns_.empty() ? "" : " ") + internal::name_list(columns_) +
             " VALUES ";
    if (options.replace) end_ = " ON CONFLICT " + internal::name_list(options.replace_index) + update(options.replace_index);
  }

  // Rows from `first` on, until a statement is full or `last` is reached; which that is.
  std::size_t run(const detail::PgTarget& target, std::size_t first, std::size_t last) const {
    std::string sql = begin_;
    Array values;
    std::size_t row = first, bytes = 0;
    for (; row < last && row - first < most_rows && bytes < most_bytes; ++row) {
      Array cells = cells_of(row);
      if (values.size() + cells.size() > most_values) break;
      sql += row == first ? "(" : ", (";
      for (std::size_t c = 0; c < cells.size(); ++c) {
        bytes += text_bytes(cells[c]);
        values.push_back(std::move(cells[c]));
        sql += (c == 0 ? "$" : ", $") + std::to_string(values.size());
      }
      sql += ')';
    }
    (void)internal::call_postgres(target, "run", {{"sql", sql + end_}, {"parameters", std::move(values)}, {"fetch", "none"}});
    return row;
  }

 private:
  [[nodiscard]] std::string update(const std::vector<std::string>& keys) const {
    std::string set;
    for (const std::string& column : columns_) {
      if (std::find(keys.begin(), keys.end(), column) != keys.end()) continue;
      const std::string name = internal::quoted_name(column);
      set.append(set.empty() ? " DO UPDATE SET " : ", ").append(name).append(" = excluded.").append(name);
    }
    return set.empty() ? " DO NOTHING" : set;
  }
  [[nodiscard]] Array cells_of(std::size_t row) const {
    const detail::Type& type = *rows_.type;
    const char* from = static_cast<const char*>(rows_.first) + row * rows_.stride;
    Array cells;
    if (type.fields == nullptr) {
      Value list;
      type.write(type, from, list);
      cells = std::move(list.as_array());
    } else {
      for (const detail::Field& field : std::span(type.fields, type.field_count))
        field.type->write(*field.type, from + field.offset, cells.emplace_back());
    }
    if (!columns_.empty() && cells.size() != columns_.size()) {
      throw std::invalid_argument("insert_rows: row " + std::to_string(row) + " has " + std::to_string(cells.size()) +
                                  " values for " + std::to_string(columns_.size()) + " columns");
    }
    if (cells.empty()) throw std::invalid_argument("insert_rows: row " + std::to_string(row) + " has no values");
    return cells;
  }

  detail::PgRows rows_;
  std::vector<std::string> columns_;
  std::string begin_, end_;
};

}  // namespace

std::int64_t PostgresStatements::insert(std::string_view table, const detail::PgRows& rows,
                                        const InsertOptions& options) const {
  const Inserter inserter(table, rows, options);
  const auto every = options.commit_every <= 0 ? rows.count : static_cast<std::size_t>(options.commit_every);
  for (std::size_t done = 0; done < rows.count;) {
    const std::size_t last = std::min(done + every, rows.count);
    if (target_.transaction != 0 || last - done == 1) {
      while (done < last) done = inserter.run(target_, done, last);
      continue;
    }
    detail::PgTarget inside = target_;
    inside.transaction = internal::call_postgres(target_, "begin", {}).get_int("transaction");
    PostgresTransaction transaction(inside);
    while (done < last) done = inserter.run(inside, done, last);
    transaction.commit();
  }
  return static_cast<std::int64_t>(rows.count);
}

}  // namespace venturi::inline sdk
