// expect: report
// expect: Customers
// expect: Orders
// expect: Make both the same type
#include <venturi/dag.h>

struct Orders {
  int n = 0;
};
VENTURI_STRUCT(Orders, n);
struct Customers {
  int n = 0;
};
VENTURI_STRUCT(Customers, n);

Customers count() {
  return {};
}
void report(const Orders&) {}

VENTURI_DAG(example) {
  dag.task<report>()(dag.task<count>());
}
