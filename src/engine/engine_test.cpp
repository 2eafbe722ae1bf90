#include "engine/engine.h"

#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_empty;
using testing::World;

TEST(Engine, AChainRunsOneAfterTheOther) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  const DagRun run = w.trigger("d");
  EXPECT_EQ(run.state, RunState::running);
  EXPECT_EQ(run.run_id, "manual__2026-03-01T00:00:00+00:00");
  EXPECT_THAT(w.launched(), ElementsAre("a"));
  EXPECT_EQ(w.state("a"), "queued");
  EXPECT_EQ(w.state("b"), "none");
  w.step(TryStarted{w.launches[0].ti.token, w.now, 4711});
  EXPECT_EQ(w.state("a"), "running");
  EXPECT_EQ(w.ti("a").pid, 4711);
  w.succeed("a");
  EXPECT_THAT(w.launched(), ElementsAre("b"));
  w.succeed("b");
  EXPECT_EQ(w.run_state(), "success");
  ASSERT_EQ(w.ended.size(), 1u);
  EXPECT_THAT(w.history("b"), ElementsAre("scheduled: trigger rule all_success: upstream a succeeded",
                                          "queued: launched as try 1", "success: it succeeded"));
  EXPECT_THAT(w.engine->snapshot().runs, IsEmpty());
}

TEST(Engine, TheNextLaunchIsInTheSameBatchAsTheSuccess) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.engine->step(TrySucceeded{w.take_launch("a").ti.token, w.now}, w.now);
  const Batch batch = w.engine->take();
  EXPECT_EQ(batch.changes.task_instances.size(), 2u);
  ASSERT_EQ(batch.effects.size(), 1u);
  EXPECT_EQ(std::get<Launch>(batch.effects[0]).ti.task_id, "b");
}

TEST(Engine, AFailureGoesDownstreamAndFailsTheRun) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  d.task("cleanup", {"b"}).trigger_rule = TriggerRule::all_done;
  d.task("c", {"b"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("a");
  EXPECT_EQ(w.state("a"), "failed");
  EXPECT_EQ(w.ti("a").error, "it broke");
  EXPECT_EQ(w.state("b"), "upstream_failed");
  EXPECT_EQ(w.state("c"), "upstream_failed");
  EXPECT_THAT(w.launched(), ElementsAre("cleanup"));
  w.succeed("cleanup");
  EXPECT_EQ(w.run_state(), "failed");
}

TEST(Engine, OnlyLeavesDecide) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"}).trigger_rule = TriggerRule::one_failed;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("a");
  w.succeed("b");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Engine, RetriesWaitTheirDelayAndGetANewId) {
  World w;
  DagBuilder d;
  Task& a = d.task("a");
  a.retries = 2;
  a.retry_delay = 60s;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const Launch first = w.launches[0];
  EXPECT_TRUE(first.should_retry);
  w.fail("a", "no connection");
  EXPECT_EQ(w.state("a"), "up_for_retry");
  EXPECT_EQ(w.ti("a").next_try_at, w.now + 60s);
  EXPECT_NE(w.ti("a").id, first.ti.id);
  ASSERT_EQ(w.ended_tries.size(), 1u);
  EXPECT_EQ(w.ended_tries[0].id, first.ti.id);
  EXPECT_EQ(w.ended_tries[0].state, TaskState::failed);
  EXPECT_EQ(w.ended_tries[0].error, "no connection");
  w.pass(59s);
  EXPECT_THAT(w.launched(), IsEmpty());
  w.pass(1s);
  EXPECT_EQ(w.ti("a").try_number, 2);
  w.fail("a");
  ASSERT_TRUE(w.pass_to_next());
  EXPECT_FALSE(w.launches.at(0).should_retry);
  w.fail("a");
  EXPECT_EQ(w.state("a"), "failed");
  EXPECT_EQ(w.ti("a").try_number, 3);
  EXPECT_EQ(w.run_state(), "failed");
}

TEST(Engine, AFailureForGoodIsNotRetried) {
  World w;
  DagBuilder d;
  d.task("a").retries = 3;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  TryFailed f;
  f.token = w.take_launch("a").ti.token;
  f.at = w.now;
  f.may_retry = false;
  w.step(f);
  EXPECT_EQ(w.state("a"), "failed");
}

TEST(Engine, WhatARetryPolicySaysGoesBeforeTheTasksOwnDelay) {
  World w;
  DagBuilder d;
  d.task("a").retries = 1;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  TryFailed f;
  f.token = w.take_launch("a").ti.token;
  f.at = w.now;
  f.retry_delay = 3s;
  w.step(f);
  EXPECT_EQ(w.ti("a").next_try_at, w.now + 3s);
}

TEST(Engine, TokensCountOnce) {
  World w;
  DagBuilder d;
  d.task("a").retries = 1;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const LaunchToken token = w.take_launch("a").ti.token;
  w.step(TrySucceeded{token, w.now});
  const auto rows = w.rows_written;
  w.step(TrySucceeded{token, w.now});
  w.step(TryStarted{token, w.now, 5});
  w.step(TryLost{token, w.now, "late"});
  w.step(TryNeverStarted{token});
  EXPECT_EQ(w.rows_written, rows);
  EXPECT_EQ(w.state("a"), "success");
}

TEST(Engine, ALaunchThatNeverStartedIsTheSameTryUnderANewToken) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const Launch first = w.take_launch("a");
  w.step(TryNeverStarted{first.ti.token});
  const Launch second = w.take_launch("a");
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.id, first.ti.id);
  EXPECT_GT(second.ti.token, first.ti.token);
  w.step(TrySucceeded{first.ti.token, w.now});
  EXPECT_EQ(w.state("a"), "queued");
  EXPECT_EQ(w.engine->horizon(), second.ti.token.sequence);
}

TEST(Engine, ALostTryIsNotRunAgainWithoutABudget) {
  World w;
  DagBuilder d;
  d.task("once");
  d.task("twice").retries = 1;
  d.task("safe").retries_on_loss = 1;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  for (const char* task : {"once", "twice", "safe"}) w.step(TryLost{w.take_launch(task).ti.token, w.now, "its worker died"});
  EXPECT_EQ(w.state("once"), "failed");
  EXPECT_EQ(w.ti("once").end_reason, EndReason::lost);
  EXPECT_EQ(w.state("twice"), "up_for_retry");
  EXPECT_EQ(w.state("safe"), "up_for_retry");
  while (w.launched().size() < 2) ASSERT_TRUE(w.pass_to_next());
  for (const char* task : {"twice", "safe"}) w.step(TryLost{w.take_launch(task).ti.token, w.now, "its worker died"});
  EXPECT_EQ(w.state("twice"), "failed");
  EXPECT_EQ(w.state("safe"), "failed");
}

TEST(Engine, ABranchSkipsWhatItDidNotChoose) {
  World w;
  DagBuilder d;
  d.task("branch");
  d.task("left", {"branch"});
  d.task("right", {"branch"});
  d.task("below_right", {"right"});
  d.task("join", {"left", "below_right"}).trigger_rule = TriggerRule::none_failed_min_one_success;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const LaunchToken token = w.launches[0].ti.token;
  w.step(SkipDownstream{token, {"right", "unknown"}});
  EXPECT_EQ(w.state("right"), "skipped");
  EXPECT_EQ(w.state("below_right"), "skipped");
  w.succeed("branch");
  EXPECT_THAT(w.launched(), ElementsAre("left"));
  w.succeed("left");
  w.succeed("join");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Engine, ASkipGoesDownstream) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.skip("a");
  EXPECT_EQ(w.state("b"), "skipped");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Engine, EmptyTasksEndWithoutAWorker) {
  World w;
  DagBuilder d;
  make_empty(d.task("a"));
  make_empty(d.task("b", {"a"}));
  d.task("c", {"b"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  EXPECT_EQ(w.state("a"), "success");
  EXPECT_EQ(w.ti("b").try_number, 1);
  EXPECT_THAT(w.launched(), ElementsAre("c"));
}

TEST(Engine, ADagWithoutTasksSucceeds) {
  World w;
  w.step(DagSeen{DagBuilder().build()});
  w.trigger("d");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Engine, ARescheduledTryGoesOn) {
  World w;
  DagBuilder d;
  d.task("sensor");
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const Launch first = w.take_launch("sensor");
  w.step(TryStarted{first.ti.token, w.now, 1});
  w.step(TryRescheduled{first.ti.token, w.now, w.now + 30s});
  EXPECT_EQ(w.state("sensor"), "up_for_reschedule");
  w.restart();
  w.step(Tick{});
  w.pass(30s);
  const Launch second = w.take_launch("sensor");
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.id, first.ti.id);
  EXPECT_EQ(second.ti.start_date, w.now - 30s);
}

TEST(Engine, ARescheduledTryThatWaitsForASlotGoesOnAfterARestart) {
  World w;
  DagBuilder d;
  d.task("sensor");
  w.step(DagSeen{d.build()});
  w.trigger("d");
  const Launch first = w.take_launch("sensor");
  w.step(TryStarted{first.ti.token, w.now, 1});
  w.step(SetPaused{w.next_command(), "d", true});
  w.step(TryRescheduled{first.ti.token, w.now, w.now + 30s});
  w.pass(30s);
  EXPECT_EQ(w.state("sensor"), "scheduled");
  w.restart();
  w.step(Tick{});
  w.step(SetPaused{w.next_command(), "d", false});
  const Launch second = w.take_launch("sensor");
  EXPECT_EQ(second.ti.try_number, 1);
  EXPECT_EQ(second.ti.start_date, w.now - 30s);
}

// ---- limits --------------------------------------------------------------------------------------------------------------

TEST(Engine, ParallelismAndPriority) {
  World w(2);
  DagBuilder d;
  d.task("low").priority_weight = 1;
  d.task("high").priority_weight = 9;
  d.task("middle").priority_weight = 5;
  w.step(DagSeen{d.build()});
  // All three are there before any is launched.
  w.step(SetPaused{w.next_command(), "d", true});
  w.trigger("d");
  EXPECT_EQ(w.run_state(), "queued");
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_THAT(w.launched(), ElementsAre("high", "middle"));
  w.succeed("high");
  EXPECT_THAT(w.launched(), ElementsAre("middle", "low"));
}

TEST(Engine, ASmallRunIsNotKeptWaitingByALargeOne) {
  World w(4);
  DagBuilder large("large", "large 1"), small("small", "small 1");
  large.dag.max_active_tasks = 1000;
  for (int i = 0; i < 50; ++i) large.task("t" + std::to_string(i));
  small.task("a");
  small.task("b", {"a"});
  w.step(DagSeen{large.build()});
  w.step(DagSeen{small.build()});
  w.trigger("large");
  w.trigger("small");
  EXPECT_EQ(w.launched().size(), 4u);
  w.succeed("t0");
  EXPECT_THAT(w.launched(), ::testing::Contains("a"));
  w.succeed("a");
  EXPECT_THAT(w.launched(), ::testing::Contains("b"));
}

TEST(Engine, MaxActiveTasksOfARun) {
  World w;
  DagBuilder d;
  d.dag.max_active_tasks = 2;
  for (const char* task : {"a", "b", "c"}) d.task(task);
  w.step(DagSeen{d.build()});
  w.trigger("d");
  EXPECT_THAT(w.launched(), ElementsAre("a", "b"));
  EXPECT_EQ(w.state("c"), "scheduled");
  w.fail("b");
  EXPECT_THAT(w.launched(), ElementsAre("a", "c"));
}

TEST(Engine, MaxActiveRunsOfADag) {
  World w;
  DagBuilder d;
  d.dag.max_active_runs = 1;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "one");
  w.trigger("d", "two");
  EXPECT_EQ(w.run_state(), "queued");
  EXPECT_EQ(w.launched().size(), 1u);
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "running");
  EXPECT_EQ(w.launched().size(), 1u);
}

TEST(Engine, APausedDagStartsNothing) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.step(SetPaused{w.next_command(), "d", true});
  w.succeed("a");
  EXPECT_THAT(w.launched(), IsEmpty());
  EXPECT_EQ(w.state("b"), "scheduled");
  w.restart();
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_THAT(w.launched(), ElementsAre("b"));
}

TEST(Engine, LargeRunsAreCreatedInSlices) {
  World w;
  w.compares = false;
  DagBuilder d;
  for (int i = 0; i < 10'000; ++i) d.task("t" + std::to_string(i));
  w.step(DagSeen{d.build()});
  w.compares = true;
  w.engine->step(TriggerRun{.command = 1,
                            .dag_id = "d",
                            .run_id = {},
                            .logical_date = {},
                            .data_interval_start = {},
                            .data_interval_end = {},
                            .conf = {},
                            .user = {}},
                 w.now);
  const Batch first = w.engine->take();
  EXPECT_LT(first.changes.task_instances.size(), 200u);
  EXPECT_TRUE(w.engine->has_work());
  w.engine->work(w.now, 100);
  EXPECT_LE(w.engine->take().changes.task_instances.size(), 120u);
}

TEST(Engine, ARestartGoesOnWithHalfARun) {
  World w;
  DagBuilder d;
  for (int i = 0; i < 300; ++i) d.task("t" + std::to_string(i));
  w.step(DagSeen{d.build()});
  w.trigger("d");
  EXPECT_EQ(w.task_instances().size(), 300u);
}

// ---- commands ------------------------------------------------------------------------------------------------------------

TEST(Engine, RefusedTriggersSayWhy) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  const auto refused = [&](TriggerRun t) {
    t.command = w.next_command();
    w.step(t);
    return w.answer().error ? w.answer().error->text() : std::string("it was taken");
  };
  TriggerRun t;
  t.dag_id = "nope";
  EXPECT_EQ(refused(t), "there is no DAG nope (see: venturi dags list)");
  t.dag_id = "d";
  t.conf = Array{};
  EXPECT_THAT(refused(t), HasSubstr("dag d: conf must be a JSON object, not array"));
  t.conf = {};
  for (const char* id : {"", "../x", "a/b", "a b", "a..b"}) {
    t.run_id = id;
    EXPECT_THAT(refused(t), HasSubstr("is not allowed"));
  }
  t.run_id = "twice";
  EXPECT_EQ(refused(t), "it was taken");
  EXPECT_THAT(refused(t), HasSubstr("there is a run twice already"));
  t.run_id.reset();
  t.data_interval_start = w.now;
  EXPECT_THAT(refused(t), HasSubstr("needs a start and an end"));
  t.data_interval_end = w.now - 1s;
  EXPECT_THAT(refused(t), HasSubstr("ends before it starts"));
}

TEST(Engine, TwoTriggersInOneMomentAreTwoRuns) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.trigger("d");
  EXPECT_THAT(w.run_ids(), ElementsAre("manual__2026-03-01T00:00:00+00:00", "manual__2026-03-01T00:00:00.000001+00:00"));
}

TEST(Engine, StoppingARunKillsWhatRunsAndSkipsTheRest) {
  World w;
  DagBuilder d;
  d.task("a").retries = 5;
  d.task("b", {"a"});
  d.task("always", {"a"}).trigger_rule = TriggerRule::all_done;
  w.step(DagSeen{d.build()});
  const DagRun run = w.trigger("d");
  w.step(TryStarted{w.launches[0].ti.token, w.now, 1});
  w.step(StopRun{w.next_command(), "d", run.run_id, "marked failed by anna"});
  EXPECT_EQ(w.run_state(), "failed");
  EXPECT_EQ(w.state("a"), "failed");
  EXPECT_EQ(w.state("b"), "skipped");
  EXPECT_EQ(w.state("always"), "skipped");
  ASSERT_EQ(w.kills.size(), 1u);
  EXPECT_EQ(w.kills[0].token, w.launches[0].ti.token);
  EXPECT_FALSE(w.answer().error);
  w.step(StopRun{w.next_command(), "d", run.run_id, "again"});
  EXPECT_THAT(w.answer().error->text(), HasSubstr("there is no active run"));
}

TEST(Engine, ARunThatWasStoppedWhileItWasQueuedRunsItsTeardownsWhenItStarts) {
  World w;
  DagBuilder d;
  d.dag.max_active_runs = 1;
  d.task("a");
  Task& teardown = d.task("b");
  teardown.is_teardown = true;
  teardown.trigger_rule = TriggerRule::all_done_setup_success;
  w.step(DagSeen{d.build()});
  w.trigger("d", "first");
  w.trigger("d", "second");
  w.step(StopRun{w.next_command(), "d", "second", "enough"});
  w.succeed("a");
  w.succeed("b");
  EXPECT_EQ(w.state("a"), "skipped");
  EXPECT_THAT(w.launched(), ElementsAre("b"));
}

TEST(Engine, ADagThatFailsFastSkipsTheRest) {
  World w;
  DagBuilder d;
  d.dag.fail_fast = true;
  d.task("a");
  d.task("b");
  d.task("c", {"a", "b"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.step(TryStarted{w.launches[1].ti.token, w.now, 1});
  w.fail("a");
  EXPECT_EQ(w.state("b"), "failed");
  EXPECT_EQ(w.state("c"), "skipped");
  EXPECT_EQ(w.kills.size(), 1u);
  EXPECT_EQ(w.run_state(), "success");  // its leaf was skipped, as Airflow has it
}

TEST(Engine, ARunTimesOut) {
  World w;
  DagBuilder d;
  d.dag.dagrun_timeout = 60s;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.restart();
  w.step(Tick{});
  w.pass(60s);
  EXPECT_EQ(w.run_state(), "failed");
  EXPECT_EQ(w.state("a"), "skipped");
  EXPECT_EQ(w.kills.at(0).reason, EndReason::dagrun_timeout);
}

// ---- callbacks -----------------------------------------------------------------------------------------------------------

void wants_mail(Callbacks& callbacks) {
  callbacks.notifiers.set("on_failure_callback", Array{Object{{"classpath", "venturi.notifiers.smtp.SmtpNotifier"},
                                                              {"kwargs", Object{{"to", "ops"}}}}});
}

TEST(Engine, ACallbackIsOwedUntilItIsDone) {
  World w;
  DagBuilder d;
  wants_mail(d.task("a").callbacks);
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("a", "no orders");
  ASSERT_EQ(w.deliveries.size(), 1u);
  const OutboxEntry entry = w.deliveries[0].entry;
  EXPECT_EQ(entry.key, "d/manual__2026-03-01T00:00:00+00:00/a/-1/1/failure");
  EXPECT_EQ(entry.context.get_string("error"), "no orders");
  EXPECT_FALSE(entry.context.get_bool("function"));
  w.restart();
  w.step(Tick{});
  ASSERT_EQ(w.engine->take_due_deliveries().size(), 1u);
  EXPECT_THAT(w.engine->take_due_deliveries(), IsEmpty());
  w.step(OutboxFailed{entry.no, "connection refused"});
  w.deliveries.clear();
  w.pass(9s);
  EXPECT_THAT(w.deliveries, IsEmpty());
  w.restart();
  w.step(Tick{});
  w.pass(1s);
  ASSERT_EQ(w.deliveries.size(), 1u);
  w.step(OutboxDone{entry.no});
  EXPECT_THAT(w.engine->snapshot().outbox, IsEmpty());
}

TEST(Engine, ADeliveryIsGivenUpInTheEndAndTheHistorySaysSo) {
  World w;
  DagBuilder d;
  wants_mail(d.task("a").callbacks);
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("a");
  for (int i = 0; i < 4; ++i) {
    w.step(OutboxFailed{1, "connection refused"});
    ASSERT_TRUE(w.pass_to_next());
  }
  w.step(OutboxFailed{1, "connection refused"});
  EXPECT_THAT(w.engine->snapshot().outbox, IsEmpty());
  EXPECT_THAT(w.history("a").back(), HasSubstr("given up after 5 attempts: connection refused"));
}

TEST(Engine, FunctionsAreOwedOnlyWhereTheTaskDidNotRunThem) {
  World w;
  DagBuilder d;
  d.task("told").callbacks.on_failure = true;
  d.task("died").callbacks.on_failure = true;
  d.dag.callbacks.on_failure = true;
  w.step(DagSeen{d.build()});
  w.trigger("d");
  w.fail("told");
  EXPECT_THAT(w.deliveries, IsEmpty());
  TryFailed f;
  f.token = w.take_launch("died").ti.token;
  f.at = w.now;
  f.reason = EndReason::signal;
  f.detail = 11;
  w.step(f);
  ASSERT_EQ(w.deliveries.size(), 2u);
  EXPECT_EQ(w.deliveries[0].entry.task_id, "died");
  EXPECT_TRUE(w.deliveries[0].entry.context.get_bool("function"));
  EXPECT_EQ(w.deliveries[1].entry.task_id, "");  // the DAG's own
}

}  // namespace
}  // namespace venturi::engine
