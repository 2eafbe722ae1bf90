#include <gmock/gmock.h>

#include "operators/outcome.h"
#include "providers/postgres/pg_session.h"

namespace venturi::providers {
namespace {

// "23:7": the type's number and the text.
std::string bound(const Value& value) {
  const PgValues values = PgValues::of({value});
  return std::to_string(values.types.at(0)) + ":" + values.texts.at(0).value_or("NULL");
}

TEST(PgValues, HaveTheTypesOfPythons) {
  EXPECT_EQ(bound(nullptr), "0:NULL");
  EXPECT_EQ(bound(true), "16:true");
  EXPECT_EQ(bound(-7), "23:-7");
  EXPECT_EQ(bound(5'000'000'000), "20:5000000000");
  EXPECT_EQ(bound(0.1), "701:0.1");
  EXPECT_EQ(bound("it's"), "0:it's");
  EXPECT_EQ(bound(Array{1, 2}), R"(1007:{"1","2"})");
  EXPECT_EQ(bound(Array{1, 5'000'000'000, nullptr}), R"(1016:{"1","5000000000",NULL})");
  EXPECT_EQ(bound(Array{1, 0.5}), R"(1022:{"1","0.5"})");
  EXPECT_EQ(bound(Array{"a\"b", "c\\"}), R"(0:{"a\"b","c\\"})");
  EXPECT_EQ(bound(Array{Array{1}, Array{2}}), R"(1007:{{"1"},{"2"}})");
  EXPECT_EQ(bound(Array{}), "0:{}");
  EXPECT_EQ(bound(Object{{"a", Array{1}}}), R"(0:{"a":[1]})");
  EXPECT_EQ(bound(Array{Object{{"a", 1}}}), R"(0:[{"a":1}])");
}

TEST(PgValues, WhatHasNoFormIsRefused) {
  try {
    (void)PgValues::of({Value(std::string("a\0b", 3))});
    FAIL();
  } catch (const operators::TaskFailedForGood& e) {
    EXPECT_STREQ(e.what(), "parameters: a text has a zero byte in it");
  }
  try {
    (void)PgValues::of(Array(70'000));
    FAIL();
  } catch (const operators::TaskFailedForGood& e) {
    EXPECT_STREQ(e.what(), "a statement may have 65535 parameters, not 70000");
  }
}

}  // namespace
}  // namespace venturi::providers
