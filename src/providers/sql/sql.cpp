#include "providers/sql/sql.h"

#include <utility>

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
}

}  // namespace venturi::providers
