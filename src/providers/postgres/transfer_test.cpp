// SQLInsertRowsOperator and GenericTransfer against a real PostgreSQL.
#include "base/sanitized.h"
#include "providers/testing/pg_mover.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TransferTest : public PgMoverTest {
 protected:
  static Object insert(Value rows, const Object& more = {}) {
    Object op = op_of("SQLInsertRowsOperator", {{"table_name", "target"}, {"rows", std::move(rows)}});
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  static Object transfer(const Object& more = {}) {
    Object op{{"task_type", "GenericTransfer"},
              {"source_conn_id", "db"},
              {"destination_conn_id", "db"},
              {"sql", "SELECT * FROM source"},
              {"destination_table", "target"}};
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  static std::string target() { return rows("SELECT * FROM target ORDER BY id, note"); }
  static void make_target() {
    sql("SET client_min_messages TO warning; DROP TABLE IF EXISTS target; CREATE TABLE target(id int PRIMARY KEY, note text, "
        "doc jsonb, tags text[])");
  }
};

TEST_F(TransferTest, RowsOfAnXComAreInserted) {
  make_target();
  const Array rows{Array{1, "it's Жук", Object{{"a", 1}}, Array{"x", nullptr}}, Array{2, nullptr, Array{1}, Array{}},
                   Array{3, "\\ \" \n", "text", nullptr}};
  EXPECT_EQ(outcome(insert(rows)), "no XCom");
  EXPECT_EQ(target(), R"((1,"it's Жук","{""a"": 1}","{x,NULL}") (2,,[1],{}) (3,"\\ "" )"
                      "\n"
                      R"(","""text""",))");
  EXPECT_THAT(last.log, HasSubstr("Done loading. Loaded a total of 3 rows into target"));
  // Objects by name, whose first one has the columns; what a row lacks is NULL.
  EXPECT_EQ(outcome(insert(Array{Object{{"note", "n"}, {"id", 4}, {"other", 1}}, Object{{"id", 5}}},
                           {{"ignored_columns", Array{"other"}}})),
            "no XCom");
  EXPECT_EQ(
      outcome(insert(Array{Value(Array{6, "six"})}, {{"columns", Array{"id", "note"}},
                                                     {"schema", "public"},
                                                     {"preoperator", "DELETE FROM target WHERE id < 4"},
                                                     {"postoperator", Array{"UPDATE target SET note = upper(note)", " ; "}}})),
      "no XCom");
  EXPECT_EQ(target(), "(4,N,,) (5,,,) (6,SIX,,)");

  EXPECT_EQ(outcome(insert(Array{})), "skipped for good: ");
  EXPECT_THAT(last.log, HasSubstr("Skipping task extract because no rows."));
  EXPECT_EQ(outcome(insert(nullptr)), "skipped for good: ");
}

TEST_F(TransferTest, Upserts) {
  make_target();
  sql("INSERT INTO target VALUES (1, 'old', '1'), (2, 'old', '2')");
  const Array rows{Array{1, "first"}, Array{3, "new"}, Array{1, "last"}};
  const auto upsert = [&](Object args, const Object& more = {}) {
    args.set("replace", true);
    Object op = insert(rows, {{"columns", Array{"id", "note"}}, {"insert_args", std::move(args)}});
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  };
  EXPECT_EQ(outcome(upsert({})), "no XCom");
  EXPECT_EQ(target(), "(1,last,1,) (2,old,2,) (3,new,,)");
  EXPECT_EQ(outcome(upsert({{"replace_index", "id"}, {"replace_target", Array{}}, {"executemany", true}, {"page", 1}})),
            "no XCom");
  EXPECT_THAT(last.log, HasSubstr("insert_args: page means nothing here and is left out"));
  EXPECT_EQ(outcome(upsert({{"replace_index", Array{"id"}}, {"replace_target", Array{"note"}}, {"commit_every", 1}})),
            "no XCom");
  EXPECT_EQ(target(), "(1,last,1,) (2,old,2,) (3,new,,)");
  EXPECT_THAT(last.log, HasSubstr("Loaded 2 rows into target so far"));
  EXPECT_THAT(outcome(upsert({{"replace_index", "note"}})),
              HasSubstr("no unique or exclusion constraint matching the ON CONFLICT"));
  EXPECT_EQ(outcome(upsert({{"replace_index", 7}})),
            "failed for good: insert_args: replace_index must be the name of a column, or a list of names");
  EXPECT_EQ(outcome(upsert({{"commit_every", -1}})),
            "failed for good: insert_args: commit_every must be a number of rows, or 0");
  EXPECT_EQ(outcome(insert(rows, {{"insert_args", Object{{"replace", "yes"}}}})),
            "failed for good: insert_args: replace must be true or false");
}

TEST_F(TransferTest, WhatIsWrongWithARow) {
  make_target();
  Array rows;
  for (int i = 0; i < 2500; ++i) rows.push_back(Array{i == 2200 ? 7 : i, "x"});
  const Object two{{"columns", Array{"id", "note"}}};
  EXPECT_EQ(outcome(insert(rows, two)),
            "error: rows[2000] to rows[2499]: " + at() +
                "ERROR:  duplicate key value violates unique constraint \"target_pkey\"\nDETAIL:  Key (id)=(7) already "
                "exists.\nSQLSTATE 23505\n2000 rows before them are committed");
  EXPECT_EQ(sql("SELECT count(*) FROM target"), "2000");
  make_target();
  EXPECT_THAT(outcome(insert(rows, {{"columns", Array{"id", "note"}}, {"insert_args", Object{{"commit_every", 0}}}})),
              StartsWith("error: rows[0] to rows[2499]: "));
  EXPECT_EQ(sql("SELECT count(*) FROM target"), "0");

  EXPECT_EQ(outcome(insert(Array{Array{1, "a"}, Array{2}}, two)),
            "failed for good: rows[1] has 1 values, but 2 columns are to be filled: \"id\", \"note\"");
  EXPECT_EQ(outcome(insert(Array{Array{1, "a"}, 2}, two)),
            "failed for good: rows[1] must be a list of values, or an object by columns, not integer");
  EXPECT_EQ(outcome(insert(Array{Value(Array{1, std::string("a\0b", 3)})}, two)),
            "failed for good: rows[0]: parameters: a text has a zero byte in it");
  EXPECT_EQ(outcome(insert(Array{Object{{"nothing", 1}}})), "error: the table target has no column nothing");
  EXPECT_EQ(outcome(insert(Array{Value(Array{1})}, {{"columns", "id"}, {"ignored_columns", "id"}})),
            "failed for good: no column is left to insert into: check columns and ignored_columns");
  EXPECT_THAT(outcome(insert(Array{Value(Array{1})}, {{"table_name", "nowhere"}})),
              HasSubstr("relation \"nowhere\" does not exist"));
  EXPECT_EQ(outcome(insert(Array{Value(Array{1, "a"})}, {{"preoperator", 7}})),
            "failed for good: the argument preoperator must be a string or a list of strings");
  EXPECT_EQ(sql("SELECT count(*) FROM target"), "0");
}

TEST_F(TransferTest, Transfer) {
  make_target();
  sql("CREATE DATABASE other");
  server().run(
      "CREATE TABLE source(id int, note text, doc json, tags text[]); INSERT INTO source VALUES "
      "(1, E'Жук\\t\\\\N\\n', '{\"a\": \"\\t\"}', '{a,NULL}'), (2, NULL, NULL, '{}')",
      "other");
  connect_as("other", {{"schema", "other"}});
  EXPECT_EQ(outcome(transfer({{"source_conn_id", "other"}})), "2");
  EXPECT_EQ(target(), "(1,\"Жук\t\\\\N\n\",\"{\"\"a\"\": \"\"\\\\t\"\"}\",\"{a,NULL}\") (2,,,{})");
  EXPECT_EQ(outcome(transfer(
                {{"source_conn_id", "other"},
                 {"sql", Array{"SELECT 1 AS id, 'one'; -- first", "SELECT 3, 'three'"}},
                 {"preoperator", "DELETE FROM target WHERE id = 2"},
                 {"insert_args", Object{{"target_fields", Array{"id", "note"}}, {"replace", true}, {"commit_every", 10}}}})),
            "2");
  EXPECT_EQ(target(), "(1,one,\"{\"\"a\"\": \"\"\\\\t\"\"}\",\"{a,NULL}\") (3,three,,)");

  // What goes wrong on either side leaves everything as it was, what preoperator did included.
  EXPECT_EQ(outcome(transfer({{"sql", "SELECT n, (10 / (5 - n))::text, NULL, NULL FROM generate_series(10, 1, -1) n"},
                              {"preoperator", "TRUNCATE target"}})),
            "error: " + at() + "ERROR:  division by zero\nSQLSTATE 22012");
  EXPECT_THAT(
      outcome(transfer(
          {{"sql", "SELECT CASE n WHEN 3 THEN 'x' ELSE n::text END, NULL, NULL, NULL FROM generate_series(10, 1, -1) n"},
           {"preoperator", "TRUNCATE target"}})),
      AllOf(StartsWith("error: row 8 of the query: " + at()),
            HasSubstr("invalid input syntax for type integer: \"x\"\nCONTEXT:  COPY target, line 8, column id: \"x\"")));
  EXPECT_EQ(target(), "(1,one,\"{\"\"a\"\": \"\"\\\\t\"\"}\",\"{a,NULL}\") (3,three,,)");
  EXPECT_THAT(outcome(transfer({{"sql", "SELECT 1"}})), HasSubstr("missing data for column \"note\""));
  EXPECT_EQ(outcome(transfer({{"sql", " ; "}})), "failed for good: the argument sql has no statement in it");
  EXPECT_THAT(outcome(transfer({{"destination_conn_id", "nowhere"}})), StartsWith("error: there is no connection nowhere"));
}

TEST_F(TransferTest, GoesInBinaryWhereTheTypesAreTheSame) {
  // What a statement of COPY says of itself is the only sign of its format.
  sql("SET client_min_messages TO warning; DROP TABLE IF EXISTS target; CREATE DOMAIN small AS int CHECK (VALUE < 100)");
  const auto formats = [&](const std::string& columns, const std::string& query, const std::string& expected) {
    sql("DROP TABLE IF EXISTS target, formats; CREATE TABLE target (" + columns +
        "); CREATE TABLE formats (query text); CREATE OR REPLACE FUNCTION note_format() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN INSERT INTO formats VALUES (current_query()); RETURN NULL; END$$; CREATE TRIGGER note AFTER INSERT ON target "
        "FOR "
        "EACH STATEMENT EXECUTE FUNCTION note_format()");
    EXPECT_EQ(outcome(transfer({{"sql", query}})), "1") << query;
    EXPECT_EQ(sql("SELECT query FROM formats"), "COPY target FROM STDIN" + expected) << query;
    return rows("SELECT * FROM target");
  };
  const std::string binary = " (FORMAT binary)";
  EXPECT_EQ(
      formats("a int, b varchar(5), c numeric(6,2), d timestamptz, e jsonb, f text[], g bytea, h uuid, i float8",
              "SELECT 1, 'it''s'::text, 12.345::numeric, '2026-01-02 03:04:05.678+02'::timestamptz, '{\"a\": [1]}'::jsonb, "
              "ARRAY['x', NULL], '\\x00ff'::bytea, '00000000-0000-0000-0000-00000000002a'::uuid, 'NaN'::float8",
              binary),
      R"((1,it's,12.35,"2026-01-02 01:04:05.678+00","{""a"": [1]}","{x,NULL}","\\x00ff",)"
      "00000000-0000-0000-0000-00000000002a,NaN)");
  EXPECT_EQ(formats("a bigint", "SELECT 1::int", ""), "(1)");
  EXPECT_EQ(formats("a small", "SELECT 7", ""), "(7)");
  EXPECT_EQ(formats("a int", "SELECT 7::small", binary), "(7)") << "a domain comes as what it is made of";

  // Rows that do not fit are told of as in text.
  sql("DROP TABLE target; CREATE TABLE target (a int UNIQUE, b varchar(3))");
  EXPECT_THAT(outcome(transfer({{"sql", "SELECT n, repeat('x', n) FROM generate_series(1, 5) n"}})),
              AllOf(StartsWith("error: row 4 of the query: "), HasSubstr("value too long for type character varying(3)")));
  EXPECT_THAT(outcome(transfer({{"sql", "SELECT n % 2, 'x' FROM generate_series(1, 5) n"}})),
              AllOf(StartsWith("error: row 3 of the query: "), HasSubstr("duplicate key value")));
  EXPECT_EQ(sql("SELECT count(*) FROM target"), "0");
}

TEST_F(TransferTest, AMillionRowsInConstantMemory) {
  sql("CREATE TABLE from_here AS SELECT n AS id, 'note ' || n AS note FROM generate_series(1, 1000000) n; CREATE TABLE "
      "to_there (LIKE "
      "from_here)");
  EXPECT_EQ(outcome(transfer({{"sql", "SELECT * FROM from_here"}, {"destination_table", "to_there"}})), "1000000");
  if (!sanitized) EXPECT_LT(last.peak_kib, 32 * 1024);
}

}  // namespace
}  // namespace venturi::providers::testing
