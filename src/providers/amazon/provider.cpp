// Amazon Web Services: S3 and Redshift.
#include "operators/registry.h"
#include "providers/amazon/aws_sts.h"
#include "providers/amazon/redshift.h"
#include "providers/amazon/redshift_data.h"
#include "providers/amazon/s3.h"
#include "providers/postgres/postgres.h"

namespace venturi::providers {
namespace {

using operators::Argument;
using operators::ArgumentType;
using operators::templated;
using operators::templated_path;

// Those of Airflow's AwsBaseOperator are templated.
std::vector<Argument> with_aws(std::vector<Argument> own) {
  own.insert(own.begin(), {templated({"aws_conn_id", ArgumentType::string}), templated({"region_name", ArgumentType::string}),
                           templated({"verify", ArgumentType::any})});
  return own;
}

operators::ConnectionType aws() {
  return {.info = {.conn_type = "aws",
                   .label = "Amazon Web Services",
                   .default_conn_id = "aws_default",
                   .fields = {{"login", "AWS access key ID", "empty: the profile, or the worker's environment"},
                              {"password", "AWS secret access key", "", ArgumentType::string, true},
                              {"aws_session_token", "Session token", "of keys that are lent for some time",
                               ArgumentType::string, true},
                              {"region_name", "Region", "eu-central-1"},
                              {"endpoint_url", "Endpoint URL", "of a server that is not Amazon's: http://minio:9000"},
                              {"service_config", "Endpoints by service", R"({"s3": {"endpoint_url": "http://minio:9000"}})",
                               ArgumentType::object},
                              {"role_arn", "Role", "arn:aws:iam::123456789012:role/reader, which is taken on"},
                              {"assume_role_method", "How",
                               "assume_role, or assume_role_with_web_identity: by the token of a file"},
                              {"assume_role_with_web_identity_token_file", "Token file",
                               "of a web identity, on the worker's machine; otherwise AWS_WEB_IDENTITY_TOKEN_FILE"},
                              {"external_id", "External id", "that the role asks for"},
                              {"assume_role_kwargs", "Of the role", R"({"RoleSessionName": "etl", "DurationSeconds": 3600})",
                               ArgumentType::object},
                              {"profile_name", "Profile", "in the worker's ~/.aws/credentials"},
                              {"verify", "Verify", "false: any certificate; a path: PEM of the authorities that count",
                               ArgumentType::any},
                              {"config_kwargs", "Client settings",
                               R"({"read_timeout": 60, "retries": {"max_attempts": 5}, "s3": {"addressing_style": "path"}})",
                               ArgumentType::object}}},
          .test = test_aws_connection};
}

void add_buckets(operators::Registry& registry) {
  const Argument bucket_name = templated({"bucket_name", ArgumentType::string, true});
  const Argument bucket = templated({"bucket", ArgumentType::string, true});
  registry.add(operators::OperatorEntry{
      .task_type = "S3CreateBucketOperator", .arguments = with_aws({bucket_name}), .run = run_s3_create_bucket});
  registry.add(operators::OperatorEntry{.task_type = "S3DeleteBucketOperator",
                                        .arguments = with_aws({bucket_name, {"force_delete", ArgumentType::boolean}}),
                                        .run = run_s3_delete_bucket});
  registry.add(operators::OperatorEntry{.task_type = "S3ListOperator",
                                        .arguments = with_aws({bucket,
                                                               templated({"prefix", ArgumentType::string}),
                                                               templated({"delimiter", ArgumentType::string}),
                                                               {"apply_wildcard", ArgumentType::boolean}}),
                                        .run = run_s3_list});
  registry.add(operators::OperatorEntry{.task_type = "S3ListPrefixesOperator",
                                        .arguments = with_aws({bucket, templated({"prefix", ArgumentType::string, true}),
                                                               templated({"delimiter", ArgumentType::string, true})}),
                                        .run = run_s3_list_prefixes});
}

void add_objects(operators::Registry& registry) {
  registry.add(operators::OperatorEntry{.task_type = "S3CreateObjectOperator",
                                        .arguments = with_aws({templated({"s3_bucket", ArgumentType::string}),
                                                               templated({"s3_key", ArgumentType::string, true}),
                                                               templated({"data", ArgumentType::string, true}),
                                                               {"replace", ArgumentType::boolean},
                                                               {"encrypt", ArgumentType::boolean},
                                                               {"acl_policy", ArgumentType::string},
                                                               {"encoding", ArgumentType::string},
                                                               {"compression", ArgumentType::string}}),
                                        .run = run_s3_create_object});
  registry.add(operators::OperatorEntry{.task_type = "S3CopyObjectOperator",
                                        .arguments = with_aws({templated({"source_bucket_key", ArgumentType::string, true}),
                                                               templated({"dest_bucket_key", ArgumentType::string, true}),
                                                               templated({"source_bucket_name", ArgumentType::string}),
                                                               templated({"dest_bucket_name", ArgumentType::string}),
                                                               {"source_version_id", ArgumentType::string},
                                                               {"acl_policy", ArgumentType::string},
                                                               {"meta_data_directive", ArgumentType::string}}),
                                        .run = run_s3_copy_object});
  registry.add(operators::OperatorEntry{
      .task_type = "S3DeleteObjectsOperator",
      .arguments = with_aws({templated({"bucket", ArgumentType::string, true}), templated({"keys", ArgumentType::any}),
                             templated({"prefix", ArgumentType::string}), templated({"from_datetime", ArgumentType::string}),
                             templated({"to_datetime", ArgumentType::string})}),
      .run = run_s3_delete_objects});
  registry.add(operators::OperatorEntry{.task_type = "LocalFilesystemToS3Operator",
                                        .arguments = {templated_path({"filename", ArgumentType::string, true}),
                                                      templated({"dest_key", ArgumentType::string, true}),
                                                      templated({"dest_bucket", ArgumentType::string}),
                                                      {"aws_conn_id", ArgumentType::string},
                                                      {"verify", ArgumentType::any},
                                                      {"replace", ArgumentType::boolean},
                                                      {"encrypt", ArgumentType::boolean},
                                                      {"gzip", ArgumentType::boolean},
                                                      {"acl_policy", ArgumentType::string}},
                                        .run = run_file_to_s3});
  registry.add(operators::OperatorEntry{.task_type = "SFTPToS3Operator",
                                        .arguments = {templated({"s3_bucket", ArgumentType::string, true}),
                                                      templated({"s3_key", ArgumentType::string, true}),
                                                      templated({"sftp_path", ArgumentType::string, true}),
                                                      templated({"sftp_filenames", ArgumentType::any}),
                                                      templated({"s3_filenames", ArgumentType::any}),
                                                      templated({"sftp_conn_id", ArgumentType::string}),
                                                      templated({"aws_conn_id", ArgumentType::string}),
                                                      {"s3_conn_id", ArgumentType::string},
                                                      {"sftp_remote_host", ArgumentType::string},
                                                      {"use_temp_file", ArgumentType::boolean},
                                                      {"fail_on_file_not_exist", ArgumentType::boolean},
                                                      {"replace", ArgumentType::boolean},
                                                      {"encrypt", ArgumentType::boolean},
                                                      {"gzip", ArgumentType::boolean},
                                                      {"acl_policy", ArgumentType::string}},
                                        .run = run_sftp_to_s3});
  registry.add(operators::OperatorEntry{.task_type = "S3ToSFTPOperator",
                                        .arguments = {templated({"s3_bucket", ArgumentType::string, true}),
                                                      templated({"s3_key", ArgumentType::string, true}),
                                                      templated({"sftp_path", ArgumentType::string, true}),
                                                      templated({"s3_filenames", ArgumentType::any}),
                                                      templated({"sftp_filenames", ArgumentType::any}),
                                                      templated({"sftp_conn_id", ArgumentType::string}),
                                                      templated({"aws_conn_id", ArgumentType::string}),
                                                      {"sftp_remote_host", ArgumentType::string},
                                                      {"confirm", ArgumentType::boolean},
                                                      {"fail_on_file_not_exist", ArgumentType::boolean}},
                                        .run = run_s3_to_sftp});
  registry.add(operators::OperatorEntry{
      .task_type = "S3ToLocalFilesystemOperator",
      .arguments = with_aws({templated({"s3_bucket", ArgumentType::string}), templated({"s3_key", ArgumentType::string, true}),
                             templated_path({"path", ArgumentType::string}), templated({"file_name", ArgumentType::string})}),
      .run = run_s3_to_file});
}

void add_s3_changes(operators::Registry& registry) {
  const Argument bucket_name = templated({"bucket_name", ArgumentType::string, true});
  registry.add(operators::OperatorEntry{
      .task_type = "S3GetBucketTaggingOperator", .arguments = with_aws({bucket_name}), .run = run_s3_get_tagging});
  registry.add(operators::OperatorEntry{
      .task_type = "S3PutBucketTaggingOperator",
      .arguments = with_aws(
          {bucket_name, {"tag_set", ArgumentType::any}, {"key", ArgumentType::string}, {"value", ArgumentType::string}}),
      .run = run_s3_put_tagging});
  registry.add(operators::OperatorEntry{
      .task_type = "S3DeleteBucketTaggingOperator", .arguments = with_aws({bucket_name}), .run = run_s3_delete_tagging});
  registry.add(operators::OperatorEntry{.task_type = "S3FileTransformOperator",
                                        .arguments = {templated({"source_s3_key", ArgumentType::string, true}),
                                                      templated({"dest_s3_key", ArgumentType::string, true}),
                                                      {"transform_script", ArgumentType::string},
                                                      {"select_expression", ArgumentType::string},
                                                      templated({"script_args", ArgumentType::any}),
                                                      {"source_aws_conn_id", ArgumentType::string},
                                                      {"source_verify", ArgumentType::any},
                                                      {"dest_aws_conn_id", ArgumentType::string},
                                                      {"dest_verify", ArgumentType::any},
                                                      {"replace", ArgumentType::boolean}},
                                        .run = run_s3_transform,
                                        .starts_commands = true});
}

// Streams from elsewhere, and to there.
void add_s3_transfers(operators::Registry& registry) {
  const Argument bucket = templated({"s3_bucket", ArgumentType::string}),
                 key = templated({"s3_key", ArgumentType::string, true});
  const Argument aws_conn_id{"aws_conn_id", ArgumentType::string}, verify{"verify", ArgumentType::any};
  registry.add(operators::OperatorEntry{.task_type = "HttpToS3Operator",
                                        .arguments = {templated({"endpoint", ArgumentType::string}),
                                                      {"method", ArgumentType::string},
                                                      templated({"data", ArgumentType::any}),
                                                      templated({"headers", ArgumentType::object}),
                                                      {"extra_options", ArgumentType::object},
                                                      {"request_kwargs", ArgumentType::object},
                                                      {"retry_args", ArgumentType::object},
                                                      templated({"http_conn_id", ArgumentType::string}),
                                                      bucket,
                                                      key,
                                                      {"replace", ArgumentType::boolean},
                                                      {"encrypt", ArgumentType::boolean},
                                                      {"acl_policy", ArgumentType::string},
                                                      templated(aws_conn_id),
                                                      verify},
                                        .run = run_http_to_s3});
  registry.add(operators::OperatorEntry{.task_type = "SqlToS3Operator",
                                        .arguments = {templated({"query", ArgumentType::string, true}),
                                                      bucket,
                                                      key,
                                                      templated({"sql_conn_id", ArgumentType::string, true}),
                                                      {"sql_hook_params", ArgumentType::object},
                                                      {"parameters", ArgumentType::any},
                                                      {"replace", ArgumentType::boolean},
                                                      {"file_format", ArgumentType::string},
                                                      {"max_rows_per_file", ArgumentType::integer},
                                                      {"pd_kwargs", ArgumentType::object},
                                                      {"read_pd_kwargs", ArgumentType::object},
                                                      {"groupby_kwargs", ArgumentType::object},
                                                      aws_conn_id,
                                                      verify},
                                        .template_ext = {".sql"},
                                        .run = run_sql_to_s3});
  registry.add(operators::OperatorEntry{.task_type = "S3ToSqlOperator",
                                        .arguments = {bucket,
                                                      key,
                                                      templated({"table", ArgumentType::string, true}),
                                                      templated({"schema", ArgumentType::string}),
                                                      templated({"column_list", ArgumentType::string_list}),
                                                      templated({"sql_conn_id", ArgumentType::string}),
                                                      {"sql_hook_params", ArgumentType::object},
                                                      {"commit_every", ArgumentType::integer},
                                                      {"file_format", ArgumentType::string},
                                                      {"delimiter", ArgumentType::string},
                                                      {"header", ArgumentType::boolean},
                                                      {"null_text", ArgumentType::string},
                                                      aws_conn_id},
                                        .run = run_s3_to_sql});
}

operators::ConnectionType redshift() {
  return {.info = {.conn_type = "redshift",
                   .label = "Amazon Redshift",
                   .hook = "RedshiftSQLHook",
                   .default_conn_id = "redshift_default",
                   .fields = {{"host", "Host", "examplecluster.abc123xyz789.us-west-1.redshift.amazonaws.com"},
                              {"port", "Port", "5439", ArgumentType::integer},
                              {"schema", "Database"},
                              {"login", "User"},
                              {"password", "Password", "", ArgumentType::string, true},
                              {"sslmode", "SSL mode", "disable, prefer, require, verify-ca or verify-full"},
                              {"iam", "IAM", "true: Amazon lends a password for the user", ArgumentType::boolean},
                              {"aws_conn_id", "AWS connection", "of IAM: aws_default"},
                              {"cluster_identifier", "Cluster", "of IAM, where the host does not begin with it"},
                              {"is_serverless", "Serverless", "of IAM: a workgroup, not a cluster", ArgumentType::boolean},
                              {"serverless_work_group", "Workgroup", "of IAM"},
                              {"serverless_token_duration_seconds", "Lent for", "3600 seconds", ArgumentType::integer}}},
          .test = test_postgres};
}

void add_redshift_sql(operators::Registry& registry) {
  std::vector<Argument> data = redshift_data_arguments();
  data.insert(data.end(), {templated({"sql", ArgumentType::any, true}),
                           templated({"parameters", ArgumentType::list}),
                           {"return_sql_result", ArgumentType::boolean},
                           {"deferrable", ArgumentType::boolean}});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftDataOperator",
                                        .arguments = with_aws(std::move(data)),
                                        .template_ext = {".sql"},
                                        .run = run_redshift_data,
                                        .remembers = redshift_statement});
  registry.add(operators::OperatorEntry{.task_type = "S3ToRedshiftOperator",
                                        .arguments = {templated({"table", ArgumentType::string, true}),
                                                      templated({"schema", ArgumentType::string}),
                                                      templated({"s3_bucket", ArgumentType::string, true}),
                                                      templated({"s3_key", ArgumentType::string, true}),
                                                      templated({"column_list", ArgumentType::list}),
                                                      templated({"copy_options", ArgumentType::list}),
                                                      templated({"method", ArgumentType::string}),
                                                      {"upsert_keys", ArgumentType::list},
                                                      templated({"redshift_conn_id", ArgumentType::string}),
                                                      templated({"redshift_data_api_kwargs", ArgumentType::object}),
                                                      templated({"aws_conn_id", ArgumentType::string}),
                                                      {"verify", ArgumentType::any},
                                                      {"autocommit", ArgumentType::boolean}},
                                        .run = run_s3_to_redshift,
                                        .remembers = redshift_statement});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftToS3Operator",
                                        .arguments = {templated({"s3_bucket", ArgumentType::string, true}),
                                                      templated({"s3_key", ArgumentType::string, true}),
                                                      templated({"schema", ArgumentType::string}),
                                                      templated({"table", ArgumentType::string}),
                                                      templated({"select_query", ArgumentType::string}),
                                                      templated({"unload_options", ArgumentType::list}),
                                                      templated({"redshift_conn_id", ArgumentType::string}),
                                                      templated({"redshift_data_api_kwargs", ArgumentType::object}),
                                                      {"aws_conn_id", ArgumentType::string},
                                                      {"verify", ArgumentType::any},
                                                      {"autocommit", ArgumentType::boolean},
                                                      {"include_header", ArgumentType::boolean},
                                                      {"parameters", ArgumentType::any},
                                                      {"table_as_file_name", ArgumentType::boolean}},
                                        .template_ext = {".sql"},
                                        .run = run_redshift_to_s3,
                                        .remembers = redshift_statement});
}

void add_redshift_clusters(operators::Registry& registry) {
  const Argument cluster = templated({"cluster_identifier", ArgumentType::string, true});
  const Argument waits{"wait_for_completion", ArgumentType::boolean}, deferrable{"deferrable", ArgumentType::boolean};
  const Argument interval{"poll_interval", ArgumentType::number}, max_attempts{"max_attempts", ArgumentType::integer};
  const Argument max_attempt{"max_attempt", ArgumentType::integer};  // Airflow has both
  const Argument snapshot = templated({"snapshot_identifier", ArgumentType::string, true});
  registry.add(
      operators::OperatorEntry{.task_type = "RedshiftCreateClusterOperator",
                               .arguments = with_aws({cluster,
                                                      templated({"node_type", ArgumentType::string, true}),
                                                      templated({"master_username", ArgumentType::string, true}),
                                                      templated({"master_user_password", ArgumentType::string, true}),
                                                      templated({"cluster_type", ArgumentType::string}),
                                                      templated({"db_name", ArgumentType::string}),
                                                      templated({"number_of_nodes", ArgumentType::integer}),
                                                      templated({"cluster_security_groups", ArgumentType::string_list}),
                                                      templated({"vpc_security_group_ids", ArgumentType::string_list}),
                                                      templated({"cluster_subnet_group_name", ArgumentType::string}),
                                                      templated({"availability_zone", ArgumentType::string}),
                                                      templated({"preferred_maintenance_window", ArgumentType::string}),
                                                      templated({"cluster_parameter_group_name", ArgumentType::string}),
                                                      templated({"automated_snapshot_retention_period", ArgumentType::integer}),
                                                      templated({"manual_snapshot_retention_period", ArgumentType::integer}),
                                                      templated({"port", ArgumentType::integer}),
                                                      templated({"cluster_version", ArgumentType::string}),
                                                      templated({"allow_version_upgrade", ArgumentType::boolean}),
                                                      templated({"publicly_accessible", ArgumentType::boolean}),
                                                      templated({"encrypted", ArgumentType::boolean}),
                                                      templated({"hsm_client_certificate_identifier", ArgumentType::string}),
                                                      templated({"hsm_configuration_identifier", ArgumentType::string}),
                                                      templated({"elastic_ip", ArgumentType::string}),
                                                      templated({"tags", ArgumentType::list}),
                                                      templated({"kms_key_id", ArgumentType::string}),
                                                      templated({"enhanced_vpc_routing", ArgumentType::boolean}),
                                                      templated({"additional_info", ArgumentType::string}),
                                                      templated({"iam_roles", ArgumentType::string_list}),
                                                      templated({"maintenance_track_name", ArgumentType::string}),
                                                      templated({"snapshot_schedule_identifier", ArgumentType::string}),
                                                      templated({"availability_zone_relocation", ArgumentType::boolean}),
                                                      templated({"aqua_configuration_status", ArgumentType::string}),
                                                      templated({"default_iam_role_arn", ArgumentType::string}),
                                                      waits,
                                                      max_attempt,
                                                      interval,
                                                      deferrable}),
                               .run = run_create_cluster});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftDeleteClusterOperator",
                                        .arguments = with_aws({cluster,
                                                               {"skip_final_cluster_snapshot", ArgumentType::boolean},
                                                               {"final_cluster_snapshot_identifier", ArgumentType::string},
                                                               waits,
                                                               interval,
                                                               deferrable,
                                                               max_attempts}),
                                        .run = run_delete_cluster});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftPauseClusterOperator",
                                        .arguments = with_aws({cluster, waits, interval, deferrable, max_attempts}),
                                        .run = run_pause_cluster});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftResumeClusterOperator",
                                        .arguments = with_aws({cluster, waits, interval, deferrable, max_attempts}),
                                        .run = run_resume_cluster});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftCreateClusterSnapshotOperator",
                                        .arguments = with_aws({snapshot,
                                                               cluster,
                                                               {"retention_period", ArgumentType::integer},
                                                               {"tags", ArgumentType::list},
                                                               waits,
                                                               interval,
                                                               max_attempt,
                                                               deferrable}),
                                        .run = run_create_snapshot});
  registry.add(operators::OperatorEntry{.task_type = "RedshiftDeleteClusterSnapshotOperator",
                                        .arguments = with_aws({snapshot, cluster, waits, interval}),
                                        .run = run_delete_snapshot});
  const Argument workgroup = templated({"workgroup_name", ArgumentType::string, true});
  registry.add(operators::OperatorEntry{
      .task_type = "RedshiftCreateServerlessWorkgroupOperator",
      .arguments =
          with_aws({workgroup, templated({"namespace_name", ArgumentType::string, true}),
                    templated({"create_namespace", ArgumentType::object}), templated({"base_capacity", ArgumentType::integer}),
                    templated({"max_capacity", ArgumentType::integer}), templated({"subnet_ids", ArgumentType::string_list}),
                    templated({"security_group_ids", ArgumentType::string_list}),
                    templated({"publicly_accessible", ArgumentType::boolean}),
                    templated({"enhanced_vpc_routing", ArgumentType::boolean}), templated({"port", ArgumentType::integer}),
                    templated({"tags", ArgumentType::list}), waits, interval, max_attempts}),
      .run = run_create_workgroup});
  registry.add(operators::OperatorEntry{
      .task_type = "RedshiftDeleteServerlessWorkgroupOperator",
      .arguments = with_aws({workgroup, templated({"namespace_name", ArgumentType::string}),
                             templated({"final_snapshot_name", ArgumentType::string}), waits, interval, max_attempts}),
      .run = run_delete_workgroup});
  registry.add(
      operators::OperatorEntry{.task_type = "RedshiftClusterSensor",
                               .arguments = with_aws({cluster, templated({"target_status", ArgumentType::string})}),
                               .poke = poke_cluster,
                               .trigger = "airflow.providers.amazon.aws.triggers.redshift_cluster.RedshiftClusterTrigger"});
}

}  // namespace

void register_amazon(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"amazon", "Amazon Web Services: S3 and Redshift", "providers/amazon.md"});
  registry.add(aws());
  registry.add(operators::HookEntry{"s3", call_s3});
  registry.add(operators::HookEntry{"redshift_data", call_redshift_data});
  registry.add(operators::HookEntry{"redshift", call_redshift});
  registry.add(operators::HookEntry{"redshift_sql", call_redshift_sql});
  registry.add(redshift());
  add_buckets(registry);
  add_objects(registry);
  add_s3_changes(registry);
  add_s3_transfers(registry);
  registry.add(operators::OperatorEntry{.task_type = "S3KeySensor",
                                        .arguments = with_aws({templated({"bucket_key", ArgumentType::any, true}),
                                                               templated({"bucket_name", ArgumentType::string}),
                                                               {"wildcard_match", ArgumentType::boolean}}),
                                        .poke = poke_s3_key,
                                        .trigger = "airflow.providers.amazon.aws.triggers.s3.S3KeyTrigger"});
  registry.add(operators::OperatorEntry{.task_type = "S3KeysUnchangedSensor",
                                        .arguments = with_aws({templated({"bucket_name", ArgumentType::string, true}),
                                                               templated({"prefix", ArgumentType::string, true}),
                                                               {"inactivity_period", ArgumentType::number},
                                                               {"min_objects", ArgumentType::integer},
                                                               {"previous_objects", ArgumentType::string_list},
                                                               {"allow_delete", ArgumentType::boolean}}),
                                        .poke = poke_s3_keys_unchanged,
                                        .trigger = "airflow.providers.amazon.aws.triggers.s3.S3KeysUnchangedTrigger"});
  add_redshift_sql(registry);
  add_redshift_clusters(registry);
}

}  // namespace venturi::providers
