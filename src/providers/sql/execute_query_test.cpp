// SQLExecuteQueryOperator against a real PostgreSQL.
#include "providers/testing/sql_host.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ExecuteQueryTest : public SqlHostTest {};

TEST_F(ExecuteQueryTest, ValuesBecomeJson) {
  EXPECT_EQ(
      outcome(execute("SELECT true, 7::smallint, 9007199254740993, 1.5::float8, 'NaN'::float8, 12.00::numeric, 12.50::numeric, "
                      "123456789012345678901234567890::numeric, NULL, 'Жук ''\"\\'")),
      R"([[true,7,9007199254740993,1.5,"NaN",12,12.5,"123456789012345678901234567890",null,"Жук '\"\\"]])");
  EXPECT_EQ(
      outcome(execute("SET timezone TO 'Asia/Tokyo'; SELECT DATE '2026-01-31', TIMESTAMP '2026-01-31 10:20:30.25', "
                      "TIMESTAMPTZ '2026-01-31 10:20:30+03', TIMESTAMP 'infinity', TIME '10:20', INTERVAL '1 day 2:00', "
                      "'\\x00ff'::bytea, '{\"a\": [1, null]}'::jsonb, "
                      "'8b2c4b4e-9a2b-4f0e-8f59-000000000001'::uuid")),
      R"([["2026-01-31","2026-01-31T10:20:30.250000","2026-01-31T07:20:30Z","infinity","10:20:00","1 day 02:00:00","\\x00ff",)"
      R"({"a":[1,null]},"8b2c4b4e-9a2b-4f0e-8f59-000000000001"]])");
  EXPECT_EQ(
      outcome(execute("SELECT ARRAY[1,NULL], ARRAY[['a','b, \"c'],['NULL','}']], '{}'::numeric[], '[0:1]={t,f}'::bool[]")),
      R"([[[1,null],[["a","b, \"c"],["NULL","}"]],[],[true,false]]])");
  EXPECT_EQ(outcome(execute("SET bytea_output TO escape; SET datestyle TO 'SQL, DMY'; SELECT 'a\\000b\\\\'::bytea")),
            R"([["\\x6100625c"]])");
  connect_as("german", {{"extra", R"({"options": "-c datestyle=German"})"}});
  EXPECT_EQ(outcome(execute("SELECT DATE '2026-01-31'", {{"conn_id", "german"}})), R"([["2026-01-31"]])");
}

TEST_F(ExecuteQueryTest, WhichResultIsTheXCom) {
  server().run("CREATE TABLE n(id int); INSERT INTO n SELECT generate_series(1, 3)");
  const std::string two = "SELECT 1; SELECT id FROM n ORDER BY id; -- the end";
  EXPECT_EQ(outcome(execute(two)), "[[1],[2],[3]]");
  EXPECT_EQ(outcome(execute(two, {{"split_statements", true}})), "[[1],[2],[3]]");
  EXPECT_EQ(outcome(execute(two, {{"split_statements", true}, {"return_last", false}})), "[[[1]],[[1],[2],[3]]]");
  EXPECT_EQ(outcome(execute(two, {{"return_last", false}})), "[[1],[2],[3]]");
  EXPECT_EQ(outcome(execute(Array{"SELECT 1", "UPDATE n SET id = id", "SELECT 2"})), "[[[1]],null,[[2]]]");
  EXPECT_THAT(last_log(), AllOf(HasSubstr("Executing: UPDATE n SET id = id"), HasSubstr("Rows affected: 3")));
  EXPECT_EQ(outcome(execute("SELECT id FROM n ORDER BY id", {{"handler", "fetch_one_handler"}})), "[1]");
  EXPECT_EQ(outcome(execute("SELECT id FROM n WHERE false", {{"handler", "fetch_one"}})), "no XCom");
  EXPECT_EQ(outcome(execute("SELECT id FROM n WHERE false")), "[]");
  EXPECT_EQ(outcome(execute("SELECT 1", {{"handler", "none"}})), "no XCom");
  EXPECT_EQ(outcome(execute("SELECT 1", {{"do_xcom_push", false}, {"requires_result_fetch", true}})), "no XCom");
  EXPECT_EQ(outcome(execute("UPDATE n SET id = id")), "no XCom");
  EXPECT_EQ(outcome(execute("SELECT 'x'", {{"show_return_value_in_logs", true}})), R"([["x"]])");
  EXPECT_THAT(last_log(), HasSubstr(R"(Operator output is: [[\"x\"]])"));

  // Parameters: by position, by name, PostgreSQL's own; a % without parameters is a %.
  EXPECT_EQ(outcome(execute("SELECT %s, %s", {{"parameters", Array{"it's", nullptr}}})), R"([["it's",null]])");
  EXPECT_EQ(outcome(execute("SELECT %(a)s::int + 1, 5 %% 2",
                            {{"parameters", Object{{"__type", "dict"}, {"__var", Object{{"a", "41"}}}}}})),
            "[[42,1]]");
  EXPECT_EQ(outcome(execute("SELECT $2 || $1", {{"parameters", R"(["ук", "Ж"])"}})), R"([["Жук"]])");
  EXPECT_EQ(outcome(execute("SELECT 5 % 3", {{"parameters", Array{}}})), "[[2]]");
  EXPECT_EQ(
      outcome(execute("SELECT current_database(), current_setting('search_path'), current_setting('application_name')",
                      {{"database", "template1"}, {"hook_params", Object{{"options", "-c search_path=staging"}, {"x", 1}}}})),
      R"([["template1","staging","venturi"]])");
  EXPECT_THAT(last_log(), HasSubstr("hook_params: x means nothing here and is left out"));
}

TEST_F(ExecuteQueryTest, TransactionsAndNotices) {
  server().run("CREATE TABLE acid(id int PRIMARY KEY)");
  const Array broken{"INSERT INTO acid VALUES (1)", "INSERT INTO acid VALUES (1)"};
  EXPECT_EQ(outcome(execute(broken)), "error: " + at() +
                                          "ERROR:  duplicate key value violates unique constraint \"acid_pkey\"\nDETAIL:  Key "
                                          "(id)=(1) already exists.\nSQLSTATE 23505");
  EXPECT_EQ(server().run("SELECT count(*) FROM acid"), "0");
  EXPECT_THAT(outcome(execute(broken, {{"autocommit", true}})), StartsWith("error: "));
  EXPECT_EQ(server().run("SELECT count(*) FROM acid"), "1");
  EXPECT_THAT(outcome(execute("VACUUM acid")), HasSubstr("VACUUM cannot run inside a transaction block"));
  EXPECT_EQ(outcome(execute("VACUUM acid", {{"autocommit", true}})), "no XCom");
  EXPECT_EQ(outcome(execute(Array{"INSERT INTO acid VALUES (2)", "COMMIT", "INSERT INTO acid VALUES (3)"})),
            "[null,null,null]");
  EXPECT_EQ(server().run("SELECT count(*) FROM acid"), "3");

  const std::string notices = "DO $$ BEGIN RAISE NOTICE 'seen % rows', 7; RAISE WARNING 'low' USING HINT = 'add'; END $$";
  EXPECT_EQ(outcome(execute(notices)), "no XCom");
  EXPECT_THAT(last_log(), AllOf(HasSubstr("NOTICE: seen 7 rows"), HasSubstr("WARNING: low\\nadd"), HasSubstr("\"warning\"")));
  EXPECT_EQ(outcome(execute(notices, {{"hook_params", Object{{"enable_log_db_messages", false}}}})), "no XCom");
  EXPECT_THAT(last_log(), Not(HasSubstr("seen 7 rows")));
  EXPECT_EQ(outcome(execute("DO $$ BEGIN FOR n IN 1..1500 LOOP RAISE NOTICE 'n%', n; END LOOP; END $$")), "no XCom");
  EXPECT_THAT(last_log(), AllOf(HasSubstr("NOTICE: n1000"), HasSubstr("further notices of the server are left out"),
                                Not(HasSubstr("n1001"))));
}

TEST_F(ExecuteQueryTest, Errors) {
  EXPECT_EQ(
      outcome(execute("SELECT 1,\n  nothing\nFROM nowhere")),
      "error: " + at() + "ERROR:  relation \"nowhere\" does not exist\nLINE 3: FROM nowhere\n             ^\nSQLSTATE 42P01");
  EXPECT_EQ(outcome(execute("SELEC 1")),
            "error: " + at() + "ERROR:  syntax error at or near \"SELEC\"\nLINE 1: SELEC 1\n        ^\nSQLSTATE 42601");
  EXPECT_EQ(
      outcome(execute("DO $$ BEGIN RAISE EXCEPTION 'никак' USING DETAIL = 'd', HINT = 'h', ERRCODE = '40001'; END $$")),
      "error: " + at() +
          "ERROR:  никак\nDETAIL:  d\nHINT:  h\nCONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE\nSQLSTATE 40001");
  EXPECT_EQ(
      outcome(execute("COPY pg_class TO STDOUT")),
      "failed for good: COPY with STDIN or STDOUT cannot be run here: use FileToPostgresOperator, PostgresToFileOperator or "
      "PostgresToCsvOperator");
  EXPECT_EQ(outcome(execute(" -- nothing;")), "failed for good: the argument sql has no statement in it");
  EXPECT_EQ(outcome(execute(Array{})), "failed for good: the argument sql has no statement in it");
  EXPECT_EQ(outcome(execute(7)), "failed for good: the argument sql must be a string or a list of strings, not integer");
  EXPECT_EQ(outcome(execute(Array{"SELECT 1", 2})),
            "failed for good: the argument sql must be a string or a list of strings: sql[1] is of the type integer");
  EXPECT_EQ(outcome(execute("SELECT 1", {{"handler", "fetch"}})),
            "failed for good: the argument handler must be fetch_all_handler, fetch_one_handler or none, not 'fetch'");
  EXPECT_EQ(outcome(execute("SELECT %s", {{"parameters", Array{1, 2}}})),
            "failed for good: the sql has 1 places for parameters, parameters has 2 values");
  EXPECT_THAT(outcome(execute("SELECT 1", {{"parameters", "[1"}})),
              StartsWith("failed for good: the argument parameters is a text, but no JSON: "));
  EXPECT_EQ(outcome(execute("SELECT 1", {{"hook_params", Object{{"options", 1}}}})),
            "failed for good: hook_params: options must be a string");
  EXPECT_EQ(outcome(execute("SELECT 1", {{"hook_params", Object{{"enable_log_db_messages", "yes"}}}})),
            "failed for good: hook_params: enable_log_db_messages must be true or false");
  connect_as("mysql", {{"conn_type", "mysql"}});
  EXPECT_EQ(
      outcome(execute("SELECT 1", {{"conn_id", "mysql"}})),
      "failed for good: the connection mysql is of the type mysql: this operator speaks PostgreSQL's protocol, so it takes one "
      "of the type postgres");
  connect_as("shift", {{"conn_type", "redshift"}});
  EXPECT_EQ(outcome(execute("SELECT 1", {{"conn_id", "shift"}})), "[[1]]");
}

TEST_F(ExecuteQueryTest, LargeResults) {
  EXPECT_EQ(outcome(execute("SELECT count(*) FROM (SELECT repeat('x', 10000) FROM generate_series(1, 10000)) AS t")),
            "[[10000]]");
  EXPECT_THAT(outcome(execute("SELECT repeat('x', 10000) FROM generate_series(1, 10000)")),
              AllOf(StartsWith("failed for good: the result is too large: 16.0 MiB after 1"),
                    HasSubstr(" rows, and an operator may take 16.0 MiB; write large results into a file of the run "
                              "(PostgresToFileOperator)")));
  EXPECT_EQ(outcome(execute("SELECT 1 UNION ALL SELECT length(repeat('x', 20000000))")), "[[1],[20000000]]");
  EXPECT_EQ(outcome(execute("SELECT repeat('x', 40000000)")),
            "failed for good: the result has a row of more than 16.0 MiB, and an operator may take 16.0 MiB");
  // What is not fetched may be of any size, and the first row of many is one row.
  EXPECT_EQ(outcome(execute("SELECT repeat('x', 10000) FROM generate_series(1, 10000)", {{"handler", "none"}})), "no XCom");
  EXPECT_EQ(outcome(execute("SELECT n FROM generate_series(1, 100000) n", {{"handler", "fetch_one"}})), "[1]");
}

}  // namespace
}  // namespace venturi::providers::testing
