// Scheduler, worker link, task host and deliveries on a real store, with a worker that the test plays.
#include <gmock/gmock.h>

#include "server/execute_task.h"
#include "server/testing/server_fixture.h"

namespace venturi::server {
namespace {

using testing::chain;
using ::testing::HasSubstr;
using testing::need;
using testing::ServerTest;

TEST_F(ServerTest, ATaskGoesThroughAndTheNextOneFollows) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  EXPECT_EQ(a.at("ti").get_string("task_id"), "a");
  EXPECT_EQ(a.get_string("program"), "/programs/d");
  EXPECT_EQ(a.get_string("log_path"), "dag_id=d/run_id=" + run.run_id + "/task_id=a/attempt=1.log");
  EXPECT_EQ(a.at("ti_context").at("dag_run").get_string("run_id"), run.run_id);
  send(0, Object{{"type", "TryStarted"}, {"token", a.at("token")}, {"pid", 4711}, {"start_date", "2026-03-01T00:00:00.5Z"}});
  const auto xcom = try_message(a.at("token"), 1,
                                Object{{"type", "SetXCom"},
                                       {"key", "return_value"},
                                       {"value", Array{1, 2}},
                                       {"dag_id", "d"},
                                       {"run_id", run.run_id},
                                       {"task_id", "a"}});
  const auto done = try_message(a.at("token"), 2, success());
  EXPECT_TRUE(answer_to(xcom).error.is_null());
  // Whoever was answered finds it in the store.
  EXPECT_EQ(need(reader_->xcom({"d", run.run_id, "a", -1, "return_value"})), "[1,2]");
  answer_to(done);
  EXPECT_EQ(rows(run)[0].state, TaskState::success);
  EXPECT_EQ(rows(run)[0].pid, 4711);
  const Value b = receive("ExecuteTask").body;
  EXPECT_EQ(b.at("ti").get_string("task_id"), "b");
  const auto question = try_message(
      b.at("token"), 0,
      Object{{"type", "GetXCom"}, {"key", "return_value"}, {"dag_id", "d"}, {"run_id", run.run_id}, {"task_id", "a"}});
  EXPECT_EQ(to_json(answer_to(question).body), R"({"type":"XComResult","key":"return_value","value":[1,2]})");
  answer_to(try_message(b.at("token"), 1, success()));
  answer_to(exited(b.at("token"), "ok"));
  run_until([&] { return !ended_.empty(); }, "the end of the run");
  EXPECT_EQ(ended_[0].state, RunState::success);
}

TEST_F(ServerTest, NothingIsAnsweredOrLaunchedBeforeItIsDurable) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  store_->fails = true;
  const auto done = try_message(a.at("token"), 1, success());
  const int before = store_->attempts;
  run_until([&] { return store_->attempts > before + 1; }, "a second attempt");
  EXPECT_EQ(trouble_.size(), 1u);
  EXPECT_THAT(trouble_[0], HasSubstr("the disk is full"));
  task::Frame frame;
  EXPECT_FALSE(take("ExecuteTask", frame));
  EXPECT_EQ(rows(run)[0].state, TaskState::queued);
  store_->fails = false;
  answer_to(done);
  EXPECT_EQ(receive("ExecuteTask").body.at("ti").get_string("task_id"), "b");
  EXPECT_EQ(trouble_.back(), "");
}

TEST_F(ServerTest, LaunchesWaitForTheFirstWorker) {
  see(chain());
  trigger("d");
  connect_worker("w1");
  EXPECT_EQ(receive("ServerHello").body.get_int("sent_below"), 1);
  EXPECT_EQ(receive("ExecuteTask").body.at("ti").get_string("task_id"), "a");
  EXPECT_EQ(asked_, 0);
}

TEST_F(ServerTest, WhatWasCommittedBeforeAnyWorkerCameIsLaunchedByTheNextServer) {
  see(chain());
  trigger("d");
  restart();
  connect_worker("w1");
  EXPECT_EQ(receive("ServerHello").body.get_int("sent_below"), 1);
  EXPECT_EQ(receive("ExecuteTask").body.at("ti").get_string("task_id"), "a");
  EXPECT_EQ(asked_, 0);
}

TEST_F(ServerTest, ANewServerAsksTheWorkerAboutEachLaunch) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value first = receive("ExecuteTask").body;
  restart();
  connect_worker("w1", {}, "never_started");
  const Value second = receive("ExecuteTask").body;
  EXPECT_EQ(asked_, 1);
  EXPECT_EQ(second.at("ti"), first.at("ti"));  // the same try
  EXPECT_NE(second.at("token"), first.at("token"));
  // A message under the old token changes nothing.
  answer_to(try_message(first.at("token"), 1, success()));
  EXPECT_EQ(rows(run)[0].state, TaskState::queued);
}

TEST_F(ServerTest, ARunningTryGoesOnWithTheNewServer) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  restart();
  connect_worker("w1", {Object{{"token", a.at("token")}, {"ti_id", "x"}, {"state", "running"}, {"pid", 77}}}, "running");
  receive("ServerHello");
  run_until(
      [&] {
        task::Frame f;
        return !take("ExecuteTask", f) && asked_ == 1;
      },
      "the question");
  answer_to(try_message(a.at("token"), 1, success()));
  EXPECT_EQ(rows(run)[0].state, TaskState::success);
  EXPECT_EQ(rows(run)[0].pid, 77);
}

TEST_F(ServerTest, AnUnknownLaunchIsLostAndNotRunAgain) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  receive("ExecuteTask");
  restart();
  connect_worker("w2", {}, "unknown");
  EXPECT_EQ(receive("ServerHello").body.get_int("sent_below"),
            2);  // what was sent to the other worker is in no record of this one
  run_until([&] { return !ended_.empty(); }, "the end of the run");
  EXPECT_EQ(rows(run)[0].state, TaskState::failed);
  EXPECT_EQ(rows(run)[0].end_reason, EndReason::lost);
}

TEST_F(ServerTest, ExitsWithoutAnOutcomeFailTheTry) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  answer_to(exited(a.at("token"), "signal", "killed by signal 9 (SIGKILL)"));
  const TaskInstance ti = rows(run)[0];
  EXPECT_EQ(ti.state, TaskState::failed);
  EXPECT_EQ(ti.end_reason, EndReason::signal);
  EXPECT_EQ(ti.error, "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(rows(run)[1].state, TaskState::upstream_failed);
}

TEST_F(ServerTest, AnOutcomeCountsAlthoughTheProcessDiedAfterIt) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  answer_to(try_message(a.at("token"), 1, success()));
  answer_to(exited(a.at("token"), "signal", "killed by signal 11"));
  EXPECT_EQ(rows(run)[0].state, TaskState::success);
}

TEST_F(ServerTest, AnXComThatIsTooLargeIsRefusedWithItsName) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value a = receive("ExecuteTask").body;
  const auto id = try_message(a.at("token"), 1,
                              Object{{"type", "SetXCom"},
                                     {"key", "big"},
                                     {"value", std::string(2000, 'x')},
                                     {"dag_id", "d"},
                                     {"run_id", run.run_id},
                                     {"task_id", "a"}});
  EXPECT_THAT(to_json(answer_to(id).error), HasSubstr("XCom 'big' has 2003 bytes, more than the 1000 of"));
}

TEST_F(ServerTest, ConnectionsComeFromTheEnvironmentBeforeTheMetadata) {
  environment_ = {"AIRFLOW_CONN_TEST_DB=postgres://u:p@from-env/db", "AIRFLOW_VAR_LIMIT=7", nullptr};
  restart();
  auto& writes = scheduler_->writes();
  writes.connections = {Connection{"test_db", "postgres", "from-db", {}, {}, "secret", {}, {}, ""},
                        Connection{"other", "http", "h", {}, {}, {}, 80, {}, ""}};
  writes.variables = {{"limit", "1", ""}, {"name", "n", ""}};
  settle();
  connect_worker("w1");
  see(chain());
  trigger("d");
  const Value token = receive("ExecuteTask").body.at("token");
  const auto ask = [&](Object body) { return to_json(answer_to(try_message(token, 0, std::move(body))).body); };
  EXPECT_THAT(ask({{"type", "GetConnection"}, {"conn_id", "test_db"}}), HasSubstr("from-env"));
  EXPECT_THAT(ask({{"type", "GetConnection"}, {"conn_id", "other"}}), HasSubstr(R"("port":80)"));
  EXPECT_EQ(ask({{"type", "GetConnection"}, {"conn_id", "absent"}}),
            R"({"type":"ErrorResponse","error":"CONNECTION_NOT_FOUND","detail":{"conn_id":"absent"}})");
  EXPECT_EQ(ask({{"type", "GetVariable"}, {"key", "limit"}}), R"({"type":"VariableResult","key":"limit","value":"7"})");
  EXPECT_THAT(ask({{"type", "GetVariableKeys"}, {"prefix", "na"}}), HasSubstr(R"("keys":["name"],"total_entries":1)"));
  EXPECT_EQ(ask({{"type", "GetAssetByName"}, {"name", "x"}}),
            R"({"type":"ErrorResponse","error":"ASSET_NOT_FOUND","detail":{"name":"x"}})");
  EXPECT_THAT(to_json(answer_to(try_message(token, 0, Object{{"type", "GetTheMoon"}})).error), HasSubstr("does not know"));
}

TEST_F(ServerTest, ACallbackIsDeliveredOnceTheWorkerIsThere) {
  connect_worker("w1");
  see(chain(R"(, "notifiers": {"on_failure_callback": [{"classpath": "x.Notifier", "kwargs": {}}]})"));
  const DagRun run = trigger("d");
  answer_to(exited(receive("ExecuteTask").body.at("token"), "exit_code", "exited with status 3"));
  receive("RunCallback");
  restart();  // before its result came
  connect_worker("w1");
  const task::Frame callback = receive("RunCallback");
  EXPECT_EQ(callback.body.get_string("key"), "d/" + run.run_id + "/a/-1/1/failure");
  EXPECT_EQ(callback.body.at("context").get_string("error"), "exited with status 3");
  EXPECT_THAT(callback.body.at("context").get_string("log_path"), HasSubstr("/logs/dag_id=d/run_id="));
  EXPECT_EQ(callback.body.at("notifiers").as_array().size(), 1u);
  send(callback.id, Object{{"type", "CallbackResult"}, {"no", callback.body.at("no")}, {"ok", true}, {"error", nullptr}});
  run_until([&] { return deliveries_->empty(); }, "the result");
  settle();
  restart();
  EXPECT_TRUE(scheduler_->engine().take_due_deliveries().empty());
}

// Whether its connection has templates the operator host finds out; it gets what they would show.
TEST_F(ServerTest, AMailWithoutATextOfItsOwnGetsTheContextOfTemplates) {
  connect_worker("w1");
  const auto context_of = [this](const std::string& kwargs) {
    see(chain(R"(, "notifiers": {"on_failure_callback": [{"classpath": "venturi.notifiers.smtp.SmtpNotifier", "kwargs": )" +
              kwargs + "}]}"));
    trigger("d");
    answer_to(exited(receive("ExecuteTask").body.at("token"), "exit_code", "exited with status 3"));
    const task::Frame callback = receive("RunCallback");
    send(callback.id, Object{{"type", "CallbackResult"}, {"no", callback.body.at("no")}, {"ok", true}, {"error", nullptr}});
    return callback.body.at("context");
  };
  const Value context = context_of(R"({"to": "a@b"})");
  EXPECT_EQ(context.at("operator").at("_template_context").at("dag").get_string("dag_id"), "d");
  EXPECT_EQ(context.at("ti").get_string("task_id"), "a");
  EXPECT_EQ(context.at("ti").get_int("try_number"), 1);
  EXPECT_EQ(context.at("ti").get_string("id"), context.get_string("ti_id"));
  EXPECT_EQ(context.at("ti_context").at("dag_run").get_string("dag_id"), "d");
  const Value plain = context_of(R"({"to": "a@b", "subject": "s", "html_content": "h", "from_email": "c@d"})");
  EXPECT_EQ(plain.get("operator"), nullptr);
}

TEST_F(ServerTest, AKilledTryIsTakenFromTheWorker) {
  connect_worker("w1");
  see(chain());
  const DagRun run = trigger("d");
  const Value token = receive("ExecuteTask").body.at("token");
  bool answered = false;
  engine::StopRun stop;
  stop.dag_id = "d";
  stop.run_id = run.run_id;
  stop.why = "enough";
  scheduler_->command(std::move(stop), [&](const engine::Answer&) { answered = true; });
  EXPECT_EQ(receive("KillTry").body.at("token"), token);
  run_until([&] { return answered; }, "the answer");
  answer_to(exited(token, "killed"));
  EXPECT_EQ(rows(run)[0].state, TaskState::skipped);  // it had not started
}

TEST_F(ServerTest, RubbishCutsTheWorkerOffAndTheNextOneIsServed) {
  connect_worker("w1");
  see(chain());
  trigger("d");
  receive("ExecuteTask");
  send(0, Object{{"type", "Nonsense"}});
  run_until([&] { return lost_ == 1; }, "the end of the connection");
  connect_worker("w1", {}, "never_started");
  receive("ExecuteTask");
}

}  // namespace
}  // namespace venturi::server
