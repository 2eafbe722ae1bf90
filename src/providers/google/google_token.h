// Access tokens of Google's: what a request carries to say who sent it. They last about an hour, and are kept until shortly
// before their end.
//
//   service account     a JSON Web Token, signed with its key    ─▶ its token server
//   user                the refresh token                        ─▶ the token server
//   machine             nothing                                  ─▶ the metadata server
//   external account    the subject's token, of a file or URL    ─▶ STS ─▶ perhaps a service account's
//   impersonation_chain the token of one of these                ─▶ IAM: generateAccessToken
//
// Busy token servers are asked again as other services are.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

#include "base/time.h"
#include "operators/try_log.h"
#include "providers/google/google_connection.h"
#include "providers/http/access_token.h"

namespace venturi::providers {

// What a service account signs to get a token: RFC 7523. Throws TaskFailed where its key is none.
[[nodiscard]] std::string signed_assertion(const GoogleServiceAccount& account, const std::vector<std::string>& scopes,
                                           Time now);

class GoogleTokens {
 public:
  // Empty for nobody. It is masked in `log` (which may be null) from then on. `settings` outlives the call. Throws TaskFailed
  // saying whom nobody gave a token, and what to do.
  [[nodiscard]] boost::asio::awaitable<std::string> token(const GoogleSettings& settings, operators::TryLog* log);
  // The server did not take it: the next call gets another one, which somebody else may have got already. False where there is
  // no token at all.
  bool forget(const std::string& refused);

 private:
  std::string token_;
  std::chrono::steady_clock::time_point renew_at_;
};

// Whose tokens they are: the same for the same credentials, scopes and impersonations alone. Nobody learns a secret from it.
[[nodiscard]] std::string token_owner(const GoogleSettings& settings);

// The project that the machine belongs to, where the connection names none. Empty where nobody knows it.
[[nodiscard]] boost::asio::awaitable<std::string> google_project(const GoogleSettings& settings, operators::TryLog* log);

}  // namespace venturi::providers
