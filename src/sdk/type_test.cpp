// C++ values that travel as JSON, and what does not fit.
#include "venturi/type.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <unordered_map>

namespace venturi {
namespace {

struct Inner {
  std::int32_t n = 0;
  std::optional<std::string> text;
};
VENTURI_STRUCT(Inner, n, text);
struct Outer {
  bool yes = false;
  std::vector<Inner> list;
  std::map<std::string, double> map;
  Time at;
};
VENTURI_STRUCT(Outer, yes, list, map, at);

template <class T>
std::string json(const T& value) {
  return to_json(to_value(value));
}
template <class T>
std::string error(const Value& value) {
  try {
    (void)from_value<T>(value, "result of x");
  } catch (const ConversionError& e) {
    return e.what();
  }
  return "none";
}

TEST(Type, ValuesComeBackAsTheyWere) {
  const Outer outer{
      .yes = true, .list = {{1, "a"}, {2, {}}}, .map = {{"x", 0.1}}, .at = Time(std::chrono::microseconds(1767225600000001))};
  EXPECT_EQ(
      json(outer),
      R"({"yes":true,"list":[{"n":1,"text":"a"},{"n":2,"text":null}],"map":{"x":0.1},"at":"2026-01-01T00:00:00.000001Z"})");
  const auto back = from_value<Outer>(to_value(outer));
  EXPECT_EQ(json(back), json(outer));
  EXPECT_FALSE(back.list[1].text.has_value());
  EXPECT_EQ(from_value<std::vector<bool>>(to_value(std::vector<bool>{true, false})), (std::vector<bool>{true, false}));
  EXPECT_EQ((from_value<std::unordered_map<std::string, std::int64_t>>(Object{{"a", 1}})).at("a"), 1);
}

TEST(Type, IntegersKeepTheirRange) {
  EXPECT_EQ(from_value<std::int8_t>(Value(-128)), -128);
  EXPECT_EQ(error<std::int8_t>(Value(128)), "result of x: 128 does not fit int8");
  EXPECT_EQ(error<std::uint16_t>(Value(-1)), "result of x: -1 does not fit uint16");
  EXPECT_EQ(error<std::uint64_t>(Value(-1)), "result of x: -1 does not fit uint64");
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(from_value<std::uint64_t>(to_value(static_cast<std::uint64_t>(largest))), static_cast<std::uint64_t>(largest));
  EXPECT_THROW((void)to_value(std::numeric_limits<std::uint64_t>::max()), ConversionError);
}

TEST(Type, NumbersThatAreNoneInJsonAreRefused) {
  EXPECT_THROW((void)to_value(std::numeric_limits<double>::quiet_NaN()), ConversionError);
  EXPECT_THROW((void)to_value(std::numeric_limits<float>::infinity()), ConversionError);
  EXPECT_EQ(from_value<double>(Value(3)), 3.0) << "an integer is a number";
  EXPECT_EQ(error<std::int64_t>(Value(3.0)), "result of x: expected int64, found number");
}

TEST(Type, ErrorsSayWhere) {
  const Value wrong =
      Object{{"yes", true}, {"list", Array{Object{{"n", 1}}, Object{{"n", "two"}}}}, {"map", Object{}}, {"at", "2026-01-01"}};
  EXPECT_EQ(error<Outer>(wrong), "result of x, member list[1].n: expected int32, found string");
  EXPECT_EQ(error<Outer>(Object{{"yes", true}}),
            "result of x, member list: is missing, and Outer does not have it as optional");
  EXPECT_EQ(error<Outer>(Value(1)), "result of x: expected Outer, found integer");
  EXPECT_EQ(error<std::vector<std::int64_t>>(Array{Value(1), Value(true)}), "result of x[1]: expected int64, found boolean");
  EXPECT_EQ((error<std::map<std::string, std::vector<bool>>>(Object{{"k", 1}})),
            "result of x, member k: expected vector<bool>, found integer");
  EXPECT_EQ(error<Time>(Value("yesterday")), "result of x: expected a time such as 2026-11-24T04:43:57Z, found another text");
}

TEST(Type, FurtherMembersArePassedOver) {
  EXPECT_EQ(from_value<Inner>(Object{{"n", 5}, {"of_a_later_version", 1}}).n, 5);
}

template <class From, class To>
constexpr bool fits = detail::Lossless<From, To>::value;

// What is refused here is a compile error in a DAG file: tests/sdk/compile_fail.
TEST(Type, OnlyLosslessConversionsFit) {
  static_assert(fits<std::int32_t, std::int64_t> && !fits<std::int64_t, std::int32_t>);
  static_assert(fits<std::uint32_t, std::int64_t> && !fits<std::uint64_t, std::int64_t> && !fits<std::int8_t, std::uint64_t>);
  static_assert(fits<std::int32_t, double> && !fits<std::int64_t, double> && !fits<double, std::int64_t>);
  static_assert(fits<float, double> && !fits<double, float> && !fits<bool, std::int64_t> && !fits<std::int64_t, bool>);
  static_assert(fits<std::string, std::optional<std::string>> && !fits<std::optional<std::string>, std::string>);
  static_assert(fits<std::optional<std::int32_t>, std::optional<std::int64_t>>);
  static_assert(fits<std::vector<float>, std::vector<double>> && !fits<std::vector<double>, std::vector<float>>);
  static_assert(fits<std::map<std::string, std::int32_t>, std::unordered_map<std::string, std::int64_t>>);
  static_assert(fits<Outer, Value> && !fits<Value, Outer> && !fits<Outer, Inner> && fits<Outer, Outer>);
  static_assert(detail::Transferable<Outer> && !detail::Transferable<char> && !detail::Transferable<void*>);
}

}  // namespace
}  // namespace venturi
