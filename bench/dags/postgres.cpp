// A million orders from PostgreSQL into a file of the run, and counted from there.
#include "order.h"

using namespace venturi;

VENTURI_DAG(bench_postgres, {.is_paused_upon_creation = false}) {
  auto orders = dag.add(PostgresToFileOperator{.task_id = "extract",
                                               .conn_id = "bench_db",
                                               .sql = "select id, customer_id, amount, status, created_at from orders",
                                               .columns = columns_of<bench::Order>()});
  dag.task<bench::count_orders>("count")(orders);
}
