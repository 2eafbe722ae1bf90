#include "api/web_token.h"

#include <chrono>

#include "base/crypto.h"
#include "base/json.h"
#include "venturi/value.h"

namespace venturi::api {
namespace {

// As in Airflow's tokens (contract: seen on 3.3.2).
constexpr const char *algorithm = "HS512", *audience = "apache-airflow", *issuer = "venturi";
constexpr std::chrono::seconds leeway{10};  // Airflow's [api_auth] jwt_leeway

std::int64_t seconds_of(Time t) {
  return std::chrono::duration_cast<std::chrono::seconds>(t.time_since_epoch()).count();
}
Time time_of(std::int64_t seconds) {
  return Time(std::chrono::seconds(seconds));
}

std::unexpected<Error> invalid() {
  return fail(ErrorKind::denied, "Invalid JWT token");
}

}  // namespace

std::string sign(const WebToken& token, std::string_view key) {
  const Value head = Object{{"alg", algorithm}, {"kid", "not-used"}, {"typ", "JWT"}};
  const Value claims = Object{{"sub", token.user},
                              {"role", token.role},
                              {"jti", token.id},
                              {"iss", issuer},
                              {"aud", audience},
                              {"nbf", seconds_of(token.issued_at)},
                              {"exp", seconds_of(token.expires_at)},
                              {"iat", seconds_of(token.issued_at)}};
  std::string text = base64url_encode(to_json(head), false) + "." + base64url_encode(to_json(claims), false);
  const std::string signature = base64url_encode(hmac_sha512(key, text), false);
  return text + "." + signature;
}

Result<WebToken> verify(std::string_view text, std::string_view key, Time now) {
  const std::size_t first = text.find('.'), second = text.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return invalid();
  const auto head = base64url_decode(text.substr(0, first)),
             body = base64url_decode(text.substr(first + 1, second - first - 1)),
             signature = base64url_decode(text.substr(second + 1));
  if (!head || !body || !signature) return invalid();
  if (!equal_in_constant_time(*signature, hmac_sha512(key, text.substr(0, second)))) return invalid();
  const auto header = parse_json(*head), claims = parse_json(*body);
  if (!header || !claims || !header->is_object() || !claims->is_object()) return invalid();
  try {
    if (header->get_string("alg") != algorithm || claims->get_string("aud") != audience || claims->get_string("iss") != issuer)
      return invalid();
    WebToken token{claims->at("sub").as_string(), claims->at("role").as_string(), claims->at("jti").as_string(),
                   time_of(claims->at("iat").as_int()), time_of(claims->at("exp").as_int())};
    if (token.expires_at + leeway <= now || time_of(claims->at("nbf").as_int()) - leeway > now) return invalid();
    return token;
  } catch (const ValueError&) {
    return invalid();  // signed by us, but not one of these
  }
}

}  // namespace venturi::api
