#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>

namespace venturi {
namespace {

using testing::HasSubstr;

TEST(Json, Reads) {
  const std::vector<std::pair<std::string_view, Value>> cases = {
      {"null", nullptr},
      {" \t\r\n true \n", true},
      {"false", false},
      {"0", 0},
      {"-0", 0},
      {"9223372036854775807", std::numeric_limits<long long>::max()},
      {"-9223372036854775808", std::numeric_limits<long long>::min()},
      {"1.0", 1.0},
      {"1e2", 100.0},
      {"-1.5E-2", -0.015},
      {"[]", Array{}},
      {"{}", Object{}},
      {"[1,[2,[3]],{\"a\":[]}]", Array{1, Array{2, Array{3}}, Object{{"a", Array{}}}}},
      {R"("")", ""},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e4\u20AC\ud83d\ude00")", "Aä€\xF0\x9F\x98\x80"},
      {R"("\u0000")", std::string(1, '\0')},
      {"\"Grüße\"", "Grüße"},
      {"\"\x7f\"", "\x7f"},
  };
  for (const auto& [text, expected] : cases) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text << ": " << value.error().text();
    EXPECT_EQ(*value, expected) << text;
    EXPECT_STREQ(value->type_name(), expected.type_name()) << text;  // 1 == 1.0
  }
}

TEST(Json, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_json(*parse_json(R"({"z":1,"a":{"y":2,"b":3},"m":4})")), R"({"z":1,"a":{"y":2,"b":3},"m":4})");
}

TEST(Json, TheLastOfEqualKeysCounts) {
  EXPECT_EQ(to_json(*parse_json(R"({"a":1,"b":2,"a":[3]})")), R"({"a":[3],"b":2})");
}

TEST(Json, IntegersBeyond64BitsBecomeFloatingPoint) {
  for (const auto& [text, expected] : std::vector<std::pair<std::string, double>>{
           {"9223372036854775808", 9223372036854775808.0},
           {"18446744073709551615", 18446744073709551615.0},
           {"18446744073709551616", 18446744073709551616.0},
           {"-9223372036854775809", -9223372036854775808.0},
           {"1" + std::string(300, '0'), 1e300},
       }) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text;
    ASSERT_TRUE(value->is_double()) << text;
    EXPECT_EQ(value->as_double(), expected) << text;
  }
}

TEST(Json, FloatingPointIsReadExactly) {
  EXPECT_EQ(parse_json("5e-324")->as_double(), 5e-324);
  EXPECT_EQ(parse_json("1.7976931348623157e308")->as_double(), 1.7976931348623157e308);
  EXPECT_EQ(parse_json("[0.1]")->as_array()[0].as_double(), 0.1);
  EXPECT_EQ(parse_json("123456789012345678901234567890.5")->as_double(), 123456789012345678901234567890.5);
  EXPECT_TRUE(std::signbit(parse_json("-0.0")->as_double()));
  // As Python reads them.
  EXPECT_EQ(parse_json("1e400")->as_double(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_json("-1e400")->as_double(), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(parse_json("1e-400")->as_double(), 0.0);
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto d = std::bit_cast<double>(random());
    if (!std::isfinite(d)) continue;
    const std::string text = to_json(d);
    const auto back = parse_json(text);
    ASSERT_TRUE(back && back->is_double()) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back->as_double()), std::bit_cast<std::uint64_t>(d)) << text;
  }
}

TEST(Json, ErrorsNameThePlaceAndTheReason) {
  struct Case {
    std::string text, place, reason;
  };
  const std::vector<Case> cases = {
      {"", "line 1, column 1", "ends too early"},
      {"  ", "line 1, column 3", "ends too early"},
      {"[1, 2", "line 1, column 6", "ends too early"},
      {"\"abc", "line 1, column 5", "ends too early"},
      {"1.", "line 1, column 3", ""},
      {"1.x", "line 1, column 3", "syntax error"},
      {"[1,]", "line 1, column 4", "syntax error"},
      {"{\"a\":1,}", "line 1, column 8", "syntax error"},
      {"{a:1}", "line 1, column 2", "syntax error"},
      {"{\n  \"a\": 1,\n  \"b\" 2\n}", "line 3, column 7", "syntax error"},
      {"[1]\n[2]", "line 2, column 1", "something follows"},
      {"nul", "line 1, column 4", "ends too early"},
      {"nulx", "line 1, column 1", "syntax error"},
      {"NaN", "line 1, column 1", "syntax error"},
      {"Infinity", "line 1, column 1", "syntax error"},
      {"'a'", "line 1, column 1", "syntax error"},
      {"// c\n1", "line 1, column 1", "syntax error"},
      {"01", "line 1, column 2", ""},
      {"+1", "line 1, column 1", "syntax error"},
      {"-", "line 1, column 2", ""},
      {".5", "line 1, column 1", "syntax error"},
      {R"("\x")", "line 1, column 3", "syntax error"},
      {R"("\ud800")", "line 1, column 8", "syntax error"},
      {R"("\ud800\u0041")", "line 1, column 10", "surrogate"},
      {R"("\udc00")", "line 1, column 8", "surrogate"},
      {"\"a\nb\"", "line 1, column 3", "control"},
      {"[1,\v2]", "line 1, column 4", "control"},
      {"[\"ü\", x]", "line 1, column 7", "syntax error"},  // characters, not bytes
      {"\"\xff\"", "line 1, column 2", "syntax error"},
      {"\"\xc0\xaf\"", "line 1, column 2", "syntax error"},
      {"\xef\xbb\xbf{}", "line 1, column 1", "byte order mark"},
      {std::string(201, '[') + std::string(201, ']'), "line 1, column 201", "nested deeper than 200"},
  };
  for (const Case& c : cases) {
    const auto value = parse_json(c.text);
    ASSERT_FALSE(value) << c.text;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid);
    EXPECT_THAT(value.error().text(), HasSubstr(c.place + ": ")) << c.text;
    EXPECT_THAT(value.error().text(), HasSubstr(c.reason)) << c.text;
  }
}

TEST(Json, Nests200Levels) {
  EXPECT_TRUE(parse_json(std::string(200, '[') + std::string(200, ']')));
  std::string objects;
  for (int i = 0; i < 200; ++i) objects += "{\"a\":";
  EXPECT_TRUE(parse_json(objects + "1" + std::string(200, '}')));
}

TEST(Json, ManyKeysTakeLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 300'000; ++i) text += "\"key" + std::to_string(i) + "\":1,";
  text.back() = '}';
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parse_json(text)->as_object().size(), 300'000U);
  // Comparing all pairs would take minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

}  // namespace
}  // namespace venturi
