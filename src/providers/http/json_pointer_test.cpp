#include "providers/http/json_pointer.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace venturi::providers {
namespace {

// The examples of RFC 6901, section 5.
TEST(JsonPointer, AsTheRfcSays) {
  const Value value = parse_json(R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, " ": 7})").value();
  EXPECT_EQ(*at_pointer(value, ""), value);
  EXPECT_EQ(*at_pointer(value, "/foo/0"), Value("bar"));
  EXPECT_EQ(*at_pointer(value, "/"), Value(0));
  EXPECT_EQ(*at_pointer(value, "/a~1b"), Value(1));
  EXPECT_EQ(*at_pointer(value, "/m~0n"), Value(8));
  EXPECT_EQ(*at_pointer(value, "/ "), Value(7));
  for (const char* nothing : {"/foo/2", "/foo/-1", "/foo/x", "/foo/0/x", "/none", "foo"})
    EXPECT_EQ(at_pointer(value, nothing), nullptr);
}

}  // namespace
}  // namespace venturi::providers
