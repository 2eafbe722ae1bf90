// XComs under keys of one's own, and results that may be missing.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
std::int64_t extract(const Context& context) {
  context.xcom_push("server", std::string("shop-1"));
  return 3;
}
std::int64_t maybe() { skip_task("there is nothing today"); }

// A task that was skipped gave nothing: a std::optional takes that.
void report(const Context& context, std::int64_t rows, const std::optional<std::int64_t>& extra) {
  const auto server = context.xcom_pull<std::string>("extract", "server");
  context.log().info(rows + extra.value_or(0), " rows of ", server.value_or("nowhere"));
}

VENTURI_DAG(xcoms) {
  dag.task<report>({.trigger_rule = TriggerRule::none_failed})(dag.task<extract>(), dag.task<maybe>());
}
// [end]
//
//   venturi dags test xcoms
//   success; skipped: maybe
