// expect: the function of map() takes items of another type than the list has
// expect: twice
// expect: Make both the same type, or let the parameter hold every value of an item
#include <venturi/dag.h>
using namespace venturi;

std::vector<std::string> list() {
  return {};
}
std::int64_t twice(std::int64_t n) {
  return 2 * n;
}
void take(std::int64_t) {}

VENTURI_DAG(wrong, {}) {
  dag.task<take>()(expand(dag.task<list>().map<twice>()));
}
