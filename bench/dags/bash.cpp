// 1,000 times bash. `true` writes its pid and its time: bench/measure/rows.py has the same command for the limit.
#include "ledger.h"

using namespace venturi;

VENTURI_DAG(bench_bash, {.is_paused_upon_creation = false}) {
  for (int i = 0; i < 1000; ++i) {
    dag.add(BashOperator{.task_id = bench::numbered(i), .bash_command = "echo $$ $EPOCHREALTIME >> ~/ledger; true"});
  }
}
