#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <list>
#include <set>

namespace venturi::cli {
namespace {

const Command& command(std::string_view group, std::string_view name) {
  for (const Command& c : command_table()) {
    if (c.group == group && c.name == name) return c;
  }
  throw std::logic_error("no such command");
}

Result<Arguments> parse(std::string_view group, std::string_view name, std::vector<const char*> words) {
  return parse_arguments(command(group, name), words);
}

std::string error_of(std::string_view group, std::string_view name, std::vector<const char*> words) {
  const auto arguments = parse(group, name, std::move(words));
  return arguments ? "no error" : arguments.error().text();
}

TEST(ArgumentsTest, ReadsArgumentsAndOptionsInAnyOrder) {
  const auto a = parse("dags", "trigger", {"-c", R"({"limit": 10})", "example", "--run-id=mine", "-o", "json"});
  ASSERT_TRUE(a) << a.error().text();
  EXPECT_EQ(a->text("dag_id"), "example");
  EXPECT_EQ(a->json("conf"), Value(Object{{"limit", 10}}));
  EXPECT_EQ(a->maybe("run-id"), "mine");
  EXPECT_EQ(a->text("output"), "json");
  EXPECT_FALSE(a->has("logical-date"));
  EXPECT_EQ(a->maybe("logical-date"), std::nullopt);
}

TEST(ArgumentsTest, DefaultsHoldWhereNothingIsWritten) {
  const auto a = parse("dags", "trigger", {"example"});
  ASSERT_TRUE(a);
  EXPECT_EQ(a->text("output"), "table");
  EXPECT_FALSE(a->has("output"));
  EXPECT_TRUE(a->json("conf").is_null());
}

TEST(ArgumentsTest, ADashAndALaterOptionCount) {
  const auto dash = parse("connections", "add", {"test_db", "--conn-uri", "-"});
  ASSERT_TRUE(dash) << dash.error().text();
  EXPECT_EQ(dash->text("conn-uri"), "-");
  const auto twice = parse("dags", "trigger", {"example", "-r", "one", "-r", "two"});
  ASSERT_TRUE(twice) << twice.error().text();
  EXPECT_EQ(twice->text("run-id"), "two");
}

TEST(ArgumentsTest, BehindTwoDashesEverythingIsAnArgument) {
  const auto a = parse("variables", "set", {"offset", "--", "-5"});
  ASSERT_TRUE(a) << a.error().text();
  EXPECT_EQ(a->text("value"), "-5");
}

TEST(ArgumentsTest, ErrorsSayWhatWhereAndWhatToDo) {
  EXPECT_EQ(error_of("dags", "trigger", {}), "venturi dags trigger: DAG_ID is missing (see: venturi dags trigger --help)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "b"}),
            "venturi dags trigger: 'b' is one argument too many (see: venturi dags trigger --help)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "--conff", "{}"}),
            "venturi dags trigger: there is no option --conff (did you mean --conf?)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "--conff={}"}),
            "venturi dags trigger: there is no option --conff (did you mean --conf?)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "-x"}),
            "venturi dags trigger: there is no option -x (see: venturi dags trigger --help)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "--conf"}),
            "venturi dags trigger: --conf needs a value (see: venturi dags trigger --help)");
}

TEST(ArgumentsTest, ValuesAreCheckedByTheirType) {
  EXPECT_EQ(error_of("dags", "trigger", {"a", "--conf", "{a"}),
            "venturi dags trigger: --conf: this is no JSON: line 1, column 2: syntax error (see: venturi dags trigger --help)");
  EXPECT_EQ(error_of("dags", "trigger", {"a", "--conf", "[1]"}),
            "venturi dags trigger: --conf: a JSON object is needed, like {\"key\": \"value\"}; this is of type array "
            "(see: venturi dags trigger --help)");
  EXPECT_EQ(
      error_of("dags", "trigger", {"a", "-l", "tomorrow"}),
      "venturi dags trigger: --logical-date: 'tomorrow' is no date; write it like 2026-01-31 or 2026-01-31T08:30:00+01:00 "
      "(see: venturi dags trigger --help)");
  EXPECT_EQ(error_of("dags", "list", {"-o", "xml"}),
            "venturi dags list: --output: 'xml' is none of: table, json, yaml, plain (see: venturi dags list --help)");
  EXPECT_EQ(error_of("dags", "list-runs", {"a", "--limit", "0"}),
            "venturi dags list-runs: --limit: '0' is no whole number from 1 on (see: venturi dags list-runs --help)");
  EXPECT_EQ(error_of("tasks", "logs", {"a", "r", "t", "--map-index", "x"}),
            "venturi tasks logs: --map-index: 'x' is no whole number from -1 on (see: venturi tasks logs --help)");
  EXPECT_EQ(error_of("dags", "test", {"a", "2026-13-01"}),
            "venturi dags test: LOGICAL_DATE: '2026-13-01' is no date; write it like 2026-01-31 or 2026-01-31T08:30:00+01:00 "
            "(see: venturi dags test --help)");
}

TEST(ArgumentsTest, ACommandThatAsksForWhatItDoesNotHaveIsADefect) {
  const auto a = parse("dags", "list", {});
  ASSERT_TRUE(a);
  EXPECT_THROW((void)a->text("dag_id"), std::logic_error);
}

TEST(CommandTableTest, EachCommandCanBeParsedAndHasAHandler) {
  std::set<std::string> words;
  for (const Command& c : command_table()) {
    EXPECT_TRUE(words.insert(c.words()).second) << c.words();
    EXPECT_NE(c.handler, nullptr) << c.words();
    EXPECT_FALSE(c.summary.empty() || c.summary.ends_with('.')) << c.words();
    std::vector<const char*> values;
    std::list<std::string> words_of_choices;
    bool may_follow = true;
    for (const Parameter& p : c.parameters) {
      if (!p.is_option()) {
        EXPECT_TRUE(may_follow) << c.words() << ": arguments stand before options";
        const std::string& choice = words_of_choices.emplace_back(p.value.substr(0, p.value.find(' ')));
        values.push_back(p.type == ValueType::date     ? "2026-01-01"
                         : p.type == ValueType::text   ? "x"
                         : p.type == ValueType::choice ? choice.c_str()
                                                       : "1");
      } else {
        may_follow = false;
        EXPECT_NE(p.key(), "help") << c.words();
      }
      EXPECT_FALSE(p.help.empty()) << c.words() << " " << p.names;
      const bool has_value = p.type == ValueType::choice || (p.is_option() && p.type != ValueType::flag);
      EXPECT_EQ(has_value, !p.value.empty()) << c.words() << " " << p.names;
    }
    const auto arguments = parse_arguments(c, values);
    EXPECT_TRUE(arguments) << c.words() << ": " << arguments.error().text();
  }
}

}  // namespace
}  // namespace venturi::cli
