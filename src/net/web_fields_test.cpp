#include "net/web_fields.h"

#include <gtest/gtest.h>

namespace venturi::net {
namespace {

TEST(WebFieldsTest, AreReadAsBrowsersSendThem) {
  const auto fields = parse_web_fields("a=1+2&b=%3Cb%3E&b=second&c=&flag&&=nameless&d=x=y");
  ASSERT_TRUE(fields);
  EXPECT_EQ(*fields, (WebFields{{"a", "1 2"}, {"b", "<b>"}, {"b", "second"}, {"c", ""}, {"d", "x=y"}, {"flag", ""}}));
  EXPECT_TRUE(parse_web_fields("")->empty());
  for (const char* bad : {"a=%zz", "%=a", "a=%FF"}) EXPECT_FALSE(parse_web_fields(bad)) << bad;
}

TEST(WebFieldsTest, CookiesAreFoundByTheirWholeName) {
  EXPECT_EQ(cookie_of("a=1; venturi_session=x.y.z; b=2", "venturi_session"), "x.y.z");
  EXPECT_EQ(cookie_of("a=1;venturi_session=x=", "venturi_session"), "x=");
  EXPECT_EQ(cookie_of("s=first; s=second", "s"), "first");
  for (const char* other : {"not_venturi_session=1", "venturi_sessions=1", "a=venturi_session=1", "venturi_session", ""})
    EXPECT_EQ(cookie_of(other, "venturi_session"), "") << other;
}

TEST(WebFieldsTest, NobodyIsSentToAnotherHost) {
  for (const char* own : {"/", "/dags/x?page=2", "/a//b"}) EXPECT_TRUE(is_own_path(own)) << own;
  for (const char* elsewhere : {"", "x", "//evil.example", "/\\evil.example", "/a\\b", "https://evil.example",
                                "/a\r\nSet-Cookie: x", "/a b", "/\tx", "/a\x7F", "javascript:alert(1)"})
    EXPECT_FALSE(is_own_path(elsewhere)) << elsewhere;
}

}  // namespace
}  // namespace venturi::net
