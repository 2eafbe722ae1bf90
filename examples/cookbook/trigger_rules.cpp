// Trigger rules: a clean-up that runs whatever became of the work, and a task that runs only when something failed.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
void flawless() {}
void faulty() { fail_task("the file is broken"); }
void clean_up(const Context& context) { context.log().info("removing what was left"); }
void tell(const Context& context) { context.log().warning("something failed"); }

VENTURI_DAG(trigger_rules) {
  Tasks{dag.task<flawless>(), dag.task<faulty>()} >> Tasks{dag.task<clean_up>({.trigger_rule = TriggerRule::all_done}),
                                                           dag.task<tell>({.trigger_rule = TriggerRule::one_failed}),
                                                           dag.empty("never")};  // all_success, the default
}
// [end]
//
// As in Airflow a run has failed when one of its last tasks failed, or could not begin for that.
//
//   venturi dags test trigger_rules
//   failed; failed: faulty; upstream_failed: never
