#include "model/params.h"

#include <gtest/gtest.h>

namespace venturi {
namespace {

Value wrapped(Object schema) {
  return Object{{"__type", "dict"}, {"__var", std::move(schema)}};
}

// As serialization writes a param.
Value param(const char* name, Value value, Object schema) {
  return Array{Value(name), Value(Object{{"__class", "airflow.sdk.definitions.param.Param"},
                                         {"default", std::move(value)},
                                         {"description", nullptr},
                                         {"schema", wrapped(std::move(schema))},
                                         {"source", nullptr}})};
}
const Value not_set = Object{{"__type", "arg_not_set"}, {"__var", nullptr}};

Dag dag_with(Array params, bool is_scheduled = false) {
  Dag dag;
  dag.dag_id = "d";
  dag.timetable = Object{
      {"__type", is_scheduled ? "airflow.timetables.trigger.CronTriggerTimetable" : "airflow.timetables.simple.NullTimetable"}};
  dag.serialized = Object{{"dag", Object{{"params", std::move(params)}}}};
  return dag;
}

std::string error_of(const Result<Object>& result) {
  return result ? "no error" : result.error().text();
}

TEST(Params, DefaultsWhatTheRunBringsAndWhatElseItBrings) {
  const Dag dag = dag_with({param("n", 3, {}), param("s", "x", {}), param("o", wrapped({{"a", 1}}), {})});
  EXPECT_EQ(Value(params_of_run(dag, Value()).value()), Value(Object{{"n", 3}, {"s", "x"}, {"o", Object{{"a", 1}}}}));
  EXPECT_EQ(Value(params_of_run(dag, Object{{"s", "y"}, {"more", true}}).value()),
            Value(Object{{"n", 3}, {"s", "y"}, {"o", Object{{"a", 1}}}, {"more", true}}));
}

// params_schema of tests/oracle: a run with these is refused.
TEST(Params, WhatDoesNotFitIsRefused) {
  const Dag dag = dag_with({param("n", 3, {{"type", "integer"}, {"minimum", 1}, {"maximum", 10}}),
                            param("s", "x", {{"type", "string"}, {"enum", Array{Value("x"), Value("y")}}})});
  EXPECT_TRUE(params_of_run(dag, Object{{"n", 10}, {"s", "y"}}));
  EXPECT_EQ(error_of(params_of_run(dag, Object{{"n", 11}})),
            "dag d: the param n is 11, which does not fit its schema: 11 is greater than the maximum of 10 (its schema is "
            R"({"type":"integer","minimum":1,"maximum":10}))");
  EXPECT_EQ(error_of(params_of_run(dag, Object{{"s", "z"}})),
            "dag d: the param s is \"z\", which does not fit its schema: \"z\" is not one of [\"x\",\"y\"] (its schema is "
            R"({"type":"string","enum":["x","y"]}))");
  EXPECT_EQ(error_of(params_of_run(dag, Object{{"n", "3"}})).substr(0, 54),
            "dag d: the param n is \"3\", which does not fit its sche");
}

TEST(Params, WithoutADefaultEachRunBringsOne) {
  const Dag dag = dag_with({param("must", not_set, {{"type", "string"}, {"minLength", 2}})});
  EXPECT_EQ(error_of(params_of_run(dag, Value())), R"(dag d: the param must has no value (give it: --conf '{"must": ...}'))");
  EXPECT_TRUE(params_of_run(dag, Object{{"must", "ok"}}));
  EXPECT_FALSE(params_of_run(dag, Object{{"must", "o"}}));
}

TEST(Params, AScheduledDagNeedsDefaultsThatFit) {
  EXPECT_TRUE(check_params(dag_with({param("must", not_set, {})})));
  EXPECT_EQ(
      check_params(dag_with({param("must", not_set, {})}, true)).error().text(),
      "dag d: the param must has no default, and scheduled runs bring no values (give it one, or take the schedule away)");
  EXPECT_FALSE(check_params(dag_with({param("n", 0, {{"minimum", 1}})}, true)));
  EXPECT_TRUE(check_params(dag_with({param("n", 1, {{"minimum", 1}})}, true)));
}

TEST(Params, ASchemaThatIsNoneIsTold) {
  EXPECT_EQ(check_params(dag_with({param("n", 0, {{"type", 5}})})).error().text(),
            "dag d: the param n has a schema, but it is no JSON schema: /type: 5 is no type (array, boolean, integer, null, "
            "number, object, string, or a list of them) (correct the schema in the DAG's file)");
}

// What Airflow's own examples have: a value that may be missing, with a format for the text that it is otherwise.
TEST(Params, AFormatIsForTextsAlone) {
  const Dag dag = dag_with({param("day", nullptr, {{"type", Array{"null", "string"}}, {"format", "date"}})});
  EXPECT_TRUE(params_of_run(dag, Value()));
  EXPECT_TRUE(params_of_run(dag, Object{{"day", "2026-01-31"}}));
  EXPECT_EQ(
      error_of(params_of_run(dag, Object{{"day", "31.1.2026"}})),
      "dag d: the param day is \"31.1.2026\", which does not fit its schema: \"31.1.2026\" is not a 'date' (its schema is "
      R"({"type":["null","string"],"format":"date"}))");
}

}  // namespace
}  // namespace venturi
