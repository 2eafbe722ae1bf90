// Airflow's PostgresHook for tasks in C++. The connections are in the worker's operator host, and belong to the try: they are
// closed when it ends, however it ends, and a statement that runs then is cancelled.
//
//   #include <venturi/hooks/postgres.h>
//
//   struct Order { std::int64_t id = 0; std::string customer; std::optional<double> amount; };
//   VENTURI_STRUCT(Order, id, customer, amount);
//
//   const PostgresHook shop(context, "shop_db");
//   for (const Order& o : shop.query<Order>("SELECT id, customer, amount FROM orders WHERE status = $1", "open")) ...
//   const auto open = shop.scalar<std::int64_t>("SELECT count(*) FROM orders");
//   const std::int64_t changed = shop.run("UPDATE orders SET status = $1 WHERE id = ANY($2)", "done", ids);
//
// Parameters are bound by the server, never pasted into the text: $1, $2, ... or %s for values in order, %(name)s for the
// members of one Object. An optional without a value is NULL, a vector an array, an Object JSON, a Time a timestamp.
//
// Columns: integers, bool, double (numeric too), std::string (numeric with all its digits, JSON as text, everything else as
// PostgreSQL writes it), Time (timestamp without a zone: UTC; date), std::vector of arrays, Value of anything (JSON as its
// value); std::optional where NULL can be. docs/hooks.md has all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/context.h"
#include "venturi/owned.h"
#include "venturi/run_file.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

struct PostgresOptions {
  std::string database{};  // instead of the connection's schema
  std::string options{};   // "-c search_path=staging -c statement_timeout=60000"
};

struct InsertOptions {
  std::vector<std::string> target_fields{};  // the columns; the fields of a struct where not given
  std::int64_t commit_every = 1000;          // rows; 0: all in one transaction
  bool replace = false;                      // a row that is there already (by replace_index) is updated
  std::vector<std::string> replace_index{};
};

struct TransactionOptions {
  std::string isolation{};  // "read committed", "repeatable read", "serializable"; as the database is set
  bool read_only = false;
};

struct CsvCopyOptions {
  bool header = true;
  char delimiter = ',';
  std::string null_text{};                   // what stands for NULL: nothing without quotes
  std::vector<std::string> target_fields{};  // the table's columns in the file's order; all
};

namespace detail {

template <class T>
[[nodiscard]] Value sql_value(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return Value(std::string_view(value));
  else if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>)
    return Value();
  else if constexpr (std::is_same_v<T, Object>)
    return Value(value);
  else
    return to_value(value);
}
// One Object is parameters by name.
template <class... P>
[[nodiscard]] Value sql_parameters(const P&... parameters) {
  if constexpr (sizeof...(P) == 1 && (std::is_same_v<P, Object> && ...)) {
    return Value(parameters...);
  } else {
    Array list;
    list.reserve(sizeof...(P));
    (list.push_back(sql_value(parameters)), ...);
    return Value(std::move(list));
  }
}

// Where a statement runs: which connection, and which transaction of it.
struct PgTarget {
  Context context;
  std::string conn_id;
  PostgresOptions options;
  std::int64_t transaction = 0;
  const char *hook_class = "PostgresHook", *hook = "postgres";
};

enum class PgFetch : std::uint8_t { pages, one, none };

// The rows of a statement, as they come.
class PgReading {
 public:
  PgReading(const PgTarget& target, std::string_view sql, Value parameters, const Type& row, PgFetch fetch);
  PgReading(PgReading&&) noexcept;
  PgReading& operator=(PgReading&&) noexcept;
  ~PgReading();  // tells that the rest is not wanted

  // False at the end.
  bool next(void* row);
  [[nodiscard]] std::int64_t affected() const;

 private:
  struct State;
  Owned<State> state_;
};

// A row of a vector, whatever it is a vector of.
struct PgRows {
  const Type* type;
  const void* first;
  std::size_t count, stride;
};
[[noreturn]] void fail_without_row(std::string_view sql);

}  // namespace detail

// The rows of a query, read while one goes over them: memory does not grow with their number. A single pass.
template <class Row>
class PostgresRows {
 public:
  explicit PostgresRows(detail::PgReading reading) : reading_(std::move(reading)) {}

  class Iterator {
   public:
    explicit Iterator(PostgresRows& rows) : rows_(&rows) { ++*this; }
    const Row& operator*() const { return rows_->row_; }
    const Row* operator->() const { return &rows_->row_; }
    Iterator& operator++() {
      more_ = rows_->reading_.next(&rows_->row_);
      return *this;
    }
    friend bool operator==(const Iterator& i, EndOfRows) { return !i.more_; }

   private:
    PostgresRows* rows_;
    bool more_ = false;
  };
  [[nodiscard]] Iterator begin() { return Iterator(*this); }
  [[nodiscard]] EndOfRows end() const { return {}; }

 private:
  detail::PgReading reading_;
  Row row_{};
};

class PostgresTransaction;

// What a hook and a transaction have in common. A Row is a VENTURI_STRUCT (each field a column of its name; others are passed
// over), a std::vector<T> (all columns in order; Array for anything), or a T for queries of one column. All throw HookError
// with the server's message, its SQLSTATE in detail(), and ConversionError for a value that does not fit.
class PostgresStatements {
 public:
  // All rows.
  template <class Row, class... P>
  [[nodiscard]] std::vector<Row> query(std::string_view sql, const P&... parameters) const {
    std::vector<Row> all;
    detail::PgReading reading(target_, sql, detail::sql_parameters(parameters...), type_of<Row>(), detail::PgFetch::pages);
    for (Row row{}; reading.next(&row); row = Row{}) all.push_back(std::move(row));
    return all;
  }
  // Airflow's get_records().
  template <class... P>
  [[nodiscard]] std::vector<Array> get_records(std::string_view sql, const P&... parameters) const {
    return query<Array>(sql, parameters...);
  }
  // One after the other, for results of any size.
  template <class Row, class... P>
  [[nodiscard]] PostgresRows<Row> rows(std::string_view sql, const P&... parameters) const {
    return PostgresRows<Row>(
        detail::PgReading(target_, sql, detail::sql_parameters(parameters...), type_of<Row>(), detail::PgFetch::pages));
  }
  // The first row, nothing where there is none.
  template <class Row, class... P>
  [[nodiscard]] std::optional<Row> first(std::string_view sql, const P&... parameters) const {
    detail::PgReading reading(target_, sql, detail::sql_parameters(parameters...), type_of<Row>(), detail::PgFetch::one);
    Row row{};
    if (!reading.next(&row)) return std::nullopt;
    return row;
  }
  // Airflow's get_first().
  template <class... P>
  [[nodiscard]] std::optional<Array> get_first(std::string_view sql, const P&... parameters) const {
    return first<Array>(sql, parameters...);
  }
  // The one value that the query returns; throws HookError where it has no row.
  template <class T, class... P>
  [[nodiscard]] T scalar(std::string_view sql, const P&... parameters) const {
    auto value = first<T>(sql, parameters...);
    if (!value) detail::fail_without_row(sql);
    return *std::move(value);
  }
  // For its effect: the number of rows, -1 for statements that have none. Without parameters the text may have several
  // statements; they are one transaction.
  template <class... P>
  std::int64_t run(std::string_view sql, const P&... parameters) const {
    return detail::PgReading(target_, sql, detail::sql_parameters(parameters...), type_of<Value>(), detail::PgFetch::none)
        .affected();
  }

  // Rows into a table, many to a statement; returns how many. `table` is a name, or a schema and a name.
  template <class Row>
  std::int64_t insert_rows(std::string_view table, const std::vector<Row>& rows, const InsertOptions& options = {}) const {
    return insert(table, {&type_of<Row>(), rows.data(), rows.size(), sizeof(Row)}, options);
  }

  // COPY, for large data: a file of the run into a table, columns by their names; cells that no value could be made of fail.
  std::int64_t load_file(std::string_view table, const RunFile& file) const;
  // The rows of a query as a file of the run, with the nearest types: what a task returns and others take.
  template <class... P>
  [[nodiscard]] RunFile to_file(std::string_view sql, std::string file_name, const P&... parameters) const {
    return write_file(sql, detail::sql_parameters(parameters...), std::move(file_name));
  }
  // A CSV file of the worker's machine into a table, and the rows of a query (which takes no parameters) into one; the file is
  // read by the task, and is there as a whole or not at all. Both return the number of rows.
  std::int64_t load_csv(std::string_view table, const std::string& path, const CsvCopyOptions& options = {}) const;
  std::int64_t to_csv(std::string_view sql, const std::string& path, const CsvCopyOptions& options = {}) const;

 protected:
  explicit PostgresStatements(detail::PgTarget target) : target_(std::move(target)) {}
  ~PostgresStatements() = default;
  PostgresStatements(const PostgresStatements&) = default;
  PostgresStatements(PostgresStatements&&) = default;
  PostgresStatements& operator=(const PostgresStatements&) = default;
  PostgresStatements& operator=(PostgresStatements&&) = default;

  [[nodiscard]] PostgresTransaction begin(const TransactionOptions& options) const;

  detail::PgTarget target_;

 private:
  std::int64_t insert(std::string_view table, const detail::PgRows& rows, const InsertOptions& options) const;
  [[nodiscard]] RunFile write_file(std::string_view sql, Value parameters, std::string name) const;
};

// Statements that take effect together. Without commit() they are rolled back at the end of the scope.
class PostgresTransaction : public PostgresStatements {
 public:
  explicit PostgresTransaction(detail::PgTarget target) : PostgresStatements(std::move(target)) {}
  PostgresTransaction(PostgresTransaction&& other) noexcept;
  PostgresTransaction& operator=(PostgresTransaction&&) = delete;
  ~PostgresTransaction();

  // Throws HookError where a statement of it failed before: it is rolled back then.
  void commit();
  void rollback();
};

class PostgresHook : public PostgresStatements {
 public:
  explicit PostgresHook(const Context& context, std::string conn_id = "postgres_default", PostgresOptions options = {})
      : PostgresStatements({context, std::move(conn_id), std::move(options)}) {}

  // Statements of the hook itself are not part of it.
  [[nodiscard]] PostgresTransaction transaction(const TransactionOptions& options = {}) const { return begin(options); }
};

}  // namespace venturi::inline sdk
