// BENCH_TASKS independent tasks in C++, each in its own process; with BENCH_LIGHT none of them.
#include "ledger.h"

using namespace venturi;

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.is_paused_upon_creation = false});
  for (int i = 0; i < BENCH_TASKS; ++i) dag.task<bench::noop>(bench::numbered(i), {.light = BENCH_LIGHT});
}
