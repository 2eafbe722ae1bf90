// 10,000 tasks that the engine ends by itself.
#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_empty, {.is_paused_upon_creation = false}) {
  for (int i = 0; i < 10'000; ++i) dag.empty(bench::numbered(i));
}
