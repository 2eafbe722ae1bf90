// A text is the input of a task that takes a number.
#include <venturi/dag.h>
using namespace venturi;

std::string name() { return "x"; }
std::int64_t twice(std::int64_t n) { return 2 * n; }

VENTURI_DAG(wrong_type) { dag.task<twice>()(dag.task<name>()); }
