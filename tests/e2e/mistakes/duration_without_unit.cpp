// A duration as a number.
#include <venturi/dag.h>
using namespace venturi;

void load() {}

VENTURI_DAG(duration_without_unit) { dag.task<load>({.retry_delay = 30}); }
