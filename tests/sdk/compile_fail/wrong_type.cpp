// expect: twice
// expect: string
// expect: long
// expect: Make both the same type
#include <venturi/dag.h>

std::string name() {
  return "x";
}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}

VENTURI_DAG(example) {
  dag.task<twice>()(dag.task<name>());
}
