// Amazon Redshift: Airflow's operators and sensor of the amazon package. All are coroutines in the operator host: what moves
// data is Redshift.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"

namespace venturi::providers {

// ---- redshift_data_operator.cpp. The XCom is the list of the statements' ids, or of their results.
[[nodiscard]] boost::asio::awaitable<Value> run_redshift_data(operators::OperatorTry& t, operators::Arguments arguments);

// ---- redshift_transfers.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_s3_to_redshift(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_redshift_to_s3(operators::OperatorTry& t, operators::Arguments arguments);

// ---- redshift_clusters.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_create_cluster(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_delete_cluster(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_pause_cluster(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_resume_cluster(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_cluster(operators::OperatorTry& t,
                                                                   const operators::Arguments& arguments);

// ---- redshift_snapshots.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_create_snapshot(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_delete_snapshot(operators::OperatorTry& t, operators::Arguments arguments);

// ---- redshift_workgroups.cpp. The XCom of the first is {"workgroup_name", "address", "port"}.
[[nodiscard]] boost::asio::awaitable<Value> run_create_workgroup(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_delete_workgroup(operators::OperatorTry& t, operators::Arguments arguments);

// ---- redshift_hooks.cpp: the hooks `redshift_data`, `redshift` and `redshift_sql` of tasks
[[nodiscard]] boost::asio::awaitable<Value> call_redshift_data(operators::HookSession& session, operators::HookCall call);
[[nodiscard]] boost::asio::awaitable<Value> call_redshift(operators::HookSession& session, operators::HookCall call);
[[nodiscard]] boost::asio::awaitable<Value> call_redshift_sql(operators::HookSession& session, operators::HookCall call);

}  // namespace venturi::providers
