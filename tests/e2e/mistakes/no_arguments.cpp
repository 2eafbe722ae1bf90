// The second pair of parentheses was forgotten.
#include <venturi/dag.h>
using namespace venturi;

std::int64_t twice(std::int64_t n) { return 2 * n; }

VENTURI_DAG(no_arguments) { dag.task<twice>(); }
