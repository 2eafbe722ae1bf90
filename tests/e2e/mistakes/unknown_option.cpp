// A task's option that there is not.
#include <venturi/dag.h>
using namespace venturi;

void load() {}

VENTURI_DAG(unknown_option) { dag.task<load>({.retrys = 3}); }
