#include "base/rsa.h"

#include <gtest/gtest.h>

#include "base/testing/rsa_key.h"

namespace venturi {
namespace {

TEST(Rsa, WhatIsSignedCountsForThatTextAlone) {
  const RsaKey key;
  const auto signature = rsa_sha256_signature(key.pem(), "a text");
  ASSERT_TRUE(signature) << signature.error().text();
  EXPECT_TRUE(key.has_signed("a text", *signature));
  EXPECT_FALSE(key.has_signed("another", *signature));
}

TEST(Rsa, WhatIsNoKeyIsRefusedWithoutBeingSaid) {
  for (const char* key : {"", "hush", "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n"}) {
    const auto signature = rsa_sha256_signature(key, "a text");
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().text(), "it is no private RSA key in PEM");
  }
}

}  // namespace
}  // namespace venturi
