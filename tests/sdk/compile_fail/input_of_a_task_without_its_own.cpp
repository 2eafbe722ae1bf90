// expect: twice
// expect: halve
// expect: dag.task<f>()(input, ...)
#include <venturi/dag.h>

std::int64_t halve(std::int64_t n) {
  return n / 2;
}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}

VENTURI_DAG(example) {
  dag.task<twice>()(dag.task<halve>());
}
