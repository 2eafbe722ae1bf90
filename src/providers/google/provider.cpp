// Google Cloud: BigQuery and Cloud Storage.
#include "operators/registry.h"
#include "providers/google/bigquery.h"
#include "providers/google/gcs.h"
#include "providers/google/google_client.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::ArgumentType;
using operators::templated;
using operators::templated_path;

// Those of most of Airflow's operators here.
std::vector<Argument> with_google(std::vector<Argument> own, std::string_view conn_id = "gcp_conn_id") {
  own.push_back(templated({conn_id, ArgumentType::string}));
  own.push_back(templated({"impersonation_chain", ArgumentType::any}));
  return own;
}
std::vector<Argument> of_sensor(std::vector<Argument> own) {
  return with_google(std::move(own), "google_cloud_conn_id");
}

operators::ConnectionType google_cloud_platform() {
  return {.info = {.conn_type = "google_cloud_platform",
                   .label = "Google Cloud",
                   .default_conn_id = "google_cloud_default",
                   .fields = {{"project", "Project Id", "empty: that of the credentials"},
                              {"keyfile_dict", "Keyfile JSON", "the key of a service account", ArgumentType::any, true},
                              {"key_path", "Keyfile Path", "of such a key, on the worker's machine"},
                              {"credential_config_file", "Credential Configuration File",
                               "path or JSON: workload identity federation, or what gcloud wrote", ArgumentType::any},
                              {"impersonation_chain", "Impersonation Chain",
                               "etl@shop.iam.gserviceaccount.com, or those that lead to it, with commas"},
                              {"scope", "Scopes (comma separated)", "empty: cloud-platform"},
                              {"num_retries", "Number of Retries", "5", ArgumentType::integer},
                              {"quota_project_id", "Quota Project ID", "that pays for the requests"},
                              {"is_anonymous", "Anonymous", "true: without credentials", ArgumentType::boolean},
                              {"endpoint", "Endpoint", "of a server that is not Google's: http://127.0.0.1:4443"},
                              {"endpoints", "Endpoints by service", R"({"storage": "http://127.0.0.1:4443"})",
                               ArgumentType::object}}},
          .test = test_google_connection};
}

void add_gcs_buckets(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "GCSCreateBucketOperator",
                                        .arguments = with_google({templated({"bucket_name", ArgumentType::string, true}),
                                                                  {"resource", ArgumentType::object},
                                                                  templated({"storage_class", ArgumentType::string}),
                                                                  templated({"location", ArgumentType::string}),
                                                                  templated({"project_id", ArgumentType::string}),
                                                                  {"labels", ArgumentType::object}}),
                                        .run = run_gcs_create_bucket});
  registry.add(operators::OperatorEntry{.task_type = "GCSDeleteBucketOperator",
                                        .arguments = with_google({templated({"bucket_name", ArgumentType::string, true}),
                                                                  {"force", ArgumentType::boolean},
                                                                  templated({"user_project", ArgumentType::string})}),
                                        .run = run_gcs_delete_bucket});
  registry.add(operators::OperatorEntry{
      .task_type = "GCSListObjectsOperator",
      .arguments =
          with_google({templated({"bucket", ArgumentType::string, true}), templated({"prefix", ArgumentType::any}),
                       templated({"delimiter", ArgumentType::string}), templated({"match_glob", ArgumentType::string})}),
      .run = run_gcs_list});
  registry.add(operators::OperatorEntry{.task_type = "GCSDeleteObjectsOperator",
                                        .arguments = with_google({templated({"bucket_name", ArgumentType::string, true}),
                                                                  templated({"objects", ArgumentType::any}),
                                                                  templated({"prefix", ArgumentType::any}),
                                                                  {"ignore_error", ArgumentType::boolean}}),
                                        .run = run_gcs_delete_objects});
  registry.add(operators::OperatorEntry{
      .task_type = "GCSSynchronizeBucketsOperator",
      .arguments = with_google(
          {templated({"source_bucket", ArgumentType::string, true}),
           templated({"destination_bucket", ArgumentType::string, true}), templated({"source_object", ArgumentType::string}),
           templated({"destination_object", ArgumentType::string}), templated({"recursive", ArgumentType::boolean}),
           templated({"delete_extra_files", ArgumentType::boolean}), templated({"allow_overwrite", ArgumentType::boolean})}),
      .run = run_gcs_synchronize});
}

void add_gcs_transfers(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "GCSToGCSOperator",
                                        .arguments = with_google({templated({"source_bucket", ArgumentType::string, true}),
                                                                  templated({"source_object", ArgumentType::string}),
                                                                  templated({"source_objects", ArgumentType::any}),
                                                                  templated({"destination_bucket", ArgumentType::string}),
                                                                  templated({"destination_object", ArgumentType::string}),
                                                                  templated({"delimiter", ArgumentType::string}),
                                                                  templated({"match_glob", ArgumentType::string}),
                                                                  {"move_object", ArgumentType::boolean},
                                                                  {"replace", ArgumentType::boolean},
                                                                  {"last_modified_time", ArgumentType::string},
                                                                  {"maximum_modified_time", ArgumentType::string},
                                                                  {"is_older_than", ArgumentType::number},
                                                                  {"source_object_required", ArgumentType::boolean},
                                                                  {"exact_match", ArgumentType::boolean},
                                                                  {"retain_until_time", ArgumentType::string},
                                                                  {"retention_mode", ArgumentType::string}}),
                                        .run = run_gcs_to_gcs});
  registry.add(operators::OperatorEntry{.task_type = "LocalFilesystemToGCSOperator",
                                        .arguments = with_google({templated_path({"src", ArgumentType::any, true}),
                                                                  templated({"dst", ArgumentType::string, true}),
                                                                  templated({"bucket", ArgumentType::string, true}),
                                                                  {"mime_type", ArgumentType::string},
                                                                  {"gzip", ArgumentType::boolean},
                                                                  {"chunk_size", ArgumentType::integer}}),
                                        .run = run_file_to_gcs});
  registry.add(operators::OperatorEntry{
      .task_type = "GCSToLocalFilesystemOperator",
      .arguments = with_google(
          {templated({"bucket", ArgumentType::string, true}), templated({"object_name", ArgumentType::string, true}),
           templated_path({"filename", ArgumentType::string}), templated({"store_to_xcom_key", ArgumentType::string}),
           templated({"file_encoding", ArgumentType::string})}),
      .run = run_gcs_to_file});
}

void add_s3_transfers(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "S3ToGCSOperator",
                                        .arguments = {templated({"bucket", ArgumentType::string, true}),
                                                      templated({"prefix", ArgumentType::string}),
                                                      templated({"dest_gcs", ArgumentType::string, true}),
                                                      templated({"delimiter", ArgumentType::string}),
                                                      {"apply_gcs_prefix", ArgumentType::boolean},
                                                      {"replace", ArgumentType::boolean},
                                                      {"return_gcs_uris", ArgumentType::boolean},
                                                      {"gzip", ArgumentType::boolean},
                                                      templated({"aws_conn_id", ArgumentType::string}),
                                                      {"region_name", ArgumentType::string},
                                                      {"verify", ArgumentType::any},
                                                      templated({"gcp_conn_id", ArgumentType::string}),
                                                      templated({"google_impersonation_chain", ArgumentType::any})},
                                        .run = run_s3_to_gcs});
  registry.add(operators::OperatorEntry{.task_type = "GCSToS3Operator",
                                        .arguments = {templated({"gcs_bucket", ArgumentType::string, true}),
                                                      templated({"dest_s3_key", ArgumentType::string, true}),
                                                      templated({"prefix", ArgumentType::string}),
                                                      templated({"match_glob", ArgumentType::string}),
                                                      {"replace", ArgumentType::boolean},
                                                      {"keep_directory_structure", ArgumentType::boolean},
                                                      {"flatten_structure", ArgumentType::boolean},
                                                      {"s3_acl_policy", ArgumentType::string},
                                                      templated({"gcp_conn_id", ArgumentType::string}),
                                                      templated({"dest_aws_conn_id", ArgumentType::string}),
                                                      {"dest_verify", ArgumentType::any},
                                                      templated({"google_impersonation_chain", ArgumentType::any})},
                                        .run = run_gcs_to_s3});
}

void add_sftp_transfers(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "SFTPToGCSOperator",
                                        .arguments = with_google({templated({"source_path", ArgumentType::string, true}),
                                                                  templated({"destination_bucket", ArgumentType::string, true}),
                                                                  templated({"destination_path", ArgumentType::string}),
                                                                  templated({"sftp_conn_id", ArgumentType::string}),
                                                                  {"mime_type", ArgumentType::string},
                                                                  {"gzip", ArgumentType::boolean},
                                                                  {"move_object", ArgumentType::boolean},
                                                                  {"sftp_prefetch", ArgumentType::boolean},
                                                                  {"use_stream", ArgumentType::boolean},
                                                                  {"fail_on_file_not_exist", ArgumentType::boolean}}),
                                        .run = run_sftp_to_gcs});
  registry.add(operators::OperatorEntry{.task_type = "GCSToSFTPOperator",
                                        .arguments = with_google({templated({"source_bucket", ArgumentType::string, true}),
                                                                  templated({"source_object", ArgumentType::string, true}),
                                                                  templated({"destination_path", ArgumentType::string, true}),
                                                                  templated({"sftp_conn_id", ArgumentType::string}),
                                                                  {"keep_directory_structure", ArgumentType::boolean},
                                                                  {"create_intermediate_dirs", ArgumentType::boolean},
                                                                  {"move_object", ArgumentType::boolean}}),
                                        .run = run_gcs_to_sftp});
}

// What changes objects, and streams from elsewhere.
void add_gcs_exports(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{
      .task_type = "GCSFileTransformOperator",
      .arguments = with_google(
          {templated({"source_bucket", ArgumentType::string, true}), templated({"source_object", ArgumentType::string, true}),
           templated({"destination_bucket", ArgumentType::string}), templated({"destination_object", ArgumentType::string}),
           templated({"transform_script", ArgumentType::any, true})}),
      .run = run_gcs_transform,
      .starts_commands = true});
  registry.add(operators::OperatorEntry{.task_type = "HttpToGCSOperator",
                                        .arguments = {templated({"endpoint", ArgumentType::string}),
                                                      {"method", ArgumentType::string},
                                                      templated({"data", ArgumentType::any}),
                                                      templated({"headers", ArgumentType::object}),
                                                      {"extra_options", ArgumentType::object},
                                                      {"request_kwargs", ArgumentType::object},
                                                      {"retry_args", ArgumentType::object},
                                                      templated({"http_conn_id", ArgumentType::string}),
                                                      templated({"gcp_conn_id", ArgumentType::string}),
                                                      {"impersonation_chain", ArgumentType::any},
                                                      templated({"bucket_name", ArgumentType::string, true}),
                                                      templated({"object_name", ArgumentType::string, true}),
                                                      {"mime_type", ArgumentType::string},
                                                      {"gzip", ArgumentType::boolean},
                                                      {"chunk_size", ArgumentType::integer},
                                                      {"metadata", ArgumentType::object},
                                                      {"cache_control", ArgumentType::string}},
                                        .run = run_http_to_gcs});
  registry.add(operators::OperatorEntry{.task_type = "PostgresToGCSOperator",
                                        .arguments = with_google({templated({"sql", ArgumentType::string, true}),
                                                                  templated({"bucket", ArgumentType::string, true}),
                                                                  templated({"filename", ArgumentType::string, true}),
                                                                  templated({"schema_filename", ArgumentType::string}),
                                                                  {"approx_max_file_size_bytes", ArgumentType::integer},
                                                                  {"export_format", ArgumentType::string},
                                                                  {"stringify_dict", ArgumentType::boolean},
                                                                  {"field_delimiter", ArgumentType::string},
                                                                  {"null_marker", ArgumentType::string},
                                                                  {"gzip", ArgumentType::boolean},
                                                                  templated({"schema", ArgumentType::any}),
                                                                  templated({"parameters", ArgumentType::any}),
                                                                  {"upload_metadata", ArgumentType::boolean},
                                                                  {"exclude_columns", ArgumentType::any},
                                                                  templated({"partition_columns", ArgumentType::any}),
                                                                  {"write_on_empty", ArgumentType::boolean},
                                                                  {"postgres_conn_id", ArgumentType::string},
                                                                  {"use_server_side_cursor", ArgumentType::boolean},
                                                                  {"cursor_itersize", ArgumentType::integer}}),
                                        .template_ext = {".sql"},
                                        .run = run_postgres_to_gcs});
}

void add_gcs_sensors(operators::Registry& registry) {
  const Argument bucket = templated({"bucket", ArgumentType::string, true});
  const Argument object = templated({"object", ArgumentType::string, true});
  const Argument prefix = templated({"prefix", ArgumentType::string, true});
  registry.add(operators::OperatorEntry{.task_type = "GCSObjectExistenceSensor",
                                        .arguments = of_sensor({bucket, object, {"use_glob", ArgumentType::boolean}}),
                                        .poke = poke_gcs_object,
                                        .trigger = "airflow.providers.google.cloud.triggers.gcs.GCSBlobTrigger"});
  registry.add(operators::OperatorEntry{.task_type = "GCSObjectsWithPrefixExistenceSensor",
                                        .arguments = of_sensor({bucket, prefix}),
                                        .poke = poke_gcs_prefix,
                                        .trigger = "airflow.providers.google.cloud.triggers.gcs.GCSPrefixBlobTrigger"});
  registry.add(
      operators::OperatorEntry{.task_type = "GCSObjectUpdateSensor",
                               .arguments = of_sensor({bucket, object}),
                               .poke = poke_gcs_update,
                               .trigger = "airflow.providers.google.cloud.triggers.gcs.GCSCheckBlobUpdateTimeTrigger"});
  registry.add(operators::OperatorEntry{.task_type = "GCSUploadSessionCompleteSensor",
                                        .arguments = of_sensor({bucket,
                                                                prefix,
                                                                {"inactivity_period", ArgumentType::number},
                                                                {"min_objects", ArgumentType::integer},
                                                                {"previous_objects", ArgumentType::string_list},
                                                                {"allow_delete", ArgumentType::boolean}}),
                                        .poke = poke_gcs_upload_session,
                                        .trigger = "airflow.providers.google.cloud.triggers.gcs.GCSUploadSessionTrigger"});
}

}  // namespace

void register_google(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"google", "Google Cloud: BigQuery and Cloud Storage", "providers/google.md"});
  registry.add(google_cloud_platform());
  registry.add(operators::HookEntry{"gcs", call_gcs});
  registry.add(operators::HookEntry{"bigquery", call_bigquery});
  add_gcs_buckets(registry);
  add_gcs_transfers(registry);
  add_s3_transfers(registry);
  add_sftp_transfers(registry);
  add_gcs_exports(registry);
  add_gcs_sensors(registry);
  add_bigquery(registry);
}

}  // namespace venturi::providers
