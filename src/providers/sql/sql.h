// Operators of Airflow's common-sql provider over PostgreSQL's protocol (docs/providers/sql.md). They wait only: coroutines in
// the operator host. What moves rows is beside them in providers/postgres.
//
// All of them take
//   conn_id           postgres_default where not given
//   database          instead of the connection's
//   hook_params       {"options": "-c search_path=...", "enable_log_db_messages": true}
//   retry_on_failure  true; false: a check that fails is not tried again
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/registry.h"

namespace venturi::operators {
class OperatorTry;
}

namespace venturi::providers {

// Each returns its XCom.
[[nodiscard]] boost::asio::awaitable<Value> run_execute_query(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_sql_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_value_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_interval_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_threshold_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_column_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_table_check(operators::OperatorTry& t, operators::Arguments arguments);
// notification_sensor.cpp and sql_sensor.cpp have the arguments.
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_notification(operators::OperatorTry& t,
                                                                        const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_sql(operators::OperatorTry& t,
                                                               const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_branch_sql(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
