// A file to S3, and back. The conf names both: {"source": "/in", "target": "/out"}.
#include <venturi/amazon.h>
#include <venturi/dag.h>

using namespace venturi;

VENTURI_DAG(bench_objects, {.is_paused_upon_creation = false}) {
  dag.add(LocalFilesystemToS3Operator{.task_id = "put",
                                      .filename = "{{ dag_run.conf['source'] }}",
                                      .dest_key = "s3://bench/ours",
                                      .replace = true,
                                      .aws_conn_id = "bench_aws"}) >>
      dag.add(S3ToLocalFilesystemOperator{
          .task_id = "get", .s3_key = "s3://bench/ours", .path = "{{ dag_run.conf['target'] }}", .aws_conn_id = "bench_aws"});
}
