// expect: count
// expect: Orders
// expect: write VENTURI_STRUCT(Name, member, ...) below a struct of your own
#include <venturi/dag.h>

struct Orders {
  int n = 0;
};

Orders count() {
  return {};
}

VENTURI_DAG(example) {
  dag.task<count>();
}
