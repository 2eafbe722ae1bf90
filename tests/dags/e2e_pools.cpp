// For tests/e2e/pools_test.py: tasks in a pool, and runs that wait for the one before.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAGS(bag) {
  Dag shop = bag.add("shop", {.is_paused_upon_creation = false, .default_args = {.pool = "shop"}});
  for (const char* table : {"orders", "customers", "products"})
    shop.task(table, [](const Context& context) { context.log().info("loaded"); });

  // A run for each of three days.
  Dag days = bag.add("days", {.schedule = "@daily",
                              .start_date = "2026-01-01",
                              .end_date = "2026-01-03",
                              .catchup = true,
                              .is_paused_upon_creation = true});
  days.task("load", [](const Context& context) { context.log().info("loaded ", context.run_id()); }, {.depends_on_past = true});
  days.task("late", [](const Context&) {}, {.start_date = "2026-01-02"});

  Dag broken = bag.add("broken", {.schedule = "@daily",
                                  .start_date = "2026-01-01",
                                  .end_date = "2026-01-09",
                                  .catchup = true,
                                  .max_active_runs = 1,
                                  .max_consecutive_failed_dag_runs = 2,
                                  .is_paused_upon_creation = true});
  broken.task("load", [](const Context&) { fail_task("the source is gone"); });
}
