// A lambda is a task as well, with an id of its own. It may capture values, never references to what is gone when it
// runs.
#include <venturi/dag.h>
using namespace venturi;

VENTURI_DAG(lambdas) {
  // [captures]
  const std::string table = "orders";
  auto rows = dag.task("count", [table] { return static_cast<std::int64_t>(table.size()); });
  dag.task("tell", [](const Context& context, std::int64_t n) { context.log().info(n, " rows"); })(rows);
  // [end]
}
