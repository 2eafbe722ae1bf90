// Rows and bytes between a database, a web server and object stores, without a file in between.
#include <venturi/amazon.h>
#include <venturi/dag.h>
#include <venturi/google.h>
#include <venturi/sql.h>
#include <venturi/transfers.h>
using namespace venturi;

std::int64_t count(const Value& made) { return made.at("total_row_count").as_int(); }

VENTURI_DAG(streams) {
  auto table = dag.add(SQLExecuteQueryOperator{.task_id = "table",
                                               .sql = "CREATE TABLE IF NOT EXISTS streamed (id int, name text)",
                                               .conn_id = "cookbook_postgres"});
  auto bucket = dag.add(
      S3CreateBucketOperator{.task_id = "bucket", .bucket_name = "cookbook-streams", .aws_conn_id = "cookbook_aws"});
  auto google = dag.add(GCSCreateBucketOperator{
      .task_id = "google", .bucket_name = "cookbook-streams", .gcp_conn_id = "cookbook_google"});
  // [operators]
  auto out =
      dag.add(SqlToS3Operator{.task_id = "out",
                              .query = "SELECT g AS id, 'order ' || g AS name FROM generate_series(1, 1000) AS g",
                              .s3_key = "s3://cookbook-streams/{{ ds }}/orders.csv",
                              .sql_conn_id = "cookbook_postgres",
                              .replace = true,
                              .pd_kwargs = Object{{"index", false}},
                              .aws_conn_id = "cookbook_aws"});
  auto back = dag.add(S3ToSqlOperator{.task_id = "back",
                                      .s3_key = "s3://cookbook-streams/{{ ds }}/orders.csv",
                                      .table = "streamed",
                                      .sql_conn_id = "cookbook_postgres",
                                      .aws_conn_id = "cookbook_aws"});
  auto parts = dag.add(PostgresToGCSOperator{.task_id = "parts",
                                             .sql = "SELECT * FROM streamed ORDER BY id",
                                             .bucket = "cookbook-streams",
                                             .filename = "{{ ds }}/orders-{}.json",
                                             .schema_filename = "{{ ds }}/schema.json",
                                             .approx_max_file_size_bytes = 10000,
                                             .gzip = true,
                                             .postgres_conn_id = "cookbook_postgres",
                                             .gcp_conn_id = "cookbook_google"});
  out >> back >> parts;
  dag.task<count>()(parts);
  // [end]
  Tasks{table, bucket, google} >> out;
}
