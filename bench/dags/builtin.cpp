// 10,000 times a built-in operator that returns a constant, in the operator host.
#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_builtin, {.is_paused_upon_creation = false}) {
  for (int i = 0; i < 10'000; ++i) dag.constant(bench::numbered(i), i);
}
