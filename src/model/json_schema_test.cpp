#include "model/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "base/json.h"
#include "model/json_pattern.h"

namespace venturi {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

std::string outcome(const Value& schema, const Value& value) {
  const auto parsed = JsonSchema::parse(schema);
  if (!parsed) return parsed.error().text();
  return parsed->misfit(value).value_or("fits");
}
std::string outcome(const char* schema, const char* value) {
  return outcome(parse_json(schema).value(), parse_json(value).value());
}

// Every row of tests/oracle/tables/json_schemas.json: what a Param of a real Airflow takes.
TEST(JsonSchema, TakesWhatAirflowTakes) {
  std::ostringstream text;
  text << std::ifstream(VENTURI_SOURCE_DIR "/tests/oracle/tables/json_schemas.json").rdbuf();
  const auto table = parse_json(text.str());
  ASSERT_TRUE(table) << table.error().text();
  const Array& rows = table->at("rows").as_array();
  EXPECT_GE(rows.size(), 400U);
  for (const Value& row : rows) {
    const auto parsed = JsonSchema::parse(row.at("schema"));
    const bool is_schema = row.get("no_schema") == nullptr;
    ASSERT_EQ(parsed.has_value(), is_schema) << to_json(row) << (parsed ? "" : parsed.error().text());
    if (!is_schema) continue;
    const auto misfit = parsed->misfit(row.at("value"));
    EXPECT_EQ(!misfit, row.get_bool("fits")) << to_json(row) << misfit.value_or("");
  }
}

TEST(JsonSchema, SaysWhereAndWhy) {
  EXPECT_EQ(outcome(R"({"type": "integer", "maximum": 10})", "11"), "11 is greater than the maximum of 10");
  EXPECT_EQ(outcome(R"({"properties": {"a": {"items": {"type": ["integer", "null"]}}}})", R"({"a": [1, "x"]})"),
            R"(/a/1: "x" is not of type 'integer', 'null')");
  EXPECT_EQ(outcome(R"({"additionalProperties": false, "properties": {"a": true}})", R"({"a": 1, "b": 2, "c": 3})"),
            "Additional properties are not allowed ('b', 'c' were unexpected)");
  EXPECT_EQ(outcome(R"({"required": ["day"]})", "{}"), "'day' is a required property");
  EXPECT_EQ(outcome(R"({"format": "date"})", R"("2026-02-30")"), R"("2026-02-30" is not a 'date')");
  EXPECT_EQ(outcome(R"({"enum": ["a", "b"]})", R"("c")"), R"("c" is not one of ["a","b"])");
  EXPECT_EQ(outcome(R"({"prefixItems": [{}], "items": false})", "[1, 2]"), "Expected at most 1 item but found 1 extra: 2");
  EXPECT_EQ(outcome(R"({"pattern": "^[a-z]+$"})", R"("A")"), R"("A" does not match "^[a-z]+$")");
}

TEST(JsonSchema, SaysWhatIsNoSchema) {
  const auto error = [](const char* schema) { return outcome(schema, "1"); };
  EXPECT_EQ(error("[]"), "a JSON schema is an object, not array");
  EXPECT_EQ(
      error(R"({"properties": {"n": {"type": "int"}}})"),
      "it is no JSON schema: /properties/n/type: \"int\" is no type (array, boolean, integer, null, number, object, string, "
      "or a list of them)");
  EXPECT_EQ(error(R"({"minLength": -1})"), "it is no JSON schema: /minLength: -1 is no number from 0 on without a fraction");
  EXPECT_EQ(error(R"({"items": [{}]})"),
            "it is no JSON schema: /items: [{}] is no schema: a list of schemas, one for each item, is prefixItems");
  EXPECT_THAT(error(R"({"pattern": "("})"), HasSubstr("/pattern: \"(\" is no regular expression: "));
  EXPECT_EQ(error(R"({"$ref": "https://example.org/s.json"})"),
            "it is no JSON schema: /$ref: there is no \"https://example.org/s.json\" in it (other documents are not fetched)");
}

// Nothing that a user writes may take the server's stack or its time.
TEST(JsonSchema, HasAnEnd) {
  EXPECT_EQ(outcome(R"({"$ref": "#"})", "1"), "the schema refers to itself without an end");
  Value deep = Object{{"type", "integer"}};
  for (int i = 0; i < 5000; ++i) deep = Object{{"not", std::move(deep)}};
  EXPECT_THAT(outcome(deep, Value(1)), HasSubstr("nested more than 100 levels deep"));
  // A text of megabytes, and a pattern that could try each way through one.
  const std::string large(2'000'000, 'a');
  EXPECT_EQ(outcome(Object{{"pattern", "^a*$"}}, Value(large)), "fits");
  EXPECT_THAT(outcome(Object{{"pattern", "^(a|b)*$"}}, Value(large)),
              AnyOf("fits", HasSubstr("it takes too many steps to match")));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(outcome(Object{{"pattern", "^(a+)+$"}}, Value(std::string(60, 'a') + "!")),
              HasSubstr("it takes too many steps to match"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(JsonPattern, IsPythons) {
  const auto search = [](const char* pattern, const char* text) { return JsonPattern::parse(pattern)->search(text).value(); };
  EXPECT_TRUE(search("^.{3}$", "Жук"));
  EXPECT_TRUE(search("(?P<x>a)(?P=x)", "baa"));
  EXPECT_FALSE(search("^b", "a\nb"));
}

}  // namespace
}  // namespace venturi
