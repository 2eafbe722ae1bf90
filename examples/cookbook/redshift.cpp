// Redshift: statements by the Data API, a file of S3 loaded into a table, and the table written back.
#include <venturi/amazon.h>
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

double total_of(const Value& results) {
  const Value& first_record = results.as_array().at(0).at("Records").as_array().at(0);
  return first_record.as_array().at(0).at("doubleValue").as_double();
}

VENTURI_DAG(redshift) {
  auto bucket = dag.add(
      S3CreateBucketOperator{.task_id = "bucket", .bucket_name = "cookbook-redshift", .aws_conn_id = "cookbook_aws"});
  auto file = dag.add(S3CreateObjectOperator{.task_id = "file",
                                             .s3_key = "s3://cookbook-redshift/in/sales.csv",
                                             .data = "id,amount\n1,9.5\n2,20\n",
                                             .replace = true,
                                             .aws_conn_id = "cookbook_aws"});
  // [operators]
  auto table =
      dag.add(RedshiftDataOperator{.task_id = "table",
                                   .sql = "CREATE TABLE IF NOT EXISTS sales (id int PRIMARY KEY, amount float8)",
                                   .database = "dev",
                                   .workgroup_name = "cookbook",
                                   .aws_conn_id = "cookbook_aws"});
  auto load = dag.add(S3ToRedshiftOperator{.task_id = "load",
                                           .table = "sales",
                                           .s3_bucket = "cookbook-redshift",
                                           .s3_key = "in/sales.csv",
                                           .copy_options = {"CSV", "IGNOREHEADER 1"},
                                           .method = "UPSERT",
                                           .upsert_keys = {"id"},
                                           .redshift_conn_id = "cookbook_redshift",
                                           .aws_conn_id = "cookbook_aws"});
  auto total = dag.add(RedshiftDataOperator{.task_id = "total",
                                            .sql = "SELECT sum(amount) AS total FROM sales WHERE id <= :most",
                                            .database = "dev",
                                            .workgroup_name = "cookbook",
                                            .parameters = Array{Object{{"name", "most"}, {"value", "2"}}},
                                            .poll_interval = 5s,
                                            .return_sql_result = true,
                                            .deferrable = true,
                                            .aws_conn_id = "cookbook_aws"});
  auto out = dag.add(RedshiftToS3Operator{.task_id = "out",
                                          .s3_bucket = "cookbook-redshift",
                                          .s3_key = "out",
                                          .table = "sales",
                                          .unload_options = {"CSV", "ALLOWOVERWRITE", "PARALLEL OFF"},
                                          .include_header = true,
                                          .redshift_conn_id = "cookbook_redshift",
                                          .aws_conn_id = "cookbook_aws"});
  // [end]
  bucket >> file >> load;
  table >> load >> Tasks{total, out};
  dag.task<total_of>()(total);
}
