// S3: an object made, waited for, copied, listed and fetched as a file of the run.
#include <venturi/amazon.h>
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

std::int64_t count(const std::vector<std::string>& keys) { return static_cast<std::int64_t>(keys.size()); }

VENTURI_DAG(s3) {
  // [operators]
  auto bucket =
      dag.add(S3CreateBucketOperator{.task_id = "bucket", .bucket_name = "cookbook", .aws_conn_id = "cookbook_aws"});
  auto order = dag.add(S3CreateObjectOperator{.task_id = "order",
                                              .s3_key = "s3://cookbook/in/order-{{ ds_nodash }}.csv",
                                              .data = "id,amount\n1,9.5\n",
                                              .replace = true,
                                              .aws_conn_id = "cookbook_aws"});
  auto there = dag.add(S3KeySensor{.task_id = "there",
                                   .bucket_key = "s3://cookbook/in/order-*.csv",
                                   .wildcard_match = true,
                                   .aws_conn_id = "cookbook_aws",
                                   .deferrable = true,
                                   .poke_interval = 5s});
  auto copy = dag.add(S3CopyObjectOperator{.task_id = "copy",
                                           .source_bucket_key = "s3://cookbook/in/order-{{ ds_nodash }}.csv",
                                           .dest_bucket_key = "s3://cookbook/done/order.csv",
                                           .aws_conn_id = "cookbook_aws"});
  auto file = dag.add(S3ToLocalFilesystemOperator{.task_id = "file",
                                                  .s3_key = "s3://cookbook/done/order.csv",
                                                  .file_name = "order.csv",
                                                  .aws_conn_id = "cookbook_aws"});
  auto keys = dag.add(
      S3ListOperator{.task_id = "keys", .bucket = "cookbook", .prefix = "done/", .aws_conn_id = "cookbook_aws"});
  bucket >> order >> there >> copy >> Tasks{file, keys};
  dag.task<count>()(keys);
  // [end]
}
