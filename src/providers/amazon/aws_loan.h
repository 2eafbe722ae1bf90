// Credentials that are lent for some time, by whoever knows the machine, and those of a role: asked for where the connection
// has none, and anew before they are over.
//
//   web identity   the token of a file (Kubernetes: IRSA)       ─▶ STS: AssumeRoleWithWebIdentity
//   container      nothing, or a token of a file or a variable  ─▶ the agent of ECS, or of EKS Pod Identity
//   instance       a session token (IMDSv2)                     ─▶ the metadata service of EC2
//   role_arn       the credentials of one of these, or keys     ─▶ STS: AssumeRole
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

#include "operators/try_log.h"
#include "providers/amazon/aws_connection.h"

namespace venturi::providers {

// Makes settings.loan, where their credentials are lent, and sets their credentials. Throws TaskFailed saying who gave none.
// Secrets are masked in `log`, which may be null, from then on.
[[nodiscard]] boost::asio::awaitable<void> borrow_credentials(AwsSettings& settings, operators::TryLog* log);

// Those of the loan anew, where there is one and it is over soon, or at once.
[[nodiscard]] boost::asio::awaitable<void> renew_loan(const AwsSettings& settings, operators::TryLog* log, bool at_once);

}  // namespace venturi::providers
