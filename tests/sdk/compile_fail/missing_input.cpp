// expect: sum
// expect: Give one output or constant for each parameter
#include <venturi/dag.h>

std::int64_t one() {
  return 1;
}
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return a + b;
}

VENTURI_DAG(example) {
  dag.task<sum>()(dag.task<one>());
}
