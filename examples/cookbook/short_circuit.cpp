// A short circuit: false skips what is below it.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
bool has_orders(const Context& context) { return context.params().get_int("orders") > 0; }
void load(const Context& context) { context.log().info("loading"); }

VENTURI_DAG(short_circuit, {.params = {{"orders", 0}}}) {
  auto tell = dag.empty("tell", {.trigger_rule = TriggerRule::all_done});
  // Only what is directly below is skipped; by itself everything is, whatever its trigger rule.
  dag.short_circuit<has_orders>({.ignore_downstream_trigger_rules = false}) >> dag.task<load>() >> tell;
}
// [end]
//
//   venturi dags test short_circuit
//   success; skipped: load
//
//   venturi dags test short_circuit -c '{"orders": 7}'
//   success
