// DAGs that wait for each other and start each other: tests/e2e/cross_dag_test.py.
#include <venturi/choices.h>
#include <venturi/cross_dag.h>
#include <venturi/dag.h>

using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAG(orders, {.is_paused_upon_creation = false}) {
  auto load = dag.add(BashOperator{
      .task_id = "load",
      .bash_command = "sleep {{ dag_run.conf.get('sleep', 0) }}; test '{{ dag_run.conf.get('fails', '') }}' = ''"});
  auto checks = dag.group("checks");
  checks.add(BashOperator{.task_id = "count", .bash_command = "true"});
  load >> checks;
}

VENTURI_DAG(waits, {.is_paused_upon_creation = false}) {
  dag.add(ExternalTaskSensor{.task_id = "run",
                             .external_dag_id = "orders",
                             .check_existence = true,
                             .poke_interval = 100ms,
                             .mode = SensorMode::reschedule});
  dag.add(
      ExternalTaskSensor{.task_id = "task", .external_dag_id = "orders", .external_task_id = "load", .poke_interval = 100ms});
  dag.add(ExternalTaskSensor{
      .task_id = "group", .external_dag_id = "orders", .external_task_group_id = "checks", .poke_interval = 100ms});
  dag.add(ExternalTaskSensor{.task_id = "nobody",
                             .external_dag_id = "orders",
                             .external_task_id = "unload",
                             .check_existence = true,
                             .poke_interval = 100ms});
}

VENTURI_DAG(starts, {.is_paused_upon_creation = false}) {
  dag.add(TriggerDagRunOperator{
      .task_id = "start",
      .trigger_dag_id = "orders",
      .trigger_run_id = "by_{{ run_id }}",
      .conf = Object{{"fails", "{{ dag_run.conf.get('fails', '') }}"}, {"sleep", "{{ dag_run.conf.get('sleep', 0) }}"}},
      .logical_date = "{{ dag_run.conf.get('date') or dag_run.run_after.isoformat() }}",
      .wait_for_completion = true,
      .poke_interval = 100ms});
}

VENTURI_DAG(latest, {.is_paused_upon_creation = false}) {
  dag.add(LatestOnlyOperator{.task_id = "latest"}) >> dag.empty("below");
}
