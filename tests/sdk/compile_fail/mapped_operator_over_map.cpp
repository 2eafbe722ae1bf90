// expect: a built-in operator is mapped over what a function of this program gives, map()
// expect: BashOperator
// expect: Make a task of the function and expand over its results: dag.task<function>()(expand(list))
#include <venturi/dag.h>
using namespace venturi;

std::vector<std::string> list() {
  return {};
}
std::string to_command(const std::string& file) {
  return "cat " + file;
}

VENTURI_DAG(wrong, {}) {
  auto files = dag.task<list>();
  dag.partial(BashOperator{.task_id = "say"}).expand(&BashOperator::bash_command, files.map<to_command>());
}
