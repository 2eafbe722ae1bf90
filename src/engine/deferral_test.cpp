// Tries that wait without a process until a trigger fires.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::IsEmpty;
using testing::World;

TryDeferred until(const Launch& launch, Time at, Time fires_at, std::optional<Duration> timeout = {}) {
  return {launch.ti.token, at, "a.Trigger", Object{{"moment", 1}}, fires_at, "fired", timeout, "goes_on", Object{{"rows", 3}}};
}

Launch begin(World& w, int retries = 0) {
  DagBuilder d;
  d.task("t").retries = retries;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  Launch launch = w.take_launch("t");
  w.step(TryStarted{launch.ti.token, w.now, 1});
  return launch;
}

TEST(Deferral, TheSameTryGoesOnWhenTheTriggerFires) {
  World w;
  const Launch first = begin(w);
  w.step(until(first, w.now, w.now + 30s));
  EXPECT_EQ(w.state("t"), "deferred");
  EXPECT_EQ(w.ti("t").end_date, std::nullopt);
  EXPECT_EQ(w.engine->outstanding().size(), 0U);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.state("t"), "deferred");
  w.pass(30s);
  w.restart();
  w.step(Tick{});
  const auto list = w.engine->outstanding();
  ASSERT_EQ(list.size(), 1U);
  const Launch second = *w.engine->launch_of(list[0].token);
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.id, first.ti.id);
  EXPECT_EQ(second.ti.start_date, w.now - 30s);
  EXPECT_EQ(second.ti.deferral,
            Value(Object{{"next_method", "goes_on"}, {"next_kwargs", Object{{"rows", 3}, {"event", "fired"}}}}));
  w.step(TrySucceeded{second.ti.token, w.now});
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Deferral, ALaunchThatNeverStartedStillGoesOn) {
  World w;
  w.step(until(begin(w), w.now, w.now + 30s));
  w.pass(30s);
  w.step(TryNeverStarted{w.take_launch("t").ti.token});
  EXPECT_EQ(w.take_launch("t").ti.deferral.get_string("next_method"), "goes_on");
}

TEST(Deferral, TimesOutAndFailsAsTheRetryRuleSays) {
  World w;
  w.step(until(begin(w, 1), w.now, w.now + 30s, 10s));
  w.pass(10s);
  const Launch told = w.take_launch("t");
  EXPECT_EQ(told.ti.deferral,
            Value(Object{{"next_method", "__fail__"}, {"next_kwargs", Object{{"error", "Trigger timeout"}}}}));
  TryFailed failure;
  failure.token = told.ti.token;
  failure.at = w.now;
  w.step(failure);
  EXPECT_EQ(w.state("t"), "up_for_retry");
  w.pass(24h);
  const Launch again = w.take_launch("t");
  EXPECT_EQ(again.ti.try_number, 2);
  EXPECT_TRUE(again.ti.deferral.is_null()) << "a new try begins at the beginning";
}

TEST(Deferral, ATriggerThatFiresBeforeItsTimeoutCounts) {
  World w;
  w.step(until(begin(w), w.now, w.now + 10s, 30s));
  w.pass(10s);
  EXPECT_EQ(w.take_launch("t").ti.deferral.get_string("next_method"), "goes_on");
}

TEST(Deferral, IsForgottenWithTheTry) {
  World w;
  w.step(until(begin(w), w.now, w.now + 10s));
  w.clear(1);
  const Launch cleared = w.take_launch("t");
  EXPECT_TRUE(cleared.ti.deferral.is_null());
  w.step(until(cleared, w.now, w.now + 10s));
  w.step(StopRun{w.next_command(), "d", w.runs().at(1).run_id, "by hand"});
  EXPECT_EQ(w.state("t"), "failed");
  w.pass(10s);
  EXPECT_THAT(w.launched(), IsEmpty());
}

// ---- in the process in which it runs -------------------------------------------------------------------------------------

constexpr std::string_view trigger = "airflow.providers.standard.triggers.file.FileTrigger";

Launch begin_in_place(World& w, int retries = 0) {
  Launch launch = begin(w, retries);
  w.step(TryDeferredInPlace{launch.ti.token, w.now, std::string(trigger)});
  return launch;
}

TEST(DeferralInPlace, HoldsNoSlotAndIsStillThatLaunch) {
  World w;
  const Launch launch = begin_in_place(w);
  EXPECT_EQ(w.state("t"), "deferred");
  EXPECT_EQ(w.ti("t").deferral.get_string("classpath"), trigger);
  const auto use = w.engine->pool_use().at(0);
  EXPECT_EQ(use.deferred, 1);
  EXPECT_EQ(use.running, 0);
  w.restart();
  w.step(Tick{});
  ASSERT_EQ(w.engine->outstanding().size(), 1U);
  EXPECT_EQ(w.engine->outstanding()[0].token, launch.ti.token);
  w.step(TryDeferredInPlace{launch.ti.token, w.now, std::string(trigger)});  // told again
  w.step(TrySucceeded{launch.ti.token, w.now});
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_TRUE(w.ti("t").deferral.is_null());
  EXPECT_EQ(w.engine->pool_use().at(0).deferred, 0);
}

TEST(DeferralInPlace, FailsAsItsRetryRuleSays) {
  World w;
  const Launch launch = begin_in_place(w, 1);
  TryFailed failure;
  failure.token = launch.ti.token;
  failure.at = w.now;
  w.step(failure);
  EXPECT_EQ(w.state("t"), "up_for_retry");
  w.pass(24h);
  EXPECT_EQ(w.take_launch("t").ti.try_number, 2);
}

TEST(DeferralInPlace, WhoeverLosesItBeginsToWaitAgain) {
  World w;
  const Launch first = begin_in_place(w);
  w.step(TryLost{first.ti.token, w.now, "its host died"});
  const Launch second = w.take_launch("t");
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.id, first.ti.id);
  EXPECT_NE(second.ti.token, first.ti.token);
  EXPECT_TRUE(second.ti.deferral.is_null());
  w.step(TryLost{second.ti.token, w.now, "its host died"});  // before it waits it may have done something
  EXPECT_EQ(w.state("t"), "failed");
}

TEST(DeferralInPlace, WhatBringsItsHostDownEndsAsLost) {
  World w;
  Launch launch = begin_in_place(w);
  for (int losses = 0; losses < 5; ++losses) {
    w.step(TryLost{launch.ti.token, w.now, "its host died"});
    launch = w.take_launch("t");
    w.step(TryDeferredInPlace{launch.ti.token, w.now, std::string(trigger)});
  }
  w.step(TryLost{launch.ti.token, w.now, "its host died"});
  EXPECT_EQ(w.state("t"), "failed");
}

TEST(DeferralInPlace, IsKilledWhenItsRunIsStopped) {
  World w;
  const Launch launch = begin_in_place(w);
  w.step(StopRun{w.next_command(), "d", w.runs().at(1).run_id, "by hand"});
  EXPECT_EQ(w.state("t"), "failed");
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, launch.ti.token);
  w.step(TrySucceeded{launch.ti.token, w.now});
  EXPECT_EQ(w.state("t"), "failed") << "fenced";
}

TEST(DeferralInPlace, IsKilledWhenItIsClearedAndRunsAgainAtOnce) {
  World w;
  const Launch launch = begin_in_place(w);
  w.clear(1);
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, launch.ti.token);
  const Launch again = w.take_launch("t");
  w.step(TrySucceeded{launch.ti.token, w.now});
  EXPECT_EQ(w.state("t"), "queued") << "fenced";
  EXPECT_EQ(again.ti.try_number, 2);
  EXPECT_TRUE(again.ti.deferral.is_null());
}

TEST(DeferralInPlace, IsKilledWhenItIsMarked) {
  World w;
  const Launch launch = begin_in_place(w);
  w.step(MarkTasks{.command = w.next_command(), .dag_id = "d", .run_id = w.runs().at(1).run_id, .tasks = {{"t"}}});
  EXPECT_EQ(w.state("t"), "success");
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, launch.ti.token);
}

}  // namespace
}  // namespace venturi::engine
