// A million orders from a CSV file, typed and checked, into a file of the run, and counted from there.
#include "order.h"

using namespace venturi;

namespace {

std::string find_csv(const Context& context) {
  bench::noop(context);
  return context.conf().get_string("csv");
}

}  // namespace

VENTURI_DAG(bench_csv_file, {.is_paused_upon_creation = false}) {
  auto orders =
      dag.add(CsvToFileOperator{.task_id = "extract", .path = dag.task<find_csv>(), .columns = columns_of<bench::Order>()});
  dag.task<bench::count_orders>("count")(orders);
}
