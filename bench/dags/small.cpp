// Three tasks, one after the other: what a small DAG feels of a large one.
#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_small, {.is_paused_upon_creation = false}) {
  dag.task<bench::noop>("first") >> dag.task<bench::noop>("second") >> dag.task<bench::noop>("third");
}
