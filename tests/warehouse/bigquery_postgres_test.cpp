// BigQueryToPostgresOperator: bqemulator and a real PostgreSQL.
#include <gmock/gmock.h>

#include <memory>

#include "providers/testing/host_program.h"
#include "servers/bigquery_server.h"
#include "servers/postgres_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class BigQueryToPostgresTest : public HostProgramTest {
 protected:
  static void SetUpTestSuite() {
    objects = std::make_unique<tests::TestFolder>();
    bigquery = std::make_unique<tests::BigQueryServer>(objects->path());
    postgres = std::make_unique<tests::PostgresServer>();
  }
  static void TearDownTestSuite() {
    bigquery.reset();
    postgres.reset();
    objects.reset();
  }
  BigQueryToPostgresTest() {
    const Object extra{{"endpoint", bigquery->url()}, {"project", "shop"}, {"num_retries", 1}};
    const Object none{{"type", "ConnectionResult"}, {"host", nullptr}, {"schema", nullptr}, {"login", nullptr},
                      {"password", nullptr},        {"port", nullptr}, {"extra", nullptr}};
    Object google = none, db = none;
    google.set("conn_id", "google_cloud_default");
    google.set("conn_type", "google_cloud_platform");
    google.set("extra", to_json(Value(extra)));
    db.set("conn_id", "postgres_default");
    db.set("conn_type", "postgres");
    db.set("host", "127.0.0.1");
    db.set("schema", "postgres");
    db.set("login", "postgres");
    db.set("password", postgres->password());
    db.set("port", postgres->port());
    worker.connections["google_cloud_default"] = std::move(google);
    worker.connections["postgres_default"] = std::move(db);
    (void)run("BigQueryCreateEmptyDatasetOperator", {{"dataset_id", "sales"}});
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
    return worker.exit(sequence).get_string("error");
  }
  void query(const std::string& sql) {
    ASSERT_EQ(run("BigQueryInsertJobOperator",
                  {{"configuration", Object{{"query", Object{{"query", sql}, {"useLegacySql", false}}}}}}),
              "");
  }
  std::string load(const std::string& source, const std::string& target, const Object& more = {}) {
    Object op{{"dataset_table", "sales." + source}, {"target_table_name", target}};
    for (const auto& [name, value] : more) op.set(name, value);
    return run("BigQueryToPostgresOperator", std::move(op));
  }
  static std::string sql(const std::string& text) { return postgres->run(text); }

  static std::unique_ptr<tests::TestFolder> objects;
  static std::unique_ptr<tests::BigQueryServer> bigquery;
  static std::unique_ptr<tests::PostgresServer> postgres;
  std::int64_t sequence = 0;
};
std::unique_ptr<tests::TestFolder> BigQueryToPostgresTest::objects;
std::unique_ptr<tests::BigQueryServer> BigQueryToPostgresTest::bigquery;
std::unique_ptr<tests::PostgresServer> BigQueryToPostgresTest::postgres;

TEST_F(BigQueryToPostgresTest, ValuesOfAllTypes) {
  query(
      "CREATE OR REPLACE TABLE sales.types AS SELECT 9007199254740993 AS i, 0.1 AS f, TRUE AS b, 'it\\'s\\ta\\\\\\n' AS s, "
      "TIMESTAMP '2026-01-31 10:20:30.5+03' AS t, DATE '2026-01-31' AS d, NUMERIC '12345678901234567890.5' AS n, "
      "[1, 2] AS r, STRUCT(1 AS x, 'y' AS y) AS o, CAST(NULL AS STRING) AS z, b'ab' AS y");
  sql("CREATE TABLE types (i bigint, f float8, b bool, s text, t timestamptz, d date, n numeric, r jsonb, o jsonb, z text, y "
      "bytea)");
  EXPECT_EQ(load("types", "types"), "");
  EXPECT_EQ(sql("SELECT row(i, f, b, s, t AT TIME ZONE 'UTC', d, trim_scale(n), r, o, z, y)::text FROM types"),
            "(9007199254740993,0.1,t,\"it's\ta\\\\\n\",\"2026-01-31 07:20:30.5\",2026-01-31,12345678901234567890.5,\"[1, 2]\","
            "\"{\"\"x\"\": 1, \"\"y\"\": \"\"y\"\"}\",,\"\\\\x6162\")");
}

TEST_F(BigQueryToPostgresTest, PagesAndUpserts) {
  query(
      "CREATE OR REPLACE TABLE sales.orders AS SELECT n AS id, CONCAT('order ', CAST(n AS STRING)) AS name, n * 2 AS amount "
      "FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n");
  sql("CREATE TABLE orders (id int PRIMARY KEY, name text, amount int, note text DEFAULT 'new')");
  EXPECT_EQ(load("orders", "orders", {{"batch_size", 1000}}), "");
  EXPECT_EQ(sql("SELECT count(*) || ' ' || sum(amount) FROM orders"), "2500 6252500");
  EXPECT_THAT(worker.log(sequence), HasSubstr("2000 rows so far"));
  // The same again does not fit, and changes nothing.
  EXPECT_THAT(load("orders", "orders"), HasSubstr("duplicate key value"));
  sql("UPDATE orders SET amount = 0, note = 'kept'; DELETE FROM orders WHERE id > 2000");
  EXPECT_EQ(
      load("orders", "public.orders", {{"replace", true}, {"replace_index", "id"}, {"selected_fields", Array{"amount", "id"}}}),
      "");
  EXPECT_EQ(sql("SELECT count(*) || ' ' || sum(amount) || ' ' || count(name) || ' ' || count(*) FILTER (WHERE note = 'kept') "
                "FROM orders"),
            "2500 6252500 2000 2000");
  EXPECT_THAT(load("orders", "orders", {{"replace", true}}),
              HasSubstr("PostgreSQL ON CONFLICT upsert syntax requires column names and a unique index."));
}

TEST_F(BigQueryToPostgresTest, WhatDoesNotFitLeavesTheTableAsItWas) {
  query(
      "CREATE OR REPLACE TABLE sales.drift AS SELECT n AS id, n * 1000000 AS amount FROM UNNEST(GENERATE_ARRAY(1, 3000)) AS n");
  sql("CREATE TABLE drift (id smallint, amount int)");
  EXPECT_THAT(load("drift", "drift", {{"batch_size", 1000}}),
              AllOf(HasSubstr("value \"2148000000\" is out of range for type integer"), HasSubstr("COPY drift, line 2148")));
  EXPECT_EQ(sql("SELECT count(*) FROM drift"), "0");
  sql("ALTER TABLE drift DROP COLUMN amount");
  EXPECT_THAT(load("drift", "drift"), HasSubstr("column \"amount\" of relation \"drift\" does not exist"));
  EXPECT_EQ(load("drift", "drift", {{"selected_fields", "id"}}), "");
  EXPECT_THAT(load("none", "drift"), HasSubstr("notFound"));
  EXPECT_THAT(load("drift", "none"), HasSubstr("relation \"none\" does not exist"));
}

}  // namespace
}  // namespace venturi::providers::testing
