#include "providers/standard/sensors.h"

namespace venturi::providers {

// Of those that wait for the clock, `deferrable` and Airflow's ...Async names end at their time exactly, instead of at the
// first poke after it.
void register_sensors(operators::Registry& registry) {
  using operators::ArgumentType;
  using operators::OperatorEntry;
  using operators::templated;
  registry.add(OperatorEntry{.task_type = "FileSensor",
                             .arguments = {templated({"filepath", ArgumentType::string, true}),
                                           templated({"fs_conn_id", ArgumentType::string}),
                                           {"recursive", ArgumentType::boolean}},
                             .poke = poke_file,
                             .trigger = "airflow.providers.standard.triggers.file.FileTrigger"});
  for (const char* name : {"TimeSensor", "TimeSensorAsync"}) {
    registry.add(OperatorEntry{.task_type = name,
                               .arguments = {{"target_time", ArgumentType::string, true}, {"timezone", ArgumentType::string}},
                               .poke = poke_time,
                               .trigger = clock_trigger});
  }
  for (const char* name : {"TimeDeltaSensor", "TimeDeltaSensorAsync"}) {
    registry.add(OperatorEntry{.task_type = name,
                               .arguments = {templated({"delta", ArgumentType::any, true})},
                               .poke = poke_time_delta,
                               .trigger = clock_trigger,
                               .waits_it_out = true});
  }
  for (const char* name : {"DateTimeSensor", "DateTimeSensorAsync"}) {
    registry.add(OperatorEntry{.task_type = name,
                               .arguments = {templated({"target_time", ArgumentType::string, true})},
                               .poke = poke_date_time,
                               .trigger = clock_trigger,
                               .waits_it_out = true});
  }
  registry.add(OperatorEntry{
      .task_type = "DayOfWeekSensor",
      .arguments = {{"week_day", ArgumentType::string_list, true}, {"use_task_logical_date", ArgumentType::boolean}},
      .poke = poke_day_of_week});
  registry.add(OperatorEntry{.task_type = "BashSensor",
                             .arguments = {templated({"bash_command", ArgumentType::string, true}),
                                           templated({"env", ArgumentType::object}),
                                           {"retry_exit_code", ArgumentType::integer}},
                             .poke = poke_bash,
                             .starts_commands = true});
  registry.add(OperatorEntry{.task_type = "ExternalTaskSensor",
                             .arguments = {templated({"external_dag_id", ArgumentType::string, true}),
                                           templated({"external_task_id", ArgumentType::string}),
                                           templated({"external_task_ids", ArgumentType::string_list}),
                                           templated({"external_task_group_id", ArgumentType::string}),
                                           {"allowed_states", ArgumentType::string_list},
                                           {"skipped_states", ArgumentType::string_list},
                                           {"failed_states", ArgumentType::string_list},
                                           {"execution_delta", ArgumentType::number},
                                           templated({"execution_dates", ArgumentType::string_list}),
                                           {"check_existence", ArgumentType::boolean}},
                             .poke = poke_external_task,
                             .trigger = "airflow.providers.standard.triggers.external_task.WorkflowTrigger"});
  registry.add(
      OperatorEntry{.task_type = "WaitSensor",
                    .arguments = {templated({"time_to_wait", ArgumentType::any, true}), {"deferrable", ArgumentType::boolean}},
                    .run = run_wait});
}

}  // namespace venturi::providers
