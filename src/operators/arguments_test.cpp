#include "operators/arguments.h"

#include <gmock/gmock.h>

#include "operators/outcome.h"
#include "operators/task_messages.h"

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
  const std::vector<Argument> declared{{"a", ArgumentType::any}, {"b", ArgumentType::any}};
  Arguments arguments(declared, Object{{"a", Array{ref("t", "k"), 1}},
                                       {"b", typed("dict", Object{{"x", ref("t", "k")}, {"y", ref("u", "k")}})},
                                       {"c", ref("v", "k")}});
  ASSERT_THAT(arguments.xcom_refs(), ElementsAre(XComRef{"t", "k"}, XComRef{"u", "k"}));
  arguments.resolve({"t", "k"}, 5);
  arguments.resolve({"u", "k"}, nullptr);
  EXPECT_EQ(*arguments.find("a"), Value(Array{5, 1}));
  EXPECT_EQ(*arguments.find("b"), Value(Object{{"x", 5}, {"y", nullptr}}));
  EXPECT_THAT(arguments.xcom_refs(), IsEmpty());
}

TEST(Arguments, ReferencesMayBeToOneOfMany) {
  const auto reference = [](const char* member, const Value& value) {
    return typed("xcomref", Object{{"task_id", "t"}, {"key", "k"}, {member, value}});
  };
  const std::vector<Argument> declared{{"a", ArgumentType::list}};
  Arguments arguments(declared,
                      Object{{"a", Array{reference("map_index", 3), reference("item", 4), reference("sequence", true)}}});
  TaskFacts facts(Object{{"ti", Object{{"id", "i"}, {"dag_id", "d"}, {"task_id", "me"}, {"run_id", "r"}}}});
  std::vector<std::string> messages;
  for (const XComRef& wanted : arguments.xcom_refs()) {
    const Value message = get_xcom(facts, wanted);
    messages.push_back(message.get_string("type") + " " + to_json(message.get_value("map_index")) + " " +
                       to_json(message.get_value("item")));
    arguments.resolve(wanted, messages.back());
  }
  EXPECT_THAT(messages, ElementsAre("GetXCom 3 null", "GetXCom -1 4", "GetXComSequenceSlice null null"));
  EXPECT_EQ(arguments.find("a")->as_array().size(), 3u);
  EXPECT_THAT(arguments.xcom_refs(), IsEmpty());
}

TEST(Arguments, KeywordsOfAnItemAreArguments) {
  const std::vector<Argument> declared{{"a", ArgumentType::string}, {"b", ArgumentType::integer}};
  Arguments constant(declared, Object{{"a", "x"}, {"_kwargs", typed("dict", Object{{"b", 2}})}});
  EXPECT_EQ(constant.integer("b", 0), 2);
  Arguments fetched(declared, Object{{"a", "x"}, {"_kwargs", ref("t", "k")}});
  fetched.resolve({"t", "k"}, Object{{"a", "y"}, {"b", 3}});
  EXPECT_EQ(fetched.string("a"), "y");
  EXPECT_EQ(fetched.integer("b", 0), 3);
  const auto error = [&](const Value& item) -> std::string {
    Arguments arguments(declared, Object{{"_kwargs", ref("t", "k")}});
    try {
      arguments.resolve({"t", "k"}, item);
    } catch (const TaskFailedForGood& e) {
      return e.what();
    }
    return "none";
  };
  EXPECT_EQ(error(5), "expand_kwargs() goes over objects whose members are arguments, and this item is of type integer");
  EXPECT_EQ(error(Object{{"c", 1}}), "the item of expand_kwargs() has a member c, and the operator has no such argument");
}

TEST(Arguments, ChecksNameTheArgument) {
  const auto error = [](const std::vector<Argument>& declared, const Value& given) -> std::string {
    try {
      Arguments(declared, given).check();
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
  const std::vector<Argument> declared{{"a", ArgumentType::any}, {"b", ArgumentType::any}};
  Arguments arguments(declared, Object{{"a", nullptr}});
  EXPECT_TRUE(arguments.has("a"));
  EXPECT_FALSE(arguments.has("b"));
  EXPECT_EQ(arguments.find("a"), nullptr);
  arguments.set("b", "x");
  EXPECT_EQ(arguments.string("b"), "x");
}

TEST(Arguments, ListsOfStrings) {
  const std::vector<Argument> declared{{"a", ArgumentType::string_list}};
  Arguments arguments(declared, Object{{"a", " x@y ;z, ,w"}});
  EXPECT_THAT(arguments.string_list("a"), ElementsAre("x@y", "z", "w"));
}

}  // namespace
}  // namespace venturi::operators
