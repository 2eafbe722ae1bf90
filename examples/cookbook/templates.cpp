// Templates: fields that Airflow calls templated are rendered in Jinja's language, with Airflow's context.
#include <venturi/dag.h>
using namespace venturi;

// [whole]
std::int64_t count() { return 3; }

VENTURI_DAG(templates, {.schedule = "@daily", .start_date = "2026-01-01", .params = {{"region", "eu"}}}) {
  auto counted = dag.task<count>();
  auto copy = dag.add(
      BashOperator{.task_id = "copy",
                   .bash_command = "echo copy --day {{ ds | default('none') }} --from {{ var.value.cookbook_bucket }} "
                                   "--region {{ params.region | upper }} "
                                   "--rows {{ ti.xcom_pull(task_ids='count') }} "
                                   "{% if dag_run.conf.get('full') %}--full{% endif %}"});
  counted >> copy;
}
// [end]
//
//   venturi dags test templates 2026-01-31
//   success
