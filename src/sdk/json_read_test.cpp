#include "sdk/json_read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi {
namespace {

using internal::read_json;
using testing::HasSubstr;

std::string error_of(std::string_view text) {
  try {
    (void)read_json(text, "variable v");
  } catch (const ValueError& e) {
    return e.what();
  }
  return "none";
}

TEST(JsonRead, WhatIsWrittenIsReadBack) {
  for (const char* text : {"null", "true", "-0.5", "9223372036854775807", "-9223372036854775808", R"("a\"b\\c\n\u0001")",
                           R"([1,[2,{"a":[]}]])", R"({"ж":"я","e":""})"}) {
    EXPECT_EQ(to_json(read_json(text, "x")), text);
  }
  EXPECT_EQ(read_json(" \t\r\n[ 1 , 2 ] ", "x"), Value(Array{Value(1), Value(2)}));
  EXPECT_EQ(read_json(R"("\ud83d\ude00\u00e9")", "x"), Value("😀é"));
  EXPECT_TRUE(read_json("1e2", "x").is_double());
}

TEST(JsonRead, RefusesWhatIsNone) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "01", "1.", "nul", "\"\\x\"", "\"\n\"", "1 2", "NaN",
                           "\"\\ud83d\"", "\"open", "[1 2]", "{\"a\" 1}", "+1", ".5"}) {
    EXPECT_THAT(error_of(text), HasSubstr("variable v is no JSON")) << text;
  }
  EXPECT_THAT(error_of(std::string(201, '[')), HasSubstr("variable v is no JSON"));
}

TEST(JsonRead, ErrorsSayWhereAndNotWhat) {
  const std::string error = error_of(R"({"password": geheim})");
  EXPECT_THAT(error, HasSubstr("13"));
  EXPECT_THAT(error, testing::Not(HasSubstr("geheim"))) << "it may be a secret";
}

}  // namespace
}  // namespace venturi
