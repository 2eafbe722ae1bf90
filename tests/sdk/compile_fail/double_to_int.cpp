// expect: halve
// expect: double
// expect: int
// expect: or convert in a task between them
#include <venturi/dag.h>

double share() {
  return 0.5;
}
int halve(int n) {
  return n / 2;
}

VENTURI_DAG(example) {
  dag.task<halve>()(dag.task<share>());
}
