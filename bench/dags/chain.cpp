// 100 tasks that do nothing, one after the other.
#include <optional>

#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_chain, {.is_paused_upon_creation = false}) {
  std::optional<Output<void>> last;
  for (int i = 0; i < 100; ++i) {
    Output<void> task = dag.task<bench::noop>(bench::numbered(i));
    if (last) *last >> task;
    last = task;
  }
}
