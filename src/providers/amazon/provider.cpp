// Amazon Web Services: S3.
#include "operators/registry.h"
#include "providers/amazon/aws_sts.h"
#include "providers/amazon/s3.h"

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
  registry.add(operators::OperatorEntry{
      .task_type = "S3ToLocalFilesystemOperator",
      .arguments = with_aws({templated({"s3_bucket", ArgumentType::string}), templated({"s3_key", ArgumentType::string, true}),
                             templated_path({"path", ArgumentType::string}), templated({"file_name", ArgumentType::string})}),
      .run = run_s3_to_file});
}

}  // namespace

void register_amazon(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"amazon", "Amazon Web Services: S3", "providers/amazon.md"});
  registry.add(aws());
  add_buckets(registry);
  add_objects(registry);
  registry.add(operators::OperatorEntry{.task_type = "S3KeySensor",
                                        .arguments = with_aws({templated({"bucket_key", ArgumentType::any, true}),
                                                               templated({"bucket_name", ArgumentType::string}),
                                                               {"wildcard_match", ArgumentType::boolean}}),
                                        .poke = poke_s3_key,
                                        .trigger = "airflow.providers.amazon.aws.triggers.s3.S3KeyTrigger"});
}

}  // namespace venturi::providers
