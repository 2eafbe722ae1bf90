// Who runs first, and how many at once: pools, priorities, max_active_tasks.
#include <venturi/dag.h>
using namespace venturi;

void load(const Context& context, const std::string& table) { context.log().info(table); }

// [whole]
// venturi pools set shop_database 2 "what the shop's database bears"
VENTURI_DAG(pools, {.max_active_tasks = 8, .default_args = {.pool = "default_pool"}}) {
  dag.task<load>({.pool_slots = 2})(expand({"orders", "customers", "products"}));  // counts double in its pool
  dag.task<load>("urgent", {.priority_weight = 100, .weight_rule = WeightRule::absolute})("prices");
}
// [end]
