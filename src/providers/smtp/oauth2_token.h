// An access token for a mail server, by OAuth 2.0's client credentials (RFC 6749, 4.4), as Airflow's SmtpHook has it from
// Microsoft (providers/http/access_token.h).
//
//   POST token_url   grant_type=client_credentials&client_id=...&client_secret=...&scope=...
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

#include "operators/memory_budget.h"
#include "operators/try_log.h"

namespace venturi::providers {

struct OAuth2Client {
  std::string conn_id;  // whose connection it is
  std::string token_url, client_id, client_secret, scope;
};

// The token is masked in the log from then on. `patience`: for the connection, and of each silence. Throws TaskFailed where
// none is given.
[[nodiscard]] boost::asio::awaitable<std::string> fetch_access_token(OAuth2Client client, std::chrono::milliseconds patience,
                                                                     operators::TryLog& log, operators::MemoryBudget& memory);

}  // namespace venturi::providers
