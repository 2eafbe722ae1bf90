// One of the default_args that there is not.
#include <venturi/dag.h>
using namespace venturi;

void load() {}

VENTURI_DAG(unknown_default_arg, {.default_args = {.retrys = 3}}) { dag.task<load>(); }
