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

}  // namespace

void register_standard(operators::Registry& registry) {
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
  register_sensors(registry);
  register_branches(registry);
}

}  // namespace venturi::providers
