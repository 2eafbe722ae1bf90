// Amazon's Security Token Service: who a connection is, and roles that it takes on.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

#include "base/time.h"
#include "operators/registry.h"
#include "operators/try_log.h"
#include "providers/amazon/aws_connection.h"

namespace venturi::providers {

// AssumeRole: the settings' credentials become those of their role_arn, for an hour or what the role says: until when, where
// STS says it. They go into `log`'s secrets where there is one.
[[nodiscard]] boost::asio::awaitable<std::optional<Time>> assume_role(AwsSettings& settings, operators::TryLog* log);

// The text of the first element of that name in an answer of STS. Throws TaskFailed where there is none.
[[nodiscard]] std::string member_of_sts(const std::string& body, const std::string& name);

// GetCallerIdentity: its ARN.
[[nodiscard]] boost::asio::awaitable<std::string> caller_arn(const AwsSettings& settings, operators::TryLog* log);

// Throws what is wrong with it. The message says whose it is.
[[nodiscard]] operators::ConnectionTest test_aws_connection(const Connection& connection);

}  // namespace venturi::providers
