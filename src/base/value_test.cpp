#include "venturi/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace venturi {
namespace {

using testing::ElementsAre;

std::vector<std::string> keys(const Object& object) {
  std::vector<std::string> names;
  for (const auto& [key, value] : object) names.push_back(key);
  return names;
}

template <class F>
std::string error_of(F&& call) {
  try {
    call();
  } catch (const ValueError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Object, KeepsTheOrderOfInsertion) {
  Object object{{"z", 1}, {"a", 2}};
  object.set("m", 3);
  object.set("z", 4);  // in place
  EXPECT_THAT(keys(object), ElementsAre("z", "a", "m"));
  EXPECT_EQ(object.at("z").as_int(), 4);
  EXPECT_TRUE(object.erase("a"));
  EXPECT_FALSE(object.erase("a"));
  EXPECT_THAT(keys(object), ElementsAre("z", "m"));
  EXPECT_EQ(object.find("a"), nullptr);
  EXPECT_TRUE(object.contains("m"));
  EXPECT_EQ(object.size(), 2U);
  EXPECT_TRUE(Object().empty());
}

TEST(Object, TheLastOfEqualKeysCountsInThePlaceOfTheFirst) {
  EXPECT_EQ(to_json(Object{{"a", 1}, {"b", 2}, {"a", 3}}), R"({"a":3,"b":2})");
  for (const int n : {1, 8, 100}) {  // beyond 16 members by another way
    std::vector<Object::Entry> entries;
    for (int i = 0; i < n; ++i) entries.emplace_back("k" + std::to_string(i), i);
    EXPECT_EQ(Object::from_entries(entries).size(), static_cast<std::size_t>(n));
    entries.emplace_back("k0", "again");
    const Object object = Object::from_entries(entries);
    EXPECT_EQ(object.size(), static_cast<std::size_t>(n));
    EXPECT_EQ(object.begin()->first, "k0");
    EXPECT_EQ(object.at("k0"), Value("again"));
    EXPECT_EQ(object.at("k" + std::to_string(n - 1)), n == 1 ? Value("again") : Value(n - 1));
  }
}

TEST(Object, EqualInAnyOrder) {
  EXPECT_EQ((Object{{"a", 1}, {"b", 2}}), (Object{{"b", 2}, {"a", 1}}));
  EXPECT_NE((Object{{"a", 1}, {"b", 2}}), (Object{{"b", 1}, {"a", 2}}));
  EXPECT_NE((Object{{"a", 1}}), (Object{{"a", 1}, {"b", 2}}));
  EXPECT_NE((Object{{"a", 1}, {"c", 2}}), (Object{{"a", 1}, {"b", 2}}));
  std::vector<Object::Entry> entries;
  for (int i = 0; i < 100; ++i) entries.emplace_back("k" + std::to_string(i), i);
  const Object forward = Object::from_entries(entries);
  std::reverse(entries.begin(), entries.end());
  Object backward = Object::from_entries(entries);
  EXPECT_EQ(forward, backward);
  backward.set("k50", "other");
  EXPECT_NE(forward, backward);
  backward.erase("k50");
  backward.set("k100", 50);
  EXPECT_NE(forward, backward);
}

TEST(Value, NamesItsType) {
  EXPECT_STREQ(Value().type_name(), "null");
  EXPECT_STREQ(Value(true).type_name(), "boolean");
  EXPECT_STREQ(Value(1).type_name(), "integer");
  EXPECT_STREQ(Value(1.0).type_name(), "number");
  EXPECT_STREQ(Value("").type_name(), "string");
  EXPECT_STREQ(Value(Array{}).type_name(), "array");
  EXPECT_STREQ(Value(Object{}).type_name(), "object");
}

TEST(Value, ErrorsNameWhatWasExpectedAndFound) {
  EXPECT_EQ(error_of([] { (void)Value("x").as_int(); }), "expected integer, found string");
  EXPECT_EQ(error_of([] { (void)Value(1.5).as_int(); }), "expected integer, found number");
  EXPECT_EQ(error_of([] { (void)Value(1).as_bool(); }), "expected boolean, found integer");
  EXPECT_EQ(error_of([] { (void)Value().as_string(); }), "expected string, found null");
  EXPECT_EQ(error_of([] { (void)Value("x").as_double(); }), "expected number, found string");
  EXPECT_EQ(error_of([] { (void)Value(1).as_array(); }), "expected array, found integer");
  EXPECT_EQ(error_of([] { (void)Value(Array{}).as_object(); }), "expected object, found array");
  EXPECT_EQ(error_of([] { (void)Value(Object{{"a", 1}}).at("b"); }), "no key \"b\"");
  EXPECT_EQ(error_of([] { (void)Value(3).at("b"); }), "expected object with the key \"b\", found integer");
  EXPECT_EQ(Value(3).as_double(), 3.0);
}

TEST(Value, OptionalMembers) {
  const Value value = Object{{"s", "text"}, {"i", 7}, {"d", 1.5}, {"b", true}, {"n", nullptr}};
  EXPECT_EQ(value.get("n"), nullptr);
  EXPECT_EQ(value.get("absent"), nullptr);
  EXPECT_EQ(Value(1).get("s"), nullptr);
  EXPECT_EQ(value.get_string("s"), "text");
  EXPECT_EQ(value.get_string("i", "otherwise"), "otherwise");
  EXPECT_EQ(value.get_int("i"), 7);
  EXPECT_EQ(value.get_int("d", -1), -1);
  EXPECT_EQ(value.get_double("d"), 1.5);
  EXPECT_EQ(value.get_double("i"), 7.0);
  EXPECT_EQ(value.get_double("n", 2.5), 2.5);
  EXPECT_TRUE(value.get_bool("b"));
  EXPECT_TRUE(value.get_bool("i", true));
  EXPECT_TRUE(value.at("n").is_null());
}

TEST(Value, NumbersCompareByValueAsInPython) {
  EXPECT_EQ(Value(1), Value(1.0));
  EXPECT_EQ(Value(1.0), Value(1));
  EXPECT_NE(Value(1), Value(1.5));
  EXPECT_NE(Value((1LL << 53) + 1), Value(static_cast<double>(1LL << 53)));
  EXPECT_NE(Value(std::numeric_limits<long long>::max()), Value(9223372036854775808.0));
  EXPECT_EQ(Value(std::numeric_limits<long long>::min()), Value(-9223372036854775808.0));
  EXPECT_NE(Value(0), Value(std::numeric_limits<double>::infinity()));
  EXPECT_NE(Value(std::nan("")), Value(std::nan("")));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value(), Value(false));
  EXPECT_NE(Value("1"), Value(1));
  EXPECT_EQ((Value(Array{1, Array{2.0}})), (Value(Array{1.0, Array{2}})));
}

TEST(JsonWrite, Table) {
  const std::vector<std::pair<Value, std::string>> cases = {
      {nullptr, "null"},
      {true, "true"},
      {false, "false"},
      {std::numeric_limits<long long>::min(), "-9223372036854775808"},
      {Array{}, "[]"},
      {Object{}, "{}"},
      {Array{1, "a", nullptr}, R"([1,"a",null])"},
      {Object{{"b", Array{1}}, {"a", Object{{"c", 2}}}}, R"({"b":[1],"a":{"c":2}})"},
      // floating point, as Python's json.dumps writes it
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.1, "0.1"},
      {100000.0, "100000.0"},
      {123456789012345.6, "123456789012345.6"},
      {9007199254740993.0, "9007199254740992.0"},
      {1e16, "1e+16"},
      {1.5e300, "1.5e+300"},
      {0.0001, "0.0001"},
      {0.00001, "1e-05"},
      {5e-324, "5e-324"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {std::nan(""), "null"},
      {-std::numeric_limits<double>::infinity(), "null"},
      // strings
      {"", R"("")"},
      {"a\"b\\c/d", R"("a\"b\\c/d")"},
      {std::string_view("\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\""},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {"Grüße \xF0\x9F\x98\x80 €", "\"Grüße \xF0\x9F\x98\x80 €\""},
      {Object{{"k\n", 1}}, R"({"k\n":1})"},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(to_json(value), expected);
}

// The expected results are those of Python's bytes.decode(errors="replace").
TEST(JsonWrite, WhatIsNoUtf8IsReplaced) {
  const std::string r = "\xEF\xBF\xBD";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\x80z", "a" + r + "z"},
      {"\xff\xfe", r + r},
      {"\xc0\xaf", r + r},                  // overlong
      {"\xe0\x80\xaf", r + r + r},          // overlong
      {"\xed\xa0\x80", r + r + r},          // a surrogate
      {"\xf4\x90\x80\x80", r + r + r + r},  // beyond U+10FFFF
      {"\xf5\x80", r + r},
      {"\xe2\x82", r},  // cut
      {"\xe2\x82z", r + "z"},
      {"\xf0\x9f\x98", r},
      {"\xf0\x9f\x98z", r + "z"},
      {"\xf0\x9fz", r + "z"},
      {"\xc3", r},
      {"\xc3\xa4\xc3", "ä" + r},
      {"\xe2\x82\xac\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80", "\xe2\x82\xac\xf4\x8f\xbf\xbf\xed\x9f\xbf\xee\x80\x80"},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(to_json(bytes), '"' + expected + '"');
}

TEST(JsonWrite, IndentPutsEachMemberOnALine) {
  EXPECT_EQ(to_json(Object{{"a", Array{1, 2}}, {"b", Object{}}, {"c", Array{}}}, 2),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}");
  std::string out = "x";
  append_json(out, Array{1});
  EXPECT_EQ(out, "x[1]");
}

}  // namespace
}  // namespace venturi
