// A header of one's own beside the DAG files: several of them share it, and are compiled again when it changes. Paths
// begin at the file's folder, or at the DAGs folder.
#include "common/money.h"

#include <venturi/dag.h>
using namespace venturi;

Money price() { return {.cents = 1999, .currency = "EUR"}; }
void tell(const Context& context, const Money& money) { context.log().info(text_of(money)); }

VENTURI_DAG(own_header) { dag.task<tell>()(dag.task<price>()); }
