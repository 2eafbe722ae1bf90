// Order without data: >> and <<, lists of tasks, chain().
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(order) {
  // [steps]
  auto begin = dag.empty("begin"), a = dag.empty("a"), b = dag.empty("b"), end = dag.empty("end");
  begin >> Tasks{a, b} >> end;  // a and b side by side
  dag.empty("before") >> begin;
  chain({end, Tasks{dag.empty("c"), dag.empty("d")}, dag.empty("last")});  // each after the one before it
  // [end]
}
