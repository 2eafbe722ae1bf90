// A function with two parameters and one input.
#include <venturi/dag.h>
using namespace venturi;

std::int64_t one() { return 1; }
std::int64_t sum(std::int64_t a, std::int64_t b) { return a + b; }

VENTURI_DAG(missing_argument) { dag.task<sum>()(dag.task<one>()); }
