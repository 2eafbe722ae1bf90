#include "base/percent.h"

#include <gtest/gtest.h>

namespace venturi {
namespace {

TEST(PercentTest, AddressesKeepToTheirSegment) {
  EXPECT_EQ(percent_encoded("a/b?c#d e\"+%"), "a%2Fb%3Fc%23d%20e%22%2B%25");
  EXPECT_EQ(percent_encoded("aZ09-._~ä"), "aZ09-._~%C3%A4");
}

TEST(PercentTest, IsTakenBack) {
  EXPECT_EQ(percent_decoded("a%20b+c", false), "a b+c");
  EXPECT_EQ(percent_decoded("a%20b+c", true), "a b c");
  EXPECT_EQ(percent_decoded("%D0%97+%F0%9F%92%A1", true), "\xD0\x97 \xF0\x9F\x92\xA1");
  EXPECT_EQ(percent_decoded("%E2%82%AC%F0%9F%98%80", false), "\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(PercentTest, NothingBadIsTaken) {
  for (const char* bad : {"%", "%4", "%zz", "%+1", "%FF", "%C3%28", "%C0%80", "%ED%A0%80", "%F4%90%80%80", "%E2%82", "\xFF"})
    EXPECT_EQ(percent_decoded(bad, false), std::nullopt) << bad;
}

}  // namespace
}  // namespace venturi
