// expect: the function of map() has another number of parameters than an item has values
// expect: and no Context
#include <venturi/dag.h>
using namespace venturi;

std::vector<std::string> list() {
  return {};
}
std::string twice(const Context&, const std::string& s) {
  return s + s;
}
void take(const std::string&) {}

VENTURI_DAG(wrong, {}) {
  dag.task<take>()(expand(dag.task<list>().map<twice>()));
}
