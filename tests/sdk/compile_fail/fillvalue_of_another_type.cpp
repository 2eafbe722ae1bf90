// expect: the fillvalue of a zip has another type than the list's items
// expect: Give one for each list
#include <venturi/dag.h>
using namespace venturi;

std::vector<std::string> list() {
  return {};
}
void take(const std::string&, int) {}

VENTURI_DAG(wrong, {}) {
  auto [name, number] = zip(dag.task<list>(), expand({1, 2})).fillvalue("none");
  dag.task<take>()(name, number);
}
