// Statements, checks and transfers of SQL databases, as in Airflow's common-sql.
#include "providers/sql/sql.h"

#include <utility>

#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::ArgumentType;
using operators::templated;

// What all of them take, and their own.
std::vector<Argument> with_common(std::vector<Argument> own) {
  std::vector<Argument> all = {templated({"conn_id", ArgumentType::string}),
                               templated({"database", ArgumentType::string}),
                               templated({"hook_params", ArgumentType::object}),
                               {"retry_on_failure", ArgumentType::boolean}};
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace

// Airflow builds the statements of column, table and interval checks when the DAG is read, and its template field is their sql;
// here it is what goes into them.
void register_sql(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"common-sql", "Statements, checks and transfers of any SQL database", "providers/sql.md"});
  using operators::OperatorEntry;
  registry.add(OperatorEntry{.task_type = "SQLExecuteQueryOperator",
                             .arguments = with_common({templated({"sql", ArgumentType::any, true}),
                                                       {"autocommit", ArgumentType::boolean},
                                                       templated({"parameters", ArgumentType::any}),
                                                       {"handler", ArgumentType::string},
                                                       {"split_statements", ArgumentType::boolean},
                                                       {"return_last", ArgumentType::boolean},
                                                       {"show_return_value_in_logs", ArgumentType::boolean},
                                                       {"requires_result_fetch", ArgumentType::boolean}}),
                             .template_ext = {".sql", ".json"},
                             .run = run_execute_query});
  registry.add(OperatorEntry{
      .task_type = "SQLCheckOperator",
      .arguments = with_common({templated({"sql", ArgumentType::string, true}), {"parameters", ArgumentType::any}}),
      .template_ext = {".hql", ".sql"},
      .run = run_sql_check});
  registry.add(OperatorEntry{.task_type = "SQLValueCheckOperator",
                             .arguments = with_common({templated({"sql", ArgumentType::string, true}),
                                                       templated({"pass_value", ArgumentType::any, true}),
                                                       {"tolerance", ArgumentType::any},
                                                       {"parameters", ArgumentType::any}}),
                             .template_ext = {".hql", ".sql"},
                             .run = run_value_check});
  registry.add(OperatorEntry{.task_type = "SQLIntervalCheckOperator",
                             .arguments = with_common({templated({"table", ArgumentType::string, true}),
                                                       templated({"metrics_thresholds", ArgumentType::object, true}),
                                                       templated({"date_filter_column", ArgumentType::string}),
                                                       {"days_back", ArgumentType::integer},
                                                       {"ratio_formula", ArgumentType::string},
                                                       {"ignore_zero", ArgumentType::boolean}}),
                             .template_ext = {".hql", ".sql"},
                             .run = run_interval_check});
  registry.add(OperatorEntry{.task_type = "SQLThresholdCheckOperator",
                             .arguments = with_common({templated({"sql", ArgumentType::string, true}),
                                                       templated({"min_threshold", ArgumentType::any, true}),
                                                       templated({"max_threshold", ArgumentType::any, true})}),
                             .template_ext = {".hql", ".sql"},
                             .run = run_threshold_check});
  registry.add(OperatorEntry{.task_type = "SQLColumnCheckOperator",
                             .arguments = with_common({templated({"table", ArgumentType::string, true}),
                                                       templated({"column_mapping", ArgumentType::object, true}),
                                                       templated({"partition_clause", ArgumentType::string}),
                                                       {"accept_none", ArgumentType::boolean}}),
                             .run = run_column_check});
  registry.add(OperatorEntry{.task_type = "SQLTableCheckOperator",
                             .arguments = with_common({templated({"table", ArgumentType::string, true}),
                                                       templated({"checks", ArgumentType::object, true}),
                                                       templated({"partition_clause", ArgumentType::string}),
                                                       {"accept_none", ArgumentType::boolean}}),
                             .run = run_table_check});
  registry.add(OperatorEntry{.task_type = "BranchSQLOperator",
                             .arguments = with_common({templated({"sql", ArgumentType::string, true}),
                                                       {"follow_task_ids_if_true", ArgumentType::string_list, true},
                                                       {"follow_task_ids_if_false", ArgumentType::string_list, true},
                                                       {"parameters", ArgumentType::any}}),
                             .template_ext = {".sql"},
                             .run = run_branch_sql,
                             .branches = true});
  registry.add(OperatorEntry{.task_type = "SqlSensor",
                             .arguments = {templated({"conn_id", ArgumentType::string, true}),
                                           {"database", ArgumentType::string},
                                           templated({"hook_params", ArgumentType::object}),
                                           templated({"sql", ArgumentType::string, true}),
                                           templated({"parameters", ArgumentType::any}),
                                           {"success", ArgumentType::object},
                                           {"failure", ArgumentType::object},
                                           {"selector", ArgumentType::integer},
                                           {"fail_on_empty", ArgumentType::boolean}},
                             .template_ext = {".hql", ".sql"},
                             .poke = poke_sql});
  registry.add(OperatorEntry{.task_type = "PostgresNotificationSensor",
                             .arguments = {templated({"conn_id", ArgumentType::string}),
                                           {"database", ArgumentType::string},
                                           templated({"hook_params", ArgumentType::object}),
                                           templated({"channel", ArgumentType::string, true}),
                                           templated({"payload", ArgumentType::string}),
                                           templated({"sql", ArgumentType::string})},
                             .template_ext = {".sql"},
                             .poke = poke_notification});
  registry.add(OperatorEntry{.task_type = "SQLInsertRowsOperator",
                             .arguments = with_pg_arguments({templated({"table_name", ArgumentType::string, true}),
                                                             templated({"schema", ArgumentType::string}),
                                                             templated({"columns", ArgumentType::string_list}),
                                                             templated({"ignored_columns", ArgumentType::string_list}),
                                                             {"rows", ArgumentType::list},
                                                             templated({"preoperator", ArgumentType::any}),
                                                             templated({"postoperator", ArgumentType::any}),
                                                             templated({"insert_args", ArgumentType::object})}),
                             .template_ext = {".sql"},
                             .move = move_rows_to_postgres});
  registry.add(OperatorEntry{.task_type = "GenericTransfer",
                             .arguments = {templated({"source_conn_id", ArgumentType::string, true}),
                                           templated({"destination_conn_id", ArgumentType::string, true}),
                                           templated({"sql", ArgumentType::any, true}),
                                           templated({"destination_table", ArgumentType::string, true}),
                                           templated({"preoperator", ArgumentType::any}),
                                           templated({"insert_args", ArgumentType::object}),
                                           {"source_hook_params", ArgumentType::object},
                                           {"destination_hook_params", ArgumentType::object},
                                           templated({"page_size", ArgumentType::any}),
                                           templated({"paginated_sql_statement_clause", ArgumentType::string})},
                             .template_ext = {".sql", ".hql"},
                             .move = transfer_rows});
}

}  // namespace venturi::providers
