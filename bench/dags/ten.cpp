// A run of ten tasks: two after each other, five times.
#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_ten, {.max_active_runs = 100, .is_paused_upon_creation = false}) {
  for (int i = 0; i < 10; i += 2) dag.task<bench::noop>(bench::numbered(i)) >> dag.task<bench::noop>(bench::numbered(i + 1));
}
