#include "operators/host.h"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

#include "operators/outcome.h"
#include "operators/testing/fake_worker.h"

namespace venturi::operators::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

asio::awaitable<Value> constant(OperatorTry&, Arguments arguments) {
  const Value* value = arguments.find("value");
  co_return value == nullptr ? Value() : *value;
}
asio::awaitable<Value> wait_for_ever(OperatorTry& t, Arguments) {
  t.log.info("waiting");
  asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::use_awaitable);
  co_return Value();
}
// One that cleans up when it is cancelled.
asio::awaitable<Value> tidy(OperatorTry& t, Arguments arguments) {
  bool stopped = false;
  try {
    co_await wait_for_ever(t, arguments);
  } catch (const boost::system::system_error&) {
    stopped = true;
  }
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  asio::steady_timer cleaning(co_await asio::this_coro::executor, std::chrono::milliseconds(20));
  co_await cleaning.async_wait(asio::use_awaitable);
  t.log.info(stopped ? "cleaned up" : "not stopped");
  co_return Value();
}
// One that pays no heed to being cancelled.
asio::awaitable<Value> stubborn(OperatorTry& t, Arguments) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  t.log.info("waiting");
  asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await never.async_wait(asio::use_awaitable);
  co_return Value();
}
asio::awaitable<Value> fail_as(OperatorTry& t, Arguments arguments) {
  const std::string how = arguments.string("how");
  if (how == "failed") throw TaskFailed("it broke: pass-the-word");
  if (how == "for good") throw TaskFailedForGood("it can never work");
  if (how == "skipped") throw TaskSkipped("nothing to do");
  if (how == "memory") t.memory.take(1UL << 40U, "the answer");
  if (how == "bad_alloc") throw std::bad_alloc();
  co_return Value();
}
asio::awaitable<Value> block(OperatorTry&, Arguments) {
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  co_return Value();
}
asio::awaitable<Value> ask_around(OperatorTry& t, Arguments arguments) {
  const Connection connection = co_await t.host.connection(arguments.string("conn_id", "db"));
  const auto variable = co_await t.host.variable("api_key");
  t.log.info("the password is " + connection.password.value_or("") + ", the key " + variable.value_or("none"));
  co_return connection.host.value_or("");
}
asio::awaitable<void> notify(Notification& n, Arguments arguments) {
  const Connection connection = co_await n.host.connection("mail");
  if (arguments.string("to").starts_with("told: ")) throw TaskFailed(arguments.string("to"));
  if (arguments.string("to") == "nobody") throw TaskFailed("cannot reach nobody with " + connection.password.value_or(""));
}
// Counts on from what was counted before, once for each time that it is begun.
asio::awaitable<void> count_on(WatcherRun& run, Arguments arguments) {
  const Connection connection = co_await run.host.connection("db");
  if (arguments.boolean("fails", false)) throw TaskFailed("no counting with " + connection.password.value_or(""));
  const std::int64_t next = run.state().is_null() ? 1 : run.state().as_int() + 1;
  co_await run.fire({next}, next);
}
Value move(MoverTry&, const Arguments&) {
  return {};
}

class HostTest : public ::testing::Test {
 protected:
  HostTest() {
    registry.add(OperatorEntry{.task_type = "Constant", .arguments = {{"value", ArgumentType::any}}, .run = constant});
    registry.add(
        OperatorEntry{.task_type = "Renders", .arguments = {templated({"value", ArgumentType::any})}, .run = constant});
    registry.add(OperatorEntry{.task_type = "Reads",
                               .arguments = {templated({"value", ArgumentType::any})},
                               .template_ext = {".sql"},
                               .run = constant});
    registry.add(OperatorEntry{.task_type = "Waits", .arguments = {}, .run = wait_for_ever});
    registry.add(OperatorEntry{.task_type = "Tidy", .arguments = {}, .run = tidy});
    registry.add(OperatorEntry{.task_type = "Stubborn", .arguments = {}, .run = stubborn});
    registry.add(OperatorEntry{.task_type = "Fails", .arguments = {{"how", ArgumentType::string, true}}, .run = fail_as});
    registry.add(OperatorEntry{.task_type = "Blocks", .arguments = {}, .run = block});
    registry.add(OperatorEntry{.task_type = "Asks", .arguments = {{"conn_id"}}, .run = ask_around});
    registry.add(OperatorEntry{.task_type = "Moves", .arguments = {}, .move = move});
    registry.add(NotifierEntry{.classpath = "a.Notifier", .arguments = {templated({"to"})}, .notify = notify});
    registry.add(
        EventTriggerEntry{.classpath = "a.Counter", .arguments = {{"fails", ArgumentType::boolean}}, .watch = count_on});
    worker.connections["db"] = Object{{"type", "ConnectionResult"},
                                      {"conn_id", "db"},
                                      {"conn_type", "postgres"},
                                      {"host", "h"},
                                      {"schema", nullptr},
                                      {"login", "u"},
                                      {"password", "hush-hush"},
                                      {"port", 5432},
                                      {"extra", nullptr}};
    worker.connections["mail"] = worker.connections["db"];
    worker.variables["api_key"] = Object{{"type", "VariableResult"}, {"key", "api_key"}, {"value", "sesame-open"}};
    thread = std::thread([this, end = std::make_shared<Fd>(worker.host_end())] {
      Host host(registry, std::move(*end));
      EXPECT_EQ(host.run(), 0);
      blocked = host.monitor().blocked();
    });
    EXPECT_EQ(worker.wait_type("WarmReady").get_int("threads"), 1);
  }
  ~HostTest() override { stop(); }
  void stop() {
    worker.hang_up();
    if (thread.joinable()) thread.join();
  }

  Registry registry;
  FakeWorker worker;
  std::thread thread;
  std::uint64_t blocked = 0;
};

TEST_F(HostTest, ASuccessIsToldWithItsXCom) {
  worker.start(1, {{"task_type", "Constant"}, {"value", Object{{"__type", "dict"}, {"__var", Object{{"a", 1}}}}}});
  const Value exit = worker.exit(1);
  EXPECT_EQ(exit.get_string("kind"), "ok");
  EXPECT_TRUE(exit.at("error").is_null());
  EXPECT_EQ(worker.answer(-1).body.get_string("type"), "OperatorStarted");
  EXPECT_THAT(worker.types(1), ElementsAre("SetXCom", "SucceedTask"));
  const Value xcom = worker.message(1, "SetXCom");
  EXPECT_EQ(xcom.at("value"), Value(Object{{"a", 1}}));
  EXPECT_EQ(xcom.get_string("key"), "return_value");
  EXPECT_EQ(xcom.get_string("dag_id"), "d");
  EXPECT_EQ(xcom.get_string("run_id"), "manual__1");
  EXPECT_EQ(xcom.get_string("task_id"), "task1");
  EXPECT_EQ(xcom.get_int("map_index"), -1);
  EXPECT_TRUE(worker.message(1, "SucceedTask").at("end_date").is_string());
}

TEST_F(HostTest, NullAndDoXComPushGiveNoXCom) {
  worker.start(1, {{"task_type", "Constant"}, {"value", nullptr}});
  worker.start(2, {{"task_type", "Constant"}, {"value", 5}, {"do_xcom_push", false}});
  worker.exit(1);
  worker.exit(2);
  EXPECT_THAT(worker.types(1), ElementsAre("SucceedTask"));
  EXPECT_THAT(worker.types(2), ElementsAre("SucceedTask"));
}

TEST_F(HostTest, ArgumentsThatAreXComsAreFetched) {
  worker.xcoms["up.return_value"] = Array{1, "two"};
  worker.start(1, {{"task_type", "Constant"},
                   {"value", Array{Object{{"__type", "xcomref"}, {"__var", Object{{"task_id", "up"}, {"key", "return_value"}}}},
                                   Object{{"__type", "xcomref"}, {"__var", Object{{"task_id", "gone"}, {"key", "x"}}}}}}});
  worker.exit(1);
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value(Array{Array{1, "two"}, nullptr}));
}

// As in Airflow: a value of another task that looks like a template is data.
TEST_F(HostTest, WhatAnotherTaskGaveIsNotRendered) {
  worker.xcoms["up.return_value"] = "{{ conn.db.password }}";
  worker.start(1, {{"task_type", "Renders"},
                   {"task_id", "task1"},
                   {"_template_context", Object{{"dag", Object{{"dag_id", "d"}}}, {"params", Object{}}}},
                   {"value", Array{"{{ 1 + 1 }}", Object{{"__type", "xcomref"},
                                                         {"__var", Object{{"task_id", "up"}, {"key", "return_value"}}}}}}});
  worker.exit(1);
  const Value expected = Array{"2", "{{ conn.db.password }}"};
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), expected);
  EXPECT_EQ(worker.message(1, "SetRenderedFields").at("rendered_fields").at("value"), expected);
}

// Beside the loop, while others run.
TEST_F(HostTest, TemplatesComeFromTheFilesThatArgumentsName) {
  std::ofstream(worker.folder / "load.sql") << "SELECT '{{ var.value.api_key }}' {% include 'where.txt' %}";
  std::ofstream(worker.folder / "where.txt") << "WHERE d = '{{ ds }}'";
  const auto reads = [&](const char* name) {
    return Object{{"task_type", "Reads"},
                  {"_template_context",
                   Object{{"dag", Object{{"dag_id", "d"}, {"fileloc", worker.folder / "d.cpp"}}}, {"params", Object{}}}},
                  {"value", name}};
  };
  worker.start(1, reads("load.sql"));
  worker.exit(1);
  EXPECT_EQ(worker.message(1, "SetXCom").at("value"), Value("SELECT 'sesame-open' WHERE d = '2026-01-02'"));
  EXPECT_EQ(worker.message(1, "SetRenderedFields").at("rendered_fields").at("value"),
            Value("SELECT '***' WHERE d = '2026-01-02'"));
  worker.start(2, reads("gone.sql"));
  EXPECT_THAT(worker.exit(2).get_string("error"),
              HasSubstr("TemplateNotFound: gone.sql: there is no such file in " + worker.folder.path()));
  stop();
  EXPECT_EQ(blocked, 0);
}

// By what its fields are when all is known; a name that cannot be rendered fails only what would have succeeded.
TEST_F(HostTest, AnInstanceIsNamedByItsMapIndexTemplate) {
  const auto named = [](const char* type, const char* name) {
    return Object{{"task_type", type},
                  {"how", "failed"},
                  {"map_index_template", name},
                  {"_template_context", Object{{"dag", Object{{"dag_id", "d"}}}, {"params", Object{}}}},
                  {"value", Object{{"__type", "xcomref"}, {"__var", Object{{"task_id", "up"}, {"key", "return_value"}}}}}};
  };
  worker.xcoms["up.return_value"] = "file";
  worker.start(1, named("Renders", "{{ task.value }} of {{ run_id }}"));
  EXPECT_TRUE(worker.exit(1).at("error").is_null());
  EXPECT_THAT(worker.message(1, "SetRenderedMapIndex").get_string("rendered_map_index"), ::testing::StartsWith("file of "));
  worker.start(2, named("Renders", "{{ 1 / 0 }}"));
  EXPECT_THAT(worker.exit(2).get_string("error"), HasSubstr("ZeroDivisionError"));
  worker.start(3, named("Fails", "{{ 1 / 0 }}"));
  EXPECT_EQ(worker.exit(3).get_string("error"), "it broke: ***");
}

TEST_F(HostTest, XComsOfAnEarlierTryAreCleared) {
  worker.start(1, {{"task_type", "Constant"}, {"value", 5}}, {.xcoms_to_clear = Array{"return_value", "x"}});
  worker.exit(1);
  EXPECT_THAT(worker.types(1), ElementsAre("DeleteXCom", "DeleteXCom", "SetXCom", "SucceedTask"));
}

TEST_F(HostTest, AFailureIsRetriedWhereTheServerSaysSo) {
  worker.start(1, {{"task_type", "Fails"}, {"how", "failed"}}, {.should_retry = true});
  worker.start(2, {{"task_type", "Fails"}, {"how", "failed"}});
  worker.start(3, {{"task_type", "Fails"}, {"how", "for good"}}, {.should_retry = true});
  worker.start(4, {{"task_type", "Fails"}, {"how", "bad_alloc"}}, {.should_retry = true});
  EXPECT_EQ(worker.exit(1).get_string("error"), "it broke: ***");
  EXPECT_THAT(worker.types(1), ElementsAre("RetryTask"));
  EXPECT_EQ(worker.message(1, "RetryTask").get_string("retry_reason"), "it broke: ***");
  EXPECT_THAT(worker.log(1), HasSubstr(R"("level":"error","event":"it broke: ***","logger":"venturi.operators"})"));
  worker.exit(2);
  EXPECT_EQ(worker.message(2, "TaskState").get_string("state"), "failed");
  EXPECT_EQ(worker.exit(3).get_string("error"), "it can never work");
  EXPECT_THAT(worker.types(3), ElementsAre("TaskState"));
  EXPECT_EQ(worker.exit(4).get_string("error"), "no memory was left");
}

TEST_F(HostTest, ASkipIsTold) {
  worker.start(1, {{"task_type", "Fails"}, {"how", "skipped"}});
  EXPECT_TRUE(worker.exit(1).at("error").is_null());
  EXPECT_EQ(worker.message(1, "TaskState").get_string("state"), "skipped");
  EXPECT_THAT(worker.log(1), HasSubstr("nothing to do"));
}

TEST_F(HostTest, WhatCannotRunFailsWithAReason) {
  worker.start(1, {{"task_type", "Rockets"}});
  EXPECT_EQ(worker.exit(1).get_string("error"),
            "there is no built-in operator Rockets; there are Asks, Blocks, Constant, Fails, Moves, Reads, Renders, Stubborn, "
            "Tidy, Waits");
  worker.start(2, {{"task_type", "Moves"}});
  EXPECT_THAT(worker.exit(2).get_string("error"), HasSubstr("runs in a process of its own"));
  worker.start(3, {{"task_type", "Fails"}});
  EXPECT_EQ(worker.exit(3).get_string("error"), "the argument how is missing: give it a string");
  worker.start(4, {{"task_type", "Fails"}, {"how", 3}});
  EXPECT_EQ(worker.exit(4).get_string("error"), "the argument how must be a string, not integer");
  worker.start(5, {{"task_type", "Fails"}, {"how", "memory"}});
  EXPECT_THAT(worker.exit(5).get_string("error"), HasSubstr("may hold 64 MiB in memory"));
  worker.send(-6, Object{{"type", "StartOperator"}, {"token", Array{1, 6}}, {"operator", Object{{"task_type", "Constant"}}}});
  EXPECT_EQ(worker.answer(-6).error.get_string("type"), "ErrorResponse");
}

TEST_F(HostTest, ALargeXComThatIsRefusedFailsTheTry) {
  worker.refuses = "SetXCom";
  worker.start(1, {{"task_type", "Constant"}, {"value", std::string(400'000, 'x')}});
  EXPECT_EQ(worker.exit(1).get_string("error"), "the server refused SetXCom: API_SERVER_ERROR: no room");
  EXPECT_THAT(worker.types(1), ElementsAre("SetXCom", "TaskState"));
}

TEST_F(HostTest, SecretsOfAnswersAreMasked) {
  worker.start(1, {{"task_type", "Asks"}});
  EXPECT_EQ(worker.exit(1).get_string("kind"), "ok");
  EXPECT_THAT(worker.log(1), HasSubstr("the password is ***, the key ***"));
  worker.start(2, {{"task_type", "Asks"}, {"conn_id", "nowhere"}});
  EXPECT_EQ(worker.exit(2).get_string("error"),
            "there is no connection nowhere (add it: venturi connections add nowhere --conn-uri ...)");
}

TEST_F(HostTest, ACancelledTryEndsAtOnce) {
  worker.start(1, {{"task_type", "Waits"}});
  worker.start(2, {{"task_type", "Tidy"}});
  worker.start(3, {{"task_type", "Constant"}, {"value", 1}});
  worker.exit(3);
  const auto begin = Clock::now();
  worker.cancel(1);
  worker.cancel(2, "timeout");
  worker.cancel(77);  // ended long ago
  EXPECT_EQ(worker.exit(1).get_string("kind"), "killed");
  EXPECT_EQ(worker.exit(2).get_string("kind"), "timeout");
  EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(500));
  EXPECT_THAT(worker.types(1), IsEmpty());
  EXPECT_THAT(worker.types(2), IsEmpty());
  EXPECT_THAT(worker.log(1), HasSubstr("the server asked for its end; it was cancelled"));
  EXPECT_THAT(worker.log(2), HasSubstr("cleaned up"));
}

// Those that end without a wait, and those that are answered, between others that can still be cancelled.
TEST_F(HostTest, ManyTriesAtOnceLeaveOneAnotherAlone) {
  constexpr int tries = 120;
  for (int i = 1; i <= tries; ++i) {
    if (i % 3 == 0) {
      worker.start(i, {{"task_type", "Constant"}, {"value", i}});
    } else if (i % 3 == 1) {
      worker.start(i, {{"task_type", "Waits"}});
    } else {
      worker.start(i, {{"task_type", "Asks"}});
    }
  }
  for (int i = 1; i <= tries; ++i) {
    if (i % 3 != 1) EXPECT_EQ(worker.exit(i).get_string("kind"), "ok") << i;
  }
  const auto begin = Clock::now();
  for (int i = 1; i <= tries; i += 3) worker.cancel(i);
  for (int i = 1; i <= tries; i += 3) {
    EXPECT_EQ(worker.exit(i).get_string("kind"), "killed") << i;
    EXPECT_THAT(worker.log(i), HasSubstr("it was cancelled")) << i;
  }
  EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(800));
}

TEST_F(HostTest, ATryThatDoesNotStopIsGivenUpWithinASecond) {
  worker.start(1, {{"task_type", "Stubborn"}});
  worker.answer(-1);
  const auto begin = Clock::now();
  worker.cancel(1);
  EXPECT_EQ(worker.exit(1).get_string("kind"), "killed");
  const auto took = Clock::now() - begin;
  EXPECT_GT(took, std::chrono::milliseconds(500));
  EXPECT_LT(took, std::chrono::seconds(1));
}

TEST_F(HostTest, TheExecutionTimeOutEndsATry) {
  worker.start(1, {{"task_type", "Waits"}}, {.execution_timeout = 0.05});
  const Value exit = worker.exit(1);
  EXPECT_EQ(exit.get_string("kind"), "timeout");
  EXPECT_EQ(exit.get_string("error"), "its time-out of 0.05 s was over");
  worker.start(2, {{"task_type", "Constant"}, {"value", 1}}, {.execution_timeout = 30});
  EXPECT_EQ(worker.exit(2).get_string("kind"), "ok");
}

TEST_F(HostTest, AWaitForAnAnswerCanBeCancelled) {
  worker.answers = false;
  worker.start(1, {{"task_type", "Asks"}});
  worker.message(1, "GetConnection");
  worker.cancel(1);
  EXPECT_EQ(worker.exit(1).get_string("kind"), "killed");
  // The answer that comes too late reaches nobody.
  for (const task::Frame& frame : std::vector(worker.seen)) {
    if (frame.id > 0) worker.send(frame.id, worker.connections["db"]);
  }
  worker.answers = true;
  worker.start(2, {{"task_type", "Asks"}});
  EXPECT_EQ(worker.exit(2).get_string("kind"), "ok");
}

TEST_F(HostTest, ABlockedLoopIsCountedAndToldInTheNameOfWhoBlockedIt) {
  ::testing::internal::CaptureStderr();
  worker.start(1, {{"task_type", "Blocks"}});
  worker.start(2, {{"task_type", "Constant"}, {"value", 1}});
  worker.exit(1);
  worker.exit(2);
  stop();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              ::testing::ContainsRegex("venturi-operators: the loop was blocked for [0-9]+ ms by d\\.task1, run manual__1 \\(1 "
                                       "times so far\\)\n"));
  EXPECT_EQ(blocked, 1U);
}

TEST_F(HostTest, NotifiersReport) {
  const auto run = [&](std::int64_t id, const std::string& classpath, Object kwargs) {
    worker.send(-id, Object{{"type", "RunNotifier"},
                            {"no", 7},
                            {"key", "k"},
                            {"classpath", classpath},
                            {"kwargs", std::move(kwargs)},
                            {"context", Object{}}});
    return worker.answer(-id).body;
  };
  Value result = run(1, "a.Notifier", {{"to", "me"}});
  EXPECT_EQ(result.get_string("type"), "CallbackResult");
  EXPECT_EQ(result.get_int("no"), 7);
  EXPECT_TRUE(result.at("ok").as_bool());
  EXPECT_TRUE(result.at("error").is_null());
  EXPECT_EQ(worker.wait_type("NotifierMessage").at("body").get_string("conn_id"), "mail");
  result = run(2, "a.Notifier", {{"to", "nobody"}});
  EXPECT_FALSE(result.at("ok").as_bool());
  EXPECT_EQ(result.get_string("error"), "cannot reach nobody with ***");
  EXPECT_EQ(run(3, "b.Notifier", {}).get_string("error"), "there is no built-in notifier b.Notifier");
}

TEST_F(HostTest, WatchersGoOnFromWhereTheyWere) {
  const auto watcher = [](std::int64_t no, const std::string& classpath, Object kwargs, const Value& state) {
    return Object{{"no", no},      {"asset", "x"}, {"name", "w"}, {"classpath", classpath}, {"kwargs", std::move(kwargs)},
                  {"state", state}};
  };
  worker.send(0, Object{{"type", "Watch"},
                        {"watchers", Array{watcher(1, "a.Counter", {}, 4), watcher(2, "a.Counter", {{"fails", true}}, {}),
                                           watcher(3, "b.Counter", {}, {})}}});
  const auto said = [&](std::int64_t no, const std::string& type, std::size_t which) {
    std::size_t seen = 0;
    return worker
        .wait(
            [&](const task::Frame& f) {
              if (f.body.get_string("type") != "WatcherMessage" || f.body.at("no").as_int() != no) return false;
              return f.body.at("body").get_string("type") == type && seen++ == which;
            },
            type + " of " + std::to_string(no))
        .body.at("body");
  };
  EXPECT_EQ(to_json(said(1, "WatcherFired", 0)), R"({"type":"WatcherFired","payloads":[5],"state":5})");
  EXPECT_EQ(said(2, "WatcherFailed", 0).get_string("error"), "no counting with ***");
  EXPECT_EQ(said(3, "WatcherFailed", 0).get_string("error"), "there is no event trigger b.Counter");
  // Begun again.
  EXPECT_EQ(said(1, "WatcherFailed", 0).get_double("pause"), 1);
  EXPECT_EQ(to_json(said(1, "WatcherFired", 1).at("payloads")), "[6]");
  EXPECT_EQ(said(2, "WatcherFailed", 1).get_double("pause"), 2);
}

TEST_F(HostTest, NotifiersAreRenderedInTheContextOfWhatTheyAreAbout) {
  const auto run = [&](std::int64_t id, const std::string& to, Object context) {
    worker.send(-id, Object{{"type", "RunNotifier"},
                            {"no", 7},
                            {"key", "k"},
                            {"classpath", "a.Notifier"},
                            {"kwargs", Object{{"to", "told: " + to}}},
                            {"context", std::move(context)}});
    return worker.answer(-id).body.get_string("error");
  };
  const Value op = Object{{"_template_context", Object{{"dag", Object{{"dag_id", "d"}}}, {"params", Object{{"unit", "EUR"}}}}}};
  const Value ti = Object{{"id", "u"}, {"dag_id", "d"}, {"task_id", "load"}, {"run_id", "r"}, {"try_number", 3}};
  const Value of_run = Object{{"dag_run", Object{{"run_id", "r"}, {"logical_date", "2026-01-02T00:00:00Z"}}}};
  const std::string text = "{{ ti.task_id }} {{ ds }} {{ params.unit }} {{ var.value.bucket }} {{ exception }}";
  worker.variables["bucket"] = Object{{"type", "VariableResult"}, {"key", "bucket"}, {"value", "s3"}};
  EXPECT_EQ(run(1, text, {{"operator", op}, {"ti", ti}, {"ti_context", of_run}, {"error", "the disk is full"}}),
            "told: load 2026-01-02 EUR s3 the disk is full");
  EXPECT_EQ(run(2, "{{ dag_run.run_id }} {{ ti.task_id }} {{ reason }}",
                {{"operator", op}, {"dag_run", of_run.at("dag_run")}, {"last_ti", ti}, {"error", "task_failure"}}),
            "told: r load task_failure");
  EXPECT_EQ(run(3, "{{ run_id }}{{ ti.task_id }}",
                {{"operator", op}, {"dag_id", "d"}, {"run_id", "r"}, {"dag_run", of_run.at("dag_run")}}),
            "told: r");
  EXPECT_EQ(run(4, "{{ nothing }}", {{"operator", op}, {"ti", ti}}),
            "UndefinedError: 'nothing' is undefined (template of to, line 1)");
  EXPECT_EQ(run(5, "{{ as it is }}", {}), "told: {{ as it is }}");  // the server sees templates, and says what they show
}

TEST_F(HostTest, EndsWithTheWorkerAndCancelsWhatRuns) {
  worker.start(1, {{"task_type", "Tidy"}});
  worker.start(2, {{"task_type", "Waits"}});
  worker.start(3, {{"task_type", "Stubborn"}});
  worker.answer(-3);
  const auto begin = Clock::now();
  stop();
  EXPECT_LT(Clock::now() - begin, std::chrono::milliseconds(1500));
  EXPECT_THAT(worker.log(1), HasSubstr("cleaned up"));
}

}  // namespace
}  // namespace venturi::operators::testing
