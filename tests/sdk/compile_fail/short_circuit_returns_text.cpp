// expect: goes_on
// expect: string
// expect: that of a short circuit returns bool
#include <venturi/dag.h>

std::string goes_on() {
  return "yes";
}

VENTURI_DAG(example) {
  dag.short_circuit<goes_on>() >> dag.empty("a");
}
