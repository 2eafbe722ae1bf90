// Airflow's HttpOperator, HttpSensor and HttpNotifier, and HttpToFileOperator, over a connection of type http
// (http_connection.h).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "operators/hook_session.h"
#include "operators/registry.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

// The XCom is the answer's text; with `pagination` a list of texts; with `response_filter` the value at that JSON pointer.
[[nodiscard]] boost::asio::awaitable<Value> run_http(operators::OperatorTry& t, operators::Arguments arguments);
// Done where the answer is good: no error status, and response_check holds.
[[nodiscard]] boost::asio::awaitable<operators::Poke> poke_http(operators::OperatorTry& t,
                                                                const operators::Arguments& arguments);
// The answer's body into a file: under its name only when it is complete. The XCom is its path.
[[nodiscard]] boost::asio::awaitable<Value> run_http_to_file(operators::OperatorTry& t, operators::Arguments arguments);

// The same for whoever calls, with the arguments that are no place of the file, into `path`.
[[nodiscard]] boost::asio::awaitable<Value> download_to(CallContext t, operators::Arguments arguments, std::string path);

// The hook `http` of tasks (http_hook.cpp has its methods).
[[nodiscard]] boost::asio::awaitable<Value> call_http(operators::HookSession& session, operators::HookCall call);

// Airflow's HttpNotifier.
[[nodiscard]] boost::asio::awaitable<void> notify_http(operators::Notification& n, operators::Arguments arguments);

}  // namespace venturi::providers
