// Orders from PostgreSQL over Cloud Storage into BigQuery, a query there, and its result back into PostgreSQL.
//
//   extract ─▶ upload ─┐
//             dataset ─┴▶ load ─┐
//                       counted ┴▶ complete ─▶ by_status ─▶ result ─▶ fetch ─▶ back
//
// It needs the connections test_db (postgres) and google_cloud_default (google_cloud_platform), and the variable
// warehouse_folder: where it puts its files. `make demo-warehouse` runs it.
#include <venturi/bigquery.h>
#include <venturi/dag.h>
#include <venturi/google.h>
#include <venturi/sql.h>

using namespace venturi;
using namespace std::chrono_literals;

Value field(const char* name, const char* type) {
  return Object{{"name", name}, {"type", type}};
}

VENTURI_DAG(postgres_to_bigquery, {.tags = {"example", "warehouse"},
                                   .description = "Orders from PostgreSQL into BigQuery, and a result back",
                                   .max_active_runs = 1,  // the tables are one
                                   .default_args = {.retries = 2, .retry_delay = 2s}}) {
  auto extract = dag.add(PostgresToCsvOperator{.task_id = "extract",
                                               .sql = "SELECT id, customer_id, amount, status, created_at FROM orders",
                                               .path = "{{ var.value.warehouse_folder }}/orders.csv",
                                               .conn_id = "test_db"});
  auto upload = dag.add(LocalFilesystemToGCSOperator{.task_id = "upload",
                                                     .src = "{{ var.value.warehouse_folder }}/orders.csv",
                                                     .dst = "in/orders.csv",
                                                     .bucket = "shop",
                                                     .mime_type = "text/csv"});
  auto dataset = dag.add(BigQueryCreateEmptyDatasetOperator{.task_id = "dataset", .dataset_id = "sales", .location = "EU"});
  auto load = dag.add(GCSToBigQueryOperator{
      .task_id = "load",
      .bucket = "shop",
      .source_objects = {"in/orders.csv"},
      .destination_project_dataset_table = "sales.orders",
      .schema_fields = Array{field("id", "INTEGER"), field("customer_id", "INTEGER"), field("amount", "FLOAT"),
                             field("status", "STRING"), field("created_at", "DATETIME")},
      .write_disposition = "WRITE_TRUNCATE",
      .skip_leading_rows = 1,
      .location = "EU",
      .deferrable = true});
  // What PostgreSQL has is what BigQuery has.
  auto counted =
      dag.add(SQLExecuteQueryOperator{.task_id = "counted", .sql = "SELECT count(*) FROM orders", .conn_id = "test_db"});
  auto complete = dag.add(BigQueryValueCheckOperator{.task_id = "complete",
                                                     .sql = "SELECT COUNT(*) FROM sales.orders",
                                                     .pass_value = "{{ ti.xcom_pull(task_ids='counted')[0][0] }}",
                                                     .location = "EU"});
  auto by_status = dag.add(BigQueryInsertJobOperator{
      .task_id = "by_status",
      .configuration = Object{{"query", Object{{"query",
                                                "CREATE OR REPLACE TABLE sales.by_status AS SELECT status, COUNT(*) AS orders, "
                                                "ROUND(SUM(amount), 2) AS amount FROM sales.orders GROUP BY status"},
                                               {"useLegacySql", false},
                                               {"maximumBytesBilled", "1000000000"}}}},
      .location = "EU",
      .deferrable = true});
  auto result = dag.add(BigQueryToGCSOperator{.task_id = "result",
                                              .source_project_dataset_table = "sales.by_status",
                                              .destination_cloud_storage_uris = {"gs://shop/out/by_status.csv"},
                                              .location = "EU"});
  auto fetch = dag.add(GCSToLocalFilesystemOperator{.task_id = "fetch",
                                                    .bucket = "shop",
                                                    .object_name = "out/by_status.csv",
                                                    .filename = "{{ var.value.warehouse_folder }}/by_status.csv"});
  auto back = dag.add(FileToPostgresOperator{.task_id = "back",
                                             .path = "{{ var.value.warehouse_folder }}/by_status.csv",
                                             .table = "by_status",
                                             .mode = "truncate",
                                             .conn_id = "test_db"});
  extract >> upload;
  Tasks{upload, dataset} >> load;
  Tasks{load, counted} >> complete >> by_status >> result >> fetch >> back;
}
