// JSON web tokens (RFC 7519) as Airflow's simple auth manager gives them out: HS512, signed with a key of the home.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace venturi::api {

struct WebToken {
  std::string user, role;
  std::string id;  // jti: what is revoked
  Time issued_at{}, expires_at{};
};

[[nodiscard]] std::string sign(const WebToken& token, std::string_view key);
// Refused: another algorithm than HS512 ("none" among them), another signature, audience or issuer, one that is over or not
// valid yet. The error tells a client no more than Airflow does.
[[nodiscard]] Result<WebToken> verify(std::string_view text, std::string_view key, Time now);

}  // namespace venturi::api
