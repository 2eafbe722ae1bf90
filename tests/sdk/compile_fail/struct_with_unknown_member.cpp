// expect: Address
// expect: this type cannot travel between tasks
// expect: write VENTURI_STRUCT(Name, field, ...) below it
#include <venturi/dag.h>

struct Address {
  std::string street;
};
struct Orders {
  int n = 0;
  Address address;
};
VENTURI_STRUCT(Orders, n, address);

VENTURI_DAG(example) {}
