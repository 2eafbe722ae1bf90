#include "base/fernet.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace venturi {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr const char* key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
constexpr const char* other_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr const char* hello =
    "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
constexpr sys_seconds generated{seconds{499162800}};  // 1985-10-26T01:20:00-07:00

// generate.json and verify.json of the specification.
TEST(Fernet, GeneratesTheTokenOfTheSpecification) {
  std::string iv;
  for (char i = 0; i < 16; ++i) iv += i;
  EXPECT_EQ(Fernet::from_keys(key)->encrypt("hello", generated, iv), hello);
}

TEST(Fernet, VerifiesTheTokenOfTheSpecification) {
  EXPECT_EQ(Fernet::from_keys(key)->decrypt(hello, seconds{60}, generated + seconds{1}), "hello");
}

// invalid.json of the specification.
TEST(Fernet, RefusesTheInvalidTokensOfTheSpecification) {
  struct Case {
    const char* description;
    const char* token;
    int now;  // after 01:20:00
    const char* message;
  };
  const Case cases[] = {
      {"incorrect mac", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykQUFBQUFBQUFBQQ==",
       1, "none of the Fernet keys opens it"},
      {"too short", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPA==", 1, "this is not a Fernet token"},
      {"invalid base64", "%%%%%%%%%%%%%AECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==",
       1, "this is not a Fernet token"},
      {"payload size not multiple of block size",
       "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPOm73QeoCk9uGib28Xe5vz6oxq5nmxbx_v7mrfyudzUm", 1,
       "this is not a Fernet token"},
      {"payload padding error",
       "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0ODz4LEpdELGQAad7aNEHbf-JkLPIpuiYRLQ3RtXatOYREu2FWke6CnJNYIbkuKNqOhw==", 1,
       "a signed Fernet token has broken padding"},
      {"far-future time stamp",
       "gAAAAAAdwStRAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAnja1xKYyhd-Y6mSkTOyTGJmw2Xc2a6kBd-iX9b_qXQcw==", 1,
       "the token is from the future"},
      {"expired", "gAAAAAAdwJ6xAAECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAl1-szkFVzXTuGb4hR8AKtwcaX1YdykRtfsH-p1YsUD2Q==", 91,
       "the token has expired"},
      {"incorrect IV", "gAAAAAAdwJ6xBQECAwQFBgcICQoLDA0OD3HkMATM5lFqGaerZ-fWPAkLhFLHpGtDBRLRTZeUfWgHSv49TF2AUEZ1TIvcZjK1zQ==",
       1, "a signed Fernet token has broken padding"},
  };
  const auto fernet = Fernet::from_keys(key);
  for (const Case& c : cases) {
    const auto text = fernet->decrypt(c.token, seconds{60}, generated + seconds{c.now});
    ASSERT_FALSE(text) << c.description;
    EXPECT_EQ(text.error().what, c.message) << c.description;
  }
}

TEST(Fernet, EveryChangedByteIsNoticed) {
  const auto fernet = Fernet::from_keys(key);
  const std::string raw = *base64url_decode(hello);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    std::string changed = raw;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(fernet->decrypt(base64url_encode(changed))) << i;
    EXPECT_FALSE(fernet->decrypt(base64url_encode(raw.substr(0, i)))) << i;
  }
}

TEST(Fernet, TextsOfAllLengthsComeBack) {
  const auto fernet = Fernet::from_keys(Fernet::generate_key());
  std::string text;
  for (int length = 0; length < 70; ++length) {
    const std::string token = fernet->encrypt(text);
    EXPECT_EQ(fernet->decrypt(token), text);
    EXPECT_NE(fernet->encrypt(text), token);  // another IV each time
    text += static_cast<char>(length * 37);
  }
}

TEST(Fernet, RotationReadsTheOldAndWritesTheNew) {
  const auto before = Fernet::from_keys(other_key), between = Fernet::from_keys(std::string(key) + " , " + other_key + "\n"),
             after = Fernet::from_keys(key);
  const std::string old_token = before->encrypt("secret", generated, "0123456789abcdef");
  EXPECT_FALSE(after->decrypt(old_token));
  EXPECT_EQ(between->decrypt(old_token), "secret");
  EXPECT_EQ(after->decrypt(between->encrypt("secret")), "secret");
  const auto rotated = between->rotate(old_token);
  ASSERT_TRUE(rotated);
  EXPECT_EQ(after->decrypt(*rotated, seconds{60}, generated), "secret");  // the time stays
  EXPECT_FALSE(after->rotate(old_token));
}

TEST(Fernet, BadKeysAreRefusedWithoutBeingRepeated) {
  const std::string half = "cw_0x689RpI";
  for (const std::string& keys : {std::string(), half, std::string(key) + ",", "," + std::string(key), half + "!!" + key,
                                  std::string(key) + "," + half}) {
    const auto fernet = Fernet::from_keys(keys);
    ASSERT_FALSE(fernet) << keys;
    EXPECT_EQ(fernet.error().kind, ErrorKind::invalid);
    EXPECT_EQ(fernet.error().text().find(half), std::string::npos);
  }
  EXPECT_EQ(Fernet::from_keys(std::string(key) + ",x").error().what, "key 2 is not 32 bytes in url-safe base64");
}

}  // namespace
}  // namespace venturi
