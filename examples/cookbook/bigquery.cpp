// BigQuery: a table made by a job, waited for, checked, and its rows in a task.
#include <venturi/bigquery.h>
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

double total(const Value& orders) {
  double sum = 0;
  for (const Value& order : orders.as_array()) sum += order.at("amount").as_double();
  return sum;
}

VENTURI_DAG(bigquery) {
  // [operators]
  auto dataset = dag.add(BigQueryCreateEmptyDatasetOperator{
      .task_id = "dataset", .dataset_id = "sales", .location = "EU", .gcp_conn_id = "cookbook_google"});
  auto orders = dag.add(BigQueryInsertJobOperator{
      .task_id = "orders",
      .configuration = Object{{"query", Object{{"query",
                                                "CREATE TABLE IF NOT EXISTS sales.orders AS "
                                                "SELECT 1 AS id, 9.5 AS amount UNION ALL SELECT 2, 3.5"},
                                               {"useLegacySql", false},
                                               {"maximumBytesBilled", "1000000000"}}}},
      .location = "EU",
      .deferrable = true,
      .gcp_conn_id = "cookbook_google"});
  auto there = dag.add(BigQueryTableExistenceSensor{.task_id = "there",
                                                    .project_id = "cookbook",
                                                    .dataset_id = "sales",
                                                    .table_id = "orders",
                                                    .gcp_conn_id = "cookbook_google",
                                                    .deferrable = true,
                                                    .poke_interval = 30s});
  auto check = dag.add(BigQueryColumnCheckOperator{
      .task_id = "check",
      .table = "sales.orders",
      .column_mapping =
          Object{{"amount", Object{{"null_check", Object{{"equal_to", 0}}}, {"min", Object{{"geq_to", 0}}}}}},
      .location = "EU",
      .gcp_conn_id = "cookbook_google"});
  auto rows = dag.add(BigQueryGetDataOperator{.task_id = "rows",
                                              .dataset_id = "sales",
                                              .table_id = "orders",
                                              .as_dict = true,
                                              .gcp_conn_id = "cookbook_google"});
  dataset >> orders >> there >> check >> rows;
  dag.task<total>()(rows);
  // [end]
}
