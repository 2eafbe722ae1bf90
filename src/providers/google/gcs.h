// Google Cloud Storage: Airflow's operators, sensors and transfers of the google package, over a connection of type
// google_cloud_platform (google_connection.h). All are coroutines in the operator host: what moves bytes holds one piece of
// them.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"

namespace venturi::providers {

// ---- gcs_buckets.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_create_bucket(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_delete_bucket(operators::OperatorTry& t, operators::Arguments arguments);
// The XCom is the list of names.
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_list(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_delete_objects(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_copy.cpp
// The XCom is the list of what was made: "gs://bucket/object".
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_sync.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_synchronize(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_files.cpp
// The XCom is the list of what was made: "gs://bucket/object".
[[nodiscard]] boost::asio::awaitable<Value> run_file_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);
// The XCom is the file's path.
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_to_file(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_s3.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_s3_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_to_s3(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_sftp.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_sftp_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_to_sftp(operators::OperatorTry& t, operators::Arguments arguments);
// ---- gcs_transform.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_gcs_transform(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_from_http.cpp, gcs_from_sql.cpp
[[nodiscard]] boost::asio::awaitable<Value> run_http_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);
// The XCom says what was made: bucket, total_row_count, total_files, files.
[[nodiscard]] boost::asio::awaitable<Value> run_postgres_to_gcs(operators::OperatorTry& t, operators::Arguments arguments);

// ---- gcs_sensors.cpp
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_gcs_object(operators::OperatorTry& t,
                                                                      const operators::Arguments& arguments);
// The XCom is the list of names.
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_gcs_prefix(operators::OperatorTry& t,
                                                                      const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_gcs_update(operators::OperatorTry& t,
                                                                      const operators::Arguments& arguments);
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_gcs_upload_session(operators::OperatorTry& t,
                                                                              const operators::Arguments& arguments);

// ---- gcs_hook.cpp: the hook `gcs` of tasks
[[nodiscard]] boost::asio::awaitable<Value> call_gcs(operators::HookSession& session, operators::HookCall call);

}  // namespace venturi::providers
