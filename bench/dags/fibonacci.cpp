// 40 short tasks, one after the other, each with what the one before returned; with BENCH_LIGHT none in a process of its own.
#include "ledger.h"

using namespace venturi;

namespace {

std::int64_t fibonacci(std::int64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
std::int64_t add(const Context& context, std::int64_t sum) {
  bench::Ledger ledger(context);
  sum += fibonacci(10);
  ledger.write();
  return sum;
}

}  // namespace

VENTURI_DAGS(bag) {
  Dag dag = bag.add(BENCH_DAG_ID, {.is_paused_upon_creation = false, .default_args = {.light = BENCH_LIGHT}});
  Output<std::int64_t> sum = dag.task<add>(bench::numbered(0))(0);
  for (int i = 1; i < 40; ++i) sum = dag.task<add>(bench::numbered(i))(sum);
}
