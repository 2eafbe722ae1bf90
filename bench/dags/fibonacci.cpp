// 40 short tasks, one after the other, each with what the one before returned.
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

VENTURI_DAG(bench_fibonacci, {.is_paused_upon_creation = false}) {
  Output<std::int64_t> sum = dag.task<add>(bench::numbered(0))(0);
  for (int i = 1; i < 40; ++i) sum = dag.task<add>(bench::numbered(i))(sum);
}
