// Light tasks, seen from the supervisor: many tries in one process, each with its own messages and log.
#include "sdk/light.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

#include "sdk/testing/light_supervisor.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::LightSupervisor;
using testing::ElementsAre;
using testing::HasSubstr;

std::atomic<int> callbacks_run;
std::atomic<bool> caught_exception, was_cancelled, waits_for_cancel;
std::latch* all_here = nullptr;

std::int64_t twice(const Context& context, std::int64_t n) {
  context.log().info("try ", context.run_id(), " number ", context.try_number());
  return 2 * n;
}
void connect(const Context& context) {
  context.log().info("got ", context.get_connection("warehouse").password.size());
}
// Each needs the others: so many threads there are.
void meet() {
  all_here->arrive_and_wait();
}
void wait_for_cancel(const Context& context) {
  waits_for_cancel = true;
  while (!context.is_cancelled()) std::this_thread::yield();
  was_cancelled = true;
  try {
    (void)context.get_variable("x");
  } catch (const std::exception&) {
    caught_exception = true;
  }
}
std::int64_t return_when_cancelled(const Context& context) {
  while (!context.is_cancelled()) std::this_thread::yield();
  return 1;
}
void ask_for_ever(const Context& context) {
  (void)context.get_variable("never");
}
void fail() {
  throw std::runtime_error("the disk is full");
}
void cancelled_by_itself() {
  throw TaskCancelled("I do not want to");
}

class LightTest : public testing::Test {
 protected:
  LightTest() {
    callbacks_run = 0;
    caught_exception = was_cancelled = waits_for_cancel = false;
    Dag dag = bag_.add("d");
    auto n = dag.constant<std::int64_t>("n", 21);
    dag.task<twice>()(n);
    dag.task<connect>();
    dag.task<meet>();
    dag.task<wait_for_cancel>();
    dag.task<return_when_cancelled>();
    dag.task<ask_for_ever>();
    dag.task<fail>({.on_failure_callback = [](const CallbackContext& context) {
      context.log().info("callback of ", context.error());
      ++callbacks_run;
    }});
    dag.task<cancelled_by_itself>();
    dag.task("count", [](const Context&) { ++callbacks_run; },
             {.on_success_callback = [](const CallbackContext&) { ++callbacks_run; }});
  }
  static std::vector<std::string> events(const std::vector<Value>& lines) {
    std::vector<std::string> events;
    for (const Value& line : lines) events.push_back(line.get_string("event"));
    return events;
  }
  DagBag bag_;
};

Answer xcom(const Value& request) {
  if (request.get_string("type") != "GetXCom") return {};
  return {Object{{"type", "XComResult"}, {"key", request.at("key")}, {"value", 21}}, {}};
}

TEST_F(LightTest, MessagesAndLogAreThoseOfAProcess) {
  LightSupervisor supervisor(bag_, 4, xcom);
  supervisor.start(7, "d", "twice");
  EXPECT_EQ(supervisor.exit(7).get_string("kind"), "ok");
  EXPECT_THAT(supervisor.types(7), ElementsAre("LightStarted", "GetXCom", "SetXCom", "SucceedTask", "LightExited"));
  EXPECT_EQ(supervisor.request(7, "SetXCom").get_int("value"), 42);
  const auto log = supervisor.log(7);
  EXPECT_THAT(events(log), ElementsAre("try manual__2026-01-02 number 2"));
  EXPECT_EQ(log.at(0).get_string("task_id"), "twice");
}

TEST_F(LightTest, ManyAtOnceDoNotMix) {
  constexpr int tries = 200;
  LightSupervisor supervisor(bag_, 8, xcom);
  for (int i = 1; i <= tries; ++i) supervisor.start(i, "d", "twice", {.try_number = 1000 + i});
  for (int i = 1; i <= tries; ++i) {
    EXPECT_EQ(supervisor.exit(i).get_string("kind"), "ok");
    EXPECT_EQ(supervisor.request(i, "SetXCom").get_int("value"), 42);
    EXPECT_THAT(events(supervisor.log(i)), ElementsAre("try manual__2026-01-02 number " + std::to_string(1000 + i)));
  }
}

TEST_F(LightTest, ThreadsAreMadeForThoseThatWait) {
  constexpr int tries = 12;
  std::latch latch(tries);
  all_here = &latch;
  LightSupervisor supervisor(bag_, tries);
  for (int i = 1; i <= tries; ++i) supervisor.start(i, "d", "meet");
  for (int i = 1; i <= tries; ++i) EXPECT_EQ(supervisor.exit(i).get_string("kind"), "ok");
}

TEST_F(LightTest, WhatTheServerRefusesIsInTheLog) {
  LightSupervisor supervisor(bag_, 1, [](const Value& request) -> Answer {
    if (request.get_string("type") == "GetXCom") return xcom(request);
    return {{}, Object{{"type", "ErrorResponse"}, {"error", "GENERIC_ERROR"}, {"detail", Object{{"message", "too large"}}}}};
  });
  supervisor.start(1, "d", "twice");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "ok");  // the server has failed it already
  EXPECT_THAT(events(supervisor.log(1)),
              ElementsAre("try manual__2026-01-02 number 2", "SetXCom was refused: GENERIC_ERROR: too large",
                          "SucceedTask was refused: GENERIC_ERROR: too large"));
}

TEST_F(LightTest, CallbacksFollowTheAnsweredOutcome) {
  LightSupervisor supervisor(bag_);
  supervisor.start(1, "d", "count");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "ok");
  EXPECT_EQ(callbacks_run, 2);
  supervisor.start(2, "d", "fail");
  EXPECT_EQ(supervisor.exit(2).get_string("kind"), "ok");
  EXPECT_EQ(callbacks_run, 3);
  EXPECT_EQ(supervisor.request(2, "TaskState").get_string("error"), "the disk is full");
  EXPECT_THAT(events(supervisor.log(2)), ElementsAre("the disk is full", "callback of the disk is full"));
}

TEST_F(LightTest, ARefusedOutcomeHasNoCallbackOfSuccess) {
  LightSupervisor supervisor(bag_, 1, [](const Value&) -> Answer {
    return {{}, Object{{"type", "ErrorResponse"}, {"error", "GENERIC_ERROR"}, {"detail", nullptr}}};
  });
  supervisor.start(1, "d", "count");
  const Value exit = supervisor.exit(1);
  EXPECT_EQ(exit.get_string("kind"), "exit_code");
  EXPECT_EQ(exit.get_string("error"), "its outcome was refused");
  EXPECT_EQ(callbacks_run, 1);
}

TEST_F(LightTest, CancelledItsCallsThrowWhatIsNoException) {
  LightSupervisor supervisor(bag_);
  supervisor.start(1, "d", "wait_for_cancel");
  while (!waits_for_cancel) std::this_thread::yield();
  supervisor.cancel(1, "its time-out of 1 s was over");
  const Value exit = supervisor.exit(1);
  EXPECT_EQ(exit.get_string("kind"), "killed");
  EXPECT_EQ(exit.get_string("error"), "its time-out of 1 s was over");
  EXPECT_TRUE(was_cancelled);
  EXPECT_FALSE(caught_exception);
  EXPECT_THAT(supervisor.types(1), ElementsAre("LightStarted", "LightExited"));
  EXPECT_THAT(events(supervisor.log(1)), ElementsAre("it stops: its time-out of 1 s was over"));
}

TEST_F(LightTest, OneThatReturnsWhenItIsAskedToHasNotSucceeded) {
  LightSupervisor supervisor(bag_);
  supervisor.start(1, "d", "return_when_cancelled");
  supervisor.wait_for_start(1);
  supervisor.cancel(1, "enough");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "killed");
  EXPECT_THAT(supervisor.types(1), ElementsAre("LightStarted", "LightExited"));
}

TEST_F(LightTest, OneThatWaitsForAnAnswerIsCancelledToo) {
  LightSupervisor supervisor(bag_, 1, [](const Value&) -> Answer { return {Object{{"type", "none"}}, {}}; });
  supervisor.start(1, "d", "ask_for_ever");
  (void)supervisor.request(1, "GetVariable");
  supervisor.cancel(1, "enough");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "killed");
}

TEST_F(LightTest, OneThatWaitsForAThreadNeverBegins) {
  LightSupervisor supervisor(bag_, 1);
  supervisor.start(1, "d", "wait_for_cancel");
  supervisor.wait_for_start(1);
  supervisor.start(2, "d", "count");
  supervisor.cancel(2, "enough");
  EXPECT_EQ(supervisor.exit(2).get_string("kind"), "killed");
  EXPECT_FALSE(supervisor.has_started(2));
  supervisor.cancel(1, "enough");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "killed");
  EXPECT_EQ(callbacks_run, 0);
}

TEST_F(LightTest, TaskCancelledOfItsOwnIsAFailure) {
  LightSupervisor supervisor(bag_);
  supervisor.start(1, "d", "cancelled_by_itself");
  EXPECT_EQ(supervisor.exit(1).get_string("kind"), "ok");
  EXPECT_EQ(supervisor.request(1, "TaskState").get_string("error"), "I do not want to");
}

TEST_F(LightTest, TheConnectionsEndEndsWhoWaits) {
  auto supervisor =
      std::make_unique<LightSupervisor>(bag_, 1, [](const Value&) -> Answer { return {Object{{"type", "none"}}, {}}; });
  supervisor->start(1, "d", "ask_for_ever");
  (void)supervisor->request(1, "GetVariable");
  supervisor.reset();
}

}  // namespace
}  // namespace venturi
