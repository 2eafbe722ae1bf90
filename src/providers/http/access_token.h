// Access tokens of OAuth 2.0 (RFC 6749): what asking a token's server and reading its answer have in common.
//
//   POST token_url   grant_type=...&...
//   200              {"access_token": "...", "expires_in": 3599, ...}
//   400, 401         {"error": "invalid_client", "error_description": "..."}
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "net/http_request.h"
#include "net/http_url.h"

namespace venturi::providers {

struct AccessToken {
  std::string text;
  std::chrono::seconds lasts{0};  // zero: the server did not say
};

// It goes to nobody else: redirects are not followed.
[[nodiscard]] net::HttpRequest token_request(const std::string& url, const net::QueryItems& form);
// Nothing where the answer is none with a token.
[[nodiscard]] std::optional<AccessToken> access_token_of(const net::HttpAnswer& answer);
// "invalid_client: AADSTS7000215: Invalid client secret provided." Of a description the first line: what follows are numbers of
// the server's own. Of what is no such answer the beginning.
[[nodiscard]] std::string token_refusal(const net::HttpAnswer& answer);

}  // namespace venturi::providers
