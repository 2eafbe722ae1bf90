// A task that is mapped over a number.
#include <venturi/dag.h>
using namespace venturi;

std::int64_t one() { return 1; }
std::int64_t twice(std::int64_t n) { return 2 * n; }

VENTURI_DAG(no_list) { dag.task<twice>()(expand(dag.task<one>())); }
