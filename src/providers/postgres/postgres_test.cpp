// Against a real PostgreSQL.
#include "base/sanitized.h"
#include "providers/testing/pg_mover.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::Clock;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

Object query(const std::string& sql, Object more = {}) {
  Object op{{"task_type", "PostgresToFileOperator"}, {"conn_id", "db"}, {"sql", sql}};
  for (const auto& [key, value] : more) op.set(key, value);
  return op;
}
// As the SDK serializes them.
Value columns(std::initializer_list<std::pair<const char*, const char*>> list) {
  Array array;
  for (const auto& [name, type] : list)
    array.push_back(Object{{"__type", "dict"}, {"__var", Object{{"name", name}, {"type", type}}}});
  return array;
}

class PostgresTest : public PgMoverTest {
 protected:
  RunFile file_of(const Moved& moved) { return RunFile::from_value(moved.xcom(), folder.path()); }
  // "value|null|unreadable:text" of each cell, row by row.
  static std::vector<std::string> rows_of(const RunFile& file) {
    std::vector<std::string> rows;
    RunFileReader reader(file.absolute_path());
    while (reader.next()) {
      std::string row;
      for (std::size_t c = 0; c < reader.columns().size(); ++c) {
        const Cell& cell = reader.cell(c);
        if (c > 0) row += '|';
        if (cell.state == Cell::State::null)
          row += "null";
        else if (cell.state == Cell::State::unreadable)
          row += "unreadable:" + std::string(cell.text);
        else if (cell.type == ColumnType::string)
          row += cell.text;
        else if (cell.type == ColumnType::float64)
          row += to_json(Value(cell.real));
        else if (cell.type == ColumnType::timestamp)
          row += format_time(Time(Duration(cell.integer)));
        else
          row += std::to_string(cell.integer);
      }
      rows.push_back(row);
    }
    return rows;
  }
};

TEST_F(PostgresTest, RowsBecomeATypedFile) {
  const Moved moved = run(query(
      "SELECT * FROM (VALUES (1, 2::bigint, 1.50::numeric, 0.1::float8, true, 'Жук\tтаб\nlf\\', DATE '2026-01-02', TIMESTAMPTZ "
      "'2026-01-02 03:04:05.25+02', NULL::text),"
      " (-7, NULL, 'NaN', 'Infinity', false, '\\N', NULL, 'infinity', '')) AS t(a, b, c, d, e, f, g, h, i); -- all of them"));
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_EQ(moved.status, 0);
  ASSERT_EQ(moved.messages.size(), 3U);  // GetConnection, SetXCom, SucceedTask
  const RunFile file = file_of(moved);
  EXPECT_EQ(file.path, "extract.rows");
  EXPECT_EQ(file.row_count, 2);
  const auto types = [&] {
    std::string text;
    for (const Column& c : file.columns) text += c.name + ":" + std::string(to_string(c.type)) + " ";
    return text;
  };
  EXPECT_EQ(types(), "a:int64 b:int64 c:float64 d:float64 e:boolean f:string g:timestamp h:timestamp i:string ");
  EXPECT_THAT(rows_of(file), ElementsAre("1|2|1.5|0.1|1|Жук\tтаб\nlf\\|2026-01-02T00:00:00Z|2026-01-02T01:04:05.250000Z|null",
                                         "-7|null|null|null|0|\\N|null|unreadable:infinity|"));
  EXPECT_THAT(moved.log, AllOf(HasSubstr("connected to PostgreSQL at 127.0.0.1:"), HasSubstr("wrote 2 rows, "),
                               HasSubstr("1 cells are no values")));
  EXPECT_THAT(moved.log, Not(HasSubstr(server().password())));
}

TEST_F(PostgresTest, ColumnsParametersAndFile) {
  server().run(
      "CREATE TABLE orders(id text, amount text, status text); INSERT INTO orders VALUES "
      "('1','10.5','ok'),('x','?','error'),('3',NULL,'it''s')");
  Moved moved = run(query("SELECT * FROM orders ORDER BY status",
                          {{"columns", columns({{"amount", "float64"}, {"id", "int64"}})}, {"file_name", "in/orders.rows"}}));
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_EQ(file_of(moved).path, "in/orders.rows");
  EXPECT_THAT(rows_of(file_of(moved)), ElementsAre("unreadable:?|unreadable:x", "null|3", "10.5|1"));

  moved = run(query("SELECT id FROM orders WHERE status = $1 OR amount = ANY($2)",
                    {{"parameters", Array{"it's", Value(Array{"10.5", "9"})}}}));
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_THAT(rows_of(file_of(moved)), ElementsAre("1", "3"));
  moved = run(query("SELECT id FROM orders WHERE status LIKE %(like)s AND 7 %% 2 = 1",
                    {{"parameters", Object{{"__type", "dict"}, {"__var", Object{{"like", "er%"}}}}}}));
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_THAT(rows_of(file_of(moved)), ElementsAre("x"));
  moved = run(query("INSERT INTO orders VALUES ('9') RETURNING id"));
  EXPECT_THAT(rows_of(file_of(moved)), ElementsAre("9"));
  moved = run(query("SELECT 1 WHERE false"));
  EXPECT_THAT(rows_of(file_of(moved)), IsEmpty());

  EXPECT_THAT(run(query("SELECT 1 AS a, 2 AS b", {{"columns", columns({{"c", "int64"}})}})).error(),
              at() + "the query has no column c (it has: a, b)");
  EXPECT_THAT(run(query("SELECT 1 AS a, 2 AS a", {{"columns", columns({{"a", "int64"}})}})).error(),
              HasSubstr("the query has two columns named a"));
  const auto for_good = [&](Object op) { return run(std::move(op)).message("TaskState").get_string("error"); };
  EXPECT_EQ(for_good(query("SELECT 1", {{"columns", columns({{"a", "int"}})}})),
            "the column a has the type 'int': it must be boolean, int64, float64, string or timestamp");
  EXPECT_EQ(for_good(query("CREATE TABLE t()")), "the sql returns no columns: it must be a query, like SELECT");
  EXPECT_EQ(for_good(query("SELECT $1", {{"parameters", Array{}}})), "the sql has a parameter $1, parameters has 0 values");
  EXPECT_EQ(for_good({{"task_type", "PostgresToFileOperator"}}), "the argument sql is missing: give it a string");
}

TEST_F(PostgresTest, WhatTheServerRefuses) {
  EXPECT_THAT(run(query("SELECT nothing FROM nowhere")).error(),
              StartsWith(at() + "ERROR:  relation \"nowhere\" does not exist\nLINE 1: SELECT nothing FROM nowhere"));
  EXPECT_THAT(run(query("SELECT 1; SELECT 2")).error(), HasSubstr("cannot insert multiple commands into a prepared statement"));
  const Moved divided = run(query("SELECT 1 / (10 - n) FROM generate_series(1, 20) n"));
  EXPECT_EQ(divided.error(), at() + "ERROR:  division by zero\nSQLSTATE 22012");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "a part of the file was left";

  connect_as("db", {{"password", "a-wrong-password"}});
  const Moved refused = run(query("SELECT 1"));
  EXPECT_THAT(refused.error(), AllOf(StartsWith(at()), HasSubstr("password authentication failed for user \"postgres\""),
                                     HasSubstr("(check login and password of the connection)")));
  EXPECT_THAT(refused.error() + refused.log + refused.err, Not(HasSubstr("a-wrong-password")));
  connect_as("db", {{"schema", "no_such_db"}});
  EXPECT_THAT(run(query("SELECT 1")).error(), HasSubstr("database \"no_such_db\" does not exist"));
  connect_as("db", {{"extra", R"({"sslmode": "require"})"}});
  EXPECT_THAT(run(query("SELECT 1")).error(), HasSubstr("server does not support SSL, but SSL was required"));
  connect_as("db", {{"extra", R"({"options": "-c statement_timeout=50", "pooling": "true"})"}});
  const Moved timed = run(query("SELECT pg_sleep(10)"));
  EXPECT_THAT(timed.error(), HasSubstr("canceling statement due to statement timeout"));
  EXPECT_THAT(timed.log, HasSubstr("extra: pooling means nothing to libpq and is left out"));
  EXPECT_THAT(run(query("SELECT 1", {{"conn_id", "other"}})).error(), StartsWith("there is no connection other"));
}

TEST_F(PostgresTest, ServersThatAreNotThere) {
  connect_as("db", {{"extra", R"({"connect_timeout": 1})"}});
  server().freeze();
  const auto begin = Clock::now();
  const Moved frozen = run(query("SELECT 1"));
  server().thaw();
  EXPECT_EQ(frozen.error(), at() + "no answer within 1 s (connect_timeout)");
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(4));
  server().stop();
  EXPECT_THAT(run(query("SELECT 1")).error(),
              AllOf(HasSubstr("Connection refused"), HasSubstr("(does the server run, and is the port right?)")));
  connect_as("db", {{"host", "no-such-host.invalid"}});
  EXPECT_THAT(run(query("SELECT 1")).error(),
              AllOf(StartsWith("PostgreSQL at no-such-host.invalid:"), HasSubstr("could not translate host name")));
  server().start();
  connect_as("db", {});
  EXPECT_THAT(run(query("SELECT 1")).error(), IsEmpty());
}

TEST_F(PostgresTest, SigtermCancelsTheQuery) {
  Running running = begin(query("SELECT pg_sleep(1000) /* marked */"));
  // Its connection is asked for in this process; then it is at work in the server.
  const auto frame = task::read_frame(running.requests.get());
  ASSERT_TRUE(frame);
  task::write_frame(running.requests.get(), frame->id, connections["db"]);
  const auto at_work = [&] {
    return server().run(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%COPY%marked%' AND pid <> "
        "pg_backend_pid()");
  };
  ASSERT_TRUE(tests::becomes_true([&] { return at_work() == "1"; }));
  ::kill(running.pid, SIGTERM);
  const Moved moved = finish(std::move(running));
  EXPECT_TRUE(WIFSIGNALED(moved.status) && WTERMSIG(moved.status) == SIGTERM) << moved.status << moved.err;
  EXPECT_TRUE(tests::becomes_true([&] { return at_work() == "0"; }));
  EXPECT_THAT(moved.messages, IsEmpty());
}

TEST_F(PostgresTest, AMillionRowsInConstantMemory) {
  server().run(
      "CREATE TABLE many AS SELECT n::bigint AS id, (n::bigint * 7919 % 100000)::int AS customer_id, (n % 99900 + "
      "100)::numeric / "
      "100 AS amount,"
      " (ARRAY['ok','pending','shipped','error'])[n % 4 + 1] AS status, TIMESTAMP '2026-01-01' + n * INTERVAL '7 s' AS "
      "created_at FROM generate_series(1, 1000000) n");
  const Moved moved = run(query("SELECT * FROM many"));
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_EQ(file_of(moved).row_count, 1'000'000);
  if (!sanitized) EXPECT_LT(moved.peak_kib, 32 * 1024);
}

}  // namespace
}  // namespace venturi::providers::testing
