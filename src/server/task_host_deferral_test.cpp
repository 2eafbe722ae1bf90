// DeferTask, from the task's message to the process that goes on, on a real store.
#include <gmock/gmock.h>

#include "server/testing/server_fixture.h"

namespace venturi::server {
namespace {

using testing::chain;
using ::testing::HasSubstr;
using testing::ServerTest;

Object defer_until(double timestamp, Value timeout = {}) {
  return Object{{"type", "DeferTask"},
                {"state", "deferred"},
                {"classpath", "airflow.providers.standard.triggers.temporal.DateTimeTrigger"},
                {"trigger_kwargs", Object{{"moment", Object{{"__classname__", "pendulum.datetime.DateTime"},
                                                            {"__version__", 2},
                                                            {"__data__", Object{{"timestamp", timestamp}}}}}}},
                {"trigger_timeout", std::move(timeout)},
                {"next_method", "goes_on"},
                {"next_kwargs", Object{{"job", 7}}}};
}

class DeferralTest : public ServerTest {
 protected:
  DeferralTest() {
    connect_worker("w1");
    see(chain());
    run = trigger("d");
    first = receive("ExecuteTask").body;
  }
  task::Frame say(Object message) { return answer_to(try_message(first.at("token"), 1, std::move(message))); }

  DagRun run;
  Value first;
};

constexpr double far_away = 4'000'000'000;

TEST_F(DeferralTest, AnotherProcessGoesOnWithWhatWasKept) {
  EXPECT_TRUE(say(defer_until(1'700'000'000)).error.is_null());
  const Value second = receive("ExecuteTask").body;  // its time is over: at once
  EXPECT_EQ(second.at("ti").at("id"), first.at("ti").at("id"));
  EXPECT_NE(second.at("token"), first.at("token"));
  const Value& context = second.at("ti_context");
  EXPECT_EQ(context.get_string("next_method"), "goes_on");
  EXPECT_EQ(context.at("next_kwargs").at("job"), Value(7));
  EXPECT_EQ(context.at("next_kwargs").at("event").at("__data__").at("timestamp"), Value(1'700'000'000.0));
  EXPECT_EQ(first.at("ti_context").get("next_method"), nullptr);
}

TEST_F(DeferralTest, ItWaitsThroughARestart) {
  EXPECT_TRUE(say(defer_until(far_away)).error.is_null());
  restart();
  connect_worker("w1");
  EXPECT_EQ(asked_, 0) << "no process runs it";
  const TaskInstance deferred = rows(run)[0];
  EXPECT_EQ(deferred.state, TaskState::deferred);
  EXPECT_EQ(deferred.deferral.get_string("next_method"), "goes_on");
  EXPECT_EQ(rows(run)[1].state, TaskState::none);
}

TEST_F(DeferralTest, ATimeoutCallsItToFail) {
  EXPECT_TRUE(say(defer_until(far_away, "PT0S")).error.is_null());
  const Value context = receive("ExecuteTask").body.at("ti_context");
  EXPECT_EQ(context.get_string("next_method"), "__fail__");
  EXPECT_EQ(context.at("next_kwargs"), Value(Object{{"error", "Trigger timeout"}}));
}

TEST_F(DeferralTest, WhatCannotBeWaitedForFailsTheTry) {
  Object other = defer_until(far_away);
  other.set("classpath", "airflow.providers.google.triggers.PubsubPullTrigger");
  const task::Frame answer = say(std::move(other));
  EXPECT_THAT(answer.error.at("detail").get_string("message"), HasSubstr("there is no trigger airflow.providers.google"));
  run_until([&] { return rows(run)[0].state == TaskState::failed; }, "the end of the try");
  EXPECT_THAT(rows(run)[0].error, HasSubstr("there is no trigger"));
}

TEST_F(DeferralTest, ATimeoutThatIsNoDurationFailsTheTry) {
  EXPECT_THAT(say(defer_until(far_away, "soon")).error.at("detail").get_string("message"), HasSubstr("'soon' is no ISO 8601"));
  run_until([&] { return rows(run)[0].state == TaskState::failed; }, "the end of the try");
}

TEST_F(DeferralTest, OneThatWaitsInItsProcessStaysThatLaunch) {
  EXPECT_TRUE(say({{"type", "DeferInPlace"}, {"classpath", "a.FileTrigger"}}).error.is_null());
  EXPECT_EQ(rows(run)[0].state, TaskState::deferred);
  restart();
  connect_worker("w1");
  EXPECT_EQ(rows(run)[0].state, TaskState::deferred);
  EXPECT_EQ(rows(run)[0].deferral.get_string("classpath"), "a.FileTrigger");
}

}  // namespace
}  // namespace venturi::server
