#include "cli/output.h"

#include <gtest/gtest.h>

namespace venturi::cli {
namespace {

const Rows two{{"dag_id", "is_paused", "tags"}, {{"заказы", true, Array{"a", "b"}}, {"example", false, nullptr}}};

TEST(OutputTest, TableLooksAsAirflows) {
  EXPECT_EQ(format_rows(two, OutputFormat::table),
            "dag_id  | is_paused | tags\n"
            "========+===========+==========\n"
            "заказы  | True      | [\"a\",\"b\"]\n"
            "example | False     |\n");
}

TEST(OutputTest, PlainHasNoLines) {
  EXPECT_EQ(format_rows(two, OutputFormat::plain),
            "dag_id   is_paused  tags\n"
            "заказы   True       [\"a\",\"b\"]\n"
            "example  False\n");
}

TEST(OutputTest, JsonAndYamlKeepTheTypes) {
  EXPECT_EQ(format_rows({{"a", "b"}, {{1, nullptr}, {"x", Array{}}}}, OutputFormat::json),
            "[\n  {\n    \"a\": 1,\n    \"b\": null\n  },\n  {\n    \"a\": \"x\",\n    \"b\": []\n  }\n]\n");
  EXPECT_EQ(format_rows({{"a", "b"}, {{1, nullptr}, {"x", Array{}}}}, OutputFormat::yaml),
            "- a: 1\n  b: null\n- a: x\n  b: []\n");
}

TEST(OutputTest, NothingIsSaidInAirflowsWords) {
  EXPECT_EQ(format_rows({{"a"}, {}}, OutputFormat::table), "No data found\n");
  EXPECT_EQ(format_rows({{"a"}, {}}, OutputFormat::plain), "No data found\n");
  EXPECT_EQ(format_rows({{"a"}, {}}, OutputFormat::json), "[]\n");
  EXPECT_EQ(format_rows({{"a"}, {}}, OutputFormat::yaml), "[]\n");
}

TEST(OutputTest, LinesOfATablesCellStandBelowEachOther) {
  const Rows rows{{"file", "error"}, {{"a.cpp", "first\n  second\n"}, {"b.cpp", "x"}}};
  EXPECT_EQ(format_rows(rows, OutputFormat::table),
            "file  | error\n"
            "======+=========\n"
            "a.cpp | first\n"
            "      |   second\n"
            "b.cpp | x\n");
  EXPECT_EQ(format_rows(rows, OutputFormat::plain),
            "file   error\n"
            "a.cpp  first\\n  second\\n\n"
            "b.cpp  x\n");
}

TEST(OutputTest, NothingMovesTheCursor) {
  EXPECT_EQ(printable("\x1b[2J\a\x7f\r", false), "\\x1b[2J\\x07\\x7f\\x0d");
  EXPECT_EQ(printable("a\n\tb", true), "a\n    b");
  EXPECT_EQ(printable("a\n\tb", false), "a\\n\\tb");
  EXPECT_EQ(format_rows({{"a"}, {{"\x1b[31m"}}}, OutputFormat::table), "a\n========\n\\x1b[31m\n");
}

}  // namespace
}  // namespace venturi::cli
