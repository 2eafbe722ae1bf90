// Who runs first, and how many at once: pools, priorities, limits of a run and of a task.
#include <venturi/dag.h>
using namespace venturi;

void load(const Context& context, const std::string& table) { context.log().info(table); }

// [whole]
// venturi pools set shop_database 2 "what the shop's database bears"
VENTURI_DAG(pools, {.max_active_tasks = 8, .default_args = {.pool = "shop_database"}}) {
  // Counts double in its pool; and never more than two of them, however large that is.
  dag.task<load>({.max_active_tis_per_dagrun = 2, .pool_slots = 2})(expand({"orders", "customers", "products"}));
  // Before the others, and by itself over all runs.
  dag.task<load>("urgent",
                 {.max_active_tis_per_dag = 1, .priority_weight = 100, .weight_rule = WeightRule::absolute})("prices");
}
// [end]
