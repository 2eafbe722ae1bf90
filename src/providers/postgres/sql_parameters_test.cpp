#include "providers/postgres/sql_parameters.h"

#include <gtest/gtest.h>

#include "operators/outcome.h"

namespace venturi::providers {
namespace {

std::string put(std::string_view sql, const Value& parameters) {
  try {
    return with_parameters(sql, parameters, [](const std::string& text) {
      std::string quoted = "'";
      for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
      return quoted + "'";
    });
  } catch (const operators::TaskFailedForGood& e) {
    return std::string("error: ") + e.what();
  }
}

TEST(SqlParameters, Numbered) {
  EXPECT_EQ(put("a = $1 AND b = $2 OR c = $1", Array{"x'y", 2}), "a = 'x''y' AND b = 2 OR c = 'x''y'");
  EXPECT_EQ(put("x LIKE 'a%' AND y = $1", Array{1}), "x LIKE 'a%' AND y = 1");
  EXPECT_EQ(put("'$1' \"$1\" -- $1\n /* $1 /* $1 */ $1 */ $$ $1 $$ $q$ $1 $q$ E'\\'$1' a$1 $1", Array{7}),
            "'$1' \"$1\" -- $1\n /* $1 /* $1 */ $1 */ $$ $1 $$ $q$ $1 $q$ E'\\'$1' a$1 7");
  EXPECT_EQ(put("$2", Array{1}), "error: the sql has a parameter $2, parameters has 1 values");
  EXPECT_EQ(put("$1", Array{1, 2}), "error: the sql does not use $2 of its 2 parameters");
  EXPECT_EQ(put("$99999999999999999999", Array{1}), "error: the sql has a parameter $1048576, parameters has 1 values");
}

TEST(SqlParameters, Percent) {
  EXPECT_EQ(put("a = %s, b = %s, 5 %% 2", Array{"x", nullptr}), "a = 'x', b = NULL, 5 % 2");
  EXPECT_EQ(put("%(a)s %(b)s %(a)s", Object{{"a", true}, {"b", 1.5}}), "true 1.5 true");
  EXPECT_EQ(put("%s", Array{}), "error: the sql has more %s than the 0 parameters");
  EXPECT_EQ(put("1", Array{1}), "error: the sql has 0 places for parameters, parameters has 1 values");
  EXPECT_EQ(put("%(b)s", Object{{"a", 1}}), "error: the sql has a parameter b that parameters lacks");
  EXPECT_EQ(put("a % b", Object{{"a", 1}}),
            "error: the sql has a '%' that begins no parameter (%(name)s for an object); write %% for the character itself");
  EXPECT_EQ(put("1", "x"), "error: the argument parameters must be a list or an object");
}

TEST(SqlParameters, Values) {
  EXPECT_EQ(put("1-%s", Array{-2}), "1- -2");
  EXPECT_EQ(put("%s", Array{-0.25}), " -0.25");
  EXPECT_EQ(put("%s %s", Array{Value(Array{1, "a"}), Value(Array{})}), "ARRAY[1, 'a'] '{}'");
  EXPECT_EQ(put("%s", Array{Value(Object{})}), "error: parameters: an object cannot be the value of a parameter");
  EXPECT_EQ(put("%s", Array{Value(std::string("a\0b", 3))}), "error: parameters: a text has a zero byte in it");
}

TEST(SqlParameters, ForTheServerTheyAreNumbered) {
  const auto numbered = [](std::string_view sql, const Value& parameters) {
    const NumberedSql made = numbered_sql(sql, parameters);
    return made.sql + " " + to_json(Value(made.values));
  };
  EXPECT_EQ(numbered("SELECT $2, '$1', $1", Array{1, "a"}), "SELECT $1, '$1', $2 [\"a\",1]");
  EXPECT_EQ(numbered("SELECT %s, %s %% 2", Array{nullptr, 3}), "SELECT $1, $2 % 2 [null,3]");
  EXPECT_EQ(numbered("SELECT %(b)s + %(b)s", Object{{"a", 1}, {"b", 2}}), "SELECT $1 + $1 [2]");
}

}  // namespace
}  // namespace venturi::providers
