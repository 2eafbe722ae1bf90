// A field that the operator has not.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(unknown_field) { dag.add(BashOperator{.task_id = "list", .bash_comand = "ls"}); }
