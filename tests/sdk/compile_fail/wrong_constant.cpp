// expect: twice
// expect: double
// expect: long
// expect: Give it a constant of the parameter's type
#include <venturi/dag.h>

std::int64_t twice(std::int64_t n) {
  return 2 * n;
}

VENTURI_DAG(example) {
  dag.task<twice>()(1.5);
}
