// Jobs at BigQuery and statements at Redshift that go on until they are told to end, each looked at every ten seconds.
#include <venturi/amazon.h>
#include <venturi/bigquery.h>
#include <venturi/dag.h>

#include "ledger.h"

using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.max_active_tasks = 100'000, .is_paused_upon_creation = false});
  const TaskOptions once{.retries = 0};
  for (int i = 0; i < BENCH_TASKS; i += 2) {
    dag.add(
        BigQueryInsertJobOperator{
            .task_id = "job_" + bench::numbered(i),
            .configuration =
                Object{{"query", Object{{"query", "SELECT sum(amount) FROM sales.orders WHERE run = '{{ run_id }}'"},
                                        {"useLegacySql", false}}}},
            .location = "EU",
            .poll_interval = 10s,
            .gcp_conn_id = "bench_google"},
        once);
    dag.add(RedshiftDataOperator{.task_id = "statement_" + bench::numbered(i),
                                 .sql = "INSERT INTO totals SELECT sum(amount) FROM orders WHERE run = '{{ run_id }}'",
                                 .database = "dev",
                                 .workgroup_name = "bench",
                                 .poll_interval = 10s,
                                 .aws_conn_id = "bench_aws"},
            once);
  }
}
