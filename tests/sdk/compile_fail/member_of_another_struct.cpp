// expect: the member is of another struct than the task's result
#include <venturi/dag.h>

struct Orders {
  int n = 0;
};
VENTURI_STRUCT(Orders, n);
struct Customers {
  int n = 0;
};
VENTURI_STRUCT(Customers, n);

Orders count() {
  return {};
}
void take(int) {}

VENTURI_DAG(example) {
  dag.task<take>()(dag.task<count>().get(&Customers::n));
}
