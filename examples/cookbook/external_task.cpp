// Waiting for another DAG: a run of it, a task or a group, of the same logical date. Waiting costs no process.
//
// So that this file runs alone, it waits for a task of its own run; `reports` below has what one usually writes, and
// starts another DAG.
#include <venturi/cross_dag.h>
#include <venturi/dag.h>
using namespace venturi;
using namespace std::chrono_literals;

// [whole]
VENTURI_DAG(external_task) {
  dag.add(BashOperator{.task_id = "load", .bash_command = "echo loaded"});
  dag.add(ExternalTaskSensor{.task_id = "loaded",
                             .external_dag_id = "external_task",
                             .external_task_id = "load",
                             .failed_states = {"failed", "upstream_failed"},  // otherwise it waits until its time-out
                             .check_existence = true,
                             .poke_interval = 200ms});
}

VENTURI_DAG(reports, {.schedule = "@daily", .start_date = "2026-01-01"}) {
  auto orders = dag.add(ExternalTaskSensor{.task_id = "orders",
                                           .external_dag_id = "load_orders",
                                           .execution_delta = 1h,  // its run of an hour before ours
                                           .timeout = 12h,
                                           .mode = SensorMode::reschedule});
  auto mail = dag.add(TriggerDagRunOperator{.task_id = "mail",
                                            .trigger_dag_id = "mail_reports",
                                            .conf = Object{{"day", "{{ ds }}"}},
                                            .reset_dag_run = true,  // when this task is cleared, that run begins anew
                                            .wait_for_completion = true,
                                            .poke_interval = 10s});
  orders >> mail;
}
// [end]
//
//   venturi dags test external_task
//   success
