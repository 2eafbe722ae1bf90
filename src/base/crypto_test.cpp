#include "base/crypto.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace venturi {
namespace {

TEST(Sha256, VectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.hex(), sha256_hex("abc"));
}

TEST(Hmac, VectorOfRfc4231) {
  std::string hex;
  for (const char c : hmac_sha256("Jefe", "what do ya want for nothing?")) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[c & 15];
  }
  EXPECT_EQ(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(ConstantTime, Compares) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST(Base64Url, VectorsOfRfc4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"},
                                                         {"\xfb\xff\xfe", "-__-"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes);
    const std::string bare = text.substr(0, text.find('='));
    EXPECT_EQ(base64url_encode(bytes, false), bare);
    EXPECT_EQ(base64url_decode(bare), bytes);
  }
}

TEST(Base64Url, RefusesWhatNoEncoderWrites) {
  for (const char* text : {"Z", "Zg=", "Zg===", "====", "Zm9v=", "Z+==", "Z/==", "Zm 9v", "Zh==", "Zm9="}) {
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
  }
}

TEST(Base64Url, EveryLengthAndByte) {
  for (std::size_t length = 0; length < 300; ++length) {
    const std::string bytes = random_bytes(length);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  }
}

TEST(Scrypt, IsThatOfTheRfc) {  // RFC 7914, section 12; the first 32 of its 64 bytes
  EXPECT_EQ(base64url_encode(scrypt("password", "NaCl", 10, 8, 16), false), "_bq-HJ00cgB4VucZDQHp_nxq18vII3gw53N2Y0s3MWI");
  EXPECT_NE(scrypt("passwore", "NaCl", 10, 8, 1), scrypt("password", "NaCl", 10, 8, 1));
}

TEST(Random, PasswordsAreOfLettersAndDigitsAndDiffer) {
  std::set<std::string> seen;
  std::set<char> characters;
  for (int i = 0; i < 200; ++i) {
    const std::string password = random_password();
    EXPECT_EQ(password.size(), 32U);
    for (const char c : password) {
      EXPECT_TRUE(('0' <= c && c <= '9') || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')) << password;
      characters.insert(c);
    }
    EXPECT_TRUE(seen.insert(password).second);
  }
  EXPECT_EQ(characters.size(), 62U);  // 6,400 draws: one is missing in less than 1 of 10^43 cases
  EXPECT_EQ(random_password(0), "");
}

}  // namespace
}  // namespace venturi
