// Variables, connections and what else a task knows of its run.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
void work(const Context& context) {
  const Connection shop = context.get_connection("cookbook_http");        // throws NotFound, which says how to add it
  const std::string unit = context.get_variable("cookbook_unit", "EUR");  // with a default
  context.set_variable("cookbook_last_run", context.run_id());
  context.log().info("try ", context.try_number(), " of ", context.task_id(), " at ", shop.host, " in ", unit);
  // Manual runs have no logical date unless they are given one, as in Airflow 3. Passwords are *** in logs.
  if (context.logical_date()) context.log().info("for ", *context.logical_date());
}

VENTURI_DAG(variables_connections) { dag.task<work>(); }
// [end]
