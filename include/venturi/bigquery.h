// Google BigQuery. docs/providers/google.md.
//
//   #include <venturi/bigquery.h>
//
//   auto load = dag.add(GCSToBigQueryOperator{.task_id = "load", .bucket = "shop", .source_objects = {"in/orders-*.csv"},
//                                             .destination_project_dataset_table = "sales.orders", .skip_leading_rows = 1,
//                                             .write_disposition = "WRITE_TRUNCATE"});
//   auto total = dag.add(BigQueryInsertJobOperator{.task_id = "total", .deferrable = true, .configuration = Object{{"query",
//       Object{{"query", "SELECT ..."}, {"useLegacySql", false}, {"maximumBytesBilled", "10000000000"}}}}});
//   load >> total;
//
// Connections of type google_cloud_platform. Members that most have: gcp_conn_id ("google_cloud_default"), impersonation_chain
// (a service account, or a list that leads to it), project_id (the connection's). A table is "project.dataset.table" or
// "dataset.table".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/built_in.h"

namespace venturi::inline sdk {

// Any job: query, load, extract or copy, as jobs.insert takes it. Its value is the job's id. With dryRun it tells in the log
// how many bytes it would process, and does nothing.
struct BigQueryInsertJobOperator {
  static constexpr std::string_view task_type = "BigQueryInsertJobOperator";
  std::string task_id{};
  Field<Value> configuration{};  // required: Object{{"query", Object{{"query", "..."}, {"useLegacySql", false}}}}, or a .json
                                 // file with it
  Field<std::string> project_id{};  // the connection's
  Field<std::string> location{};    // that of the datasets
  Field<std::string> job_id{};      // the beginning of its id; airflow_DAG_TASK_RUN
  Field<bool> force_rerun{};        // true; false: the id is that of the configuration alone
  Field<std::vector<std::string>>
      reattach_states{};              // of a job with that id that is somebody else's: states in which it is waited for
  Field<bool> cancel_on_kill{};       // true
  Option<Duration> result_timeout{};  // no end
  Field<bool> deferrable{};           // false
  Option<Duration> poll_interval{};   // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = std::string;

  friend void fields_of(const BigQueryInsertJobOperator& op, detail::OperatorFields& fields) {
    fields.required("configuration", op.configuration)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("job_id", op.job_id)
        .field("force_rerun", op.force_rerun)
        .field("reattach_states", op.reattach_states)
        .field("cancel_on_kill", op.cancel_on_kill)
        .duration("result_timeout", op.result_timeout)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"configuration", "project_id", "job_id", "gcp_conn_id", "impersonation_chain"}, {".json", ".sql"});
  }
};

// Rows of a table, or of a query's job: a list of lists, or of objects with as_dict.
struct BigQueryGetDataOperator {
  static constexpr std::string_view task_type = "BigQueryGetDataOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};
  Field<std::string> table_id{};
  Field<std::string> job_id{};            // instead of them
  Field<std::string> table_project_id{};  // project_id
  Field<std::string> job_project_id{};    // project_id
  Field<std::int64_t> max_results{};      // 100
  Field<std::string> selected_fields{};   // "id,amount": columns of the table
  Field<std::string> location{};          // the job's
  Field<bool> as_dict{};                  // false
  Field<std::string> project_id{};        // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryGetDataOperator& op, detail::OperatorFields& fields) {
    fields.field("dataset_id", op.dataset_id)
        .field("table_id", op.table_id)
        .field("job_id", op.job_id)
        .field("table_project_id", op.table_project_id)
        .field("job_project_id", op.job_project_id)
        .field("max_results", op.max_results)
        .field("selected_fields", op.selected_fields)
        .field("location", op.location)
        .field("as_dict", op.as_dict)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "table_id", "job_id", "table_project_id", "job_project_id", "max_results", "selected_fields",
                    "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Copies tables into one.
struct BigQueryToBigQueryOperator {
  static constexpr std::string_view task_type = "BigQueryToBigQueryOperator";
  std::string task_id{};
  Field<std::vector<std::string>> source_project_dataset_tables{};  // required: project.dataset.table: one or many
  Field<std::string> destination_project_dataset_table{};           // required
  Field<std::string> write_disposition{};                           // WRITE_EMPTY; WRITE_TRUNCATE, WRITE_APPEND
  Field<std::string> create_disposition{};                          // CREATE_IF_NEEDED; CREATE_NEVER
  Field<Value> labels{};
  Field<Value> encryption_configuration{};
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryToBigQueryOperator& op, detail::OperatorFields& fields) {
    fields.required("source_project_dataset_tables", op.source_project_dataset_tables)
        .required("destination_project_dataset_table", op.destination_project_dataset_table)
        .field("write_disposition", op.write_disposition)
        .field("create_disposition", op.create_disposition)
        .field("labels", op.labels)
        .field("encryption_configuration", op.encryption_configuration)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"source_project_dataset_tables", "destination_project_dataset_table", "labels", "gcp_conn_id",
                    "impersonation_chain"},
                   {".sql"});
  }
};

// A table as objects, which BigQuery itself writes.
struct BigQueryToGCSOperator {
  static constexpr std::string_view task_type = "BigQueryToGCSOperator";
  std::string task_id{};
  Field<std::string> source_project_dataset_table{};                 // required
  Field<std::vector<std::string>> destination_cloud_storage_uris{};  // required: gs://bucket/name-*.csv
  Field<std::string> export_format{};                                // CSV; NEWLINE_DELIMITED_JSON, AVRO, PARQUET
  Field<std::string> compression{};                                  // NONE; GZIP, SNAPPY, ...
  Field<std::string> field_delimiter{};                              // ","
  Field<bool> print_header{};                                        // true
  Field<Value> labels{};
  Field<std::string> job_id{};  // the beginning of its id; airflow_DAG_TASK_RUN
  Field<bool> force_rerun{};    // true; false: the id is that of the configuration alone
  Field<std::vector<std::string>>
      reattach_states{};              // of a job with that id that is somebody else's: states in which it is waited for
  Field<bool> cancel_on_kill{};       // true
  Option<Duration> result_timeout{};  // no end
  Field<std::string> project_id{};    // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryToGCSOperator& op, detail::OperatorFields& fields) {
    fields.required("source_project_dataset_table", op.source_project_dataset_table)
        .required("destination_cloud_storage_uris", op.destination_cloud_storage_uris)
        .field("export_format", op.export_format)
        .field("compression", op.compression)
        .field("field_delimiter", op.field_delimiter)
        .field("print_header", op.print_header)
        .field("labels", op.labels)
        .field("job_id", op.job_id)
        .field("force_rerun", op.force_rerun)
        .field("reattach_states", op.reattach_states)
        .field("cancel_on_kill", op.cancel_on_kill)
        .duration("result_timeout", op.result_timeout)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"source_project_dataset_table", "destination_cloud_storage_uris", "export_format", "labels", "job_id",
                    "gcp_conn_id", "impersonation_chain"});
  }
};

// Objects into a table, or as an external one. Its value is the largest max_id_key, where that is wanted.
struct GCSToBigQueryOperator {
  static constexpr std::string_view task_type = "GCSToBigQueryOperator";
  std::string task_id{};
  Field<std::string> bucket{};                              // required
  Field<std::vector<std::string>> source_objects{};         // required: names, * in them too
  Field<std::string> destination_project_dataset_table{};   // required
  Field<Value> schema_fields{};                             // Array{Object{{"name", "id"}, {"type", "INTEGER"}}, ...}
  Field<std::string> schema_object{};                       // an object with that as JSON
  Field<std::string> schema_object_bucket{};                // bucket
  Field<bool> autodetect{};                                 // true
  Field<std::string> source_format{};                       // CSV; NEWLINE_DELIMITED_JSON, AVRO, PARQUET, ...
  Field<std::string> compression{};                         // of an external table: NONE; GZIP
  Field<std::string> create_disposition{};                  // CREATE_IF_NEEDED; CREATE_NEVER
  Field<std::string> write_disposition{};                   // WRITE_EMPTY; WRITE_TRUNCATE, WRITE_APPEND
  Field<std::int64_t> skip_leading_rows{};                  // 0
  Field<std::string> field_delimiter{};                     // ","
  Field<std::string> quote_character{};                     // "
  Field<bool> allow_quoted_newlines{};                      // false
  Field<bool> allow_jagged_rows{};                          // false
  Field<std::string> encoding{};                            // UTF-8
  Field<std::int64_t> max_bad_records{};                    // 0
  Field<bool> ignore_unknown_values{};                      // false
  Field<Value> src_fmt_configs{};                           // of the format: these come first
  Field<Value> extra_config{};                              // anything else of the load, or of the external table
  Field<std::string> max_id_key{};                          // a column
  Field<std::vector<std::string>> schema_update_options{};  // ALLOW_FIELD_ADDITION, ALLOW_FIELD_RELAXATION
  Field<bool> external_table{};                             // false; true: the rows stay in the objects
  Field<bool> force_delete{};                               // false; true: a table that is there goes first
  Field<Value> time_partitioning{};
  Field<Value> range_partitioning{};
  Field<std::vector<std::string>> cluster_fields{};
  Field<Value> encryption_configuration{};
  Field<Value> labels{};
  Field<std::string> description{};
  Field<std::string> job_id{};  // the beginning of its id; airflow_DAG_TASK_RUN
  Field<bool> force_rerun{};    // true; false: the id is that of the configuration alone
  Field<std::vector<std::string>>
      reattach_states{};              // of a job with that id that is somebody else's: states in which it is waited for
  Field<bool> cancel_on_kill{};       // true
  Option<Duration> result_timeout{};  // no end
  Field<std::string> project_id{};    // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = std::string;

  friend void fields_of(const GCSToBigQueryOperator& op, detail::OperatorFields& fields) {
    fields.required("bucket", op.bucket)
        .required("source_objects", op.source_objects)
        .required("destination_project_dataset_table", op.destination_project_dataset_table)
        .field("schema_fields", op.schema_fields)
        .field("schema_object", op.schema_object)
        .field("schema_object_bucket", op.schema_object_bucket)
        .field("autodetect", op.autodetect)
        .field("source_format", op.source_format)
        .field("compression", op.compression)
        .field("create_disposition", op.create_disposition)
        .field("write_disposition", op.write_disposition)
        .field("skip_leading_rows", op.skip_leading_rows)
        .field("field_delimiter", op.field_delimiter)
        .field("quote_character", op.quote_character)
        .field("allow_quoted_newlines", op.allow_quoted_newlines)
        .field("allow_jagged_rows", op.allow_jagged_rows)
        .field("encoding", op.encoding)
        .field("max_bad_records", op.max_bad_records)
        .field("ignore_unknown_values", op.ignore_unknown_values)
        .field("src_fmt_configs", op.src_fmt_configs)
        .field("extra_config", op.extra_config)
        .field("max_id_key", op.max_id_key)
        .field("schema_update_options", op.schema_update_options)
        .field("external_table", op.external_table)
        .field("force_delete", op.force_delete)
        .field("time_partitioning", op.time_partitioning)
        .field("range_partitioning", op.range_partitioning)
        .field("cluster_fields", op.cluster_fields)
        .field("encryption_configuration", op.encryption_configuration)
        .field("labels", op.labels)
        .field("description", op.description)
        .field("job_id", op.job_id)
        .field("force_rerun", op.force_rerun)
        .field("reattach_states", op.reattach_states)
        .field("cancel_on_kill", op.cancel_on_kill)
        .duration("result_timeout", op.result_timeout)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"bucket", "source_objects", "destination_project_dataset_table", "schema_fields", "schema_object",
                    "schema_object_bucket", "src_fmt_configs", "extra_config", "job_id", "gcp_conn_id", "impersonation_chain"},
                   {".sql"});
  }
};

// Fails where a value of the first row is not true.
struct BigQueryCheckOperator {
  static constexpr std::string_view task_type = "BigQueryCheckOperator";
  std::string task_id{};
  Field<std::string> sql{};     // required
  Field<Value> query_params{};  // as BigQuery's queryParameters
  Field<Value> labels{};
  Field<bool> use_legacy_sql{};  // false
  Field<Value> encryption_configuration{};
  Field<bool> retry_on_failure{};   // true; false: a check that fails is not tried again
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryCheckOperator& op, detail::OperatorFields& fields) {
    fields.required("sql", op.sql)
        .field("query_params", op.query_params)
        .field("labels", op.labels)
        .field("use_legacy_sql", op.use_legacy_sql)
        .field("encryption_configuration", op.encryption_configuration)
        .field("retry_on_failure", op.retry_on_failure)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"sql", "query_params", "labels", "gcp_conn_id", "impersonation_chain"}, {".sql"});
  }
};

// Fails where the values of the first row are others.
struct BigQueryValueCheckOperator {
  static constexpr std::string_view task_type = "BigQueryValueCheckOperator";
  std::string task_id{};
  Field<std::string> sql{};   // required
  Field<Value> pass_value{};  // required
  Field<Value> tolerance{};   // 0.1: 10 %
  Field<Value> labels{};
  Field<bool> use_legacy_sql{};  // false
  Field<Value> encryption_configuration{};
  Field<bool> retry_on_failure{};   // true; false: a check that fails is not tried again
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryValueCheckOperator& op, detail::OperatorFields& fields) {
    fields.required("sql", op.sql)
        .required("pass_value", op.pass_value)
        .field("tolerance", op.tolerance)
        .field("labels", op.labels)
        .field("use_legacy_sql", op.use_legacy_sql)
        .field("encryption_configuration", op.encryption_configuration)
        .field("retry_on_failure", op.retry_on_failure)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"sql", "pass_value", "labels", "gcp_conn_id", "impersonation_chain"}, {".sql"});
  }
};

// Compares metrics of a day with those of an earlier one.
struct BigQueryIntervalCheckOperator {
  static constexpr std::string_view task_type = "BigQueryIntervalCheckOperator";
  std::string task_id{};
  Field<std::string> table{};               // required
  Field<Value> metrics_thresholds{};        // required: Object{{"COUNT(*)", 1.5}}
  Field<std::string> date_filter_column{};  // ds
  Field<std::int64_t> days_back{};          // -7
  Field<std::string> ratio_formula{};       // max_over_min; relative_diff
  Field<bool> ignore_zero{};                // true
  Field<Value> labels{};
  Field<bool> use_legacy_sql{};  // false
  Field<Value> encryption_configuration{};
  Field<bool> retry_on_failure{};   // true; false: a check that fails is not tried again
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryIntervalCheckOperator& op, detail::OperatorFields& fields) {
    fields.required("table", op.table)
        .required("metrics_thresholds", op.metrics_thresholds)
        .field("date_filter_column", op.date_filter_column)
        .field("days_back", op.days_back)
        .field("ratio_formula", op.ratio_formula)
        .field("ignore_zero", op.ignore_zero)
        .field("labels", op.labels)
        .field("use_legacy_sql", op.use_legacy_sql)
        .field("encryption_configuration", op.encryption_configuration)
        .field("retry_on_failure", op.retry_on_failure)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"table", "metrics_thresholds", "date_filter_column", "labels", "gcp_conn_id", "impersonation_chain"});
  }
};

// Checks of columns, as SQLColumnCheckOperator has them.
struct BigQueryColumnCheckOperator {
  static constexpr std::string_view task_type = "BigQueryColumnCheckOperator";
  std::string task_id{};
  Field<std::string> table{};     // required
  Field<Value> column_mapping{};  // required
  Field<std::string> partition_clause{};
  Field<bool> accept_none{};  // true
  Field<Value> labels{};
  Field<bool> use_legacy_sql{};  // false
  Field<Value> encryption_configuration{};
  Field<bool> retry_on_failure{};   // true; false: a check that fails is not tried again
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryColumnCheckOperator& op, detail::OperatorFields& fields) {
    fields.required("table", op.table)
        .required("column_mapping", op.column_mapping)
        .field("partition_clause", op.partition_clause)
        .field("accept_none", op.accept_none)
        .field("labels", op.labels)
        .field("use_legacy_sql", op.use_legacy_sql)
        .field("encryption_configuration", op.encryption_configuration)
        .field("retry_on_failure", op.retry_on_failure)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"table", "column_mapping", "partition_clause", "labels", "gcp_conn_id", "impersonation_chain"});
  }
};

// Checks of a table, as SQLTableCheckOperator has them.
struct BigQueryTableCheckOperator {
  static constexpr std::string_view task_type = "BigQueryTableCheckOperator";
  std::string task_id{};
  Field<std::string> table{};  // required
  Field<Value> checks{};       // required
  Field<std::string> partition_clause{};
  Field<bool> accept_none{};  // false
  Field<Value> labels{};
  Field<bool> use_legacy_sql{};  // false
  Field<Value> encryption_configuration{};
  Field<bool> retry_on_failure{};   // true; false: a check that fails is not tried again
  Field<std::string> project_id{};  // that pays; the connection's
  Field<std::string> location{};
  Field<bool> deferrable{};          // false
  Option<Duration> poll_interval{};  // 4 s
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryTableCheckOperator& op, detail::OperatorFields& fields) {
    fields.required("table", op.table)
        .required("checks", op.checks)
        .field("partition_clause", op.partition_clause)
        .field("accept_none", op.accept_none)
        .field("labels", op.labels)
        .field("use_legacy_sql", op.use_legacy_sql)
        .field("encryption_configuration", op.encryption_configuration)
        .field("retry_on_failure", op.retry_on_failure)
        .field("project_id", op.project_id)
        .field("location", op.location)
        .field("deferrable", op.deferrable)
        .duration("poll_interval", op.poll_interval)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"table", "checks", "partition_clause", "labels", "gcp_conn_id", "impersonation_chain"});
  }
};

// Its value is the dataset's resource, of one that was there too.
struct BigQueryCreateEmptyDatasetOperator {
  static constexpr std::string_view task_type = "BigQueryCreateEmptyDatasetOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};
  Field<Value> dataset_reference{};  // the whole resource instead
  Field<std::string> location{};
  Field<std::string> if_exists{};   // log; ignore, fail, skip
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryCreateEmptyDatasetOperator& op, detail::OperatorFields& fields) {
    fields.field("dataset_id", op.dataset_id)
        .field("dataset_reference", op.dataset_reference)
        .field("location", op.location)
        .field("if_exists", op.if_exists)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "dataset_reference", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// The dataset's resource.
struct BigQueryGetDatasetOperator {
  static constexpr std::string_view task_type = "BigQueryGetDatasetOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};  // required
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryGetDatasetOperator& op, detail::OperatorFields& fields) {
    fields.required("dataset_id", op.dataset_id)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// References of its tables: projectId, datasetId, tableId.
struct BigQueryGetDatasetTablesOperator {
  static constexpr std::string_view task_type = "BigQueryGetDatasetTablesOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};    // required
  Field<std::int64_t> max_results{};  // all
  Field<std::string> project_id{};    // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = std::vector<Value>;

  friend void fields_of(const BigQueryGetDatasetTablesOperator& op, detail::OperatorFields& fields) {
    fields.required("dataset_id", op.dataset_id)
        .field("max_results", op.max_results)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Changes members of its resource.
struct BigQueryUpdateDatasetOperator {
  static constexpr std::string_view task_type = "BigQueryUpdateDatasetOperator";
  std::string task_id{};
  Field<Value> dataset_resource{};           // required
  Field<std::vector<std::string>> fields{};  // only these
  Field<std::string> dataset_id{};           // the resource's
  Field<std::string> project_id{};           // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryUpdateDatasetOperator& op, detail::OperatorFields& of) {
    of.required("dataset_resource", op.dataset_resource)
        .field("fields", op.fields)
        .field("dataset_id", op.dataset_id)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// One that is not there is fine.
struct BigQueryDeleteDatasetOperator {
  static constexpr std::string_view task_type = "BigQueryDeleteDatasetOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};  // required
  Field<bool> delete_contents{};    // false; true: its tables go too
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryDeleteDatasetOperator& op, detail::OperatorFields& fields) {
    fields.required("dataset_id", op.dataset_id)
        .field("delete_contents", op.delete_contents)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Its value is the table's resource, of one that was there too.
struct BigQueryCreateTableOperator {
  static constexpr std::string_view task_type = "BigQueryCreateTableOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};                    // required
  Field<std::string> table_id{};                      // required
  Field<Value> table_resource{};                      // required: Object{{"schema", ...}, {"timePartitioning", ...}}
  Field<std::string> gcs_schema_object{};             // gs://bucket/object: a list of fields as JSON
  Field<std::string> google_cloud_storage_conn_id{};  // gcp_conn_id
  Field<std::string> location{};
  Field<std::string> if_exists{};   // log; ignore, fail, skip
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryCreateTableOperator& op, detail::OperatorFields& fields) {
    fields.required("dataset_id", op.dataset_id)
        .required("table_id", op.table_id)
        .required("table_resource", op.table_resource)
        .field("gcs_schema_object", op.gcs_schema_object)
        .field("google_cloud_storage_conn_id", op.google_cloud_storage_conn_id)
        .field("location", op.location)
        .field("if_exists", op.if_exists)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "table_id", "table_resource", "gcs_schema_object", "google_cloud_storage_conn_id",
                    "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Changes members of its resource.
struct BigQueryUpdateTableOperator {
  static constexpr std::string_view task_type = "BigQueryUpdateTableOperator";
  std::string task_id{};
  Field<Value> table_resource{};             // required
  Field<std::vector<std::string>> fields{};  // only these
  Field<std::string> dataset_id{};           // the resource's
  Field<std::string> table_id{};             // the resource's
  Field<std::string> project_id{};           // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryUpdateTableOperator& op, detail::OperatorFields& of) {
    of.required("table_resource", op.table_resource)
        .field("fields", op.fields)
        .field("dataset_id", op.dataset_id)
        .field("table_id", op.table_id)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "table_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Creates it, or changes the one that is there.
struct BigQueryUpsertTableOperator {
  static constexpr std::string_view task_type = "BigQueryUpsertTableOperator";
  std::string task_id{};
  Field<std::string> dataset_id{};  // required
  Field<Value> table_resource{};    // required: with tableReference
  Field<std::string> location{};
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryUpsertTableOperator& op, detail::OperatorFields& fields) {
    fields.required("dataset_id", op.dataset_id)
        .required("table_resource", op.table_resource)
        .field("location", op.location)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"dataset_id", "table_resource", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

// Changes fields of a schema, and adds those that are new.
struct BigQueryUpdateTableSchemaOperator {
  static constexpr std::string_view task_type = "BigQueryUpdateTableSchemaOperator";
  std::string task_id{};
  Field<Value> schema_fields_updates{};  // required: Array{Object{{"name", "id"}, {"description", "..."}}}
  Field<std::string> dataset_id{};       // required
  Field<std::string> table_id{};         // required
  Field<bool> include_policy_tags{};     // false
  Field<std::string> location{};
  Field<std::string> project_id{};  // the connection's
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = Value;

  friend void fields_of(const BigQueryUpdateTableSchemaOperator& op, detail::OperatorFields& fields) {
    fields.required("schema_fields_updates", op.schema_fields_updates)
        .required("dataset_id", op.dataset_id)
        .required("table_id", op.table_id)
        .field("include_policy_tags", op.include_policy_tags)
        .field("location", op.location)
        .field("project_id", op.project_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"schema_fields_updates", "dataset_id", "table_id", "project_id", "gcp_conn_id", "impersonation_chain"});
  }
};

struct BigQueryDeleteTableOperator {
  static constexpr std::string_view task_type = "BigQueryDeleteTableOperator";
  std::string task_id{};
  Field<std::string> deletion_dataset_table{};  // required: project.dataset.table
  Field<bool> ignore_if_missing{};              // false
  Field<std::string> location{};
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  using Result = void;

  friend void fields_of(const BigQueryDeleteTableOperator& op, detail::OperatorFields& fields) {
    fields.required("deletion_dataset_table", op.deletion_dataset_table)
        .field("ignore_if_missing", op.ignore_if_missing)
        .field("location", op.location)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"deletion_dataset_table", "gcp_conn_id", "impersonation_chain"});
  }
};

// Waits for a table.
struct BigQueryTableExistenceSensor {
  static constexpr std::string_view task_type = "BigQueryTableExistenceSensor";
  std::string task_id{};
  Field<std::string> project_id{};  // required
  Field<std::string> dataset_id{};  // required
  Field<std::string> table_id{};    // required
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const BigQueryTableExistenceSensor& op, detail::OperatorFields& fields) {
    fields.required("project_id", op.project_id)
        .required("dataset_id", op.dataset_id)
        .required("table_id", op.table_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"project_id", "dataset_id", "table_id", "gcp_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

// Waits for a partition of a table.
struct BigQueryTablePartitionExistenceSensor {
  static constexpr std::string_view task_type = "BigQueryTablePartitionExistenceSensor";
  std::string task_id{};
  Field<std::string> project_id{};    // required
  Field<std::string> dataset_id{};    // required
  Field<std::string> table_id{};      // required
  Field<std::string> partition_id{};  // required: 20260131
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const BigQueryTablePartitionExistenceSensor& op, detail::OperatorFields& fields) {
    fields.required("project_id", op.project_id)
        .required("dataset_id", op.dataset_id)
        .required("table_id", op.table_id)
        .required("partition_id", op.partition_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"project_id", "dataset_id", "table_id", "partition_id", "gcp_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

// Waits until what was streamed into a table has become rows that statements can change.
struct BigQueryStreamingBufferEmptySensor {
  static constexpr std::string_view task_type = "BigQueryStreamingBufferEmptySensor";
  std::string task_id{};
  Field<std::string> project_id{};  // required
  Field<std::string> dataset_id{};  // required
  Field<std::string> table_id{};    // required
  Field<std::string> gcp_conn_id{};
  Field<Value> impersonation_chain{};
  Option<bool> deferrable{};  // false
  Option<Duration> poke_interval{}, timeout{}, max_wait{};
  Option<SensorMode> mode{};
  Option<bool> soft_fail{}, never_fail{}, silent_fail{}, exponential_backoff{};
  using Result = void;

  friend void fields_of(const BigQueryStreamingBufferEmptySensor& op, detail::OperatorFields& fields) {
    fields.required("project_id", op.project_id)
        .required("dataset_id", op.dataset_id)
        .required("table_id", op.table_id)
        .field("gcp_conn_id", op.gcp_conn_id)
        .field("impersonation_chain", op.impersonation_chain)
        .templates({"project_id", "dataset_id", "table_id", "gcp_conn_id", "impersonation_chain"})
        .sensor(op);
  }
};

}  // namespace venturi::inline sdk
