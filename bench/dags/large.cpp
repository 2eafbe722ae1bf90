// A task that is mapped over BENCH_ITEMS items and never starts: its pool has no slots. What is measured is what becomes of its
// task instances.
#include "ledger.h"

using namespace venturi;

namespace {

std::vector<std::int64_t> list_items() {
  return std::vector<std::int64_t>(BENCH_ITEMS, 1);
}
std::int64_t never_run(std::int64_t item) {
  return item;
}

}  // namespace

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.is_paused_upon_creation = false});
  dag.task<never_run>({.pool = "bench_closed"})(expand(dag.task<list_items>()));
}
