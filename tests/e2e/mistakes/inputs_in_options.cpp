// Inputs in the first pair of parentheses.
#include <venturi/dag.h>
using namespace venturi;

std::int64_t one() { return 1; }
std::int64_t twice(std::int64_t n) { return 2 * n; }

VENTURI_DAG(inputs_in_options) { dag.task<twice>(dag.task<one>()); }
