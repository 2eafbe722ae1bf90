// Many small steps without a process each: light tasks run on threads of one process of this program. A crash of one
// (not an exception: a SIGSEGV) ends that process, and with it the tries that run there at that moment;
// docs/light-tasks.md.
#include <venturi/dag.h>
using namespace venturi;

struct Order {
  std::int64_t id = 0;
  double amount = 0;
};
VENTURI_STRUCT(Order, id, amount);

std::vector<Order> list_orders() {
  std::vector<Order> orders;
  for (std::int64_t id = 1; id <= 100; ++id) orders.push_back({id, 2.5 * static_cast<double>(id)});
  return orders;
}

// A hundred instances, some at the same moment: what they share (globals, the members of a lambda) has to bear that.
double with_tax(const Order& order) { return order.amount * 1.19; }

// Nobody can kill a thread: a loop that may go on for long asks whether its end is wanted (execution_timeout, a mark as
// failed).
double total(const Context& context, const std::vector<double>& amounts) {
  double sum = 0;
  for (const double amount : amounts) {
    if (context.is_cancelled()) return 0;  // it does not succeed by that
    sum += amount;
  }
  context.log().info("all orders: ", sum);
  return sum;
}

// What may crash, needs much memory or belongs to somebody else stays in a process of its own.
void deliver(const Context& context, double sum) { context.log().info("delivering ", sum); }

// [whole]
VENTURI_DAG(light, {.default_args = {.retries_on_loss = 1, .light = true}}) {
  auto amounts = dag.task<with_tax>()(expand(dag.task<list_orders>()));
  auto sum = dag.task<total>({.execution_timeout = std::chrono::minutes(1)})(amounts);
  dag.task<deliver>({.light = false})(sum);
}
// [end]
