#include "base/yaml.h"

#include <gtest/gtest.h>

#include <string>

namespace venturi {
namespace {

std::string problems_of(std::string_view text, const YamlLimits& limits = {}) {
  std::string all;
  for (const YamlProblem& problem : read_yaml(text, limits).problems) {
    all += (all.empty() ? "" : "\n") + std::to_string(problem.mark.line) + ":" + std::to_string(problem.mark.column) + " " +
           problem.what + (problem.subject.empty() ? "" : " `" + problem.subject + "`") +
           (problem.hint.empty() ? "" : " (" + problem.hint + ")");
  }
  return all;
}

Value value_of(std::string_view text) {
  const YamlText read = read_yaml(text);
  EXPECT_TRUE(read.problems.empty()) << problems_of(text);
  return read.documents.size() == 1 ? to_value(*read.documents.front()) : Value("no document");
}

TEST(Yaml, KnowsWhereThingsStand) {
  const YamlText read = read_yaml("a: 1\nключ:\n  - [x, \"y\"]\n");
  ASSERT_EQ(read.documents.size(), 1U);
  const YamlNode& list = *read.documents.front()->find("ключ")->items.front();
  EXPECT_EQ((std::pair{list.mark.line, list.mark.column}), (std::pair{3, 5}));
  EXPECT_EQ((std::pair{list.items[1]->mark.line, list.items[1]->mark.column}), (std::pair{3, 9}));
  EXPECT_TRUE(list.items[0]->is_plain);
  EXPECT_FALSE(list.items[1]->is_plain);
  EXPECT_EQ((read.documents.front()->members[1].first->mark.line), 2);
}

TEST(Yaml, DocumentsAliasesAndMerges) {
  EXPECT_EQ(read_yaml("a\n---\nb\n").documents.size(), 2U);
  EXPECT_EQ(read_yaml("").documents.size(), 0U);
  EXPECT_EQ(value_of("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n").at("y"), Value(Object{{"b", 3}, {"a", 1}}));
  EXPECT_EQ(value_of("- &x {a: 1}\n- &y {a: 2, c: 3}\n- {<<: [*x, *y]}\n").as_array()[2], Value(Object{{"a", 1}, {"c", 3}}));
  EXPECT_EQ(value_of("[&a 5, *a]"), Value(Array{5, 5}));
}

TEST(Yaml, ProblemsHaveTheirPlace) {
  EXPECT_EQ(
      problems_of("a: 1\na: 2\nb: {c: 1, c: 2}"),
      "2:1 a key stands there twice `a` (take one of the two away)\n3:11 a key stands there twice `c` (take one of the two "
      "away)");
  EXPECT_EQ(problems_of("a:\n\t- b\n"), "2:1 a tab stands where only blanks may (YAML is indented with blanks)");
  EXPECT_EQ(problems_of("a: {{ ds }}\n"), "1:5 a key is no text (a template stands in quotes: \"{{ ... }}\")");
  EXPECT_EQ(
      problems_of("a: b: c\n"),
      "1:5 this is no YAML: mapping values are not allowed in this context (put a text that has \": \" in it in quotes, or "
      "correct the indentation)");
  EXPECT_EQ(problems_of("a: !python/object x\n"), "1:4 a tag is not known here `!python/object` (take it away)");
  EXPECT_EQ(problems_of("a: *b\n"), "1:4 an alias has no anchor before it `*b` (put & and its name where it is defined)");
  EXPECT_EQ(problems_of("a: \xff\n").substr(0, 4), "1:4 ");
  EXPECT_EQ(problems_of("<<: 5\n"), "1:5 << merges mappings (write <<: *name, or <<: [*one, *other])");
}

TEST(Yaml, ABombIsDefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int n = 0; n < 10; ++n) bomb += (n == 0 ? "" : ", ") + below;
    bomb += "]\n";
  }
  EXPECT_EQ(problems_of(bomb), "6:15 it stands for more than 200000 values (split the file, or use fewer aliases)");
}

TEST(Yaml, LimitsAndCircles) {
  EXPECT_EQ(problems_of("a: &a [1, *a]\n"), "1:11 an alias stands within what it stands for `*a` (take it away)");
  EXPECT_EQ(problems_of(std::string(5000, '[')), "1:65 it is nested more than 64 deep (make it flatter)");
  EXPECT_EQ(problems_of(std::string(100, 'a'), {.bytes = 99}),
            "1:1 it has more than 99 bytes, and no more are read (split the file)");
  EXPECT_EQ(problems_of("[1, 2, 3, 4, 5, 6]", {.nodes = 5}),
            "1:14 it stands for more than 5 values (split the file, or use fewer aliases)");
}

}  // namespace
}  // namespace venturi
