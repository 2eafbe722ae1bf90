// A million orders from a CSV file, typed, checked and counted by a task.
#include <venturi/csv.h>

#include "order.h"

using namespace venturi;

namespace {

bench::Counted count_csv(const Context& context) {
  bench::Ledger ledger(context);
  const bench::Counted counted = bench::count(read_csv<bench::Order>(context.conf().get_string("csv")));
  ledger.write();
  return counted;
}

}  // namespace

VENTURI_DAG(bench_csv, {.is_paused_upon_creation = false}) {
  dag.task<count_csv>("count");
}
