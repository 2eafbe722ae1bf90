// expect: choose
// expect: int
// expect: the function of a branch returns the task_id to go on with: a std::string
#include <venturi/dag.h>

int choose() {
  return 1;
}

VENTURI_DAG(example) {
  dag.branch<choose>() >> dag.empty("a");
}
