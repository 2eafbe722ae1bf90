// expect: halve
// expect: long
// expect: int
// expect: let the parameter hold every value of the output (int to std::int64_t
#include <venturi/dag.h>

std::int64_t count() {
  return 1;
}
std::int32_t halve(std::int32_t n) {
  return n / 2;
}

VENTURI_DAG(example) {
  dag.task<halve>()(dag.task<count>());
}
