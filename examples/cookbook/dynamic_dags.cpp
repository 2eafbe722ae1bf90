// DAGs made in a loop: one program, a DAG for each table. What the loop goes over is the same each time the program
// runs: it is a part of the program, or of a file beside it (see bundle_toml).
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
struct Source {
  std::string table;
  Schedule schedule;
};

VENTURI_DAGS(bag) {
  for (const Source& source : {Source{"orders", 1h}, Source{"customers", "@daily"}, Source{"products", nullptr}}) {
    Dag dag =
        bag.add("load_" + source.table, {.schedule = source.schedule, .start_date = "2026-01-01", .tags = {"load"}});
    auto extract = dag.task("extract", [table = source.table] { return table + ".csv"; });
    dag.task("load",
             [](const Context& context, const std::string& file) { context.log().info("loading ", file); })(extract);
  }
}
// [end]
//
//   venturi dags test load_orders
//   success
//
//   venturi dags test load_products
//   success
