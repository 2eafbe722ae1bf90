// expect: twice
// expect: void
// expect: long
// expect: a task takes an output of another type than its parameter
#include <venturi/dag.h>

void prepare() {}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}

VENTURI_DAG(example) {
  dag.task<twice>()(dag.task<prepare>());
}
