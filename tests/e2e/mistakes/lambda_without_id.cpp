// A lambda that captures, as a task without an id.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(lambda_without_id) {
  const int n = 3;
  dag.task([n] { return n; });
}
