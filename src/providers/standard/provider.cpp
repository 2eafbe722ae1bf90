// Airflow's standard operators and sensors.
#include "providers/standard/standard.h"

#include "operators/operator_try.h"
#include "providers/standard/branches.h"
#include "providers/standard/sensors.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::ArgumentType;
using operators::OperatorTry;
using operators::templated;

asio::awaitable<Value> run_constant(OperatorTry&, Arguments arguments) {
  const Value* value = arguments.find("value");
  co_return value == nullptr ? Value() : *value;
}

// The engine ends most of them itself; one with callbacks comes here.
asio::awaitable<Value> run_empty(OperatorTry&, Arguments) {
  co_return Value();
}

// Of those that wait for the clock, `deferrable` and Airflow's ...Async names end at their time exactly, instead of at the
// first poke after it.
void add_sensors(operators::Registry& registry) {
  using operators::ArgumentType;
  using operators::OperatorEntry;
  using operators::templated;
  registry.add(OperatorEntry{.task_type = "FileSensor",
                             .arguments = {templated({"filepath", ArgumentType::string, true}),
                                           templated({"fs_conn_id", ArgumentType::string}),
                                           {"recursive", ArgumentType::boolean}},
                             .poke = poke_file,
                             .trigger = "airflow.providers.standard.triggers.file.FileTrigger"});
  registry.add(operators::EventTriggerEntry{
      .classpath = "airflow.providers.standard.triggers.file.FileDeleteTrigger",
      .arguments = {{"filepath", ArgumentType::string, true}, {"poke_interval", ArgumentType::number}},
      .watch = watch_file_to_delete});
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

void add_branches(operators::Registry& registry) {
  using operators::ArgumentType;
  const auto choice = [](std::vector<operators::Argument> own) {
    own.insert(own.end(), {{"follow_task_ids_if_true", ArgumentType::string_list, true},
                           {"follow_task_ids_if_false", ArgumentType::string_list, true},
                           {"use_task_logical_date", ArgumentType::boolean},
                           {"timezone", ArgumentType::string}});
    return own;
  };
  registry.add(
      operators::OperatorEntry{.task_type = "LatestOnlyOperator", .arguments = {}, .run = run_latest_only, .branches = true});
  registry.add(operators::OperatorEntry{.task_type = "BranchDayOfWeekOperator",
                                        .arguments = choice({{"week_day", ArgumentType::string_list, true}}),
                                        .run = run_branch_day_of_week,
                                        .branches = true});
  registry.add(
      operators::OperatorEntry{.task_type = "BranchDateTimeOperator",
                               .arguments = choice({{"target_lower", ArgumentType::any}, {"target_upper", ArgumentType::any}}),
                               .run = run_branch_date_time,
                               .branches = true});
}

}  // namespace

void register_standard(operators::Registry& registry) {
  registry.add(catalog::ProviderInfo{"standard", "Bash, branches by the clock, sensors of time and files, other DAGs",
                                     "providers/standard.md"});
  registry.add(
      operators::ConnectionType{.info = {.conn_type = "fs",
                                         .label = "Files",
                                         .default_conn_id = "fs_default",
                                         .fields = {{"path", "Path", "the folder that relative paths of FileSensor lie in"}}},
                                .test = test_fs});
  registry.add(operators::OperatorEntry{.task_type = "BashOperator",
                                        .arguments = {templated({"bash_command", ArgumentType::string, true}),
                                                      templated({"env", ArgumentType::object}),
                                                      {"append_env", ArgumentType::boolean},
                                                      templated({"cwd", ArgumentType::string}),
                                                      {"skip_on_exit_code", ArgumentType::any}},
                                        .template_ext = {".sh", ".bash"},
                                        .run = run_bash,
                                        .starts_commands = true});
  registry.add(operators::OperatorEntry{
      .task_type = "ConstantOperator", .arguments = {{"value", ArgumentType::any}}, .run = run_constant});
  registry.add(operators::OperatorEntry{.task_type = "EmptyOperator", .arguments = {}, .run = run_empty});
  // What it stands for is done by who clears it (server/clear_across.h).
  registry.add(operators::OperatorEntry{.task_type = "ExternalTaskMarker",
                                        .arguments = {templated({"external_dag_id", ArgumentType::string, true}),
                                                      templated({"external_task_id", ArgumentType::string, true}),
                                                      templated({"logical_date", ArgumentType::string}),
                                                      {"recursion_depth", ArgumentType::integer}},
                                        .run = run_empty});
  registry.add(operators::OperatorEntry{.task_type = "TriggerDagRunOperator",
                                        .arguments = {templated({"trigger_dag_id", ArgumentType::string, true}),
                                                      templated({"trigger_run_id", ArgumentType::string}),
                                                      templated({"conf", ArgumentType::any}),
                                                      templated({"logical_date", ArgumentType::string}),
                                                      {"run_after", ArgumentType::string},
                                                      templated({"wait_for_completion", ArgumentType::any}),
                                                      {"poke_interval", ArgumentType::number},
                                                      {"reset_dag_run", ArgumentType::boolean},
                                                      {"allowed_states", ArgumentType::string_list},
                                                      {"failed_states", ArgumentType::string_list},
                                                      templated({"skip_when_already_exists", ArgumentType::any}),
                                                      {"fail_when_dag_is_paused", ArgumentType::boolean},
                                                      {"note", ArgumentType::string},
                                                      {"deferrable", ArgumentType::boolean}},
                                        .run = run_trigger_dag_run});
  add_sensors(registry);
  add_branches(registry);
}

}  // namespace venturi::providers
