// expect: a task takes what all instances of a mapped task gave as a sequence of another type
// expect: total
#include <venturi/dag.h>
#include <venturi/lazy_xcoms.h>
using namespace venturi;

std::string name_of(int number) {
  return std::to_string(number);
}
int total(const LazyXComSequence<int>& all) {
  return all[0];
}

VENTURI_DAG(wrong, {}) {
  dag.task<total>()(dag.task<name_of>()(expand({1, 2})));
}
