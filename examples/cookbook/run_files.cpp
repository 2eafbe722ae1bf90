// Files of the run: large data goes from task to task typed and streamed, and is removed with its run.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
struct Order {  // members are optional: a cell may be missing or unreadable
  std::optional<std::int64_t> id;
  std::optional<double> amount;
};
VENTURI_STRUCT(Order, id, amount);

RunFile generate(const Context& context) {
  RunFileWriter file = context.create_run_file("orders", columns_of<Order>());
  for (std::int64_t id = 1; id <= 1000; ++id) {
    file.int64(id);
    file.float64(0.5);
    file.end_row();
  }
  return file.finish();  // from here on the next task sees it
}
double sum(const Context& context, const RunFile& orders) {
  double total = 0;
  for (const Order& order : orders.rows<Order>()) total += order.amount.value_or(0);
  context.log().info(orders.row_count, " orders, ", total);
  return total;
}

VENTURI_DAG(run_files) { dag.task<sum>()(dag.task<generate>()); }
// [end]
