// What Redshift's services say and do wrong, by answers that a test writes down (tests/servers/http_server.py). Against a
// server that runs statements: tests/warehouse.
#include <gmock/gmock.h>

#include <algorithm>

#include "base/json.h"
#include "providers/amazon/redshift_data.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "servers/http_server.h"
#include "venturi/amazon.h"

namespace venturi::providers::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Redshift, TheSdkSaysWhatTheHostRenders) {
  expect_fields_of_the_registry<RedshiftDataOperator, S3ToRedshiftOperator, RedshiftToS3Operator, RedshiftCreateClusterOperator,
                                RedshiftDeleteClusterOperator, RedshiftPauseClusterOperator, RedshiftResumeClusterOperator,
                                RedshiftCreateClusterSnapshotOperator, RedshiftDeleteClusterSnapshotOperator,
                                RedshiftCreateServerlessWorkgroupOperator, RedshiftDeleteServerlessWorkgroupOperator,
                                RedshiftClusterSensor>();
}

TEST(Redshift, ATokenIsOfOneTryAndOfItsRole) {
  Value details = operators::testing::startup_details("load", true);
  const auto token = [&](std::string_view role = {}) { return client_token(operators::TaskFacts(details), role); };
  const std::string first = token();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(token(), first);
  EXPECT_NE(token("keys"), first);
  Object& ti = details.as_object().find("ti")->as_object();
  for (const auto& [name, value] : Object{{"try_number", 3}, {"map_index", 4}, {"id", "0199-other"}, {"run_id", "other"}}) {
    const Value before = ti.at(name);
    ti.set(name, value);
    EXPECT_NE(token(), first) << name;
    ti.set(name, before);
  }
}

class RedshiftTest : public HostProgramTest {
 protected:
  RedshiftTest() {
    const Object extra{{"endpoint_url", server.url()}, {"config_kwargs", Object{{"retries", Object{{"max_attempts", 2}}}}}};
    worker.connections["aws_default"] = Object{{"type", "ConnectionResult"},
                                               {"conn_id", "aws_default"},
                                               {"conn_type", "aws"},
                                               {"host", nullptr},
                                               {"schema", nullptr},
                                               {"login", "AKIA"},
                                               {"password", "geheim/wort+lang"},
                                               {"port", nullptr},
                                               {"extra", to_json(Value(extra))}};
  }
  struct Answer {
    int status = 200;
    Value body;
    double wait = 0;
  };
  void script(const std::string& action, const std::vector<Answer>& answers) {
    std::string lines;
    for (const Answer& answer : answers) lines += to_json(Array{answer.status, answer.body, answer.wait}) + "\n";
    files.write(action, lines);
  }
  void start(const char* type, Object op, double execution_timeout = 0) {
    op.set("task_type", type);
    worker.start(++sequence, std::move(op), {.should_retry = true, .execution_timeout = execution_timeout});
  }
  // The error; empty where there is none.
  std::string end() {
    const Value exit = worker.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  std::string run(const char* type, Object op) {
    start(type, std::move(op));
    return end();
  }
  static Object statement(Value sql, const Object& more = {}) {
    Object op{{"sql", std::move(sql)},
              {"database", "dev"},
              {"cluster_identifier", "c1"},
              {"db_user", "etl"},
              {"poll_interval", 0.02}};
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  std::string run_data(Value sql, const Object& more = {}) {
    return run("RedshiftDataOperator", statement(std::move(sql), more));
  }
  // The last that it set under that key.
  Value xcom(std::string_view key = "return_value") {
    Value value;
    for (const task::Frame& frame : worker.seen) {
      const Value* body = frame.body.get("body");
      if (body != nullptr && frame.body.at("token").as_array().at(1) == Value(sequence) &&
          body->get_string("type") == "SetXCom" && body->get_string("key") == key)
        value = body->at("value");
    }
    return value;
  }
  // By action, in order.
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const Value& request : server.requests()) {
      const std::string target = request.at("headers").get_string("x-amz-target"), body = request.get_string("body");
      list.push_back(target.empty() ? body.substr(7, body.find('&') - 7) : target.substr(target.rfind('.') + 1));
    }
    return list;
  }
  [[nodiscard]] Value body_of_request(std::size_t which) const {
    return parse_json(server.requests().at(which).get_string("body")).value();
  }
  void wait_until_asked(const std::string& action) {
    (void)worker.message(sequence, "GetConnection");
    (void)worker.message(sequence, "SetXCom");  // what it is about to submit, which is answered first
    EXPECT_TRUE(tests::becomes_true([&] {
      const std::vector<std::string> all = asked();
      return std::ranges::find(all, action) != all.end();
    })) << action;
  }
  void script_statement(const std::vector<Answer>& states) {
    script("ExecuteStatement", {{.body = Object{{"Id", "s-1"}}}});
    script("DescribeStatement", states);
    script("CancelStatement", {{.body = Object{{"Status", true}}}});
  }
  static Answer state(const char* status, const Object& more = {}) {
    Object body{{"Id", "s-1"}, {"Status", status}};
    for (const auto& [name, value] : more) body.set(name, value);
    return {.body = std::move(body)};
  }

  tests::TestFolder files;
  tests::HttpServer server{{.files = files.path()}};
  std::int64_t sequence = 0;
};

TEST_F(RedshiftTest, AStatementIsSubmittedAndAskedAbout) {
  script_statement({state("SUBMITTED"), state("STARTED"), state("FINISHED", {{"ResultRows", 3}})});
  EXPECT_EQ(run_data("SELECT :id", {{"parameters", Array{Object{{"name", "id"}, {"value", 7}}}},
                                    {"with_event", true},
                                    {"statement_name", "load"},
                                    {"secret_arn", "arn:s"}}),
            "");
  EXPECT_EQ(xcom(), Value(Array{"s-1"}));
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("Query status: STARTED"), HasSubstr("Processed 3 rows"),
                                          HasSubstr("Redshift Data API: statement s-1")));
  EXPECT_THAT(asked(), ElementsAre("ExecuteStatement", "DescribeStatement", "DescribeStatement", "DescribeStatement"));
  const Value request = server.requests().at(0), body = body_of_request(0);
  EXPECT_EQ(request.at("headers").get_string("content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(request.at("headers").get_string("x-amz-target"), "RedshiftData.ExecuteStatement");
  EXPECT_THAT(request.at("headers").get_string("authorization"), HasSubstr("/us-east-1/redshift-data/aws4_request"));
  EXPECT_EQ(body.get_string("ClientToken").size(), 64U);
  Object rest = body.as_object();
  rest.erase("ClientToken");
  EXPECT_EQ(Value(rest), Value(Object{{"Database", "dev"},
                                      {"ClusterIdentifier", "c1"},
                                      {"DbUser", "etl"},
                                      {"SecretArn", "arn:s"},
                                      {"StatementName", "load"},
                                      {"WithEvent", true},
                                      {"Parameters", Array{Object{{"name", "id"}, {"value", "7"}}}},
                                      {"Sql", "SELECT :id"}}));
}

TEST_F(RedshiftTest, AListIsOneTransactionAndGivesTheIdsOfItsStatements) {
  script("BatchExecuteStatement", {{.body = Object{{"Id", "b-1"}, {"SessionId", "of-mine"}}}});
  const auto part = [](const char* id, const char* status, bool has_result) {
    return Object{{"Id", id},
                  {"Status", status},
                  {"HasResultSet", has_result},
                  {"Error", *status == 'F' && status[1] == 'A' ? "ERROR: no" : ""}};
  };
  script("DescribeStatement",
         {state("FINISHED", {{"SubStatements", Array{part("b-1:1", "FINISHED", false), part("b-1:2", "FINISHED", true)}}}),
          state("FINISHED", {{"SubStatements", Array{part("b-1:1", "FINISHED", false), part("b-1:2", "FINISHED", true)}}}),
          state("FAILED", {{"Error", "Query #2 failed"},
                           {"SubStatements", Array{part("b-1:1", "FINISHED", false), part("b-1:2", "FAILED", false)}}})});
  const auto record_of = [](int n) {
    Array records;
    records.emplace_back(Array{Object{{"longValue", n}}});
    return records;
  };
  script("GetStatementResult", {{.body = Object{{"ColumnMetadata", Array{Object{{"name", "n"}}}},
                                                {"Records", record_of(1)},
                                                {"NextToken", "2"},
                                                {"TotalNumRows", 2}}},
                                {.body = Object{{"Records", record_of(2)}, {"TotalNumRows", 2}}}});
  const Value list = Array{"CREATE TABLE t (n int)", "SELECT n FROM t"};
  EXPECT_EQ(run_data(list, {{"session_keep_alive_seconds", 60}}), "");
  EXPECT_EQ(body_of_request(0).at("Sqls"), list);
  EXPECT_EQ(xcom("session_id"), Value("of-mine"));
  EXPECT_EQ(run_data(list, {{"return_sql_result", true}}), "");
  Value result;
  for (const task::Frame& frame : worker.seen) {
    const Value* body = frame.body.get("body");
    if (body != nullptr && body->get_string("type") == "SetXCom" && body->get_string("key") == "return_value")
      result = body->at("value");
  }
  ASSERT_EQ(result.as_array().size(), 2U);
  EXPECT_TRUE(result.as_array()[0].is_null());
  EXPECT_EQ(to_json(result.as_array()[1].at("Records")), R"([[{"longValue":1}],[{"longValue":2}]])");
  EXPECT_EQ(result.as_array()[1].get("NextToken"), nullptr);
  EXPECT_EQ(run_data(list), "Redshift Data API: statement s-1 failed in statement 2 of 2: ERROR: no");
}

TEST_F(RedshiftTest, AFailureSaysWhichStatementAndWhy) {
  script_statement({state("FAILED", {{"Error", "ERROR: relation \"nowhere\" does not exist"}}), state("ABORTED")});
  EXPECT_EQ(run_data("SELECT 1 FROM nowhere"),
            "Redshift Data API: statement s-1 failed: ERROR: relation \"nowhere\" does not exist");
  EXPECT_THAT(worker.types(sequence), Contains("RetryTask"));
  EXPECT_EQ(run_data("SELECT 1"), "Redshift Data API: statement s-1 was aborted: somebody cancelled it");
  EXPECT_THAT(asked(), Not(Contains("CancelStatement")));
}

TEST_F(RedshiftTest, BusyServicesAreAskedAgainAndRefusalsSayWhatToDo) {
  const Object busy{{"__type", "ThrottlingException"}, {"message", "Rate exceeded"}};
  script_statement({state("FINISHED")});
  script("ExecuteStatement",
         {{.status = 400, .body = busy},
          {.body = Object{{"Id", "s-1"}}},
          {.status = 400,
           .body = Object{{"__type", "com.amazonaws.redshiftdata#ValidationException"},
                          {"message", "Redshift endpoint doesn't exist."}}},
          {.status = 400,
           .body = Object{{"__type", "UnrecognizedClientException"}, {"message", "The security token is invalid."}}},
          {.status = 500, .body = Object{{"__type", "InternalServerException"}, {"Message", "Ouch"}}}});
  EXPECT_EQ(run_data("SELECT 1"), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("Redshift Data API: ExecuteStatement: ThrottlingException: Rate exceeded (status "
                                              "400, request id R17); trying again"));
  // The same token: Redshift runs it once.
  EXPECT_EQ(body_of_request(0).at("ClientToken"), body_of_request(1).at("ClientToken"));
  EXPECT_EQ(run_data("SELECT 1"),
            "Redshift Data API: ExecuteStatement: ValidationException: Redshift endpoint doesn't exist. (status 400, request "
            "id R17)");
  EXPECT_THAT(run_data("SELECT 1"), HasSubstr("the access key (login) is not known there: connection aws_default"));
  EXPECT_THAT(run_data("SELECT 1"), HasSubstr("InternalServerException: Ouch (status 500"));
}

TEST_F(RedshiftTest, AStatementOutlivesAnswersThatDoNotCome) {
  script_statement({{.status = 500, .body = Object{}},
                    {.status = 500, .body = Object{}},
                    {.status = 500, .body = Object{}},
                    state("FINISHED")});
  EXPECT_EQ(run_data("SELECT 1"), "");
  // What is not to be learned any more is ended, since nobody would hear of its end.
  script("DescribeStatement", {{.status = 400, .body = Object{{"__type", "AccessDeniedException"}, {"message", "no"}}}});
  EXPECT_THAT(run_data("SELECT 1"), HasSubstr("DescribeStatement of statement s-1: AccessDeniedException: no"));
  EXPECT_EQ(asked().back(), "CancelStatement");
}

TEST_F(RedshiftTest, CredentialsThatAreOverAreAskedForAnew) {
  script_statement(
      {{.status = 400, .body = Object{{"__type", "ExpiredTokenException"}, {"message", "It is over."}}}, state("FINISHED")});
  EXPECT_EQ(run_data("SELECT 1"), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("ExpiredTokenException: It is over."));
  EXPECT_EQ(std::ranges::count(worker.types(sequence), std::string("GetConnection")), 2);
}

TEST_F(RedshiftTest, AKilledTaskCancelsItsStatement) {
  script_statement({state("STARTED")});
  start("RedshiftDataOperator", statement("SELECT 1", {{"deferrable", true}}));
  EXPECT_EQ(worker.message(sequence, "DeferInPlace").get_string("classpath"),
            "airflow.providers.amazon.aws.triggers.redshift_data.RedshiftDataTrigger");
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_EQ(asked().back(), "CancelStatement");
  EXPECT_THAT(worker.log(sequence), HasSubstr("statement s-1 is cancelled"));
}

TEST_F(RedshiftTest, OneThatWaitsDeferredIsFoundAgainWhenItsWorkerIsGone) {
  script_statement({state("STARTED")});
  start("RedshiftDataOperator", statement("SELECT 1", {{"deferrable", true}}));
  (void)worker.message(sequence, "DeferInPlace");
  worker.hang_up();
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_THAT(asked(), Not(Contains("CancelStatement")));
  EXPECT_THAT(worker.log(sequence), HasSubstr("this try will be started again"));
  // What another host says for the same try.
  const operators::TaskFacts facts(operators::testing::startup_details("task1", true));
  EXPECT_EQ(body_of_request(0).get_string("ClientToken"), client_token(facts, ""));
}

TEST_F(RedshiftTest, OneThatIsNotStartedAgainIsCancelledWhenItsWorkerIsGone) {
  script_statement({state("STARTED")});
  start("RedshiftDataOperator", statement("SELECT 1"));
  wait_until_asked("DescribeStatement");
  worker.hang_up();
  EXPECT_EQ(wait_for_end(), 0);
  EXPECT_THAT(asked(), Contains("CancelStatement"));
}

// ---- a try that is lost -----------------------------------------------------------------------------------------------------

Value written_by(const operators::testing::FakeWorker& worker) {
  Value written;
  for (const task::Frame& frame : worker.seen) {
    const Value* body = frame.body.get("body");
    if (body != nullptr && body->get_string("type") == "SetXCom" && body->get_string("key") == redshift_statement)
      written = body->at("value");
  }
  return written;
}

class RedshiftLossTest : public RedshiftTest {
 protected:
  // Its host is killed when that is asked.
  void lose_a_try_that_asks(const std::string& action) {
    start("RedshiftDataOperator", statement("SELECT 1"));
    wait_until_asked(action);
    // What it wrote down before it asked.
    const bool knows_its_id = action != "ExecuteStatement";
    (void)worker.wait(
        [&](const task::Frame& f) {
          const Value* body = f.body.get("body");
          return body != nullptr && body->get_string("type") == "SetXCom" &&
                 (body->at("value").get("id") != nullptr) == knows_its_id;
        },
        "what it has begun");
    ::kill(pid, SIGKILL);
    (void)wait_for_end();
  }
  // The try after it, on another host; its error.
  std::string next_try(Value remembered) {
    second.connections = worker.connections;
    second.xcoms["task1.redshift_statement"] = std::move(remembered);
    const Fd theirs = second.host_end();
    const pid_t other = start_operators("--venturi-warm", theirs.get());
    Object op = statement("SELECT 1");
    op.set("task_type", "RedshiftDataOperator");
    second.start(1, std::move(op), {.should_retry = true, .xcoms_to_clear = {"redshift_statement"}, .try_number = 3});
    const std::string error = second.exit(1).get_string("error");
    second.hang_up();
    ::waitpid(other, nullptr, 0);
    return error;
  }
  [[nodiscard]] std::vector<std::string> tokens() const {
    std::vector<std::string> list;
    for (std::size_t i = 0; i < asked().size(); ++i) {
      if (asked()[i] == "ExecuteStatement") list.push_back(body_of_request(i).get_string("ClientToken"));
    }
    return list;
  }

  operators::testing::FakeWorker second;
};

TEST_F(RedshiftLossTest, TheNextTryWaitsForTheStatementOfALostOne) {
  script_statement({state("STARTED")});
  lose_a_try_that_asks("DescribeStatement");
  const Value written = written_by(worker);
  EXPECT_EQ(written.get_string("id"), "s-1");
  script_statement({state("STARTED"), state("FINISHED")});
  EXPECT_EQ(next_try(written), "");
  EXPECT_EQ(tokens().size(), 1U) << "it is submitted once";
  EXPECT_THAT(second.log(1), HasSubstr("statement s-1 of try 2: it is not submitted again"));
  // What a try after a clear finds: it submits anew.
  EXPECT_EQ(to_json(written_by(second)), R"({"seen":true})");
  EXPECT_THAT(second.types(1), Not(Contains("DeleteXCom"))) << "what was written down stays until something else is";
}

TEST_F(RedshiftLossTest, AStatementWhoseAnswerWasLostIsSentWithTheSameToken) {
  script_statement({state("FINISHED")});
  script("ExecuteStatement", {{.body = Object{{"Id", "s-1"}}, .wait = 30}});
  lose_a_try_that_asks("ExecuteStatement");
  const Value written = written_by(worker);
  EXPECT_EQ(written.get_string("id"), "");
  script("ExecuteStatement", {{.body = Object{{"Id", "s-1"}}}});
  EXPECT_EQ(next_try(written), "");
  ASSERT_EQ(tokens().size(), 2U);
  EXPECT_EQ(tokens()[0], tokens()[1]) << "Redshift answers with the statement that runs";
}

TEST_F(RedshiftLossTest, OneThatFailedMeanwhileIsSubmittedAnew) {
  script_statement({state("STARTED")});
  lose_a_try_that_asks("DescribeStatement");
  script("DescribeStatement",
         {state("FAILED"), state("FAILED"), state("FAILED"), state("FAILED"), state("FAILED"), state("FINISHED")});
  const std::string error = next_try(written_by(worker));
  EXPECT_THAT(second.log(1), HasSubstr("that was an earlier try: submitting it again"));
  ASSERT_EQ(tokens().size(), 2U);
  EXPECT_NE(tokens()[0], tokens()[1]);
}

TEST_F(RedshiftLossTest, AnotherStatementAndOneAfterAClearAreNewOnes) {
  script_statement({state("FINISHED")});
  EXPECT_EQ(next_try(Object{{"seen", true}}), "");
  EXPECT_EQ(run_data("SELECT 2"), "");
  EXPECT_EQ(tokens().size(), 2U);
  EXPECT_NE(tokens()[0], tokens()[1]);
}

TEST_F(RedshiftLossTest, OneThatRedshiftHasForgottenIsSentWithTheSameToken) {
  script_statement({state("STARTED")});
  lose_a_try_that_asks("DescribeStatement");
  script("DescribeStatement",
         {{.status = 400, .body = Object{{"__type", "ResourceNotFoundException"}, {"message", "Query does not exist."}}}});
  EXPECT_THAT(next_try(written_by(worker)), HasSubstr("Query does not exist"));
  ASSERT_EQ(tokens().size(), 2U);
  EXPECT_EQ(tokens()[0], tokens()[1]);
}

TEST_F(RedshiftTest, ATimeOutCancelsItToo) {
  script_statement({state("STARTED")});
  start("RedshiftDataOperator", statement("SELECT 1"), 0.5);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "timeout");
  EXPECT_EQ(asked().back(), "CancelStatement");
  EXPECT_EQ(body_of_request(asked().size() - 1).get_string("Id"), "s-1");
}

TEST_F(RedshiftTest, OneThatIsKilledWhileItIsSubmittedIsCancelledWhenItsIdIsKnown) {
  script_statement({state("STARTED")});
  script("ExecuteStatement", {{.body = Object{{"Id", "s-9"}}, .wait = 1.5}});
  start("RedshiftDataOperator", statement("SELECT 1"));
  wait_until_asked("ExecuteStatement");
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  wait_until_asked("CancelStatement");
  EXPECT_EQ(body_of_request(asked().size() - 1).get_string("Id"), "s-9");
  EXPECT_THAT(asked(), ElementsAre("ExecuteStatement", "CancelStatement"));
}

TEST_F(RedshiftTest, ArgumentsThatAreWrong) {
  EXPECT_THAT(run_data("SELECT 1", {{"cluster_identifier", nullptr}}),
              HasSubstr("exactly one of cluster_identifier, workgroup_name and session_id"));
  EXPECT_THAT(run_data("SELECT 1", {{"workgroup_name", "w"}}), HasSubstr("exactly one of"));
  EXPECT_THAT(run_data(Array{}), HasSubstr("the argument sql must be a statement, or a list"));
  EXPECT_THAT(run_data("SELECT 1", {{"poll_interval", 0}}), HasSubstr("poll_interval must be a positive number"));
  EXPECT_THAT(run_data("SELECT 1", {{"session_keep_alive_seconds", 86'401}}), HasSubstr("from 0 to 86400"));
  EXPECT_THAT(run_data("SELECT 1", {{"parameters", Array{1}}}), HasSubstr("the argument parameters must be a list like"));
  EXPECT_THAT(run("S3ToRedshiftOperator", {{"table", "t"}, {"s3_bucket", "b"}, {"s3_key", "k"}, {"method", "MERGE"}}),
              HasSubstr("method must be APPEND, REPLACE or UPSERT, not MERGE"));
  EXPECT_THAT(run("RedshiftToS3Operator", {{"s3_bucket", "b"}, {"s3_key", "k"}}),
              HasSubstr("either a table or `select_query`"));
  EXPECT_THAT(run("S3ToRedshiftOperator", {{"table", "t"},
                                           {"s3_bucket", "b"},
                                           {"s3_key", "k"},
                                           {"redshift_conn_id", "aws_default"},
                                           {"redshift_data_api_kwargs", Object{{"sql", "x"}}}}),
              HasSubstr("Cannot include param 'sql' in Redshift Data API kwargs"));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(RedshiftTest, CredentialsForS3AreMaskedInWhatRedshiftRepeats) {
  script_statement({state(
      "FAILED",
      {{"Error",
        "ERROR: syntax error at or near \"CREDENTIALS\" in: 'aws_access_key_id=AKIA;aws_secret_access_key=geheim/wor"}})});
  const Object op{{"table", "t"},
                  {"s3_bucket", "b"},
                  {"s3_key", "k"},
                  {"redshift_conn_id", "aws_default"},
                  {"redshift_data_api_kwargs", Object{{"database", "dev"}, {"workgroup_name", "w"}, {"poll_interval", 0.02}}}};
  EXPECT_EQ(run("S3ToRedshiftOperator", op),
            "Redshift Data API: statement s-1 failed: ERROR: syntax error at or near \"CREDENTIALS\" in: "
            "'aws_access_key_id=AKIA;aws_secret_access_key=***");
  EXPECT_THAT(body_of_request(0).get_string("Sql"),
              HasSubstr("aws_access_key_id=AKIA;aws_secret_access_key=geheim/wort+lang'"));
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("COPY t"), Not(HasSubstr("geheim"))));
}

// ---- clusters ---------------------------------------------------------------------------------------------------------------

constexpr const char* busy =
    "<ErrorResponse><Error><Code>InvalidClusterState</Code><Message>busy</Message></Error><RequestId>R17</RequestId></"
    "ErrorResponse>";
constexpr const char* missing =
    "<ErrorResponse><Error><Code>ClusterNotFound</Code><Message>none</Message></Error></ErrorResponse>";
std::string cluster_in(const char* status, const char* made = "2026-01-01T00:00:00Z") {
  return std::string(
             "<DescribeClustersResponse><DescribeClustersResult><Clusters><Cluster><ClusterIdentifier>c1</"
             "ClusterIdentifier><NodeType>ra3</NodeType>"
             "<ClusterStatus>") +
         status + "</ClusterStatus><MasterUsername>admin</MasterUsername><ClusterCreateTime>" + made +
         "</ClusterCreateTime></Cluster></Clusters></DescribeClustersResult></DescribeClustersResponse>";
}

TEST_F(RedshiftTest, ABusyClusterIsPausedLaterAndWaitedFor) {
  script("PauseCluster", {{.status = 400, .body = busy}, {.body = "<PauseClusterResponse/>"}, {.status = 400, .body = busy}});
  script("DescribeClusters",
         {{.body = cluster_in("modifying")}, {.body = cluster_in("pausing")}, {.body = cluster_in("paused")}});
  const Object op{{"cluster_identifier", "c1"}, {"wait_for_completion", true}, {"poll_interval", 0.02}};
  EXPECT_EQ(run("RedshiftPauseClusterOperator", op), "");
  EXPECT_THAT(asked(), ElementsAre("PauseCluster", "DescribeClusters", "PauseCluster", "DescribeClusters", "DescribeClusters"));
  EXPECT_THAT(server.requests().at(0).get_string("body"), HasSubstr("ClusterIdentifier=c1&Version=2012-12-01"));
  EXPECT_THAT(
      worker.log(sequence),
      HasSubstr("Redshift: PauseCluster: InvalidClusterState: busy (status 400, request id R17); 9 attempts remaining"));
  // Once more, as another start of it does: it is paused.
  EXPECT_EQ(run("RedshiftPauseClusterOperator", op), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("cluster c1 is paused already"));
}

TEST_F(RedshiftTest, AClusterThatIsGoneIsDeleted) {
  script("DeleteCluster", {{.body = "<DeleteClusterResponse/>"}, {.status = 404, .body = missing}});
  script("DescribeClusters", {{.body = cluster_in("deleting")}, {.status = 404, .body = missing}});
  const Object op{{"cluster_identifier", "c1"}, {"poll_interval", 0.02}};
  EXPECT_EQ(run("RedshiftDeleteClusterOperator", op), "");
  EXPECT_EQ(run("RedshiftDeleteClusterOperator", op), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("cluster c1 is cluster_not_found already"));
}

TEST_F(RedshiftTest, AnEarlierStartsClusterIsWaitedForAndSomebodyElsesIsNot) {
  const std::string there =
      "<ErrorResponse><Error><Code>ClusterAlreadyExists</Code><Message>Cluster already "
      "exists</Message></Error></ErrorResponse>";
  script("CreateCluster", {{.status = 400, .body = there}});
  script("DescribeClusters", {{.body = cluster_in("creating", "")},
                              {.body = cluster_in("available", "")},
                              {.body = cluster_in("available", "2020-01-01T00:00:00Z")}});
  const Object op{{"cluster_identifier", "c1"},  {"node_type", "ra3"},
                  {"master_username", "admin"},  {"master_user_password", "pass-of-cluster"},
                  {"wait_for_completion", true}, {"poll_interval", 0.02}};
  EXPECT_EQ(run("RedshiftCreateClusterOperator", op), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("this task's own, of an earlier start"));
  EXPECT_EQ(run("RedshiftCreateClusterOperator", op),
            "Redshift: CreateCluster: ClusterAlreadyExists: Cluster already exists (status 400, request id R17)");
  EXPECT_THAT(worker.log(sequence), Not(HasSubstr("pass-of-cluster")));
}

TEST_F(RedshiftTest, LooksAreCounted) {
  script("ResumeCluster", {{.body = "<ResumeClusterResponse/>"}});
  script("DescribeClusters", {{.body = cluster_in("resuming")}});
  EXPECT_EQ(run("RedshiftResumeClusterOperator",
                {{"cluster_identifier", "c1"}, {"wait_for_completion", true}, {"poll_interval", 0.02}, {"max_attempts", 3}}),
            "Redshift: cluster c1 is resuming after 3 looks, not available");
}

// ---- workgroups -------------------------------------------------------------------------------------------------------------

Value workgroup_in(const char* status, const char* of = "data") {
  return Object{{"workgroup", Object{{"workgroupName", "etl"},
                                     {"namespaceName", of},
                                     {"status", status},
                                     {"endpoint", Object{{"address", "etl.example"}, {"port", 5439}}}}}};
}

TEST_F(RedshiftTest, AnEarlierStartsWorkgroupIsWaitedForAndSomebodyElsesIsNot) {
  const Value there = Object{{"__type", "ConflictException"}, {"message", "There is already one."}};
  script("CreateWorkgroup", {{.status = 400, .body = there}});
  script("GetWorkgroup", {{.body = workgroup_in("CREATING")},
                          {.body = workgroup_in("CREATING")},
                          {.body = workgroup_in("AVAILABLE")},
                          {.body = workgroup_in("AVAILABLE", "others")}});
  const Object op{{"workgroup_name", "etl"},
                  {"namespace_name", "data"},
                  {"base_capacity", 8},
                  {"subnet_ids", Array{"a", "b"}},
                  {"poll_interval", 0.02}};
  EXPECT_EQ(run("RedshiftCreateServerlessWorkgroupOperator", op), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("workgroup etl is this task's own, of an earlier start"));
  EXPECT_EQ(to_json(xcom()), R"({"workgroup_name":"etl","address":"etl.example","port":5439})");
  EXPECT_EQ(to_json(body_of_request(0)),
            R"({"workgroupName":"etl","namespaceName":"data","baseCapacity":8,"subnetIds":["a","b"]})");
  EXPECT_EQ(run("RedshiftCreateServerlessWorkgroupOperator", op),
            "Redshift Serverless: CreateWorkgroup: ConflictException: There is already one. (status 400, request id R17)");
}

TEST_F(RedshiftTest, AWorkgroupThatIsBusyIsDeletedLaterAndWaitedFor) {
  const Value busy = Object{{"__type", "ConflictException"}, {"message", "It is being changed."}};
  const Value missing = Object{{"__type", "ResourceNotFoundException"}, {"message", "There is none."}};
  script("DeleteWorkgroup", {{.status = 400, .body = busy}, {.body = workgroup_in("DELETING")}});
  script("GetWorkgroup", {{.body = workgroup_in("MODIFYING")},
                          {.body = workgroup_in("DELETING")},
                          {.status = 400, .body = missing},
                          {.body = workgroup_in("AVAILABLE")}});
  const Object op{{"workgroup_name", "etl"}, {"poll_interval", 0.02}, {"max_attempts", 3}};
  EXPECT_EQ(run("RedshiftDeleteServerlessWorkgroupOperator", op), "");
  EXPECT_THAT(asked(), ElementsAre("GetWorkgroup", "DeleteWorkgroup", "DeleteWorkgroup", "GetWorkgroup", "GetWorkgroup"));
  // One that does not go.
  EXPECT_EQ(run("RedshiftDeleteServerlessWorkgroupOperator", op),
            "Redshift Serverless: workgroup etl is AVAILABLE after 3 looks, not gone");
  EXPECT_THAT(run("RedshiftDeleteServerlessWorkgroupOperator",
                  {{"workgroup_name", "etl"}, {"namespace_name", "data"}, {"wait_for_completion", false}}),
              HasSubstr("the namespace goes after its workgroup"));
}

}  // namespace
}  // namespace venturi::providers::testing
