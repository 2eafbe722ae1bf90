// SQL operators: their fields in serialized form, under the names that the host's registry knows.
#include "venturi/sql.h"

#include "sdk/dag_node.h"
#include "venturi/built_in.h"

namespace venturi::inline sdk::detail {
namespace {

// What all of them take. Checks have retry_on_failure, too.
template <class Op>
void add_connection(OperatorFields& fields, const Op& op) {
  fields.field("conn_id", op.conn_id).field("database", op.database).field("hook_params", op.hook_params);
}
template <class Op>
void add_check(OperatorFields& fields, const Op& op) {
  add_connection(fields, op);
  fields.field("retry_on_failure", op.retry_on_failure);
}

}  // namespace

TaskNode& add_operator(GroupNode& group, const SQLExecuteQueryOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLExecuteQueryOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .field("autocommit", op.autocommit)
      .field("parameters", op.parameters)
      .field("handler", op.handler)
      .field("split_statements", op.split_statements)
      .field("return_last", op.return_last)
      .field("show_return_value_in_logs", op.show_return_value_in_logs)
      .field("requires_result_fetch", op.requires_result_fetch)
      .field("do_xcom_push", op.do_xcom_push)
      .templates({"sql", "parameters", "conn_id", "database", "hook_params"}, {".sql", ".json"});
  add_connection(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const BranchSQLOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "BranchSQLOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .required("follow_task_ids_if_true", op.follow_task_ids_if_true)
      .required("follow_task_ids_if_false", op.follow_task_ids_if_false)
      .field("parameters", op.parameters)
      .templates({"sql", "conn_id", "database", "hook_params"}, {".sql"})
      .branches();
  add_connection(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLCheckOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .field("parameters", op.parameters)
      .templates({"sql", "conn_id", "database", "hook_params"}, {".hql", ".sql"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLValueCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLValueCheckOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .required("pass_value", op.pass_value)
      .field("tolerance", op.tolerance)
      .field("parameters", op.parameters)
      .templates({"sql", "pass_value", "conn_id", "database", "hook_params"}, {".hql", ".sql"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLIntervalCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLIntervalCheckOperator", op.task_id, options);
  fields.required("table", op.table)
      .required("metrics_thresholds", op.metrics_thresholds)
      .field("date_filter_column", op.date_filter_column)
      .field("days_back", op.days_back)
      .field("ratio_formula", op.ratio_formula)
      .field("ignore_zero", op.ignore_zero)
      .templates({"table", "metrics_thresholds", "date_filter_column", "conn_id", "database", "hook_params"}, {".hql", ".sql"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLThresholdCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLThresholdCheckOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .required("min_threshold", op.min_threshold)
      .required("max_threshold", op.max_threshold)
      .templates({"sql", "min_threshold", "max_threshold", "conn_id", "database", "hook_params"}, {".hql", ".sql"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLColumnCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLColumnCheckOperator", op.task_id, options);
  fields.required("table", op.table)
      .required("column_mapping", op.column_mapping)
      .field("partition_clause", op.partition_clause)
      .field("accept_none", op.accept_none)
      .templates({"table", "partition_clause", "column_mapping", "conn_id", "database", "hook_params"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLTableCheckOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLTableCheckOperator", op.task_id, options);
  fields.required("table", op.table)
      .required("checks", op.checks)
      .field("partition_clause", op.partition_clause)
      .field("accept_none", op.accept_none)
      .templates({"table", "partition_clause", "checks", "conn_id", "database", "hook_params"});
  add_check(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const SQLInsertRowsOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "SQLInsertRowsOperator", op.task_id, options);
  fields.required("table_name", op.table_name)
      .field("schema", op.schema)
      .field("columns", op.columns)
      .field("ignored_columns", op.ignored_columns)
      .required("rows", op.rows)
      .field("preoperator", op.preoperator)
      .field("postoperator", op.postoperator)
      .field("insert_args", op.insert_args)
      .templates({"table_name", "conn_id", "schema", "database", "columns", "ignored_columns", "preoperator", "postoperator",
                  "insert_args", "hook_params"},
                 {".sql"});
  add_connection(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const GenericTransfer& op, const TaskOptions& options) {
  return OperatorFields(group, "GenericTransfer", op.task_id, options)
      .required("sql", op.sql)
      .required("destination_table", op.destination_table)
      .required("source_conn_id", op.source_conn_id)
      .field("source_hook_params", op.source_hook_params)
      .required("destination_conn_id", op.destination_conn_id)
      .field("destination_hook_params", op.destination_hook_params)
      .field("preoperator", op.preoperator)
      .field("insert_args", op.insert_args)
      .templates({"source_conn_id", "destination_conn_id", "sql", "destination_table", "preoperator", "insert_args"},
                 {".sql", ".hql"})
      .node();
}

TaskNode& add_operator(GroupNode& group, const FileToPostgresOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "FileToPostgresOperator", op.task_id, options);
  fields.field("file", op.file)
      .field("path", op.path)
      .required("table", op.table)
      .field("columns", op.columns)
      .field("column_mapping", op.column_mapping)
      .field("mode", op.mode)
      .field("key", op.key)
      .field("unreadable", op.unreadable)
      .field("delimiter", op.delimiter)
      .field("header", op.header)
      .field("encoding", op.encoding)
      .field("source_compression", op.source_compression)
      .templates({"path", "table", "conn_id", "database", "hook_params"});
  add_connection(fields, op);
  if (op.file.is_given() == op.path.is_given())
    add_mistake(fields.node(), "FileToPostgresOperator needs one of .file and .path: a file of the run, or a CSV file");
  if (op.header.value() == Value(false) && !op.columns.is_given())
    add_mistake(fields.node(),
                "FileToPostgresOperator needs .columns where .header is false: name what the file has, in order");
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const PostgresToCsvOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "PostgresToCsvOperator", op.task_id, options);
  fields.required("sql", op.sql)
      .required("path", op.path)
      .field("parameters", op.parameters)
      .field("delimiter", op.delimiter)
      .field("header", op.header)
      .field("null_text", op.null_text)
      .field("encoding", op.encoding)
      .field("compression", op.compression)
      .templates({"sql", "path", "parameters", "conn_id", "database", "hook_params"}, {".sql"});
  add_connection(fields, op);
  return fields.node();
}

}  // namespace venturi::inline sdk::detail
