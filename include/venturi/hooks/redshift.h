// Airflow's hooks of Redshift for tasks in C++, by the worker's operator host.
//
//   #include <venturi/hooks/redshift.h>
//
//   struct Sale { std::int64_t id = 0; std::string item; std::optional<double> amount; };
//   VENTURI_STRUCT(Sale, id, item, amount);
//
//   const RedshiftDataHook data(context, {.database = "dev", .workgroup_name = "shop"});     over HTTPS, a connection of type
//   aws for (const Sale& s : data.query<Sale>("SELECT * FROM sales WHERE day = :day", Object{{"day", day}})) ...
//   data.execute_query({"DELETE FROM sums", "INSERT INTO sums SELECT ..."});                  one transaction
//
//   const RedshiftSQLHook sql(context);                    PostgresHook's methods, over a connection of type redshift
//   const std::int64_t changed = sql.run("UPDATE sales SET item = $1 WHERE id = $2", "tea", 7);
//
//   const RedshiftHook clusters(context);
//   if (clusters.cluster_status("shop") == "paused") clusters.resume_cluster("shop");
//
// A statement that runs when its task ends, however it ends, is cancelled. What goes wrong is a HookError, with Amazon's code
// in its detail(): {"code": "ValidationException", "status": 400}; PostgreSQL's sqlstate of RedshiftSQLHook.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/context.h"
#include "venturi/hooks/postgres.h"
#include "venturi/hooks/result.h"
#include "venturi/hooks/s3.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

// Where statements of the Data API run. Designated in this order.
struct RedshiftDataOptions {
  std::string database{};
  std::string cluster_identifier{};  // or workgroup_name, or session_id of a query
  std::string workgroup_name{};
  std::string db_user{}, secret_arn{};
  double poll_interval = 10;  // seconds, at most, between two looks
  AwsOptions aws{};
};

struct RedshiftQueryOptions {
  Object parameters{};  // :name in the statement; their values become texts
  std::string statement_name{};
  bool with_event = false;
  bool wait_for_completion = true;
  std::string session_id{};
  std::int64_t session_keep_alive_seconds = 0;
  // Chosen before it is submitted, up to 64 characters: whoever submits the same statement with it again, a later try for
  // instance, gets the first one. Empty: one of its own each time.
  std::string client_token{};
};

struct RedshiftStatement {
  std::string id, session_id;
  std::int64_t rows = -1;               // that it returned or changed; -1: Redshift does not say
  std::vector<std::string> statements;  // of a list: the ids of its statements
};

class RedshiftDataHook {
 public:
  explicit RedshiftDataHook(const Context& context, RedshiftDataOptions options, std::string aws_conn_id = "aws_default")
      : context_(context), conn_id_(std::move(aws_conn_id)), options_(std::move(options)) {}

  // ---- results: parameters are the members of an Object, by name
  template <class Row>
  [[nodiscard]] std::vector<Row> query(std::string_view sql, const Object& parameters = {}) const {
    return detail::all_rows<Row>(query_call(sql, parameters));
  }
  [[nodiscard]] std::vector<Array> get_records(std::string_view sql, const Object& parameters = {}) const {
    return query<Array>(sql, parameters);
  }
  // One after the other, for results of any size.
  template <class Row>
  [[nodiscard]] ResultRows<Row> rows(std::string_view sql, const Object& parameters = {}) const {
    return ResultRows<Row>(detail::ResultReading(query_call(sql, parameters), type_of<Row>()));
  }
  // The first row, nothing where there is none.
  template <class Row>
  [[nodiscard]] std::optional<Row> first(std::string_view sql, const Object& parameters = {}) const {
    return detail::first_row<Row>(query_call(sql, parameters));
  }
  // Of a statement that has ended: the id is that of execute_query(), or of a list's statement.
  template <class Row>
  [[nodiscard]] std::vector<Row> statement_rows(std::string_view id) const {
    return detail::all_rows<Row>(result_call("statement_rows", {{"id", id}}));
  }

  // ---- statements
  RedshiftStatement execute_query(std::string_view sql, const RedshiftQueryOptions& options = {}) const;
  // A list is one transaction.
  RedshiftStatement execute_query(const std::vector<std::string>& sql, const RedshiftQueryOptions& options = {}) const;
  // For its effect: how many rows it changed, -1 where Redshift does not say.
  std::int64_t run(std::string_view sql, const Object& parameters = {}) const {
    return execute_query(sql, {.parameters = parameters}).rows;
  }
  // DescribeStatement, as Amazon gives it: Status, Error, ResultRows, ...
  [[nodiscard]] Value describe(std::string_view id) const;
  // Throws HookError where it failed, or was aborted.
  [[nodiscard]] bool check_query_is_finished(std::string_view id) const;
  void cancel(std::string_view id) const;

  // Its columns; none where it has no primary key.
  [[nodiscard]] std::vector<std::string> get_table_primary_key(std::string_view table,
                                                               std::string_view schema = "public") const;

 private:
  [[nodiscard]] Object target() const;
  [[nodiscard]] Value call(std::string_view method, Object arguments) const;
  [[nodiscard]] RedshiftStatement execute(Value sql, const RedshiftQueryOptions& options) const;
  [[nodiscard]] detail::ResultCall query_call(std::string_view sql, const Object& parameters) const;
  [[nodiscard]] detail::ResultCall result_call(std::string method, Object arguments) const;

  Context context_;
  std::string conn_id_;
  RedshiftDataOptions options_;
};

struct RedshiftCluster {
  std::string status, node_type, master_username;
  std::string address;  // of its endpoint, once it has one
  int port = 0;
};

class RedshiftHook {
 public:
  explicit RedshiftHook(const Context& context, std::string aws_conn_id = "aws_default", AwsOptions options = {})
      : context_(context), conn_id_(std::move(aws_conn_id)), options_(std::move(options)) {}

  // "available", "paused", ...; "cluster_not_found" where there is none.
  [[nodiscard]] std::string cluster_status(std::string_view cluster_identifier) const;
  [[nodiscard]] std::optional<RedshiftCluster> describe_cluster(std::string_view cluster_identifier) const;
  // None of them waits. `params` are members of Amazon's request: {"NumberOfNodes": 2, "Encrypted": true}.
  void create_cluster(std::string_view cluster_identifier, std::string_view node_type, std::string_view master_username,
                      std::string_view master_user_password, const Object& params = {}) const;
  void delete_cluster(std::string_view cluster_identifier, bool skip_final_cluster_snapshot = true,
                      std::string_view final_cluster_snapshot_identifier = {}) const;
  void pause_cluster(std::string_view cluster_identifier) const;
  void resume_cluster(std::string_view cluster_identifier) const;
  void create_cluster_snapshot(std::string_view snapshot_identifier, std::string_view cluster_identifier,
                               std::int64_t retention_period = -1) const;
  void delete_cluster_snapshot(std::string_view snapshot_identifier) const;
  void restore_from_cluster_snapshot(std::string_view cluster_identifier, std::string_view snapshot_identifier) const;
  // Empty where there is none.
  [[nodiscard]] std::string get_cluster_snapshot_status(std::string_view snapshot_identifier) const;

 private:
  [[nodiscard]] Value call(std::string_view method, Object arguments) const;
  void request(std::string_view action, Object form) const;

  Context context_;
  std::string conn_id_;
  AwsOptions options_;
};

// PostgresHook's statements over a connection of type redshift; one with iam gets its login from Amazon. Redshift knows neither
// ON CONFLICT (insert_rows with `replace`) nor COPY with a client: large data goes over S3.
class RedshiftSQLHook : private PostgresStatements {
 public:
  explicit RedshiftSQLHook(const Context& context, std::string redshift_conn_id = "redshift_default",
                           PostgresOptions options = {})
      : PostgresStatements({.context = context,
                            .conn_id = std::move(redshift_conn_id),
                            .options = std::move(options),
                            .hook_class = "RedshiftSQLHook",
                            .hook = "redshift_sql"}) {}

  using PostgresStatements::first;
  using PostgresStatements::get_first;
  using PostgresStatements::get_records;
  using PostgresStatements::insert_rows;
  using PostgresStatements::query;
  using PostgresStatements::rows;
  using PostgresStatements::run;
  using PostgresStatements::scalar;
  [[nodiscard]] PostgresTransaction transaction(const TransactionOptions& options = {}) const { return begin(options); }

  [[nodiscard]] std::vector<std::string> get_table_primary_key(std::string_view table,
                                                               std::string_view schema = "public") const;
};

}  // namespace venturi::inline sdk
