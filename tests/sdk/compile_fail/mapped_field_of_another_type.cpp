// expect: the field of an operator is mapped over items of another type than its own
// expect: Make both the same type, or convert in a task between them
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(wrong, {}) {
  dag.partial(BashOperator{.task_id = "say"}).expand(&BashOperator::bash_command, expand({1, 2}));
}
