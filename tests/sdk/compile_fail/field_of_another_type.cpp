// expect: Field<
// expect: string
// expect: long
// expect: Make the task give that type, or convert in a task between them
#include <venturi/dag.h>

using namespace venturi;

std::int64_t count() {
  return 1;
}

VENTURI_DAG(example) {
  auto n = dag.task<count>();
  dag.add(BashOperator{.task_id = "tell", .bash_command = n});
}
