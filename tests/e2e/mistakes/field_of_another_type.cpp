// A number for a field that takes text.
#include <venturi/dag.h>
using namespace venturi;

std::int64_t count() { return 1; }

VENTURI_DAG(field_of_another_type) { dag.add(BashOperator{.task_id = "tell", .bash_command = dag.task<count>()}); }
