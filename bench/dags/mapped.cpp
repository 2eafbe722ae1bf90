// A task that is mapped over BENCH_ITEMS items, each instance in its own process, and one that takes what all of them gave.
#include "ledger.h"

using namespace venturi;

namespace {

std::vector<std::int64_t> list_items() {
  std::vector<std::int64_t> items(BENCH_ITEMS);
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = static_cast<std::int64_t>(i);
  return items;
}
std::int64_t twice(const Context& context, std::int64_t item) {
  bench::noop(context);
  return 2 * item;
}
std::int64_t total(const std::vector<std::int64_t>& numbers) {
  std::int64_t sum = 0;
  for (const std::int64_t n : numbers) sum += n;
  if (sum != std::int64_t{BENCH_ITEMS} * (BENCH_ITEMS - 1))
    throw std::runtime_error("the sum is wrong: " + std::to_string(sum));
  return sum;
}

}  // namespace

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.is_paused_upon_creation = false});
  dag.task<total>()(dag.task<twice>()(expand(dag.task<list_items>())));
}
