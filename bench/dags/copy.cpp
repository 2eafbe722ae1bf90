// Orders out of PostgreSQL into a CSV file, back into another table, and from table to table.
#include <venturi/sql.h>

#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_copy_out, {.is_paused_upon_creation = false}) {
  dag.add(PostgresToCsvOperator{.task_id = "copy",
                                .sql = "select * from {{ dag_run.conf.table }}",
                                .path = "{{ dag_run.conf.csv }}",
                                .conn_id = "bench_db"});
}
VENTURI_DAG(bench_copy_in, {.is_paused_upon_creation = false}) {
  dag.add(FileToPostgresOperator{.task_id = "copy",
                                 .path = "{{ dag_run.conf.csv }}",
                                 .table = "{{ dag_run.conf.table }}",
                                 .mode = "truncate",
                                 .conn_id = "bench_db"});
}
VENTURI_DAG(bench_transfer, {.is_paused_upon_creation = false}) {
  dag.add(GenericTransfer{.task_id = "copy",
                          .sql = "select * from {{ dag_run.conf.source }}",
                          .destination_table = "{{ dag_run.conf.table }}",
                          .source_conn_id = "bench_db",
                          .destination_conn_id = "bench_db"});
}
