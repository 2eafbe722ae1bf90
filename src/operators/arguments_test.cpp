#include "operators/arguments.h"

#include <gmock/gmock.h>

#include "operators/outcome.h"

namespace venturi::operators {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Value typed(const char* type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}
Value ref(const char* task, const char* key) {
  return typed("xcomref", Object{{"task_id", task}, {"key", key}});
}

TEST(Arguments, SerializedValuesAreDecoded) {
  const Value value = typed("dict", Object{{"a", typed("tuple", Array{1, typed("set", Array{"x"})})}, {"r", ref("t", "k")}});
  EXPECT_EQ(decode_serialized(value), Value(Object{{"a", Array{1, Array{"x"}}}, {"r", ref("t", "k")}}));
}

TEST(Arguments, ReferencesAreFoundOnceAndReplacedEverywhere) {
  Arguments arguments({{"a", ArgumentType::any}, {"b", ArgumentType::any}},
                      Object{{"a", Array{ref("t", "k"), 1}},
                             {"b", typed("dict", Object{{"x", ref("t", "k")}, {"y", ref("u", "k")}})},
                             {"c", ref("v", "k")}});
  ASSERT_THAT(arguments.xcom_refs(), ElementsAre(XComRef{"t", "k"}, XComRef{"u", "k"}));
  arguments.resolve({"t", "k"}, 5);
  arguments.resolve({"u", "k"}, nullptr);
  EXPECT_EQ(*arguments.find("a"), Value(Array{5, 1}));
  EXPECT_EQ(*arguments.find("b"), Value(Object{{"x", 5}, {"y", nullptr}}));
  EXPECT_THAT(arguments.xcom_refs(), IsEmpty());
}

TEST(Arguments, ChecksNameTheArgument) {
  const auto error = [](std::vector<Argument> declared, const Value& given) -> std::string {
    try {
      Arguments(std::move(declared), given).check();
    } catch (const TaskFailedForGood& e) {
      return e.what();
    }
    return "none";
  };
  EXPECT_EQ(error({{"a", ArgumentType::string, true}}, Object{{"b", 1}}), "the argument a is missing: give it a string");
  EXPECT_EQ(error({{"a", ArgumentType::integer}}, Object{{"a", "x"}}), "the argument a must be an integer, not string");
  EXPECT_EQ(error({{"a", ArgumentType::string_list}}, Object{{"a", Array{1}}}),
            "the argument a must be a list of strings, not array");
  EXPECT_EQ(error({{"a", ArgumentType::string_list}}, Object{{"a", "x, y"}}), "none");
  EXPECT_EQ(error({{"a", ArgumentType::boolean}}, Object{{"a", nullptr}}), "none");
}

TEST(Arguments, NullIsGivenButNotFound) {
  Arguments arguments({{"a", ArgumentType::any}, {"b", ArgumentType::any}}, Object{{"a", nullptr}});
  EXPECT_TRUE(arguments.has("a"));
  EXPECT_FALSE(arguments.has("b"));
  EXPECT_EQ(arguments.find("a"), nullptr);
  arguments.set("b", "x");
  EXPECT_EQ(arguments.string("b"), "x");
}

TEST(Arguments, ListsOfStrings) {
  Arguments arguments({{"a", ArgumentType::string_list}}, Object{{"a", " x@y ;z, ,w"}});
  EXPECT_THAT(arguments.string_list("a"), ElementsAre("x@y", "z", "w"));
}

}  // namespace
}  // namespace venturi::operators
