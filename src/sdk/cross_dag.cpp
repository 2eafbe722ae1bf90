#include "venturi/cross_dag.h"

#include "sdk/sensor_fields.h"

namespace venturi::inline sdk::detail {

TaskNode& add_operator(GroupNode& group, const ExternalTaskSensor& op, const TaskOptions& options) {
  OperatorFields fields(group, "ExternalTaskSensor", op.task_id, options);
  fields.required("external_dag_id", op.external_dag_id)
      .field("external_task_id", op.external_task_id)
      .field("external_task_ids", op.external_task_ids)
      .field("external_task_group_id", op.external_task_group_id)
      .field("allowed_states", op.allowed_states)
      .field("skipped_states", op.skipped_states)
      .field("failed_states", op.failed_states)
      .field("execution_dates", op.execution_dates)
      .field("check_existence", op.check_existence)
      .templates({"external_dag_id", "external_task_id", "external_task_ids", "external_task_group_id", "execution_dates"});
  add_delta(fields, "execution_delta", op.execution_delta);
  const int targets = op.external_task_id.is_given() + op.external_task_ids.is_given() + op.external_task_group_id.is_given();
  if (targets > 1) {
    add_mistake(fields.node(),
                "ExternalTaskSensor takes one of .external_task_id, .external_task_ids and .external_task_group_id: take the "
                "others away");
  }
  if (op.execution_delta && op.execution_dates.is_given())
    add_mistake(fields.node(), "ExternalTaskSensor takes one of .execution_delta and .execution_dates: take one away");
  return add_sensor_fields(fields, op);
}

TaskNode& add_operator(GroupNode& group, const ExternalTaskMarker& op, const TaskOptions& options) {
  OperatorFields fields(group, "ExternalTaskMarker", op.task_id, options);
  fields.required("external_dag_id", op.external_dag_id)
      .required("external_task_id", op.external_task_id)
      .field("logical_date", op.logical_date)
      .templates({"external_dag_id", "external_task_id", "logical_date"});
  if (op.recursion_depth) {
    if (*op.recursion_depth < 1) add_mistake(fields.node(), "recursion_depth has to be at least 1");
    add_value(fields, "recursion_depth", *op.recursion_depth);
  }
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const TriggerDagRunOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "TriggerDagRunOperator", op.task_id, options);
  fields.required("trigger_dag_id", op.trigger_dag_id)
      .field("trigger_run_id", op.trigger_run_id)
      .field("conf", op.conf)
      .field("logical_date", op.logical_date)
      .field("run_after", op.run_after)
      .field("reset_dag_run", op.reset_dag_run)
      .field("wait_for_completion", op.wait_for_completion)
      .field("allowed_states", op.allowed_states)
      .field("failed_states", op.failed_states)
      .field("skip_when_already_exists", op.skip_when_already_exists)
      .field("fail_when_dag_is_paused", op.fail_when_dag_is_paused)
      .field("note", op.note)
      .field("deferrable", op.deferrable)
      .templates(
          {"trigger_dag_id", "trigger_run_id", "logical_date", "conf", "wait_for_completion", "skip_when_already_exists"});
  if (op.poke_interval) {
    if (*op.poke_interval < Duration::zero()) add_mistake(fields.node(), "poke_interval has to be at least 0");
    add_value(fields, "poke_interval", seconds_of(*op.poke_interval));
  }
  return fields.node();
}

}  // namespace venturi::inline sdk::detail
