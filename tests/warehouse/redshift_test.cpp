// Redshift: clusters against moto; statements against a stand-in that PostgreSQL runs them for, COPY and UNLOAD with moto's S3.
// What a stand-in cannot prove is in docs/providers/amazon.md.
#include <gmock/gmock.h>

#include <algorithm>
#include <memory>

#include "providers/testing/host_program.h"
#include "servers/http_server.h"
#include "servers/moto_server.h"
#include "servers/redshift_server.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* secret = "geheim/wort+lang";

class RedshiftTest : public HostProgramTest {
 protected:
  static void SetUpTestSuite() {
    moto = std::make_unique<tests::MotoServer>();
    postgres = std::make_unique<tests::PostgresServer>();
    redshift = std::make_unique<tests::RedshiftServer>(*postgres, moto->url(), "AKIA");
  }
  static void TearDownTestSuite() {
    redshift.reset();
    postgres.reset();
    moto.reset();
  }
  RedshiftTest() {
    connect_aws("aws_default", "AKIA", {});
    connect_aws("data_api", "AKIA", {});
    connect("redshift_default", postgres->password(), {});
    postgres->run(
        "DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; CREATE TABLE shop.orders (id int PRIMARY KEY, amount numeric, "
        "status text DEFAULT 'new'); CREATE TABLE shop.keyless (id int); INSERT INTO shop.orders VALUES (1, 9.5, 'old'), (7, "
        "1, 'old')");
    if (!has_bucket) {
      has_bucket = true;
      EXPECT_EQ(run("S3CreateBucketOperator", {{"bucket_name", "lake"}}), "");
      put("in/a.csv", "id,amount\n1,10.5\n2,20\n");
      put("in/b.csv", "id,amount\n3,30\n");
    }
  }

  void connect_aws(const std::string& conn_id, const char* key, const Object& more) {
    Object extra{{"endpoint_url", moto->url()},
                 {"service_config", Object{{"sts", Object{{"endpoint_url", moto->url()}}},
                                           {"redshift-data", Object{{"endpoint_url", redshift->data_api_url()}}}}}};
    for (const auto& [name, value] : more) extra.set(name, value);
    worker.connections[conn_id] = Object{{"type", "ConnectionResult"},
                                         {"conn_id", conn_id},
                                         {"conn_type", "aws"},
                                         {"host", nullptr},
                                         {"schema", nullptr},
                                         {"login", key},
                                         {"password", secret},
                                         {"port", nullptr},
                                         {"extra", to_json(Value(extra))}};
  }
  void connect(const std::string& conn_id, Value password, const Object& extra) {
    worker.connections[conn_id] = Object{
        {"type", "ConnectionResult"},    {"conn_id", conn_id},  {"conn_type", "redshift"},         {"host", "127.0.0.1"},
        {"schema", "postgres"},          {"login", "postgres"}, {"password", std::move(password)}, {"port", redshift->port()},
        {"extra", to_json(Value(extra))}};
  }
  void start(const char* type, Object op) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true});
  }
  // The error; empty where there is none.
  std::string run(const char* type, Object op) {
    start(type, std::move(op));
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  void put(const std::string& key, const std::string& data) {
    EXPECT_EQ(run("S3CreateObjectOperator", {{"s3_bucket", "lake"}, {"s3_key", key}, {"data", data}, {"replace", true}}), "");
  }
  std::string fetched(const std::string& key) {
    const std::string error =
        run("S3ToLocalFilesystemOperator", {{"s3_bucket", "lake"}, {"s3_key", key}, {"path", files / "fetched"}});
    return error.empty() ? tests::read_file(files / "fetched") : error;
  }
  static Object with(Object op, const Object& more) {
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  static Object copy(const Object& more) {
    return with({{"table", "orders"},
                 {"schema", "shop"},
                 {"s3_bucket", "lake"},
                 {"s3_key", "in/"},
                 {"column_list", Array{"id", "amount"}},
                 {"copy_options", Array{"CSV", "IGNOREHEADER 1"}}},
                more);
  }
  static Object by_data_api() {
    return {{"redshift_conn_id", "data_api"},
            {"redshift_data_api_kwargs", Object{{"database", "postgres"}, {"workgroup_name", "w"}, {"poll_interval", 0.1}}}};
  }
  static std::string orders() {
    return postgres->run("SELECT string_agg(id || ':' || amount || ':' || status, ' ' ORDER BY id) FROM shop.orders");
  }
  static Object statement(Value sql, const Object& more = {}) {
    return with({{"sql", std::move(sql)},
                 {"database", "postgres"},
                 {"workgroup_name", "w"},
                 {"poll_interval", 0.1},
                 {"aws_conn_id", "data_api"}},
                more);
  }
  Value xcom() {
    Value value;
    for (const task::Frame& frame : worker.seen) {
      const Value* body = frame.body.get("body");
      if (body != nullptr && frame.body.at("token").as_array().at(1) == Value(sequence) &&
          body->get_string("type") == "SetXCom" && body->get_string("key") == "return_value")
        value = body->at("value");
    }
    return value;
  }
  // Gives the try that was started its connections; then it goes on by itself.
  void connect_it(int count) {
    worker.read_until([&] {
      const std::vector<std::string> types = worker.types(sequence);
      return std::ranges::count(types, "GetConnection") == count;
    });
  }
  static void wait_for_activity(const std::string& mark, const char* count) {
    EXPECT_TRUE(tests::becomes_true([&] {
      return postgres->run("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" + mark +
                           "%' AND pid <> pg_backend_pid()") == count;
    }));
  }

  static std::unique_ptr<tests::MotoServer> moto;
  static std::unique_ptr<tests::PostgresServer> postgres;
  static std::unique_ptr<tests::RedshiftServer> redshift;
  static bool has_bucket;
  tests::TestFolder files;
  static std::int64_t sequence;  // of all tests: a try of the same name would be the same try
};
std::int64_t RedshiftTest::sequence = 0;
std::unique_ptr<tests::MotoServer> RedshiftTest::moto;
std::unique_ptr<tests::PostgresServer> RedshiftTest::postgres;
std::unique_ptr<tests::RedshiftServer> RedshiftTest::redshift;
bool RedshiftTest::has_bucket = false;

// ---- the Data API -----------------------------------------------------------------------------------------------------------

TEST_F(RedshiftTest, StatementsAndTheirResults) {
  EXPECT_EQ(run("RedshiftDataOperator", statement("INSERT INTO shop.orders VALUES (:id, 3, 'it''s')",
                                                  {{"parameters", Array{Object{{"name", "id"}, {"value", "8"}}}}})),
            "");
  EXPECT_EQ(orders(), "1:9.5:old 7:1:old 8:3:it's");
  EXPECT_EQ(run("RedshiftDataOperator", statement("SELECT id, status, amount > 2 AS large FROM shop.orders ORDER BY id",
                                                  {{"return_sql_result", true}})),
            "");
  const Value result = xcom().as_array().at(0);
  EXPECT_EQ(result.get_int("TotalNumRows"), 3);
  EXPECT_EQ(
      to_json(result.at("Records")),
      R"([[{"longValue":1},{"stringValue":"old"},{"booleanValue":true}],[{"longValue":7},{"stringValue":"old"},{"booleanValue":false}],)"
      R"([{"longValue":8},{"stringValue":"it's"},{"booleanValue":true}]])");
}

TEST_F(RedshiftTest, AListOfStatementsIsOneTransaction) {
  EXPECT_THAT(run("RedshiftDataOperator", statement(Array{"DELETE FROM shop.orders", "SELECT * FROM nowhere"})),
              AllOf(StartsWith("Redshift Data API: statement "), HasSubstr(" failed"),
                    HasSubstr("relation \"nowhere\" does not exist")));
  EXPECT_EQ(orders(), "1:9.5:old 7:1:old");
  EXPECT_EQ(
      run("RedshiftDataOperator", statement(Array{"DELETE FROM shop.orders", "INSERT INTO shop.orders VALUES (5, 5, 'x')"})),
      "");
  EXPECT_EQ(orders(), "5:5:x");
  EXPECT_EQ(xcom().as_array().size(), 2U);
}

TEST_F(RedshiftTest, AKilledTaskEndsItsStatementOnTheServer) {
  start("RedshiftDataOperator", statement("SELECT pg_sleep(60), 'of-data-api'"));
  connect_it(1);
  (void)worker.message(sequence, "SetXCom");  // what it is about to submit, which is answered first
  wait_for_activity("of-data-api", "1");
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  wait_for_activity("of-data-api", "0");
}

// ---- COPY and UNLOAD --------------------------------------------------------------------------------------------------------

TEST_F(RedshiftTest, CopyAppendsReplacesAndUpserts) {
  for (const Object& way : {Object{}, by_data_api()}) {
    postgres->run("TRUNCATE shop.orders; INSERT INTO shop.orders VALUES (7, 1, 'old')");
    EXPECT_EQ(run("S3ToRedshiftOperator", with(copy({}), way)), "");
    EXPECT_EQ(orders(), "1:10.5:new 2:20:new 3:30:new 7:1:old");
    EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("COPY command complete"), Not(HasSubstr(secret))));
    EXPECT_EQ(run("S3ToRedshiftOperator", with(copy({{"method", "UPSERT"}, {"s3_key", "in/b.csv"}}), way)), "")
        << "by its primary key";
    EXPECT_EQ(orders(), "1:10.5:new 2:20:new 3:30:new 7:1:old");
    postgres->run("UPDATE shop.orders SET status = 'old'");
    EXPECT_EQ(
        run("S3ToRedshiftOperator", with(copy({{"method", "UPSERT"}, {"upsert_keys", Array{"id"}}, {"s3_key", "in/a"}}), way)),
        "");
    EXPECT_EQ(orders(), "1:10.5:new 2:20:new 3:30:old 7:1:old");
    EXPECT_EQ(run("S3ToRedshiftOperator", with(copy({{"method", "REPLACE"}, {"s3_key", "in/b.csv"}}), way)), "");
    EXPECT_EQ(orders(), "3:30:new");
  }
}

TEST_F(RedshiftTest, WhatFailsChangesNothing) {
  for (const Object& way : {Object{}, by_data_api()}) {
    EXPECT_THAT(run("S3ToRedshiftOperator", with(copy({{"method", "REPLACE"}, {"s3_key", "none/"}}), way)),
                HasSubstr("The specified S3 prefix 'none/' does not exist"));
    EXPECT_THAT(run("S3ToRedshiftOperator", with(copy({}), way)), HasSubstr("duplicate key"));
    EXPECT_EQ(orders(), "1:9.5:old 7:1:old");
    EXPECT_THAT(
        run("S3ToRedshiftOperator", with(copy({{"method", "UPSERT"}, {"table", "keyless"}, {"column_list", nullptr}}), way)),
        HasSubstr("Please provide keys on 'upsert_keys'"));
  }
}

TEST_F(RedshiftTest, NoErrorTellsASecret) {
  connect_aws("aws_default", "AKIX", {});
  for (const Object& way : {Object{}, by_data_api()}) {
    const std::string error = run("S3ToRedshiftOperator", with(copy({{"copy_options", Array{"CSV", "WITH NONSENSE"}}}), way));
    EXPECT_THAT(error, AllOf(HasSubstr("The AWS Access Key Id you provided does not exist"),
                             HasSubstr("aws_secret_access_key=***"), Not(HasSubstr("geheim"))));
    EXPECT_THAT(worker.log(sequence), Not(HasSubstr("geheim")));
  }
  // PostgreSQL's own, to which the stand-in leaves what it does not know.
  connect_aws("aws_default", "AKIA", {});
  EXPECT_THAT(run("S3ToRedshiftOperator", copy({{"s3_bucket", ""}})),
              AllOf(HasSubstr("syntax error at or near \"CREDENTIALS\""), Not(HasSubstr("geheim"))));
}

TEST_F(RedshiftTest, ARoleIsRedshiftsToTakeOn) {
  connect_aws("aws_role", "AKIX", {{"role_arn", "arn:aws:iam::123456789012:role/loader"}});
  EXPECT_EQ(run("S3ToRedshiftOperator", copy({{"aws_conn_id", "aws_role"}, {"method", "REPLACE"}})), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("aws_iam_role=arn:aws:iam::123456789012:role/loader"));
  EXPECT_EQ(orders(), "1:10.5:new 2:20:new 3:30:new");
}

TEST_F(RedshiftTest, UnloadWritesTablesAndQueries) {
  EXPECT_EQ(run("RedshiftToS3Operator", {{"table", "orders"},
                                         {"schema", "shop"},
                                         {"s3_bucket", "lake"},
                                         {"s3_key", "out"},
                                         {"unload_options", Array{"CSV", "PARALLEL OFF"}},
                                         {"include_header", true}}),
            "");
  EXPECT_EQ(fetched("out/orders_000"), "id,amount,status\n1,9.5,old\n7,1,old\n");
  EXPECT_EQ(run("RedshiftToS3Operator", {{"select_query", "SELECT id, 'a''b' FROM shop.orders WHERE status = %s AND id > %s"},
                                         {"parameters", Array{"old", 1}},
                                         {"s3_bucket", "lake"},
                                         {"s3_key", "out/query_"}}),
            "");
  EXPECT_EQ(fetched("out/query_0000_part_00"), "7|a'b\n");
  EXPECT_EQ(
      run("RedshiftToS3Operator",
          with({{"select_query", "SELECT id FROM shop.orders ORDER BY id"}, {"s3_bucket", "lake"}, {"s3_key", "out/data_"}},
               by_data_api())),
      "");
  EXPECT_EQ(fetched("out/data_0000_part_00"), "1\n7\n");
  EXPECT_THAT(run("RedshiftToS3Operator",
                  with({{"select_query", "SELECT id FROM shop.orders"}, {"s3_bucket", "lake"}, {"s3_key", "out/data_"}},
                       by_data_api())),
              HasSubstr("Specified unload destination on S3 is not empty"));
}

TEST_F(RedshiftTest, AKilledTaskEndsItsCopyOnTheServer) {
  start("RedshiftToS3Operator",
        {{"select_query", "SELECT pg_sleep(60), 'of-unload'"}, {"s3_bucket", "lake"}, {"s3_key", "out/never_"}});
  connect_it(3);
  wait_for_activity("of-unload", "1");
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  wait_for_activity("of-unload", "0");
}

TEST_F(RedshiftTest, AmazonLendsAPassword) {
  files.write(
      "GetClusterCredentials",
      to_json(Array{200, "<R><DbUser>postgres</DbUser><DbPassword>" + postgres->password() + "</DbPassword></R>"}) + "\n");
  files.write("GetCredentials",
              to_json(Array{200, Object{{"dbUser", "postgres"}, {"dbPassword", postgres->password()}}}) + "\n");
  const tests::HttpServer amazon({.files = files.path()});
  connect_aws("aws_login", "AKIA",
              {{"service_config", Object{{"redshift", Object{{"endpoint_url", amazon.url()}}},
                                         {"redshift-serverless", Object{{"endpoint_url", amazon.url()}}}}}});
  connect("lent", nullptr, {{"iam", true}, {"aws_conn_id", "aws_login"}, {"cluster_identifier", "c1"}});
  EXPECT_EQ(run("S3ToRedshiftOperator", copy({{"redshift_conn_id", "lent"}, {"method", "REPLACE"}})), "");
  EXPECT_THAT(amazon.requests().at(0).get_string("body"),
              AllOf(HasSubstr("DbUser=postgres&ClusterIdentifier=c1&AutoCreate=false"), HasSubstr("DbName=postgres")));
  connect("lent", nullptr,
          {{"iam", true}, {"aws_conn_id", "aws_login"}, {"is_serverless", true}, {"serverless_work_group", "w"}});
  EXPECT_EQ(run("S3ToRedshiftOperator", copy({{"redshift_conn_id", "lent"}, {"method", "REPLACE"}})), "");
  EXPECT_THAT(amazon.requests().at(1).get_string("body"), HasSubstr(R"("workgroupName":"w")"));
  EXPECT_THAT(run("SQLExecuteQueryOperator", {{"conn_id", "lent"}, {"sql", "SELECT 1"}}),
              HasSubstr("the connection lent has iam"));
}

// ---- workgroups -------------------------------------------------------------------------------------------------------------

TEST_F(RedshiftTest, AWorkgroupComesAndGoesWithItsNamespace) {
  connect_aws("serverless", "AKIA",
              {{"service_config", Object{{"redshift-serverless", Object{{"endpoint_url", redshift->data_api_url()}}}}}});
  const Object make{{"workgroup_name", "etl"},
                    {"namespace_name", "etl-data"},
                    {"create_namespace", Object{{"adminUsername", "admin"}, {"adminUserPassword", "Geheim-123"}}},
                    {"base_capacity", 8},
                    {"tags", Array{Object{{"Key", "team"}, {"Value", "data"}}}},
                    {"poll_interval", 0.02},
                    {"aws_conn_id", "serverless"}};
  EXPECT_EQ(run("RedshiftCreateServerlessWorkgroupOperator", make), "");
  EXPECT_EQ(to_json(xcom()), R"({"workgroup_name":"etl","address":"etl.serverless.example","port":5439})");
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("Created namespace etl-data"), HasSubstr("workgroup etl: CREATING"),
                                          HasSubstr("Created workgroup etl"), Not(HasSubstr("Geheim-123"))));
  EXPECT_THAT(run("RedshiftCreateServerlessWorkgroupOperator", make),
              StartsWith("Redshift Serverless: CreateWorkgroup: ConflictException: "))
      << "the fake worker tells no start";
  EXPECT_THAT(worker.log(sequence), HasSubstr("namespace etl-data is there already"));
  const Object drop{
      {"workgroup_name", "etl"}, {"namespace_name", "etl-data"}, {"poll_interval", 0.02}, {"aws_conn_id", "serverless"}};
  EXPECT_EQ(run("RedshiftDeleteServerlessWorkgroupOperator", drop), "");
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("workgroup etl: DELETING"), HasSubstr("workgroup etl is gone"),
                                          HasSubstr("namespace etl-data is gone")));
  EXPECT_EQ(run("RedshiftDeleteServerlessWorkgroupOperator", drop), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("it is gone already"));
}

// ---- clusters ---------------------------------------------------------------------------------------------------------------

TEST_F(RedshiftTest, AClusterComesIsPausedAndGoes) {
  const Object create{{"cluster_identifier", "c1"},
                      {"node_type", "ra3.xlplus"},
                      {"master_username", "admin"},
                      {"master_user_password", "Pass-of-c1"},
                      {"cluster_type", "single-node"},
                      {"tags", Array{Object{{"Key", "team"}, {"Value", "etl"}}}},
                      {"vpc_security_group_ids", Array{"sg-1"}},
                      {"wait_for_completion", true},
                      {"poll_interval", 0.1}};
  const Object waits{{"cluster_identifier", "c1"}, {"wait_for_completion", true}, {"poll_interval", 0.1}};
  EXPECT_EQ(run("RedshiftCreateClusterOperator", create), "");
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("Pass-of-c1")));
  EXPECT_THAT(run("RedshiftCreateClusterOperator", create), HasSubstr("ClusterAlreadyExists"))
      << "the fake worker tells no start";
  EXPECT_EQ(run("RedshiftClusterSensor", {{"cluster_identifier", "c1"}, {"poke_interval", 0.1}, {"timeout", 5}}), "");
  EXPECT_EQ(run("RedshiftPauseClusterOperator", waits), "");
  EXPECT_EQ(run("RedshiftClusterSensor",
                {{"cluster_identifier", "c1"}, {"target_status", "paused"}, {"poke_interval", 0.1}, {"timeout", 5}}),
            "");
  EXPECT_EQ(run("RedshiftResumeClusterOperator", with(waits, {{"deferrable", true}})), "");
  const Object snapshot{
      {"snapshot_identifier", "s1"}, {"cluster_identifier", "c1"}, {"wait_for_completion", true}, {"poll_interval", 0.1}};
  EXPECT_EQ(run("RedshiftCreateClusterSnapshotOperator", with(snapshot, {{"retention_period", 7}})), "");
  EXPECT_THAT(run("RedshiftCreateClusterSnapshotOperator", snapshot), HasSubstr("ClusterSnapshotAlreadyExists"));
  EXPECT_EQ(run("RedshiftDeleteClusterSnapshotOperator", snapshot), "");
  EXPECT_EQ(run("RedshiftDeleteClusterSnapshotOperator", snapshot), "");
  EXPECT_EQ(run("RedshiftDeleteClusterOperator", waits), "");
  EXPECT_EQ(run("RedshiftClusterSensor",
                {{"cluster_identifier", "c1"}, {"target_status", "cluster_not_found"}, {"poke_interval", 0.1}, {"timeout", 5}}),
            "");
  EXPECT_THAT(run("RedshiftCreateClusterSnapshotOperator", snapshot), HasSubstr("current state is cluster_not_found"));
  EXPECT_EQ(run("RedshiftDeleteClusterOperator", waits), "");
}

}  // namespace
}  // namespace venturi::providers::testing
