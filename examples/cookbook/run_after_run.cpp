// What a run has to do with the one before it: order, failures in a row, tasks that came later.
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

void load(const Context& context) { context.log().info("the day on top of the day before"); }
void report() {}

// [whole]
VENTURI_DAG(run_after_run, {.schedule = "@daily",
                            .start_date = "2026-01-01",
                            .catchup = true,
                            .max_consecutive_failed_dag_runs = 3,  // pauses the DAG: somebody has to look at it
                            .dagrun_timeout = 12h}) {
  // Only after it succeeded, or was skipped, for the day before, and so did what stands directly below it.
  auto loaded = dag.task<load>({.wait_for_downstream = true});
  // Runs before March have no such task.
  auto reported =
      dag.task<report>({.start_date = "2026-03-01", .depends_on_past = true, .ignore_first_depends_on_past = true});
  loaded >> reported;
}
// [end]
//
//   venturi dags test run_after_run 2026-03-02
//   success
