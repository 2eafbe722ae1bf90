// Checks and branches against a real PostgreSQL: what passes, and what is said of what does not.
#include "providers/testing/sql_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SqlCheckTest : public SqlHostTest {
 protected:
  static Object check(const std::string& sql, const Object& more = {}) {
    return with(op_of("SQLCheckOperator", {{"sql", sql}}), more);
  }
  static Object value_check(const std::string& sql, Value pass_value, const Object& more = {}) {
    return with(op_of("SQLValueCheckOperator", {{"sql", sql}, {"pass_value", std::move(pass_value)}}), more);
  }
  static Object column_check(Object mapping, const Object& more = {}) {
    return with(op_of("SQLColumnCheckOperator", {{"table", "checked"}, {"column_mapping", std::move(mapping)}}), more);
  }
  static Object table_check(Object checks, const Object& more = {}) {
    return with(op_of("SQLTableCheckOperator", {{"table", "checked"}, {"checks", std::move(checks)}}), more);
  }
};

TEST_F(SqlCheckTest, Check) {
  EXPECT_EQ(outcome(check("SELECT 1, 'x', true, 0.5, DATE '2026-01-01'")), "no XCom");
  EXPECT_THAT(last_log(), AllOf(HasSubstr("Record: (1, 'x', True, 0.5, '2026-01-01')"), HasSubstr("Success.")));
  EXPECT_EQ(outcome(check("SELECT 1, 0, 'it''s'")),
            "error: Test failed.\nQuery:\nSELECT 1, 0, 'it''s'\nResults:\n(1, 0, \"it's\")");
  EXPECT_EQ(outcome(check("SELECT NULL")), "error: Test failed.\nQuery:\nSELECT NULL\nResults:\n(None,)");
  EXPECT_THAT(outcome(check("SELECT ''")), StartsWith("error: Test failed."));
  EXPECT_THAT(outcome(check("SELECT 0.00")), StartsWith("error: Test failed."));
  EXPECT_THAT(outcome(check("SELECT '{}'::int[]")), StartsWith("error: Test failed."));
  EXPECT_EQ(outcome(check("SELECT 1 WHERE false")), "error: The following query returned zero rows: SELECT 1 WHERE false");
  EXPECT_EQ(outcome(check("SELECT 0", {{"retry_on_failure", false}})),
            "failed for good: Test failed.\nQuery:\nSELECT 0\nResults:\n(0,)");
  EXPECT_EQ(outcome(check("SELECT %s > 1", {{"parameters", Array{2}}})), "no XCom");
}

TEST_F(SqlCheckTest, ValueCheck) {
  EXPECT_EQ(outcome(value_check("SELECT 95, 105.0", 100, {{"tolerance", 0.05}})), "no XCom");
  EXPECT_EQ(outcome(value_check("SELECT 94", "100", {{"tolerance", 0.05}})),
            "error: Test failed.\nPass value:100.0\nTolerance:5.0%\nQuery:\nSELECT 94\nResults:\n(94,)");
  EXPECT_EQ(outcome(value_check("SELECT 1, 2", 1)),
            "error: Test failed.\nPass value:1.0\nTolerance:None\nQuery:\nSELECT 1, 2\nResults:\n(1, 2)");
  EXPECT_EQ(outcome(value_check("SELECT 'Жук'", "Жук")), "no XCom");
  EXPECT_EQ(outcome(value_check("SELECT 'Жук'", "жук")),
            "error: Test failed.\nPass value:жук\nTolerance:None\nQuery:\nSELECT 'Жук'\nResults:\n('Жук',)");
  EXPECT_EQ(outcome(value_check("SELECT true", true)), "no XCom");
  EXPECT_EQ(outcome(value_check("SELECT TIMESTAMP '2026-01-31 10:20:30.5'", "2026-01-31 10:20:30.500000")), "no XCom");
  EXPECT_EQ(outcome(value_check("SELECT 'x'", 1)),
            "error: Converting a result to float failed.\nTest failed.\nPass value:1.0\nTolerance:None\nQuery:\nSELECT "
            "'x'\nResults:\n('x',)");
  EXPECT_THAT(outcome(value_check("SELECT 1 WHERE false", 1)), StartsWith("error: The following query returned zero rows"));
}

TEST_F(SqlCheckTest, ThresholdCheck) {
  const auto threshold = [](const std::string& sql, Value low, Value high) {
    return op_of("SQLThresholdCheckOperator",
                 {{"sql", sql}, {"min_threshold", std::move(low)}, {"max_threshold", std::move(high)}});
  };
  EXPECT_EQ(outcome(threshold("SELECT 5", 5, "SELECT 2 * 3")), "no XCom");
  EXPECT_THAT(last_log(), HasSubstr("min_threshold: 5.0\\nmax_threshold: 6.0\\nwithin_threshold: True"));
  EXPECT_EQ(outcome(threshold("SELECT 7.129", "1", 6)),
            "error: Threshold Check: \"task" + std::to_string(last_) + "\" failed.\nDAG: d\nTask_id: task" +
                std::to_string(last_) + "\nSQL: SELECT 7.129\nResult: 7.13 is not within thresholds 1.0 and 6.0");
  EXPECT_THAT(outcome(threshold("SELECT NULL", 1, 6)), HasSubstr("Result: <None> is not within thresholds 1.0 and 6.0"));
  EXPECT_EQ(outcome(threshold("SELECT 1 WHERE false", 1, 6)),
            "error: The following query returned zero rows: SELECT 1 WHERE false");
  EXPECT_EQ(outcome(threshold("SELECT 1", "SELECT 'many'", 6)),
            "error: min_threshold: the query gave no number: 'many'\nSELECT 'many'");
  EXPECT_EQ(outcome(threshold("SELECT 1", Array{}, 6)),
            "failed for good: the argument min_threshold must be a number or a query, not array");
}

TEST_F(SqlCheckTest, IntervalCheck) {
  // The run's logical date is 2026-01-02.
  server().run(
      "CREATE TABLE days(ds date, n int); INSERT INTO days SELECT DATE '2026-01-02', n FROM generate_series(1, 30) n;"
      "INSERT INTO days SELECT DATE '2025-12-26', n FROM generate_series(1, 20) n");
  const auto interval = [](Object thresholds, const Object& more = {}) {
    return with(op_of("SQLIntervalCheckOperator", {{"table", "days"}, {"metrics_thresholds", std::move(thresholds)}}), more);
  };
  EXPECT_EQ(outcome(interval({{"COUNT(*)", 1.6}, {"MIN(n)", 1.1}})), "no XCom");
  EXPECT_THAT(last_log(),
              AllOf(HasSubstr("SELECT COUNT(*), MIN(n) FROM days WHERE ds='2025-12-26'"),
                    HasSubstr("SELECT COUNT(*), MIN(n) FROM days WHERE ds='2026-01-02'"),
                    HasSubstr("Current metric for COUNT(*): 30\\nPast metric for COUNT(*): 20\\nRatio for COUNT(*): 1.5")));
  EXPECT_EQ(
      outcome(interval({{"COUNT(*)", 1.5}, {"MIN(n)", 1.1}})),
      "error: The following tests have failed:\n COUNT(*): {'metric': 'COUNT(*)', 'current_metric': 30, 'past_metric': 20, "
      "'threshold': 1.5, 'ignore_zero': True, 'ratio': 1.5, 'success': False}");
  EXPECT_EQ(outcome(interval({{"COUNT(*)", 0.6}}, {{"ratio_formula", "relative_diff"}, {"days_back", 7}})), "no XCom");
  EXPECT_EQ(outcome(interval({{"COUNT(*)", 1}}, {{"days_back", -8}})), "no XCom");
  EXPECT_THAT(outcome(interval({{"COUNT(*)", 1}}, {{"days_back", -8}, {"ignore_zero", false}})),
              HasSubstr("'ratio': None, 'success': False"));
  EXPECT_THAT(outcome(interval({{"SUM(n)", 1}}, {{"days_back", -8}})), HasSubstr("'past_metric': None"));
  EXPECT_EQ(outcome(interval({{"COUNT(*)", 1}}, {{"ratio_formula", "other"}})),
            "failed for good: the argument ratio_formula must be max_over_min or relative_diff, not 'other'");
  EXPECT_EQ(outcome(interval({})), "failed for good: the argument metrics_thresholds is empty: name at least one metric");
  EXPECT_EQ(outcome(interval({{"COUNT(*)", "much"}})),
            "failed for good: metrics_thresholds: the threshold of COUNT(*) must be a number");
}

TEST_F(SqlCheckTest, ColumnCheck) {
  server().run(
      "CREATE TABLE checked(a int, b text, d date, g text); INSERT INTO checked VALUES (1, 'x', '2026-01-01', 'one'), "
      "(10, NULL, '2026-02-01', 'one'), (10, 'y', '2026-03-01', 'two')");
  EXPECT_EQ(outcome(column_check({{"a", Object{{"min", Object{{"geq_to", 1}}},
                                               {"max", Object{{"less_than", 9.5}, {"tolerance", 0.1}}},
                                               {"distinct_check", Object{{"equal_to", 2}}},
                                               {"unique_check", Object{{"equal_to", 1}}}}},
                                  {"b", Object{{"null_check", Object{{"equal_to", 0}, {"partition_clause", "a < 5"}}}}},
                                  {"d", Object{{"max", Object{{"leq_to", "2026-03-01"}}}}}})),
            "no XCom");
  EXPECT_THAT(last_log(),
              HasSubstr("Record: [('a', 'min', 1), ('a', 'max', 10), ('a', 'distinct_check', 2), ('a', 'unique_check', 1), "
                        "('b', 'null_check', 0), ('d', 'max', '2026-03-01')]"));
  EXPECT_EQ(
      outcome(column_check({{"a", Object{{"min", Object{{"greater_than", 1}}}, {"max", Object{{"equal_to", 10}}}}},
                            {"b", Object{{"null_check", Object{{"equal_to", 0}, {"partition_clause", "a > 5"}}}}}},
                           {{"partition_clause", "g = 'one'"}})),
      "error: Test failed.\nResults:\n[('a', 'min', 1), ('a', 'max', 10), ('b', 'null_check', 1)]\nThe following tests have "
      "failed:\nColumn: a\n\tCheck: min,\n\tCheck Values: {'greater_than': 1, 'result': 1, 'success': False}\nColumn: "
      "b\n\tCheck: null_check,\n\tCheck Values: {'equal_to': 0, 'partition_clause': 'a > 5', 'result': 1, 'success': False}\n");
  const Object of_none{{"a", Object{{"max", Object{{"equal_to", 0}, {"partition_clause", "false"}}}}}};
  EXPECT_EQ(outcome(column_check(of_none)), "no XCom");
  EXPECT_THAT(outcome(column_check(of_none, {{"accept_none", false}})), HasSubstr("'result': None, 'success': False"));

  EXPECT_THAT(outcome(column_check({{"b", Object{{"null_check", Object{{"equal_to", 0}, {"partition_clause", "false"}}}}}},
                                   {{"accept_none", false}})),
              HasSubstr("'result': None, 'success': False"));

  const auto of = [](Object values) { return column_check({{"a", Object{{"min", std::move(values)}}}}); };
  EXPECT_EQ(
      outcome(of({{"tolerance", 1}})),
      "failed for good: the check min: please provide one or more of: less_than, leq_to, greater_than, geq_to, or equal_to");
  EXPECT_EQ(outcome(of({{"equal_to", 1}, {"geq_to", 1}})),
            "failed for good: the check min: equal_to cannot be passed with a greater or less than function");
  EXPECT_EQ(outcome(of({{"greater_than", 1}, {"geq_to", 1}})),
            "failed for good: the check min: only supply one of greater_than or geq_to");
  EXPECT_EQ(outcome(of({{"less_than", 1}, {"leq_to", 1}})),
            "failed for good: the check min: only supply one of less_than or leq_to");
  EXPECT_EQ(outcome(of({{"greater_than", 1}, {"leq_to", 1}})),
            "failed for good: the check min: greater_than should be less than leq_to");
  EXPECT_EQ(outcome(of({{"geq_to", 2}, {"leq_to", 1}})),
            "failed for good: the check min: geq_to should be less than leq_to, or equal");
  EXPECT_EQ(outcome(column_check({{"a", Object{{"mean", Object{{"geq_to", 1}}}}}})),
            "failed for good: Invalid column check: mean. There are null_check, distinct_check, unique_check, min and max.");
  EXPECT_EQ(outcome(column_check({})), "failed for good: the argument column_mapping has no check in it");
  EXPECT_EQ(outcome(column_check({{"a", 1}})), "failed for good: column_mapping: a must be an object of checks");
  EXPECT_EQ(outcome(column_check({{"a", Object{{"min", 1}}}})),
            "failed for good: column_mapping: the check min must be an object");
  EXPECT_EQ(outcome(column_check({{"a", Object{{"min", Object{{"geq_to", 1}}}}}}, {{"partition_clause", "1=1; DROP TABLE x"}})),
            "failed for good: Invalid partition_clause: semicolons (;) not allowed.");
  EXPECT_THAT(outcome(column_check({{"nothing", Object{{"min", Object{{"geq_to", 1}}}}}})),
              HasSubstr("ERROR:  column \"nothing\" does not exist"));

  // Of the whole table, the same rows.
  EXPECT_EQ(outcome(table_check({{"rows", Object{{"check_statement", "COUNT(*) = 3"}}},
                                 {"positive", Object{{"check_statement", "a > 0"}}},
                                 {"b", Object{{"check_statement", "b = 'x'"}, {"partition_clause", "a = 1"}}}})),
            "no XCom");
  const std::string failed =
      outcome(table_check({{"rows", Object{{"check_statement", "COUNT(*) = 3"}}},
                           {"small", Object{{"check_statement", "a < 10"}, {"partition_clause", "a > 1"}}}},
                          {{"partition_clause", "g <> 'two'"}}));
  EXPECT_THAT(
      failed,
      AllOf(StartsWith("error: Test failed.\nQuery:\nSELECT * FROM ("),
            HasSubstr("\nResults:\n[('rows', 0), ('small', 0)]\nThe following tests have failed:\n\tCheck: rows,\n\tCheck "
                      "Values: {'check_statement': 'COUNT(*) = 3', 'result': '0', 'success': False}\n\tCheck: small,\n"),
            HasSubstr("WHERE g <> 'two' AND a > 1")));
  const Object none{{"none", Object{{"check_statement", "a > 0"}, {"partition_clause", "false"}}}};
  EXPECT_THAT(outcome(table_check(none)), HasSubstr("'result': 'None', 'success': False"));
  EXPECT_EQ(outcome(table_check(none, {{"accept_none", true}})), "no XCom");
  EXPECT_EQ(outcome(table_check({{"x", Object{}}})),
            "failed for good: checks: x has no check_statement: give it one, like \"COUNT(*) > 0\"");
  EXPECT_EQ(outcome(table_check({})), "failed for good: the argument checks has no check in it");
}

TEST_F(SqlCheckTest, Branch) {
  const auto branch = [](const std::string& sql, const Object& more = {}) {
    return with(
        op_of("BranchSQLOperator", {{"sql", sql},
                                    {"follow_task_ids_if_true", "left"},
                                    {"follow_task_ids_if_false", Array{"right", "other"}},
                                    {"downstream_task_ids", Array{"join", "left", "other", "right"}},
                                    {"_leads_to", Object{{"__type", "dict"}, {"__var", Object{{"left", Array{"join"}}}}}}}),
        more);
  };
  const auto skipped = [this] {
    std::string ids = to_json(worker.message(last_, "SetXCom").at("value")) + " skips";
    for (const Value& task : worker.message(last_, "SkipDownstreamTasks").at("tasks").as_array())
      ids += " " + task.as_array().at(0).as_string();
    return ids;
  };
  for (const char* sql : {"SELECT true", "SELECT 7", "SELECT 'Yes'"}) {
    finish(branch(sql));
    EXPECT_EQ(skipped(), R"({"followed":["join","left"]} skips other right)") << sql;
  }
  EXPECT_THAT(worker.types(last_), ElementsAre("GetConnection", "SetXCom", "SkipDownstreamTasks", "SucceedTask"));
  EXPECT_THAT(last_log(), HasSubstr("Branch into left"));
  for (const char* sql : {"SELECT false", "SELECT 0", "SELECT 'off'"}) {
    finish(branch(sql));
    EXPECT_EQ(skipped(), R"({"followed":["other","right"]} skips join left)") << sql;
  }
  finish(branch("SELECT %(x)s", {{"parameters", Object{{"x", true}}}, {"follow_task_ids_if_true", Array{}}}));
  EXPECT_EQ(skipped(), R"({"followed":[]} skips join left other right)");
  finish(branch("SELECT true", {{"downstream_task_ids", Array{"left"}}}));
  EXPECT_THAT(worker.types(last_), ElementsAre("GetConnection", "SetXCom", "SucceedTask"));

  EXPECT_EQ(outcome(branch("SELECT 1 WHERE false")),
            "error: No rows returned from sql query. Operator expected True or False return value.");
  EXPECT_EQ(outcome(branch("SELECT 'perhaps'")),
            "error: Unexpected query return result 'perhaps' type 'string': it must be a boolean, an integer, or one of y, "
            "yes, t, true, "
            "on, 1, n, no, f, false, off, 0");
  EXPECT_THAT(outcome(branch("SELECT NULL")), StartsWith("error: Unexpected query return result 'None' type 'null'"));
  EXPECT_EQ(outcome(branch("SELECT true", {{"follow_task_ids_if_true", "elsewhere"}})),
            "failed for good: the branch chose \"elsewhere\", which is not directly below it; it can choose join, left, other, "
            "right");
}

TEST_F(SqlCheckTest, Sensor) {
  server().run("CREATE TABLE arrivals(n int, status text)");
  // "done", "not yet", or the error.
  const auto poke = [&](const std::string& sql, const Object& more = {}) -> std::string {
    const std::int64_t number = finish(with(op_of("SqlSensor", {{"sql", sql}, {"mode", "reschedule"}}), more));
    const std::string last = worker.types(number).back();
    if (last == "SucceedTask") return "done";
    if (last == "RescheduleTask") return "not yet";
    if (last == "RetryTask") return "error: " + worker.message(number, "RetryTask").get_string("retry_reason");
    return "for good: " + worker.message(number, "TaskState").get_string("error");
  };
  EXPECT_EQ(poke("SELECT n FROM arrivals"), "not yet");
  EXPECT_EQ(poke("SELECT n FROM arrivals", {{"fail_on_empty", true}}),
            "error: No rows returned, raising as per fail_on_empty flag");
  server().run("INSERT INTO arrivals VALUES (0, 'done')");
  EXPECT_EQ(poke("SELECT n FROM arrivals"), "not yet");
  EXPECT_EQ(poke("SELECT n, status FROM arrivals", {{"selector", 1}}), "done");
  EXPECT_EQ(poke("SELECT count(*) FROM arrivals WHERE n = %(n)s", {{"parameters", Object{{"n", 0}}}}), "done");
  EXPECT_EQ(poke("SELECT 7", {{"success", Object{{"geq_to", 8}}}}), "not yet");
  EXPECT_EQ(poke("SELECT 7", {{"success", Object{{"geq_to", 8}, {"tolerance", 0.2}}}}), "done");
  EXPECT_EQ(poke("SELECT status FROM arrivals", {{"success", Object{{"equal_to", "done"}}}}), "done");
  EXPECT_EQ(poke("SELECT 7", {{"failure", Object{{"greater_than", 5}}}, {"success", Object{{"equal_to", 7}}}}),
            "error: Failure criteria met: 7 passes failure = {'greater_than': 5}");
  EXPECT_THAT(last_log(), HasSubstr("Poking: SELECT 7 (with parameters None)"));
  EXPECT_EQ(poke("SELECT 7", {{"success", Object{{"more_than", 5}}}}),
            "for good: success has 'more_than': it may have equal_to, greater_than, geq_to, less_than, leq_to and tolerance");
  EXPECT_EQ(poke("SELECT 7", {{"success", Object{}}}), "for good: success is empty: leave it out, or give {\"equal_to\": ...}");
  EXPECT_EQ(poke("SELECT 7", {{"selector", 1}}),
            "for good: the argument selector is 1, and the query returns 1 columns: it counts them from 0");
  EXPECT_THAT(poke("SELECT x FROM arrivals"), HasSubstr("column \"x\" does not exist"));
}

}  // namespace
}  // namespace venturi::providers::testing
