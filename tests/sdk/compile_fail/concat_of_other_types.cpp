// expect: concat() joins lists whose items have different types
// expect: Make them the same: with map(), or in the tasks that give them
#include <venturi/dag.h>
using namespace venturi;

std::vector<std::string> list() {
  return {};
}
void take(const std::string&) {}

VENTURI_DAG(wrong, {}) {
  dag.task<take>()(expand(concat(dag.task<list>(), expand({1, 2}))));
}
