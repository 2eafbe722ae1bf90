// The operators of BigQuery, with what they take.
#include <utility>

#include "providers/google/bigquery.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::ArgumentType;
using operators::OperatorEntry;
using operators::templated;

std::vector<Argument> with(std::vector<Argument> own, std::vector<Argument> more) {
  own.insert(own.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return own;
}

// What all of them take.
std::vector<Argument> of_bigquery(std::vector<Argument> own) {
  return with(std::move(own),
              {templated({"gcp_conn_id", ArgumentType::string}), templated({"impersonation_chain", ArgumentType::any})});
}
std::vector<Argument> of_dataset(std::vector<Argument> own) {
  return of_bigquery(with(std::move(own), {templated({"project_id", ArgumentType::string})}));
}
// What waits for a job.
std::vector<Argument> of_job(std::vector<Argument> own) {
  return of_bigquery(with(std::move(own), {{"project_id", ArgumentType::string},
                                           {"location", ArgumentType::string},
                                           {"deferrable", ArgumentType::boolean},
                                           {"poll_interval", ArgumentType::number}}));
}
// ... whose id can be chosen.
std::vector<Argument> of_named_job(std::vector<Argument> own) {
  return of_job(with(std::move(own), {templated({"job_id", ArgumentType::string}),
                                      {"force_rerun", ArgumentType::boolean},
                                      {"reattach_states", ArgumentType::string_list},
                                      {"cancel_on_kill", ArgumentType::boolean},
                                      {"result_timeout", ArgumentType::number}}));
}
std::vector<Argument> of_check(std::vector<Argument> own) {
  return of_job(with(std::move(own), {templated({"labels", ArgumentType::object}),
                                      {"use_legacy_sql", ArgumentType::boolean},
                                      {"encryption_configuration", ArgumentType::object},
                                      {"retry_on_failure", ArgumentType::boolean}}));
}

void add_jobs(operators::Registry& registry) {
  registry.add(OperatorEntry{.task_type = "BigQueryInsertJobOperator",
                             .arguments = of_bigquery({templated({"configuration", ArgumentType::any, true}),
                                                       templated({"project_id", ArgumentType::string}),
                                                       {"location", ArgumentType::string},
                                                       templated({"job_id", ArgumentType::string}),
                                                       {"force_rerun", ArgumentType::boolean},
                                                       {"reattach_states", ArgumentType::string_list},
                                                       {"cancel_on_kill", ArgumentType::boolean},
                                                       {"result_timeout", ArgumentType::number},
                                                       {"deferrable", ArgumentType::boolean},
                                                       {"poll_interval", ArgumentType::number}}),
                             .template_ext = {".json", ".sql"},
                             .run = run_bigquery_insert_job});
  registry.add(OperatorEntry{.task_type = "BigQueryGetDataOperator",
                             .arguments = of_dataset({templated({"dataset_id", ArgumentType::string}),
                                                      templated({"table_id", ArgumentType::string}),
                                                      templated({"table_project_id", ArgumentType::string}),
                                                      templated({"job_id", ArgumentType::string}),
                                                      templated({"job_project_id", ArgumentType::string}),
                                                      templated({"max_results", ArgumentType::any}),
                                                      templated({"selected_fields", ArgumentType::string}),
                                                      {"location", ArgumentType::string},
                                                      {"as_dict", ArgumentType::boolean}}),
                             .run = run_bigquery_get_data});
  registry.add(OperatorEntry{.task_type = "BigQueryToPostgresOperator",
                             .arguments = of_bigquery({templated({"target_table_name", ArgumentType::string, true}),
                                                       {"dataset_table", ArgumentType::string},
                                                       templated({"dataset_id", ArgumentType::string}),
                                                       templated({"table_id", ArgumentType::string}),
                                                       {"postgres_conn_id", ArgumentType::string},
                                                       {"database", ArgumentType::string},
                                                       {"selected_fields", ArgumentType::string_list},
                                                       {"replace", ArgumentType::boolean},
                                                       {"replace_index", ArgumentType::string_list},
                                                       {"batch_size", ArgumentType::integer},
                                                       {"location", ArgumentType::string}}),
                             .run = run_bigquery_to_postgres});
  registry.add(OperatorEntry{.task_type = "BigQueryToBigQueryOperator",
                             .arguments = of_job({templated({"source_project_dataset_tables", ArgumentType::string_list, true}),
                                                  templated({"destination_project_dataset_table", ArgumentType::string, true}),
                                                  {"write_disposition", ArgumentType::string},
                                                  {"create_disposition", ArgumentType::string},
                                                  templated({"labels", ArgumentType::object}),
                                                  {"encryption_configuration", ArgumentType::object}}),
                             .template_ext = {".sql"},
                             .run = run_bigquery_copy});
  registry.add(
      OperatorEntry{.task_type = "BigQueryToGCSOperator",
                    .arguments = of_named_job({templated({"source_project_dataset_table", ArgumentType::string, true}),
                                               templated({"destination_cloud_storage_uris", ArgumentType::string_list, true}),
                                               templated({"export_format", ArgumentType::string}),
                                               {"compression", ArgumentType::string},
                                               {"field_delimiter", ArgumentType::string},
                                               {"print_header", ArgumentType::boolean},
                                               templated({"labels", ArgumentType::object})}),
                    .run = run_bigquery_to_gcs});
  registry.add(
      OperatorEntry{.task_type = "GCSToBigQueryOperator",
                    .arguments = of_named_job({templated({"bucket", ArgumentType::string, true}),
                                               templated({"source_objects", ArgumentType::any, true}),
                                               templated({"destination_project_dataset_table", ArgumentType::string, true}),
                                               templated({"schema_fields", ArgumentType::list}),
                                               templated({"schema_object", ArgumentType::string}),
                                               templated({"schema_object_bucket", ArgumentType::string}),
                                               {"source_format", ArgumentType::string},
                                               {"compression", ArgumentType::string},
                                               {"create_disposition", ArgumentType::string},
                                               {"write_disposition", ArgumentType::string},
                                               {"skip_leading_rows", ArgumentType::integer},
                                               {"field_delimiter", ArgumentType::string},
                                               {"max_bad_records", ArgumentType::integer},
                                               {"quote_character", ArgumentType::string},
                                               {"ignore_unknown_values", ArgumentType::boolean},
                                               {"allow_quoted_newlines", ArgumentType::boolean},
                                               {"allow_jagged_rows", ArgumentType::boolean},
                                               {"encoding", ArgumentType::string},
                                               {"max_id_key", ArgumentType::string},
                                               {"schema_update_options", ArgumentType::string_list},
                                               templated({"src_fmt_configs", ArgumentType::object}),
                                               templated({"extra_config", ArgumentType::object}),
                                               {"external_table", ArgumentType::boolean},
                                               {"time_partitioning", ArgumentType::object},
                                               {"range_partitioning", ArgumentType::object},
                                               {"cluster_fields", ArgumentType::list},
                                               {"autodetect", ArgumentType::boolean},
                                               {"encryption_configuration", ArgumentType::object},
                                               {"labels", ArgumentType::object},
                                               {"description", ArgumentType::string},
                                               {"force_delete", ArgumentType::boolean}}),
                    .template_ext = {".sql"},
                    .run = run_gcs_to_bigquery});
}

void add_checks(operators::Registry& registry) {
  registry.add(OperatorEntry{
      .task_type = "BigQueryCheckOperator",
      .arguments = of_check({templated({"sql", ArgumentType::string, true}), templated({"query_params", ArgumentType::list})}),
      .template_ext = {".sql"},
      .run = run_bigquery_check});
  registry.add(OperatorEntry{.task_type = "BigQueryValueCheckOperator",
                             .arguments = of_check({templated({"sql", ArgumentType::string, true}),
                                                    templated({"pass_value", ArgumentType::any, true}),
                                                    {"tolerance", ArgumentType::any}}),
                             .template_ext = {".sql"},
                             .run = run_bigquery_value_check});
  registry.add(OperatorEntry{.task_type = "BigQueryIntervalCheckOperator",
                             .arguments = of_check({templated({"table", ArgumentType::string, true}),
                                                    templated({"metrics_thresholds", ArgumentType::object, true}),
                                                    templated({"date_filter_column", ArgumentType::string}),
                                                    {"days_back", ArgumentType::integer},
                                                    {"ratio_formula", ArgumentType::string},
                                                    {"ignore_zero", ArgumentType::boolean}}),
                             .run = run_bigquery_interval_check});
  registry.add(OperatorEntry{.task_type = "BigQueryColumnCheckOperator",
                             .arguments = of_check({templated({"table", ArgumentType::string, true}),
                                                    templated({"column_mapping", ArgumentType::object, true}),
                                                    templated({"partition_clause", ArgumentType::string}),
                                                    {"accept_none", ArgumentType::boolean}}),
                             .run = run_bigquery_column_check});
  registry.add(OperatorEntry{.task_type = "BigQueryTableCheckOperator",
                             .arguments = of_check({templated({"table", ArgumentType::string, true}),
                                                    templated({"checks", ArgumentType::object, true}),
                                                    templated({"partition_clause", ArgumentType::string}),
                                                    {"accept_none", ArgumentType::boolean}}),
                             .run = run_bigquery_table_check});
}

void add_datasets(operators::Registry& registry) {
  const Argument dataset_id = templated({"dataset_id", ArgumentType::string, true});
  registry.add(OperatorEntry{.task_type = "BigQueryCreateEmptyDatasetOperator",
                             .arguments = of_dataset({templated({"dataset_id", ArgumentType::string}),
                                                      templated({"dataset_reference", ArgumentType::object}),
                                                      {"location", ArgumentType::string},
                                                      {"if_exists", ArgumentType::string}}),
                             .run = run_bigquery_create_dataset});
  registry.add(OperatorEntry{
      .task_type = "BigQueryGetDatasetOperator", .arguments = of_dataset({dataset_id}), .run = run_bigquery_get_dataset});
  registry.add(OperatorEntry{.task_type = "BigQueryGetDatasetTablesOperator",
                             .arguments = of_dataset({dataset_id, {"max_results", ArgumentType::integer}}),
                             .run = run_bigquery_get_dataset_tables});
  registry.add(OperatorEntry{.task_type = "BigQueryUpdateDatasetOperator",
                             .arguments = of_dataset({templated({"dataset_id", ArgumentType::string}),
                                                      {"dataset_resource", ArgumentType::object, true},
                                                      {"fields", ArgumentType::string_list}}),
                             .run = run_bigquery_update_dataset});
  registry.add(OperatorEntry{.task_type = "BigQueryDeleteDatasetOperator",
                             .arguments = of_dataset({dataset_id, {"delete_contents", ArgumentType::boolean}}),
                             .run = run_bigquery_delete_dataset});
}

void add_tables(operators::Registry& registry) {
  const Argument dataset_id = templated({"dataset_id", ArgumentType::string, true});
  const Argument table_id = templated({"table_id", ArgumentType::string, true});
  registry.add(OperatorEntry{.task_type = "BigQueryCreateTableOperator",
                             .arguments = of_dataset({dataset_id,
                                                      table_id,
                                                      templated({"table_resource", ArgumentType::object, true}),
                                                      templated({"gcs_schema_object", ArgumentType::string}),
                                                      templated({"google_cloud_storage_conn_id", ArgumentType::string}),
                                                      {"location", ArgumentType::string},
                                                      {"if_exists", ArgumentType::string}}),
                             .run = run_bigquery_create_table});
  registry.add(OperatorEntry{.task_type = "BigQueryUpdateTableOperator",
                             .arguments = of_dataset({templated({"dataset_id", ArgumentType::string}),
                                                      templated({"table_id", ArgumentType::string}),
                                                      {"table_resource", ArgumentType::object, true},
                                                      {"fields", ArgumentType::string_list}}),
                             .run = run_bigquery_update_table});
  registry.add(OperatorEntry{
      .task_type = "BigQueryUpsertTableOperator",
      .arguments = of_dataset(
          {dataset_id, templated({"table_resource", ArgumentType::object, true}), {"location", ArgumentType::string}}),
      .run = run_bigquery_upsert_table});
  registry.add(OperatorEntry{.task_type = "BigQueryUpdateTableSchemaOperator",
                             .arguments = of_dataset({templated({"schema_fields_updates", ArgumentType::list, true}),
                                                      dataset_id,
                                                      table_id,
                                                      {"include_policy_tags", ArgumentType::boolean},
                                                      {"location", ArgumentType::string}}),
                             .run = run_bigquery_update_schema});
  registry.add(OperatorEntry{.task_type = "BigQueryDeleteTableOperator",
                             .arguments = of_bigquery({templated({"deletion_dataset_table", ArgumentType::string, true}),
                                                       {"ignore_if_missing", ArgumentType::boolean},
                                                       {"location", ArgumentType::string}}),
                             .run = run_bigquery_delete_table});
}

void add_sensors(operators::Registry& registry) {
  const std::vector<Argument> of_table =
      of_bigquery({templated({"project_id", ArgumentType::string, true}), templated({"dataset_id", ArgumentType::string, true}),
                   templated({"table_id", ArgumentType::string, true})});
  registry.add(OperatorEntry{.task_type = "BigQueryTableExistenceSensor",
                             .arguments = of_table,
                             .poke = poke_bigquery_table,
                             .trigger = "airflow.providers.google.cloud.triggers.bigquery.BigQueryTableExistenceTrigger"});
  registry.add(
      OperatorEntry{.task_type = "BigQueryTablePartitionExistenceSensor",
                    .arguments = with({templated({"partition_id", ArgumentType::string, true})}, of_table),
                    .poke = poke_bigquery_partition,
                    .trigger = "airflow.providers.google.cloud.triggers.bigquery.BigQueryTablePartitionExistenceTrigger"});
  registry.add(
      OperatorEntry{.task_type = "BigQueryStreamingBufferEmptySensor",
                    .arguments = of_table,
                    .poke = poke_bigquery_streaming_buffer,
                    .trigger = "airflow.providers.google.cloud.triggers.bigquery.BigQueryStreamingBufferEmptyTrigger"});
}

}  // namespace

void add_bigquery(operators::Registry& registry) {
  add_jobs(registry);
  add_checks(registry);
  add_datasets(registry);
  add_tables(registry);
  add_sensors(registry);
}

}  // namespace venturi::providers
