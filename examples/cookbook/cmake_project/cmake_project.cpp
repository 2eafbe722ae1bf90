// The DAG of a CMake project. It may have its own options, generated files and libraries, as any other.
#include <venturi/dag.h>

#include "rates.h"
using namespace venturi;

void tell(const Context& context, double rate) { context.log().info("the rate is ", rate); }

VENTURI_DAG(cmake_project) { dag.task<tell>()(dag.task<usd_rate>()); }
