// expect: take
// expect: long
// expect: double
// expect: a task takes an output of another type than its parameter
// A double does not hold every int64.
#include <venturi/dag.h>

std::int64_t count() {
  return 1;
}
void take(double) {}

VENTURI_DAG(example) {
  dag.task<take>()(dag.task<count>());
}
