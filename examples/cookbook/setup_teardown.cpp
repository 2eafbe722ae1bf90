// Setup and teardown: what is made for the work goes again, whatever became of the work.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
std::string create_cluster() { return "cluster-7"; }
void run_job(const Context& context, const std::string& cluster) {
  context.log().info("a job on ", cluster);
  if (context.params().get_bool("broken")) fail_task("the job is broken");
}
void delete_cluster(const Context& context, const std::string& cluster) { context.log().info(cluster, " goes"); }

VENTURI_DAG(setup_teardown, {.params = {{"broken", false}}}) {
  auto cluster = dag.task<create_cluster>().as_setup();
  auto job = dag.task<run_job>()(cluster);
  job >> dag.task<delete_cluster>()(cluster).as_teardown(cluster);
}
// [end]
//
//   venturi dags test setup_teardown
//   success
//
//   venturi dags test setup_teardown -c '{"broken": true}'
//   failed; failed: run_job
