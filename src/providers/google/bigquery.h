// BigQuery: operators and sensors of Airflow's google provider (docs/providers/google.md). All wait only: coroutines in the
// operator host.
#pragma once

#include "operators/hook_session.h"
#include "operators/registry.h"

namespace venturi::providers {

// The operators of this file: part of the provider google.
void add_bigquery(operators::Registry& registry);

// Each returns its XCom.
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_insert_job(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_get_data(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_copy(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_to_bigquery(operators::OperatorTry& t, operators::Arguments arguments);

[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_value_check(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_interval_check(operators::OperatorTry& t,
                                                                        operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_column_check(operators::OperatorTry& t,
                                                                      operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_table_check(operators::OperatorTry& t, operators::Arguments arguments);

[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_create_dataset(operators::OperatorTry& t,
                                                                        operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_get_dataset(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_get_dataset_tables(operators::OperatorTry& t,
                                                                            operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_update_dataset(operators::OperatorTry& t,
                                                                        operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_delete_dataset(operators::OperatorTry& t,
                                                                        operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_create_table(operators::OperatorTry& t,
                                                                      operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_update_table(operators::OperatorTry& t,
                                                                      operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_upsert_table(operators::OperatorTry& t,
                                                                      operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_update_schema(operators::OperatorTry& t,
                                                                       operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_delete_table(operators::OperatorTry& t,
                                                                      operators::Arguments arguments);

[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_bigquery_table(operators::OperatorTry& t,
                                                                          const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_bigquery_partition(operators::OperatorTry& t,
                                                                              const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_bigquery_streaming_buffer(operators::OperatorTry& t,
                                                                                     const operators::Arguments& arguments);

// ---- bigquery_hook.cpp: the hook `bigquery` of tasks
[[nodiscard]] boost::asio::awaitable<Value> call_bigquery(operators::HookSession& session, operators::HookCall call);
// ---- bigquery_to_postgres.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_bigquery_to_postgres(operators::OperatorTry& t, operators::Arguments arguments);

}  // namespace venturi::providers
