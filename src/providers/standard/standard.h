// Airflow's standard operators: BashOperator and EmptyOperator; and ConstantOperator, which returns what it was given.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::providers {

// bash_command, env, append_env, cwd, skip_on_exit_code. The XCom is the last line of stdout.
[[nodiscard]] boost::asio::awaitable<Value> run_bash(operators::OperatorTry& t, operators::Arguments arguments);

// trigger_dag_run.cpp has the arguments.
[[nodiscard]] boost::asio::awaitable<Value> run_trigger_dag_run(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
