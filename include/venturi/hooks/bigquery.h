// Airflow's BigQueryHook for tasks in C++: queries with typed rows, jobs, tables and datasets over a connection of type
// google_cloud_platform, by the worker's operator host.
//
//   #include <venturi/hooks/bigquery.h>
//
//   struct Order { std::int64_t id = 0; std::string customer; std::optional<double> amount; Time placed; };
//   VENTURI_STRUCT(Order, id, customer, amount, placed);
//
//   const BigQueryHook shop(context);
//   for (const Order& o : shop.query<Order>("SELECT * FROM sales.orders WHERE day = ?", day)) ...
//   shop.insert_all("sales", "sums", std::vector<Sum>{{day, sum}});
//   shop.insert_job(Object{{"load", ...}}, {.job_id = "load_" + context.run_id()});
//
// Parameters are BigQuery's, never pasted into the text: ? for values in order, @name for the members of one Object. Integers
// are INT64, a Time is a TIMESTAMP, a vector an ARRAY, an optional without a value NULL.
//
// Columns: integers, bool, double (NUMERIC too), std::string (NUMERIC with all its digits; DATE, DATETIME, GEOGRAPHY as
// BigQuery writes them; BYTES in base64), Time (TIMESTAMP; DATE and DATETIME as UTC), std::vector of REPEATED, Value of
// anything; std::optional where NULL can be.
//
// A job that runs when its task ends, however it ends, is cancelled. What goes wrong is a HookError with BigQuery's reason in
// its detail(): {"reason": "invalidQuery", "job_id": ...}, or {"reason": "notFound", "status": 404}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/hooks/gcs.h"
#include "venturi/hooks/result.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Designated in this order.
struct BigQueryOptions {
  std::string project_id{};  // the connection's
  std::string location{};    // where jobs run; BigQuery finds it by the datasets
  bool use_legacy_sql = false;
  std::vector<std::string> impersonation_chain{};
};

struct BigQueryJobOptions {
  // Chosen before it is submitted: whoever submits a job of this id again, a later try for instance, finds the first one and
  // waits for it. Empty: one of its own each time.
  std::string job_id{};
  bool nowait = false;              // returns when it is submitted, and lets it run
  double poll_interval = 4;         // seconds
  std::optional<double> timeout{};  // seconds after which nobody waits any more: it goes on
};

struct BigQueryJob {
  std::string project_id, job_id, location;
  Value resource;  // as jobs.get gives it: configuration, statistics, status
};

struct BigQueryInsertAllOptions {
  bool ignore_unknown_values = false, skip_invalid_rows = false;
  bool fail_on_error = true;  // false: rows that BigQuery refuses are warned of in the log
};

namespace detail {

// {"type": "INT64", "value": "7"}, and the like.
[[nodiscard]] Value bigquery_parameter(const Type& type, const void* value);
[[nodiscard]] Value bigquery_parameter(const Value& value);

template <class T>
[[nodiscard]] Value bigquery_parameter_of(const T& value) {
  if constexpr (std::is_same_v<T, Value>)
    return bigquery_parameter(value);
  else if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return bigquery_parameter(Value(std::string_view(value)));
  else if constexpr (std::is_same_v<T, std::nullopt_t> || std::is_same_v<T, std::nullptr_t>)
    return bigquery_parameter(Value());
  else
    return bigquery_parameter(type_of<T>(), &value);
}
// One Object is parameters by name.
template <class... P>
[[nodiscard]] Value bigquery_parameters(const P&... parameters) {
  if constexpr (sizeof...(P) == 1 && (std::is_same_v<P, Object> && ...)) {
    return Value(parameters...);
  } else {
    Array list;
    list.reserve(sizeof...(P));
    (list.push_back(bigquery_parameter_of(parameters)), ...);
    return Value(std::move(list));
  }
}

}  // namespace detail

class BigQueryHook {
 public:
  explicit BigQueryHook(const Context& context, std::string gcp_conn_id = "google_cloud_default", BigQueryOptions options = {})
      : context_(context), conn_id_(std::move(gcp_conn_id)), options_(std::move(options)) {}

  // ---- queries: each is a job that is waited for
  template <class Row, class... P>
  [[nodiscard]] std::vector<Row> query(std::string_view sql, const P&... parameters) const {
    return detail::all_rows<Row>(query_call(sql, detail::bigquery_parameters(parameters...)));
  }
  template <class... P>
  [[nodiscard]] std::vector<Array> get_records(std::string_view sql, const P&... parameters) const {
    return query<Array>(sql, parameters...);
  }
  // One after the other, for results of any size.
  template <class Row, class... P>
  [[nodiscard]] ResultRows<Row> rows(std::string_view sql, const P&... parameters) const {
    return ResultRows<Row>(detail::ResultReading(query_call(sql, detail::bigquery_parameters(parameters...)), type_of<Row>()));
  }
  // The first row, nothing where there is none.
  template <class Row, class... P>
  [[nodiscard]] std::optional<Row> first(std::string_view sql, const P&... parameters) const {
    return detail::first_row<Row>(query_call(sql, detail::bigquery_parameters(parameters...)));
  }
  template <class... P>
  [[nodiscard]] std::optional<Array> get_first(std::string_view sql, const P&... parameters) const {
    return first<Array>(sql, parameters...);
  }
  // The one value that the query returns; throws HookError where it has no row.
  template <class T, class... P>
  [[nodiscard]] T scalar(std::string_view sql, const P&... parameters) const {
    auto value = first<T>(sql, parameters...);
    if (!value) fail_without_row(sql);
    return *std::move(value);
  }
  // For its effect (DML, DDL): how many rows it changed, 0 where that says nothing.
  template <class... P>
  std::int64_t run(std::string_view sql, const P&... parameters) const {
    return run_query(sql, detail::bigquery_parameters(parameters...));
  }

  // ---- jobs. `configuration` is BigQuery's: {"query": {...}}, {"load": {...}}, {"extract": {...}} or {"copy": {...}}
  BigQueryJob insert_job(const Object& configuration, const BigQueryJobOptions& options = {}) const;
  [[nodiscard]] BigQueryJob get_job(std::string_view job_id) const;
  void cancel_job(std::string_view job_id) const;
  // The rows of a query's job that is done.
  template <class Row>
  [[nodiscard]] std::vector<Row> job_rows(std::string_view job_id) const {
    return detail::all_rows<Row>(result_call("job_rows", {{"job_id", job_id}}));
  }

  // ---- rows of tables
  template <class Row>
  [[nodiscard]] std::vector<Row> list_rows(std::string_view dataset_id, std::string_view table_id, std::int64_t max_results = 0,
                                           const std::vector<std::string>& selected_fields = {}) const {
    Object arguments{{"dataset_id", dataset_id}, {"table_id", table_id}};
    if (max_results > 0) arguments.add("most", max_results);
    if (!selected_fields.empty()) arguments.add("selected_fields", Array(selected_fields.begin(), selected_fields.end()));
    return detail::all_rows<Row>(result_call("table_rows", std::move(arguments)));
  }
  // Streams rows into a table: VENTURI_STRUCTs, or Objects by column. Each has an id, by which BigQuery drops what a repeated
  // request brings twice.
  template <class Row>
  void insert_all(std::string_view dataset_id, std::string_view table_id, const std::vector<Row>& rows,
                  const BigQueryInsertAllOptions& options = {}) const {
    Array list;
    list.reserve(rows.size());
    for (const Row& row : rows) list.push_back(to_value(row));
    insert_rows(dataset_id, table_id, std::move(list), options);
  }

  // ---- tables
  [[nodiscard]] bool table_exists(std::string_view dataset_id, std::string_view table_id) const;
  [[nodiscard]] bool table_partition_exists(std::string_view dataset_id, std::string_view table_id,
                                            std::string_view partition_id) const;
  [[nodiscard]] Value get_table(std::string_view dataset_id, std::string_view table_id) const;
  // Its fields: [{"name": "id", "type": "INTEGER", "mode": "NULLABLE"}, ...].
  [[nodiscard]] Array get_schema(std::string_view dataset_id, std::string_view table_id) const;
  // `table_resource` is BigQuery's: {"schema": {"fields": [...]}, "timePartitioning": {...}}. One that is there already is a
  // HookError unless exists_ok.
  Value create_table(std::string_view dataset_id, std::string_view table_id, const Object& table_resource = {},
                     bool exists_ok = true) const;
  // The members that it names.
  Value update_table(std::string_view dataset_id, std::string_view table_id, const Object& table_resource) const;
  // Throws HookError where there is none, unless not_found_ok.
  void delete_table(std::string_view dataset_id, std::string_view table_id, bool not_found_ok = true) const;

  // ---- datasets
  [[nodiscard]] bool dataset_exists(std::string_view dataset_id) const;
  Value create_empty_dataset(std::string_view dataset_id, const Object& dataset_reference = {}, bool exists_ok = true) const;
  [[nodiscard]] Value get_dataset(std::string_view dataset_id) const;
  Value update_dataset(std::string_view dataset_id, const Object& dataset_resource) const;
  void delete_dataset(std::string_view dataset_id, bool delete_contents = false) const;
  // Their ids.
  [[nodiscard]] std::vector<std::string> get_datasets_list() const;
  [[nodiscard]] std::vector<std::string> get_dataset_tables(std::string_view dataset_id) const;

 private:
  [[nodiscard]] Object connection() const;
  [[nodiscard]] Value call(std::string_view method, Object arguments) const;
  [[nodiscard]] detail::ResultCall result_call(std::string method, Object arguments) const;
  [[nodiscard]] detail::ResultCall query_call(std::string_view sql, const Value& parameters) const;
  [[nodiscard]] Object query_configuration(std::string_view sql, const Value& parameters) const;
  std::int64_t run_query(std::string_view sql, const Value& parameters) const;
  // Null where it is not there, though that was expected.
  Value request(std::string_view verb, Array path, Object query, Value body, int accepts) const;
  [[nodiscard]] std::vector<std::string> ids(const Array& path, std::string_view list, std::string_view reference,
                                             std::string_view id) const;
  void insert_rows(std::string_view dataset_id, std::string_view table_id, Array rows,
                   const BigQueryInsertAllOptions& options) const;
  [[noreturn]] static void fail_without_row(std::string_view sql);

  Context context_;
  std::string conn_id_;
  BigQueryOptions options_;
};

}  // namespace venturi::inline sdk
