// Tasks that wait for each other.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(cycle) {
  auto a = dag.empty("a"), b = dag.empty("b"), c = dag.empty("c");
  a >> b >> c >> a;
}
