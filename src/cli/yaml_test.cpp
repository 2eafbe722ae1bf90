#include "cli/yaml.h"

#include <gtest/gtest.h>

namespace venturi::cli {
namespace {

Value parse(std::string_view text) {
  auto value = parse_yaml(text);
  EXPECT_TRUE(value) << value.error().text();
  return value ? *value : Value("not parsed");
}

TEST(YamlTest, WritesBlocks) {
  EXPECT_EQ(to_yaml(Object{{"test_db", Object{{"conn_type", "postgres"}, {"port", 5432}, {"extra", nullptr}}},
                           {"list", Array{1, Array{2, 3}, Object{{"a", true}, {"b", Object{}}}}}}),
            "test_db:\n"
            "  conn_type: postgres\n"
            "  port: 5432\n"
            "  extra: null\n"
            "list:\n"
            "  - 1\n"
            "  - - 2\n"
            "    - 3\n"
            "  - a: true\n"
            "    b: {}\n");
}

TEST(YamlTest, EveryStringReadsBackAsTheSameString) {
  for (const char* text : {"",
                           "plain",
                           "two words",
                           "null",
                           "~",
                           "True",
                           "no",
                           "Off",
                           "y",
                           "1",
                           "1.5",
                           "1e5",
                           "0x1f",
                           "1_000",
                           "-",
                           "- a",
                           "a: b",
                           "a #b",
                           "#b",
                           "'",
                           "\"",
                           "a\nb",
                           "\t",
                           " a",
                           "a ",
                           "*a",
                           "&a",
                           "!a",
                           "%",
                           "@a",
                           "`",
                           "{a}",
                           "[a]",
                           "a,b",
                           "2026-01-01",
                           "12:30:00",
                           "::",
                           "p@ss;w'ord\\",
                           "ключ",
                           "\x01",
                           "postgres://u:p@h/d?a=b"}) {
    EXPECT_EQ(parse(to_yaml(Object{{"key", text}})), Value(Object{{"key", text}})) << text;
    EXPECT_EQ(parse(to_yaml(Object{{text, 1}})), Value(Object{{text, 1}})) << text;
    EXPECT_EQ(parse(to_yaml(Array{text})), Value(Array{text})) << text;
  }
}

TEST(YamlTest, PlainWordsHaveThePyYamlTypes) {
  EXPECT_EQ(
      parse(
          "[yes, No, ON, true, null, ~, '', 'yes', !!str 12, 12, -0x1f, 0b11, 017, 1_000, 1.5, -.5, 1e5, 2026-01-01, 0o7, 08]"),
      Value(Array{true, false, true, true, nullptr, nullptr, "",    "yes",        "12",  12,
                  -31,  3,     15,   1000, 1.5,     -0.5,    "1e5", "2026-01-01", "0o7", "08"}));
  EXPECT_EQ(parse("a:\nb: |\n  one\n  two\n"), Value(Object{{"a", nullptr}, {"b", "one\ntwo\n"}}));
}

TEST(YamlTest, ErrorsHaveTheirPlaceAndNothingOfTheText) {
  const auto error_of = [](std::string_view text) {
    const auto value = parse_yaml(text);
    return value ? std::string("no error") : value.error().what;
  };
  EXPECT_EQ(error_of("a: 1\na: 2\n"), "this is no YAML: line 2, column 1: a key stands there twice");
  EXPECT_EQ(error_of("password: *secret\n").find("secret"), std::string::npos);
  EXPECT_EQ(error_of("a: [secret\n").find("secret"), std::string::npos);
  EXPECT_EQ(error_of("[a]: 1\n"), "this is no YAML: line 1, column 1: a key is no text");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "[";
  EXPECT_NE(error_of(deep + std::string(200, ']')), "no error");
}

}  // namespace
}  // namespace venturi::cli
