// A branch: its function returns the task_id that the run goes on with; what else is directly below it is skipped.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
std::string decide(const Context& context) { return context.params().get_int("bad") > 10 ? "alert" : "quiet"; }
void alert(const Context& context) { context.log().warning("too many"); }
void report(const Context& context) { context.log().info("done"); }

VENTURI_DAG(branch, {.params = {{"bad", 3}}}) {
  // Where the ways meet again, all_success would skip the join along with the way that was not taken.
  auto join = dag.task<report>({.trigger_rule = TriggerRule::none_failed_min_one_success});
  dag.branch<decide>() >> Tasks{dag.task<alert>(), dag.empty("quiet")} >> join;
}
// [end]
//
//   venturi dags test branch
//   success; skipped: alert
//
//   venturi dags test branch -c '{"bad": 50}'
//   success; skipped: quiet
