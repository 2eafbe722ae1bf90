// COPY both ways: PostgresToCsvOperator and FileToPostgresOperator.
#include <sys/stat.h>

#include <fstream>

#include "base/sanitized.h"
#include "providers/postgres/copy_text.h"
#include "providers/testing/pg_mover.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Value columns(std::initializer_list<std::pair<const char*, const char*>> list) {
  Array array;
  for (const auto& [name, type] : list) array.push_back(Object{{"name", name}, {"type", type}});
  return array;
}

class CopyTest : public PgMoverTest {
 protected:
  Object to_csv(const std::string& query, const Object& more = {}) {
    Object op = op_of("PostgresToCsvOperator", {{"sql", query}, {"path", folder / "out.csv"}});
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // From a CSV file with this content.
  Object load(const std::string& content, const Object& more = {}) {
    path = folder.write("in.csv", content);
    Object op = op_of("FileToPostgresOperator", {{"path", path}, {"table", "orders"}});
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // Not a connection that hangs on: whatever went wrong, the table is as before and nobody holds a lock on it.
  static std::string orders() { return rows("SELECT * FROM orders ORDER BY id, amount"); }

  std::string path;
};

TEST_F(CopyTest, AQueryBecomesACsvFile) {
  const std::string query =
      "SELECT * FROM (VALUES (1, 'Жук, \"the\"\nbug', 1.50, NULL), (2, '', NULL, 'x')) AS t(id, name, \"сумма\", note); -- all";
  EXPECT_EQ(outcome(to_csv(query)), "\"" + (folder / "out.csv") + "\"");
  EXPECT_EQ(tests::read_file(folder / "out.csv"), "id,name,сумма,note\n1,\"Жук, \"\"the\"\"\nbug\",1.50,\n2,\"\",,x\n");
  EXPECT_THAT(last.log, HasSubstr("wrote 2 rows, "));
  EXPECT_EQ(outcome(to_csv(query, {{"header", false}, {"delimiter", ";"}, {"null_text", "-"}, {"encoding", "cp1251"}})),
            "\"" + (folder / "out.csv") + "\"");
  EXPECT_EQ(tests::read_file(folder / "out.csv"), "1;\"\xc6\xf3\xea, \"\"the\"\"\nbug\";1.50;-\n2;;-;x\n");
  EXPECT_EQ(outcome(to_csv("SELECT $1 || 'b' AS c WHERE 1 < $2", {{"delimiter", "tab"}, {"parameters", Array{"a\t", 2}}})),
            "\"" + (folder / "out.csv") + "\"");
  EXPECT_EQ(tests::read_file(folder / "out.csv"), "c\n\"a\tb\"\n");

  // What fails leaves the file of before, and nothing beside it.
  EXPECT_EQ(outcome(to_csv("SELECT 1 / (5000 - n) FROM generate_series(1, 9999) n")),
            "error: " + at() + "ERROR:  division by zero\nSQLSTATE 22012");
  EXPECT_EQ(tests::read_file(folder / "out.csv"), "c\n\"a\tb\"\n");
  EXPECT_THAT(outcome(to_csv("SELECT 'Ω'", {{"encoding", "cp1251"}})),
              StartsWith("error: the rows cannot be written in the argument encoding: byte 0x"));
  EXPECT_EQ(outcome(to_csv("CREATE TABLE t()")),
            "failed for good: the sql returns no columns: it must be a query, like SELECT");
  EXPECT_THAT(files(), ElementsAre("out.csv"));
  EXPECT_EQ(outcome(to_csv("SELECT 1", {{"path", "out.csv"}})),
            "failed for good: the argument path must be an absolute path of a file, not 'out.csv'");
  EXPECT_EQ(outcome(to_csv("SELECT 1", {{"path", folder / "no/out.csv"}})),
            "error: " + (folder / "no/out.csv") +
                " cannot be made: No such file or directory; check the operator's path on the machine of the worker");
  EXPECT_EQ(outcome(to_csv("SELECT 1", {{"null_text", "a,b"}})),
            "failed for good: the argument null_text must have no quote, no line break and no delimiter in it");
  EXPECT_THAT(outcome(to_csv("SELECT 1", {{"delimiter", ";;"}})),
              HasSubstr("the argument delimiter must be one ASCII character"));
  EXPECT_THAT(outcome(to_csv("SELECT 1", {{"encoding", "ascii-17"}})),
              HasSubstr("there is no conversion from UTF-8 to ascii-17"));
}

TEST_F(CopyTest, ACsvFileBecomesRows) {
  sql("SET client_min_messages TO warning; DROP TABLE IF EXISTS orders CASCADE; CREATE TABLE orders(id int PRIMARY KEY, amount "
      "numeric(8,2), note text, at timestamptz, "
      "twice int "
      "GENERATED ALWAYS AS (id * 2) STORED)");
  EXPECT_EQ(outcome(load("id,amount,note,at\n1,2.5,\"Жук\t\"\"a\"\"\nb\\\",2026-01-02 03:04:05Z\n2,,\"\",\n3,\"\",\n")), "3");
  EXPECT_EQ(rows("SELECT id, amount, note, at AT TIME ZONE 'UTC', twice FROM orders ORDER BY id"),
            "(1,2.50,\"Жук\t\"\"a\"\"\nb\\\\\",\"2026-01-02 03:04:05\",2) (2,,\"\",,4) (3,,,,6)");
  EXPECT_THAT(last.log, HasSubstr("loaded 3 rows into orders"));

  const Object mapped{{"column_mapping", Object{{"Номер", "id"}}},
                      {"columns", columns({{"Номер", "string"}, {"note", "string"}})},
                      {"delimiter", ";"},
                      {"encoding", "cp1251"}};
  EXPECT_EQ(outcome(load("note;x;\xcd\xee\xec\xe5\xf0\n\xc6;1;7\n", mapped)), "1");
  EXPECT_EQ(rows("SELECT id, note FROM orders WHERE id = 7"), "(7,Ж)");
  EXPECT_EQ(outcome(load("8,x\n", {{"header", false}, {"columns", columns({{"id", "int64"}, {"note", "string"}})}})), "1");
  EXPECT_EQ(outcome(load("id\n5\n", {{"mode", "truncate"}})), "1");
  EXPECT_EQ(orders(), "(5,,,,10)");

  // By key; the last row of a key counts, and what the file lacks stays.
  EXPECT_EQ(outcome(load("id,amount\n5,1\n6,1\n5,2\n6,3\n", {{"mode", "upsert"}})), "4");
  EXPECT_EQ(orders(), "(5,2.00,,,10) (6,3.00,,,12)");
  EXPECT_EQ(outcome(load("id\n5\n9\n", {{"mode", "upsert"}, {"key", "id"}})), "2");
  EXPECT_EQ(orders(), "(5,2.00,,,10) (6,3.00,,,12) (9,,,,18)");
  sql("CREATE TABLE pairs(a int, b int, c text, UNIQUE (a, b)); INSERT INTO pairs VALUES (1, 1, 'old')");
  EXPECT_EQ(outcome(load("a,b,c\n1,1,new\n2,,x\n2,,y\n", {{"table", "pairs"}, {"mode", "upsert"}, {"key", Array{"a", "b"}}})),
            "3");
  EXPECT_EQ(rows("SELECT * FROM pairs ORDER BY a, c"), "(1,1,new) (2,,x) (2,,y)");
  EXPECT_EQ(outcome(load("a\n1\n", {{"table", "pairs"}, {"mode", "upsert"}})),
            "failed for good: the table pairs has no primary key: name the columns of a unique index by which its rows are "
            "found again");
  EXPECT_EQ(outcome(load("c\n1\n", {{"table", "pairs"}, {"mode", "upsert"}, {"key", "a"}})),
            "failed for good: the rows lack the column a, by which rows of the table pairs are found again");
}

TEST_F(CopyTest, WhatIsWrongWithACell) {
  sql("SET client_min_messages TO warning; DROP TABLE IF EXISTS orders CASCADE; CREATE TABLE orders(id smallint, amount "
      "numeric, day date, ok boolean, note text CHECK "
      "(note <> 'x'))");
  sql("INSERT INTO orders VALUES (0)");
  // Rows with line breaks: the line is the file's.
  EXPECT_EQ(outcome(load("id,amount,note\n1,2,\"a\nb\"\n2,oops,c\n")),
            "error: " + path + ", line 4: " + at() +
                "ERROR:  invalid input syntax for type numeric: \"oops\"\nCONTEXT:  COPY orders, line 2, column amount: "
                "\"oops\"\nSQLSTATE 22P02");
  EXPECT_THAT(
      outcome(load("id,amount,note\n1,2,a\n99999,2,b\n", {{"mode", "truncate"}})),
      AllOf(StartsWith("error: " + path + ", line 3: "), HasSubstr("value \"99999\" is out of range for type smallint")));
  EXPECT_THAT(outcome(load("id,note\n1,a\n2,x\n")),
              AllOf(StartsWith("error: " + path + ", line 3: "), HasSubstr("violates check constraint")));
  EXPECT_THAT(
      outcome(load(std::string("id,note\n1,a\n2,b\0c\n", 18))),
      AllOf(StartsWith("error: " + path + ", line 3: "), HasSubstr("invalid byte sequence for encoding \"UTF8\": 0x00")));
  EXPECT_THAT(outcome(load("id,note\n1,a\n2,b,c\n")),
              EndsWith(", line 3: 3 fields, but the header has 2 (is a field with a delimiter in it not quoted?)"));
  EXPECT_THAT(outcome(load("id,note\n1,a\n2,\xff\n")), HasSubstr(", line 3: byte 0xff at offset 14 is not UTF-8"));
  EXPECT_THAT(outcome(load("id,note\n1,a\n2,\"never closed\n")),
              EndsWith(", line 3: the quote that opens here is never closed"));
  EXPECT_EQ(orders(), "(0,,,,)");

  EXPECT_EQ(outcome(load("id,amount,day,ok,note\n1,oops,2026-02-30,perhaps,a\n99999,1e3,2026-02-28,yes,b\nx,NaN,,off,c\n",
                         {{"unreadable", "null"}})),
            "3");
  EXPECT_EQ(rows("SELECT * FROM orders WHERE note IS NOT NULL ORDER BY note"), "(1,,,,a) (,1000,2026-02-28,t,b) (,NaN,,f,c)");
  EXPECT_THAT(last.log, HasSubstr("5 unreadable cells were made NULL"));

  EXPECT_EQ(outcome(load("id,price\n1,2\n")),
            "error: the table orders has no column price (it has: id, amount, day, ok, note); name the columns to load in "
            "columns, and "
            "others in column_mapping");
  EXPECT_THAT(outcome(load("id\n1\n", {{"table", "nowhere"}})), HasSubstr("relation \"nowhere\" does not exist"));
  EXPECT_EQ(outcome(load("id\n1\n", {{"column_mapping", Object{{"price", "amount"}}}})),
            "error: column_mapping: the file has no column price");
  EXPECT_EQ(outcome(load("id\n1\n", {{"column_mapping", Object{{"id", 1}}}})),
            "failed for good: column_mapping: id must be the name of a column of the table");
  EXPECT_EQ(outcome(load("id\n1\n", {{"mode", "replace"}})),
            "failed for good: the argument mode must be append, truncate or upsert, not 'replace'");
  EXPECT_EQ(outcome(load("id\n1\n", {{"unreadable", "skip"}})),
            "failed for good: the argument unreadable must be error or null, not 'skip'");
  EXPECT_EQ(outcome(load("id\n1\n", {{"file", Object{}}})),
            "failed for good: give one of the arguments file (of the run) and path (of a CSV file)");
}

TEST_F(CopyTest, LostInTheMiddleOfAQuery) {
  const std::string query =
      "SELECT n, repeat('x', 1000), CASE WHEN n = 20000 THEN pg_terminate_backend(pg_backend_pid()) END "
      "FROM generate_series(1, 90000) n";
  EXPECT_THAT(outcome(to_csv(query)),
              AllOf(StartsWith("error: " + at()), HasSubstr("terminating connection due to administrator command")));
  EXPECT_THAT(files(), ::testing::IsEmpty());
}

TEST_F(CopyTest, AFileOfTheRunBecomesRows) {
  sql("CREATE TABLE typed(b boolean, i bigint, f float8, s text, at timestamptz)");
  RunFileWriter writer(folder.path(), "in.rows",
                       {{"b", ColumnType::boolean},
                        {"i", ColumnType::int64},
                        {"f", ColumnType::float64},
                        {"s", ColumnType::string},
                        {"when", ColumnType::timestamp}});
  writer.boolean(true);
  writer.int64(-7);
  writer.float64(1e-7);
  writer.string("Жук\t\\N\n\"'");
  writer.timestamp(*parse_time("2026-01-02T03:04:05.25Z"));
  writer.end_row();
  writer.boolean(false);
  writer.unreadable("x\\1");
  writer.float64(-HUGE_VAL);
  writer.string("\\N");
  writer.null();
  writer.end_row();
  const Value handle = writer.finish().to_value();
  const auto from_run = [&](const Object& more) {
    Object op =
        op_of("FileToPostgresOperator", {{"file", handle}, {"table", "typed"}, {"column_mapping", Object{{"when", "at"}}}});
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  };
  EXPECT_EQ(outcome(from_run({})),
            "error: in.rows, row 2, column i: 'x\\1' is no value of the column i (unreadable = \"null\" makes it NULL)");
  EXPECT_EQ(sql("SELECT count(*) FROM typed"), "0");
  EXPECT_EQ(outcome(from_run({{"unreadable", "null"}})), "2");
  EXPECT_EQ(rows("SELECT b, i, f, s, at AT TIME ZONE 'UTC' FROM typed ORDER BY b DESC"),
            "(t,-7,1e-07,\"Жук\t\\\\N\n\"\"'\",\"2026-01-02 03:04:05.25\") (f,,-Infinity,\"\\\\N\",)");
  EXPECT_THAT(outcome(from_run({{"unreadable", "null"}, {"table", "orders_of_text"}})), HasSubstr("does not exist"));
  sql("CREATE TABLE other(i int, s int)");
  EXPECT_THAT(
      outcome(from_run(
          {{"unreadable", "null"}, {"table", "other"}, {"columns", columns({{"s", "string"}})}, {"column_mapping", nullptr}})),
      AllOf(StartsWith("error: in.rows, row 1: "), HasSubstr("invalid input syntax for type integer")));
}

TEST_F(CopyTest, StoppedAndLostInTheMiddle) {
  sql("CREATE TABLE slow(id int, note text); INSERT INTO slow VALUES (0)");
  ::signal(SIGPIPE, SIG_IGN);  // the mover may be gone when we write
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const Object op = op_of("FileToPostgresOperator", {{"path", fifo}, {"table", "slow"}, {"mode", "truncate"}});
  const auto begin_with = [&](std::ofstream& out) {
    Running running = begin(op);
    const auto frame = task::read_frame(running.requests.get());
    task::write_frame(running.requests.get(), frame->id, connections["db"]);
    out.open(fifo);  // waits until it reads
    out << "id,note\n";
    for (int i = 0; i < 20000; ++i) out << i << ",some text to fill the buffers\n";
    out << std::flush;
    EXPECT_TRUE(
        tests::becomes_true([&] { return sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY slow%'") == "1"; }));
    return running;
  };
  {
    std::ofstream out;
    Running running = begin_with(out);
    ::kill(running.pid, SIGTERM);
    out << std::string(1 << 17, '\n');
    out.close();
    const Moved moved = finish(std::move(running));
    EXPECT_TRUE(WIFSIGNALED(moved.status) && WTERMSIG(moved.status) == SIGTERM) << moved.status << moved.err;
  }
  EXPECT_TRUE(tests::becomes_true([&] { return sql("SELECT count(*) FROM slow") == "1"; }));
  {
    std::ofstream out;
    Running running = begin_with(out);
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY slow%'");
    for (int i = 0; i < 20000 && out; ++i) out << i << ",some text to fill the buffers\n";
    out.close();
    EXPECT_THAT(outcome_of(finish(std::move(running))), StartsWith("error: " + at()));
  }
  EXPECT_EQ(sql("SELECT count(*) FROM slow"), "1");
}

TEST_F(CopyTest, AMillionRowsInConstantMemory) {
  sql("CREATE TABLE million AS SELECT n::bigint AS id, (n::bigint * 7919 % 100000)::int AS customer_id, (n % 99900 + "
      "100)::numeric / "
      "100 AS amount, (ARRAY['ok','pending','shipped','error'])[n % 4 + 1] AS status FROM generate_series(1, 1000000) n; "
      "CREATE TABLE "
      "loaded (LIKE million)");
  EXPECT_EQ(outcome(to_csv("SELECT * FROM million")), "\"" + (folder / "out.csv") + "\"");
  if (!sanitized) EXPECT_LT(last.peak_kib, 32 * 1024);
  EXPECT_EQ(outcome(op_of("FileToPostgresOperator", {{"path", folder / "out.csv"}, {"table", "loaded"}})), "1000000");
  if (!sanitized) EXPECT_LT(last.peak_kib, 32 * 1024);
  const std::string sums = "SELECT sum(hashtext(r::text)) FROM ";
  EXPECT_EQ(sql(sums + "million AS r"), sql(sums + "loaded AS r"));
}

TEST(CopyText, Cells) {
  std::string row;
  append_copy_text(row, "a\\b\tc\nd\re");
  EXPECT_EQ(row, "a\\\\b\\tc\\nd\\re");
  EXPECT_TRUE(is_in_range("32767", 21) && is_in_range("-32768", 21) && is_in_range("2147483648", 20));
  EXPECT_FALSE(is_in_range("32768", 21) || is_in_range("2147483648", 23));
}

}  // namespace
}  // namespace venturi::providers::testing
