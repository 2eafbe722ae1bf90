// Jobs that take time, fail, are lost and cancelled: against tests/servers/http_server.py, whose jobs do what their query says.
// Against what runs SQL: tests/warehouse.
#include <gmock/gmock.h>

#include <chrono>

#include "base/json.h"
#include "operators/outcome.h"
#include "providers/google/bigquery_client.h"
#include "providers/testing/host_program.h"
#include "providers/testing/sdk_fields.h"
#include "servers/http_server.h"
#include "venturi/bigquery.h"

namespace venturi::providers::testing {
namespace {

using operators::testing::FakeWorker;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(BigQuery, TheSdkSaysWhatTheHostRenders) {
  expect_fields_of_the_registry<BigQueryInsertJobOperator, BigQueryGetDataOperator, BigQueryToBigQueryOperator,
                                BigQueryToGCSOperator, GCSToBigQueryOperator, BigQueryCheckOperator, BigQueryValueCheckOperator,
                                BigQueryIntervalCheckOperator, BigQueryColumnCheckOperator, BigQueryTableCheckOperator,
                                BigQueryCreateEmptyDatasetOperator, BigQueryGetDatasetOperator,
                                BigQueryGetDatasetTablesOperator, BigQueryUpdateDatasetOperator, BigQueryDeleteDatasetOperator,
                                BigQueryCreateTableOperator, BigQueryUpdateTableOperator, BigQueryUpsertTableOperator,
                                BigQueryUpdateTableSchemaOperator, BigQueryDeleteTableOperator, BigQueryTableExistenceSensor,
                                BigQueryTablePartitionExistenceSensor, BigQueryStreamingBufferEmptySensor>();
}

TEST(BigQuery, NamesOfTables) {
  const auto text = [](const std::string& name) { return bigquery_table(name, "shop", "table").text(); };
  EXPECT_EQ(text("sales.orders"), "shop.sales.orders");
  EXPECT_EQ(text("other.sales.orders"), "other.sales.orders");
  EXPECT_EQ(text("other:sales.orders"), "other.sales.orders");
  EXPECT_EQ(text("example.com:shop:sales.orders"), "example.com:shop.sales.orders");
  EXPECT_EQ(text("example.com:shop.sales.orders"), "example.com:shop.sales.orders");
  for (const char* wrong : {"orders", "", ".", "a.", ".b", "a..b", "a.b.c.d", "a.b."}) {
    try {
      ADD_FAILURE() << wrong << " is " << text(wrong);
    } catch (const operators::TaskFailedForGood& e) {
      EXPECT_THAT(e.what(), HasSubstr("the argument table must be project.dataset.table or dataset.table"));
    }
  }
}

class BigQueryJobsTest : public HostProgramTest {
 protected:
  BigQueryJobsTest() { connect(worker); }
  void connect(FakeWorker& to) const {
    const Object extra{{"endpoint", server.url()}, {"project", "shop"}, {"num_retries", 2}};
    to.connections["google_cloud_default"] = Object{{"type", "ConnectionResult"},
                                                    {"conn_id", "google_cloud_default"},
                                                    {"conn_type", "google_cloud_platform"},
                                                    {"host", nullptr},
                                                    {"schema", nullptr},
                                                    {"login", nullptr},
                                                    {"password", nullptr},
                                                    {"port", nullptr},
                                                    {"extra", to_json(Value(extra))}};
  }
  static Object job(const std::string& what, const Object& more = {}) {
    Object op{{"task_type", "BigQueryInsertJobOperator"},
              {"configuration", Object{{"query", Object{{"query", what}, {"useLegacySql", false}}}}},
              {"poll_interval", 0.05}};
    for (const auto& [name, value] : more) op.set(name, value);
    return op;
  }
  // The error; empty where there is none.
  std::string run(Object op, FakeWorker::Options options = {}) {
    options.should_retry = true;
    worker.start(++sequence, std::move(op), options);
    return ending(worker);
  }
  std::string ending(FakeWorker& of) {
    const Value exit = of.exit(sequence);
    EXPECT_EQ(exit.get_string("kind"), "ok");
    return exit.get_string("error");
  }
  // Without questions whether it is done.
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> list;
    for (const Value& request : server.requests()) {
      const std::string target = request.get_string("target");
      if (request.get_string("method") == "POST") list.push_back(target.substr(target.find("/jobs")));
    }
    return list;
  }
  // Of the first job that was submitted.
  [[nodiscard]] Value submitted() const {
    for (const Value& request : server.requests()) {
      if (request.get_string("method") == "POST") return *parse_json(request.get_string("body"));
    }
    return {};
  }
  [[nodiscard]] bool runs() const {
    return tests::becomes_true([&] {
      const auto requests = server.requests();
      return requests.size() > 2 && requests.back().get_string("method") == "GET";
    });
  }

  tests::HttpServer server;
  std::int64_t sequence = 0;
};

TEST_F(BigQueryJobsTest, IsWaitedForUnderAnIdOfItsOwn) {
  EXPECT_EQ(run(job("run 3", {{"location", "EU"}, {"job_id", "nightly/{}"}}), {.try_number = 1}), "");
  const Value body = submitted();
  const std::string id = body.at("jobReference").get_string("jobId");
  EXPECT_THAT(id, AllOf(StartsWith("nightly____"), ::testing::EndsWith("_1")));
  EXPECT_EQ(worker.message(sequence, "SetXCom").at("value"), Value(id));
  EXPECT_EQ(body.at("jobReference").get_string("location"), "EU");
  const Value& labels = body.at("configuration").at("labels");
  EXPECT_EQ(labels.get_string("airflow-dag"), "d");
  EXPECT_EQ(labels.get_string("airflow-task"), "task1");
  EXPECT_THAT(worker.log(sequence), AllOf(HasSubstr("Submitting job shop:EU." + id), HasSubstr("is done, 42 bytes processed")));
  // The place has to be said whenever it is asked for.
  EXPECT_THAT(server.requests().back().get_string("target"), HasSubstr("?location=EU"));
}

TEST_F(BigQueryJobsTest, IsSubmittedOnceThoughTheAnswerWasLost) {
  EXPECT_EQ(run(job("lost"), {.try_number = 1}), "");
  EXPECT_THAT(asked(), ElementsAre("/jobs", "/jobs")) << "the second is refused: its id is taken";
}

TEST_F(BigQueryJobsTest, AnotherHostGoesOnWithIt) {
  worker.start(++sequence, job("run 1000000"), {.should_retry = true, .try_number = 1});
  (void)worker.message(sequence, "GetConnection");
  ASSERT_TRUE(runs());
  ::kill(pid, SIGKILL);
  (void)wait_for_end();
  FakeWorker second;
  connect(second);
  const Fd theirs = second.host_end();
  const pid_t other = start_operators("--venturi-warm", theirs.get());
  second.start(sequence, job("run 1000000"), {.should_retry = true, .try_number = 1});
  (void)second.message(sequence, "GetConnection");
  ASSERT_TRUE(tests::becomes_true([&] { return asked().size() == 2; })) << "the same id, which is taken";
  second.cancel(sequence);
  EXPECT_EQ(second.exit(sequence).get_string("kind"), "killed");
  EXPECT_THAT(asked().back(), HasSubstr("/cancel"));
  second.hang_up();
  ::waitpid(other, nullptr, 0);
}

TEST_F(BigQueryJobsTest, TheNextTryGoesOnWithTheJobOfALostOne) {
  const auto lost_after = [&](const std::string& what) {
    worker.start(++sequence, job(what), {.should_retry = true, .try_number = 1});
    (void)worker.message(sequence, "GetConnection");
    EXPECT_TRUE(tests::becomes_true([&] { return asked().size() == 1; }));
    ::kill(pid, SIGKILL);
    (void)wait_for_end();
  };
  lost_after("run 20");
  FakeWorker second;
  connect(second);
  const Fd theirs = second.host_end();
  pid = start_operators("--venturi-warm", theirs.get());
  second.start(sequence, job("run 20"), {.should_retry = true, .try_number = 2});
  EXPECT_EQ(ending(second), "");
  EXPECT_THAT(asked(), ElementsAre("/jobs"));
  EXPECT_THAT(second.log(sequence), HasSubstr("of try 1 is RUNNING: it is not submitted again"));
  // It is done now. Who lost the answer takes it; who was cleared after a success wants another one.
  second.start(sequence, job("run 20"), {.should_retry = true, .try_number = 2});
  (void)second.wait([n = 0](const task::Frame& f) mutable { return f.body.get_string("type") == "OperatorExited" && ++n == 2; },
                    "its exit");
  EXPECT_THAT(asked(), ElementsAre("/jobs"));
  second.start(sequence, job("run 20"), {.should_retry = true, .xcoms_to_clear = {"job_id"}, .try_number = 2});
  (void)second.wait([n = 0](const task::Frame& f) mutable { return f.body.get_string("type") == "OperatorExited" && ++n == 3; },
                    "its exit");
  EXPECT_THAT(asked(), ElementsAre("/jobs", "/jobs"));
  second.hang_up();
  (void)wait_for_end();
}

TEST_F(BigQueryJobsTest, AClearRunsItAgainWhateverItsXComs) {
  // As those that return nothing: copies, loads, extracts.
  EXPECT_EQ(run(job("run 0", {{"do_xcom_push", false}}), {.try_number = 1}), "");
  EXPECT_EQ(worker.message(sequence, "SetXCom").get_string("key"), "job_id");
  // Cleared; the try after that failed before it submitted anything, and has cleared the XComs.
  worker.start(sequence, job("run 0"), {.should_retry = true, .try_number = 3});
  (void)worker.wait([n = 0](const task::Frame& f) mutable { return f.body.get_string("type") == "OperatorExited" && ++n == 2; },
                    "its exit");
  EXPECT_THAT(asked(), ElementsAre("/jobs", "/jobs"));
}

TEST_F(BigQueryJobsTest, ATryAfterAFailedJobSubmitsAnotherOne) {
  EXPECT_EQ(run(job("fail backendError"), {.try_number = 1}).substr(0, 23), "BigQuery: job shop:EU.a");
  worker.start(sequence, job("fail backendError"), {.should_retry = true, .try_number = 2});
  (void)worker.wait([n = 0](const task::Frame& f) mutable { return f.body.get_string("type") == "OperatorExited" && ++n == 2; },
                    "its exit");
  EXPECT_THAT(asked(), ElementsAre("/jobs", "/jobs"));
}

TEST_F(BigQueryJobsTest, ATryAfterAFailedCheckAsksAnew) {
  const Object check{{"task_type", "BigQueryCheckOperator"}, {"sql", "run 0"}, {"poll_interval", 0.05}};
  EXPECT_THAT(run(check, {.try_number = 1}), HasSubstr("zero rows"));
  worker.start(sequence, check, {.should_retry = true, .try_number = 2});
  (void)worker.wait([n = 0](const task::Frame& f) mutable { return f.body.get_string("type") == "OperatorExited" && ++n == 2; },
                    "its exit");
  EXPECT_THAT(asked(), ElementsAre("/jobs", "/jobs"));
}

TEST_F(BigQueryJobsTest, KillingTheTaskCancelsIt) {
  worker.start(++sequence, job("forever"), {.should_retry = true, .try_number = 1});
  (void)worker.message(sequence, "GetConnection");
  ASSERT_TRUE(runs());
  worker.cancel(sequence);
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "killed");
  EXPECT_THAT(asked().back(), AllOf(StartsWith("/jobs/airflow_d_task1_manual__1_"), HasSubstr("/cancel?location=EU")));
  EXPECT_THAT(worker.log(sequence), HasSubstr("was cancelled"));

  worker.start(++sequence, job("forever", {{"cancel_on_kill", false}}),
               {.should_retry = true, .execution_timeout = 0.5, .try_number = 1});
  EXPECT_EQ(worker.exit(sequence).get_string("kind"), "timeout");
  EXPECT_THAT(asked().back(), Not(HasSubstr("/cancel")));
}

TEST_F(BigQueryJobsTest, FailuresSayWhatToDo) {
  EXPECT_THAT(run(job("slow invalidQuery"), {.try_number = 1}),
              AllOf(StartsWith("BigQuery: job shop:EU.airflow_d_task1_manual__1_"),
                    HasSubstr(": invalidQuery: It was said. (in query)")));
  EXPECT_THAT(worker.log(sequence), HasSubstr("BigQuery Job Error: invalidQuery: It was said. (in query)"));
  EXPECT_THAT(run(job("fail stopped"), {.try_number = 1}), HasSubstr("; somebody else cancelled it"));
  EXPECT_THAT(run(job("fail bytesBilledLimitExceeded"), {.try_number = 1}),
              HasSubstr("; it would read more than maximumBytesBilled allows"));
  EXPECT_THAT(run(job("run 1000000", {{"result_timeout", 0.2}}), {.try_number = 1}),
              HasSubstr("is still RUNNING after 0.2 s (result_timeout)"));
}

TEST_F(BigQueryJobsTest, WithoutForceRerunTheConfigurationIsTheId) {
  const Object once{{"force_rerun", false}, {"job_id", "load"}};
  EXPECT_EQ(run(job("run 1", once), {.try_number = 1}), "");
  const std::string id = submitted().at("jobReference").get_string("jobId");
  EXPECT_EQ(id.size(), 5U + 32U) << id;
  // Another task instance.
  EXPECT_EQ(run(job("run 1", once), {.try_number = 1}),
            "job shop:EU." + id +
                " exists already and is done: give force_rerun true, or another job_id, to run the same configuration again");
  // One that runs.
  worker.start(++sequence, job("run 200", once), {.should_retry = true, .try_number = 1});
  (void)worker.message(sequence, "GetConnection");
  ASSERT_TRUE(runs());
  EXPECT_THAT(run(job("run 200", once), {.try_number = 1}), HasSubstr("exists already and is RUNNING: give force_rerun true"));
  Object waits = job("run 200", once);
  waits.set("reattach_states", Array{"RUNNING"});
  EXPECT_EQ(run(std::move(waits), {.try_number = 1}), "");
  EXPECT_THAT(worker.log(sequence), HasSubstr("Reattaching to job shop:EU.load_"));
}

TEST_F(BigQueryJobsTest, ArgumentsThatAreWrong) {
  const auto error_of = [&](const std::string& type, Object op) {
    op.set("task_type", type);
    return run(std::move(op));
  };
  EXPECT_EQ(error_of("BigQueryInsertJobOperator", {{"configuration", Object{{"querry", 1}}}}),
            "the argument configuration must have query, load, extract or copy: what the job is to do");
  EXPECT_THAT(error_of("BigQueryInsertJobOperator", {{"configuration", "{"}}),
              StartsWith("the argument configuration is a text, but no JSON: "));
  EXPECT_EQ(error_of("BigQueryGetDataOperator", {{"dataset_id", "d"}}),
            "give either table_id (with dataset_id) or job_id: whose rows are wanted");
  EXPECT_EQ(error_of("BigQueryGetDataOperator", {{"dataset_id", "d"}, {"table_id", "t"}, {"max_results", "many"}}),
            "the argument max_results must be a number of rows, not \"many\"");
  EXPECT_EQ(error_of("BigQueryCreateEmptyDatasetOperator", {{"dataset_id", "d"}, {"if_exists", "maybe"}}),
            "the argument if_exists must be ignore, log, fail or skip, not 'maybe'");
  EXPECT_EQ(error_of("BigQueryToGCSOperator",
                     {{"source_project_dataset_table", "d.t"}, {"destination_cloud_storage_uris", "/tmp/x"}}),
            "destination_cloud_storage_uris: gs://bucket/object, not '/tmp/x'");
  EXPECT_EQ(
      error_of("GCSToBigQueryOperator", {{"bucket", "b"}, {"source_objects", "o"}, {"destination_project_dataset_table", "t"}}),
      "the argument destination_project_dataset_table must be project.dataset.table or dataset.table, not 't'");
  EXPECT_EQ(error_of("BigQueryUpdateTableOperator",
                     {{"table_resource", Object{{"a", 1}}}, {"fields", "b"}, {"dataset_id", "d"}, {"table_id", "t"}}),
            "fields names b, which table_resource does not have");
  EXPECT_THAT(error_of("BigQueryGetDatasetOperator", {{"dataset_id", "nothing"}}),
              StartsWith("BigQuery: GET shop.nothing: notFound: Not found: datasets nothing (status 404)"));
}

}  // namespace
}  // namespace venturi::providers::testing
