// How a try calls Amazon's services: its settings, and its waits.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "operators/arguments.h"
#include "operators/hook_session.h"
#include "providers/amazon/aws_call.h"
#include "providers/amazon/aws_connection.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

// What settings are made of.
struct AwsSource {
  std::optional<std::string> conn_id;  // nothing: there is no connection, and the worker's environment says it all
  AwsChoice choice = {};
};
// Of the arguments aws_conn_id (null: no connection; not given: aws_default), region_name and verify.
[[nodiscard]] AwsSource aws_source(const operators::Arguments& arguments);

// Of a call of a task's hook: its conn_id (empty: no connection), and region_name and verify among its arguments.
[[nodiscard]] AwsSource aws_source(const operators::HookCall& call);

// A role is taken on. Secrets are masked in the log from then on.
[[nodiscard]] boost::asio::awaitable<AwsSettings> settings_of_try(CallContext t, AwsSource source);

// The same of a call; they are kept for those after it.
[[nodiscard]] boost::asio::awaitable<AwsSettings> settings_of_hook(operators::HookSession& session,
                                                                   const operators::HookCall& call);
// What a service refused, as tasks see it: {"code": "NoSuchKey", "status": 404}.
[[nodiscard]] operators::HookFailed failed_hook(const AwsRefused& refused);

// Between two looks at what goes on there.
[[nodiscard]] boost::asio::awaitable<void> pause_between(double seconds);

}  // namespace venturi::providers
