// A task that waits for a remote job without a process, and goes on where it left off: Airflow's deferrable operators.
#include <venturi/dag.h>
#include <venturi/own_operator.h>
using namespace venturi;
using namespace std::chrono_literals;

// [operator]
struct ExportOrders {
  std::string table;
  std::int64_t execute(const Context& context) const {
    context.log().info("the export of ", table, " has begun");
    context.defer(TimeDeltaTrigger(1s), {.timeout = 1h});  // never returns
  }
  // In another process, when the trigger has fired.
  std::int64_t execute_complete(const Context& context, const Value& event) const {
    context.log().info(table, " was there at ", event.as_string());
    return 42;
  }
};
VENTURI_STRUCT(ExportOrders, table);
// [end]

// [function]
std::int64_t wait_in_steps(const Context& context, std::int64_t rows) {
  const Resumption* resumed = context.resumed();
  const std::int64_t step = resumed == nullptr ? 0 : resumed->kwargs.get_int("step");
  if (step < 2) context.defer(TimeDeltaTrigger(500ms), {.kwargs = {{"step", step + 1}}});
  context.log().info(rows, " rows after ", step, " waits");
  return rows;
}
// [end]

// A deferral whose time is over fails its try, which is retried like any other.
void impatient(const Context& context) {
  if (context.try_number() > 1) return;
  context.defer(TimeDeltaTrigger(24h), {.timeout = 100ms});
}

VENTURI_DAG(deferral) {
  auto rows = dag.add("export_orders", ExportOrders{.table = "orders"});
  dag.task<wait_in_steps>()(rows);
  dag.task<impatient>({.retries = 1, .retry_delay = 0s});
}

//   venturi dags test deferral
//   success
