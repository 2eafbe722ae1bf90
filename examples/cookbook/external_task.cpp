// Waits for another DAG, as far as it has a run for the same logical date.
//
// `orders` below stands for a DAG of another team. Where its run of our date failed, we fail too, instead of waiting until the
// time-out; .execution_delta = 1h would look at the run of an hour earlier. Neither sensor costs a process while it waits.
#include <venturi/cross_dag.h>
#include <venturi/dag.h>

using namespace venturi;
using namespace std::chrono_literals;

VENTURI_DAG(external_task, {.schedule = "@daily", .start_date = "2026-01-01", .catchup = false}) {
  // A run of another DAG is started for our date, so that there is something to wait for.
  auto start = dag.add(TriggerDagRunOperator{.task_id = "start_orders",
                                             .trigger_dag_id = "external_task_orders",
                                             .trigger_run_id = "for__{{ run_id }}",
                                             .logical_date = "{{ (logical_date or dag_run.run_after).isoformat() }}",
                                             .skip_when_already_exists = true});
  auto loaded = dag.add(ExternalTaskSensor{.task_id = "orders_loaded",
                                           .external_dag_id = "external_task_orders",
                                           .external_task_id = "load",
                                           .failed_states = {"failed", "upstream_failed"},
                                           .check_existence = true,
                                           .poke_interval = 1s,
                                           .timeout = 1h,
                                           .mode = SensorMode::reschedule});
  auto report = dag.add(BashOperator{.task_id = "report", .bash_command = "echo all orders of {{ ds or 'today' }} are there"});
  start >> loaded >> report;
}

VENTURI_DAG(external_task_orders, {.schedule = "", .is_paused_upon_creation = false}) {
  dag.add(BashOperator{.task_id = "load", .bash_command = "echo loaded"});
}
