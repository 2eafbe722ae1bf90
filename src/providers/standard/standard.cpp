#include "providers/standard/standard.h"

#include "operators/operator_try.h"
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
                                        .run = run_bash,
                                        .starts_commands = true});
  registry.add(operators::OperatorEntry{
      .task_type = "ConstantOperator", .arguments = {{"value", ArgumentType::any}}, .run = run_constant});
  registry.add(operators::OperatorEntry{.task_type = "EmptyOperator", .arguments = {}, .run = run_empty});
  register_sensors(registry);
}

}  // namespace venturi::providers
