#include "providers/standard/sensors.h"

namespace venturi::providers {

// Airflow's ...Async names, and `deferrable`, are for waiting without a worker's process. Here no sensor has one; of those that
// wait for the clock they end at their time exactly, instead of at the first poke after it.
void register_sensors(operators::Registry& registry) {
  using operators::ArgumentType;
  using operators::OperatorEntry;
  using operators::templated;
  const operators::Argument deferrable{"deferrable", ArgumentType::boolean};
  registry.add(OperatorEntry{.task_type = "FileSensor",
                             .arguments = {templated({"filepath", ArgumentType::string, true}),
                                           templated({"fs_conn_id", ArgumentType::string}),
                                           {"recursive", ArgumentType::boolean}},
                             .poke = poke_file});
  for (const char* name : {"TimeSensor", "TimeSensorAsync"}) {
    registry.add(OperatorEntry{
        .task_type = name,
        .arguments = {{"target_time", ArgumentType::string, true}, {"timezone", ArgumentType::string}, deferrable},
        .poke = poke_time});
  }
  for (const char* name : {"TimeDeltaSensor", "TimeDeltaSensorAsync"}) {
    registry.add(OperatorEntry{
        .task_type = name, .arguments = {templated({"delta", ArgumentType::any, true}), deferrable}, .poke = poke_time_delta});
  }
  for (const char* name : {"DateTimeSensor", "DateTimeSensorAsync"}) {
    registry.add(OperatorEntry{.task_type = name,
                               .arguments = {templated({"target_time", ArgumentType::string, true}), deferrable},
                               .poke = poke_date_time});
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
                                           {"check_existence", ArgumentType::boolean},
                                           deferrable},
                             .poke = poke_external_task});
  registry.add(OperatorEntry{
      .task_type = "WaitSensor", .arguments = {templated({"time_to_wait", ArgumentType::any, true})}, .run = run_wait});
}

}  // namespace venturi::providers
