#include "api/web_token.h"

#include <gtest/gtest.h>

#include <string>

#include "base/crypto.h"

namespace venturi::api {
namespace {

using namespace std::chrono_literals;

const Time now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const WebToken token{"ada", "admin", "id", now, now + 1h};
constexpr const char* key = "a key of the home";

// The token with another head or body, signed with our key.
std::string forged(const std::string& head, const std::string& body) {
  const std::string text = base64url_encode(head, false) + "." + base64url_encode(body, false);
  return text + "." + base64url_encode(hmac_sha512(key, text), false);
}

TEST(WebToken, IsReadBack) {
  const auto read = verify(sign(token, key), key, now + 30min);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->user, "ada");
  EXPECT_EQ(read->role, "admin");
  EXPECT_EQ(read->id, "id");
  EXPECT_EQ(read->expires_at, token.expires_at);
}

TEST(WebToken, IsRefusedBeforeAndAfterItsTime) {
  EXPECT_FALSE(verify(sign(token, key), key, now + 2h));
  EXPECT_FALSE(verify(sign(token, key), key, now - 1h));
}

TEST(WebToken, OfAnotherKeyOrChangedIsRefused) {
  const std::string text = sign(token, key);
  EXPECT_FALSE(verify(text, "another", now));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify(changed, key, now)) << i;
  }
  for (const char* bad : {"", ".", "..", "a.b", "a.b.c.d", "a.b.c"}) EXPECT_FALSE(verify(bad, key, now)) << bad;
}

TEST(WebToken, WithoutASignatureOrOfAnotherKindIsRefused) {
  const std::string claims =
      R"({"sub":"ada","role":"admin","jti":"id","iss":"venturi","aud":"apache-airflow","nbf":0,"exp":99999999999,"iat":0})";
  EXPECT_TRUE(verify(forged(R"({"alg":"HS512"})", claims), key, now)) << "what is refused below is refused for its own reason";
  EXPECT_FALSE(verify(forged(R"({"alg":"none"})", claims), key, now));
  EXPECT_FALSE(verify(base64url_encode(R"({"alg":"none"})", false) + "." + base64url_encode(claims, false) + ".", key, now));
  EXPECT_FALSE(verify(forged(R"({"alg":"HS512"})", R"({"sub":"ada"})"), key, now));
  EXPECT_FALSE(verify(forged(R"({"alg":"HS512"})", "[]"), key, now));
  std::string foreign = claims;
  foreign.replace(foreign.find("apache-airflow"), 14, "something-else");
  EXPECT_FALSE(verify(forged(R"({"alg":"HS512"})", foreign), key, now));
}

}  // namespace
}  // namespace venturi::api
