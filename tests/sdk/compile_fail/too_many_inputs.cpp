// expect: twice
// expect: Give one output or constant for each parameter
#include <venturi/dag.h>

std::int64_t one() {
  return 1;
}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}

VENTURI_DAG(example) {
  dag.task<twice>()(dag.task<one>(), 3);
}
