// A field that has to be given.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(missing_field) { dag.add(BashOperator{.task_id = "list"}); }
