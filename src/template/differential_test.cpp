// Every row of the tables that the real Jinja2 and pendulum made (tests/oracle/record_templates.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "template/testing/outcome.h"

namespace venturi::templates {
namespace {

using testing::BerlinZone;
using testing::MapContext;

Value read_table(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(VENTURI_SOURCE_DIR "/tests/oracle/tables/" + name + ".json").rdbuf();
  auto value = parse_json(text.str());
  if (!value) throw std::runtime_error(value.error().text());
  return std::move(*value);
}

std::size_t check(const std::string& name, const MapContext& context) {
  const Value table = read_table(name);
  for (const Value& row : table.at("rows").as_array()) {
    const testing::Outcome found = testing::outcome(row, context), wanted = testing::recorded(row);
    EXPECT_EQ(found.kind + " " + found.value, wanted.kind + " " + wanted.value) << row.get_string("template") << "\n"
                                                                                << found.message;
    if (found.kind == "error") EXPECT_THAT(found.message, ::testing::HasSubstr(", line ")) << to_json(row);
  }
  return table.at("rows").as_array().size();
}

TEST(Differential, Language) {
  EXPECT_EQ(check("jinja_language", MapContext(read_table("jinja_language").at("context"))), 653U);
}

TEST(Differential, Builtins) {
  EXPECT_EQ(check("jinja_builtins", MapContext(read_table("jinja_builtins").at("context"))), 645U);
}

TEST(Differential, Pendulum) {
  const BerlinZone zones;
  MapContext context;
  testing::add_dates(context, zones);
  EXPECT_EQ(check("pendulum", context), 421U);
}

TEST(Differential, Generated) {
  const BerlinZone zones;
  MapContext context(read_table("jinja_generated").at("context"));
  testing::add_dates(context, zones);
  EXPECT_EQ(check("jinja_generated", context), 2994U);
}

// What is otherwise on purpose (docs/templates.md), and still is.
TEST(Differential, Otherwise) {
  const BerlinZone zones;
  MapContext context;
  testing::add_dates(context, zones);
  const Value table = read_table("jinja_otherwise");
  for (const Value& row : table.at("rows").as_array()) {
    const testing::Outcome found = testing::outcome(row, context), wanted = testing::recorded(row.at("ours")),
                           theirs = testing::recorded(row);
    EXPECT_EQ(found.kind + " " + found.value, wanted.kind + " " + wanted.value) << row.get_string("template") << found.message;
    EXPECT_NE(found.kind + " " + found.value, theirs.kind + " " + theirs.value) << row.get_string("template");
  }
  EXPECT_GE(table.at("rows").as_array().size(), 15U);
}

}  // namespace
}  // namespace venturi::templates
