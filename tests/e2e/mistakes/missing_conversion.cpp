// A struct without VENTURI_STRUCT.
#include <venturi/dag.h>
using namespace venturi;

struct Order {
  std::int64_t id = 0;
};
Order first() { return {.id = 1}; }

VENTURI_DAG(missing_conversion) { dag.task<first>(); }
