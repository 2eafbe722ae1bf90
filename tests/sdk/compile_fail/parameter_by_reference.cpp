// expect: fill
// expect: string
// expect: by value or const&
#include <venturi/dag.h>

void fill(std::string& text) {
  text = "x";
}

VENTURI_DAG(example) {
  dag.task<fill>()("y");
}
