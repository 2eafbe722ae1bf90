// SQL over PostgreSQL's protocol: Airflow's operators of the packages common-sql and postgres, as structs of data, and some
// that move rows by COPY (docs/providers/sql.md). Not part of venturi/dag.h: include it beside that.
//
//   auto counted = dag.add(SQLExecuteQueryOperator{.task_id = "count", .sql = "SELECT count(*) FROM orders WHERE day = %s",
//                                                  .parameters = {"2026-01-31"}, .conn_id = "shop"});
//
// Members are designated in the order in which they stand here. All take conn_id ("postgres_default"), database (that of the
// connection) and hook_params (Object{{"options", "-c search_path=staging"}}).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venturi/field.h"
#include "venturi/run_file.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

// ---- fields --------------------------------------------------------------------------------------------------------------

// One text, or a list of statements: "SELECT 1", {"TRUNCATE a", "INSERT INTO a ..."}.
struct Statements {};
template <>
class Field<Statements> : public detail::FieldOf<std::string> {
 public:
  using FieldOf::FieldOf;
  Field() = default;
  Field(const char* text) { set(std::string_view(text)); }
  Field(std::string_view text) { set(text); }
  Field(const std::string& text) { set(std::string_view(text)); }
  Field(std::initializer_list<Field<std::string>> statements) {
    for (const Field<std::string>& statement : statements) append(statement);
  }
  Field(const std::vector<std::string>& statements) {
    for (const std::string& statement : statements) append(Field<std::string>(statement));
  }
};

// Values for the places of a statement: {7, "x"} for $1, $2 or %s, {{"day", "2026-01-31"}} for %(day)s, or the output of a
// task.
struct Parameters {};
template <>
class Field<Parameters> : public detail::FieldOf<Value> {
 public:
  using FieldOf::FieldOf;
  using Member = std::pair<std::string_view, Field<Value>>;
  Field() = default;
  Field(const Array& values) { set(Value(values)); }
  Field(const Object& values) { set(Value(values)); }
  Field(std::initializer_list<Field<Value>> values) {
    for (const Field<Value>& value : values) append(value);
  }
  Field(std::initializer_list<Member> values) {
    for (const auto& [name, value] : values) add(name, value);
  }
};

// ---- statements ----------------------------------------------------------------------------------------------------------

// Runs statements in one transaction. Its XCom is the rows of the last one ([[1, "a"], [2, "b"]]); for a list of statements a
// list of such results.
struct SQLExecuteQueryOperator {
  std::string task_id{};
  Field<Statements> sql{};   // required
  Field<bool> autocommit{};  // false; true: each statement by itself
  Field<Parameters> parameters{};
  Field<std::string> handler{};  // "fetch_all_handler"; "fetch_one_handler": the first row; "none"
  Field<std::string> conn_id{}, database{};
  Field<bool> split_statements{};           // false; true: a text is split at its semicolons
  Field<bool> return_last{};                // true; false: a text that is split gives all results
  Field<bool> show_return_value_in_logs{};  // false
  Field<bool> requires_result_fetch{};      // false; rows are fetched even if they are not pushed
  Field<Value> hook_params{};
  Field<bool> do_xcom_push{};  // true
  using Result = Value;
};

// Goes on with tasks directly below it: the first value of the query is a boolean, an integer or a word (yes, off, ...).
struct BranchSQLOperator {
  std::string task_id{};
  Field<std::string> sql{};                                    // required
  Field<std::vector<std::string>> follow_task_ids_if_true{};   // required
  Field<std::vector<std::string>> follow_task_ids_if_false{};  // required
  Field<std::string> conn_id{}, database{};
  Field<Parameters> parameters{};
  Field<Value> hook_params{};
  using Result = void;
};

// ---- checks: they fail where the data is not as it should be; .retry_on_failure = false: without another try ---------------

// Every value of the first row is true, not 0 and not empty.
struct SQLCheckOperator {
  std::string task_id{};
  Field<std::string> sql{};  // required
  Field<std::string> conn_id{}, database{};
  Field<Parameters> parameters{};
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// Every value of the first row is pass_value.
struct SQLValueCheckOperator {
  std::string task_id{};
  Field<std::string> sql{};   // required
  Field<Value> pass_value{};  // required
  Field<Value> tolerance{};   // none; 0.1: numbers may be a tenth off
  Field<std::string> conn_id{}, database{};
  Field<Parameters> parameters{};
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// Metrics of the run's date against those of some days before.
struct SQLIntervalCheckOperator {
  std::string task_id{};
  Field<std::string> table{};               // required
  Field<Value> metrics_thresholds{};        // required: Object{{"COUNT(*)", 1.5}}: the ratio stays below
  Field<std::string> date_filter_column{};  // "ds"
  Field<std::int64_t> days_back{};          // -7
  Field<std::string> ratio_formula{};       // "max_over_min"; "relative_diff"
  Field<bool> ignore_zero{};                // true
  Field<std::string> conn_id{}, database{};
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// The first value of a query lies between two thresholds: numbers, or queries that give one.
struct SQLThresholdCheckOperator {
  std::string task_id{};
  Field<std::string> sql{};                       // required
  Field<Value> min_threshold{}, max_threshold{};  // required
  Field<std::string> conn_id{}, database{};
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// Aggregates of columns: null_check, distinct_check, unique_check, min, max, each with equal_to, greater_than, geq_to,
// less_than, leq_to, tolerance and a partition_clause of its own.
struct SQLColumnCheckOperator {
  std::string task_id{};
  Field<std::string> table{};             // required
  Field<Value> column_mapping{};          // required: Object{{"amount", Object{{"min", Object{{"geq_to", 0}}}}}}
  Field<std::string> partition_clause{};  // of all checks
  Field<std::string> conn_id{}, database{};
  Field<bool> accept_none{};  // true: NULL counts as 0
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// Conditions on a table: aggregates, or what is true of each row.
struct SQLTableCheckOperator {
  std::string task_id{};
  Field<std::string> table{};             // required
  Field<Value> checks{};                  // required: Object{{"filled", Object{{"check_statement", "COUNT(*) > 0"}}}}
  Field<std::string> partition_clause{};  // of all checks
  Field<std::string> conn_id{}, database{};
  Field<bool> accept_none{};  // false; true: a check of no rows passes
  Field<Value> hook_params{};
  Field<bool> retry_on_failure{};  // true
  using Result = void;
};

// ---- moving rows: processes of their own, in one transaction ---------------------------------------------------------------

// Rows into a table: lists of values, or objects by column. Without rows the task is skipped.
struct SQLInsertRowsOperator {
  std::string task_id{};
  Field<std::string> table_name{};  // required
  Field<std::string> conn_id{}, schema{}, database{};
  Field<std::vector<std::string>> columns{}, ignored_columns{};  // those of the first object, or all of the table
  Field<Value> rows{};                                           // required
  Field<Statements> preoperator{}, postoperator{};
  Field<Value> hook_params{};
  // Object{{"commit_every", 1000}, {"replace", false}, {"replace_index", Array{"id"}}, {"replace_target", Array{...}}}
  Field<Value> insert_args{};
  using Result = void;
};

// The rows of queries into a table of another database, by COPY. Gives their number.
struct GenericTransfer {
  std::string task_id{};
  Field<Statements> sql{};                 // required
  Field<std::string> destination_table{};  // required
  Field<std::string> source_conn_id{};     // required
  Field<Value> source_hook_params{};
  Field<std::string> destination_conn_id{};  // required
  Field<Value> destination_hook_params{};
  Field<Statements> preoperator{};  // in the transaction of the load
  Field<Value> insert_args{};       // Object{{"target_fields", Array{...}}, {"replace", false}, {"replace_index", Array{"id"}}}
  using Result = std::int64_t;
};

// A file of the run, or a CSV file, into a table. Gives the number of rows.
struct FileToPostgresOperator {
  std::string task_id{};
  Field<RunFile> file{};                    // one of the two: the output of a task that gives a RunFile,
  Field<std::string> path{};                // or a CSV file on the worker's machine
  Field<std::string> table{};               // required
  Field<std::vector<Column>> columns{};     // what is taken of the file; all of it
  Field<Texts> column_mapping{};            // {{"of the file", "of the table"}}, where the two differ
  Field<std::string> mode{};                // "append"; "truncate": the table is emptied first; "upsert"
  Field<std::vector<std::string>> key{};    // of an upsert: the primary key
  Field<std::string> unreadable{};          // "error"; "null": a cell that is no value of its column becomes NULL
  Field<std::string> delimiter{};           // of CSV: ","
  Field<bool> header{};                     // true
  Field<std::string> encoding{};            // "utf-8"
  Field<std::string> source_compression{};  // of CSV: "infer", by the file's ending; "gzip", "none"
  Field<std::string> conn_id{}, database{};
  Field<Value> hook_params{};
  using Result = std::int64_t;
};

// The rows of a query into a CSV file, which appears when it is complete. Gives its path.
struct PostgresToCsvOperator {
  std::string task_id{};
  Field<std::string> sql{};   // required; one statement
  Field<std::string> path{};  // required; absolute, on the worker's machine
  Field<Parameters> parameters{};
  Field<std::string> delimiter{};    // ","
  Field<bool> header{};              // true
  Field<std::string> null_text{};    // nothing
  Field<std::string> encoding{};     // "utf-8"
  Field<std::string> compression{};  // "infer": by the ending of path; "gzip", "none"
  Field<std::string> conn_id{}, database{};
  Field<Value> hook_params{};
  using Result = std::string;
};

namespace detail {
struct GroupNode;
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLExecuteQueryOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const BranchSQLOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLValueCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLIntervalCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLThresholdCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLColumnCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLTableCheckOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const SQLInsertRowsOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const GenericTransfer& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const FileToPostgresOperator& op, const TaskOptions& options);
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const PostgresToCsvOperator& op, const TaskOptions& options);
}  // namespace detail

}  // namespace venturi::inline sdk
