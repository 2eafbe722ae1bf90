// S3: Airflow's operators and sensors of the amazon package, over a connection of type aws (aws_connection.h), and
// S3ToLocalFilesystemOperator. All are coroutines in the operator host: what moves bytes holds one part of them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"

namespace venturi::providers {

// ---- s3_buckets.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_s3_create_bucket(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_delete_bucket(operators::OperatorTry& t, operators::Arguments arguments);
// The XCom is the list of keys, or of prefixes.
[[nodiscard]] boost::asio::awaitable<Value> run_s3_list(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_list_prefixes(operators::OperatorTry& t, operators::Arguments arguments);

// ---- s3_objects.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_s3_create_object(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_copy_object(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_delete_objects(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_file_to_s3(operators::OperatorTry& t, operators::Arguments arguments);
// The XCom is the file's path.
[[nodiscard]] boost::asio::awaitable<Value> run_s3_to_file(operators::OperatorTry& t, operators::Arguments arguments);

// ---- s3_sftp.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_sftp_to_s3(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_to_sftp(operators::OperatorTry& t, operators::Arguments arguments);
// ---- s3_tagging.cpp
// The XCom is the list of {"Key": ..., "Value": ...}.
[[nodiscard]] boost::asio::awaitable<Value> run_s3_get_tagging(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_put_tagging(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_delete_tagging(operators::OperatorTry& t, operators::Arguments arguments);

// ---- s3_transform.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_s3_transform(operators::OperatorTry& t, operators::Arguments arguments);

// ---- s3_from_http.cpp, s3_from_sql.cpp, s3_to_sql.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_http_to_s3(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_sql_to_s3(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_s3_to_sql(operators::OperatorTry& t, operators::Arguments arguments);

// ---- s3_sensors.cpp
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_s3_key(operators::OperatorTry& t,
                                                                  const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_s3_keys_unchanged(operators::OperatorTry& t,
                                                                             const operators::Arguments& arguments);

// ---- s3_hook.cpp: the hook `s3` of tasks
[[nodiscard]] boost::asio::awaitable<Value> call_s3(operators::HookSession& session, operators::HookCall call);

}  // namespace venturi::providers
