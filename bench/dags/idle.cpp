// A DAG that waits for its day.
#include "ledger.h"

using namespace venturi;

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.schedule = "0 5 1 1 *", .start_date = "2020-01-01", .is_paused_upon_creation = false});
  dag.empty("first") >> dag.empty("second") >> dag.empty("third");
}
