// One function twice, without ids of their own.
#include <venturi/dag.h>
using namespace venturi;

void load() {}

VENTURI_DAG(duplicate_task) {
  dag.task<load>();
  dag.task<load>();
}
