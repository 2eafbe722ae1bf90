// A branch with nothing below it.
#include <venturi/dag.h>
using namespace venturi;

std::string decide() { return "load"; }

VENTURI_DAG(branch_to_nothing) {
  dag.branch<decide>();
  dag.empty("load");
}
