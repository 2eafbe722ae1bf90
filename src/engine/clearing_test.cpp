// Clearing: what runs again, in runs that are active and in runs that ended.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::DagBuilder;
using ::testing::Field;
using ::testing::HasSubstr;
using testing::World;

// a -> b -> c, and one that stands alone.
World world_with_chain(int retries = 0) {
  DagBuilder d;
  d.task("a").retries = retries;
  d.task("b", {"a"});
  d.task("c", {"b"});
  d.task("alone");
  World w;
  w.step(DagSeen{d.build()});
  return w;
}

void run_chain(World& w) {
  for (const char* task : {"a", "alone", "b", "c"}) w.succeed(task);
}

TEST(Clear, BringsARunThatEndedBack) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  run_chain(w);
  ASSERT_EQ(w.run_state(), "success");
  const Answer answer = w.clear(run.no);
  EXPECT_FALSE(answer.error);
  EXPECT_EQ(answer.task_instances.size(), 4U);
  EXPECT_EQ(answer.task_instances.front().state, TaskState::success);
  EXPECT_EQ(w.run_state(), "running");
  EXPECT_EQ(w.launched(), (std::vector<std::string>{"a", "alone"}));
  EXPECT_EQ(w.ti("a").try_number, 2);
  EXPECT_EQ(w.state("b"), "none");
  EXPECT_EQ(w.ended_tries.size(), 4U);
  EXPECT_EQ(w.ended_tries.front().try_number, 1);
  run_chain(w);
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.ti("c").try_number, 2);
  EXPECT_EQ(w.runs().size(), 1U);
  EXPECT_EQ(w.ended.size(), 2U);
  EXPECT_EQ(w.history("b")[3], "none: cleared by me");
}

TEST(Clear, ByTheDagAsItIsNow) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  w.fail("a");
  w.succeed("alone");
  ASSERT_EQ(w.run_state(), "failed");
  DagBuilder mended("d", "v2");  // "b" waits for nothing any more
  mended.task("a").retries = 3;
  mended.task("b");
  mended.task("c", {"b"});
  mended.task("alone");
  w.step(DagSeen{mended.build()});
  w.clear(run.no, {.tasks = {{"a"}}, .downstream = true});
  EXPECT_EQ(w.runs().at(run.no).dag_version_id, "v1") << "nobody asked for it";
  EXPECT_EQ(w.clear(run.no, {.tasks = {{"a"}, {"b"}}, .downstream = true}, false, true).error, std::nullopt);
  EXPECT_EQ(w.runs().at(run.no).dag_version_id, "v2");
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.ti("a").max_tries, 2 + 3);
  EXPECT_EQ(w.state("b"), "queued");
  for (int i = 0; i < 3; ++i) {
    for (const auto& o : w.engine->outstanding()) w.step(TrySucceeded{o.token, w.now});
  }
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_THAT(w.transitions, Contains(Field(&Transition::cause, "it follows the DAG as it is now: cleared by me")));
}

TEST(Clear, OneTaskAlone) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  run_chain(w);
  w.clear(run.no, {.tasks = {{"b"}}});
  EXPECT_EQ(w.launched(), std::vector<std::string>{"b"});
  EXPECT_EQ(w.state("c"), "success");
  w.succeed("b");
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.ti("c").try_number, 1);
}

TEST(Clear, WithWhatStandsBelow) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  run_chain(w);
  w.clear(run.no, {.tasks = {{"b"}}, .downstream = true});
  EXPECT_EQ(w.launched(), std::vector<std::string>{"b"});
  w.succeed("b");
  w.succeed("c");
  EXPECT_EQ(w.ti("c").try_number, 2);
  EXPECT_EQ(w.ti("a").try_number, 1);
}

TEST(Clear, OnlyWhatFailed) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  w.succeed("a");
  w.succeed("alone");
  w.fail("b");
  ASSERT_EQ(w.run_state(), "failed");
  const Answer answer = w.clear(run.no, {.only_failed = true});
  ASSERT_EQ(answer.task_instances.size(), 2U);
  w.succeed("b");
  EXPECT_EQ(w.ti("b").try_number, 2);
  w.succeed("c");
  EXPECT_EQ(w.ti("c").try_number, 1) << "it had never run";
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Clear, GivesAllRetriesAgain) {
  World w = world_with_chain(1);
  const DagRun run = w.trigger("d", "r");
  w.fail("a");
  w.pass(1h);
  w.fail("a");
  w.succeed("alone");
  ASSERT_EQ(w.run_state(), "failed");
  w.clear(run.no, {.tasks = {{"a"}}, .downstream = true});
  EXPECT_EQ(w.ti("a").max_tries, 3);
  w.fail("a");
  EXPECT_EQ(w.state("a"), "up_for_retry");
  w.pass(1h);
  w.succeed("a");
  EXPECT_EQ(w.ti("a").try_number, 4);
  std::vector<int> tries;
  for (const TaskInstance& ti : w.ended_tries) {
    if (ti.task_id == "a") tries.push_back(ti.try_number);
  }
  EXPECT_EQ(tries, (std::vector{1, 2, 3}));
}

TEST(Clear, WhatRunsIsKilledFirst) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  const LaunchToken token = w.take_launch("a").ti.token;
  w.step(TryStarted{token, w.now, 7});
  w.clear(run.no, {.tasks = {{"a"}}});
  EXPECT_EQ(w.state("a"), "restarting");
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, token);
  EXPECT_TRUE(w.engine->is_restarting(token));
  EXPECT_EQ(w.launched(), std::vector<std::string>{"alone"}) << "the first one may still run";

  w.restart();
  w.step(Tick{});
  EXPECT_TRUE(w.engine->is_restarting(token));
  TryFailed killed;
  killed.token = token;
  killed.at = w.now;
  killed.reason = EndReason::killed;
  w.step(killed);
  EXPECT_EQ(w.state("a"), "queued");
  EXPECT_EQ(w.ti("a").try_number, 2);
  ASSERT_EQ(w.ended_tries.size(), 1U);
  EXPECT_EQ(w.ended_tries[0].end_reason, EndReason::cleared);
  w.succeed("a");
  w.succeed("b");
}

TEST(Clear, WhatNeverStartedGoesOut) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  const LaunchToken token = w.take_launch("a").ti.token;
  w.clear(run.no, {.tasks = {{"a"}}});
  w.step(TryNeverStarted{token});
  EXPECT_EQ(w.state("a"), "queued");
  EXPECT_TRUE(w.ended_tries.empty());
  w.succeed("a");
}

TEST(Clear, TakesASetupAlongWithItsWork) {
  DagBuilder d;
  d.task("create").is_setup = true;
  d.task("work", {"create"});
  Task& drop = d.task("drop", {"create", "work"});
  drop.is_teardown = true;
  drop.trigger_rule = TriggerRule::all_done_setup_success;
  d.task("other");
  World w;
  w.step(DagSeen{d.build()});
  const DagRun run = w.trigger("d", "r");
  for (const char* task : {"create", "other", "work", "drop"}) w.succeed(task);
  ASSERT_EQ(w.run_state(), "success");
  const Answer answer = w.clear(run.no, {.tasks = {{"work"}}});
  EXPECT_EQ(answer.task_instances.size(), 3U);
  for (const char* task : {"create", "work", "drop"}) w.succeed(task);
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Clear, IsOnlyLookedAtInADryRun) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  run_chain(w);
  const Answer answer = w.clear(run.no, {.tasks = {{"b"}}, .upstream = true}, true);
  EXPECT_EQ(answer.task_instances.size(), 2U);
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_TRUE(w.launches.empty());
}

TEST(Clear, SaysWhichTaskThereIsNot) {
  World w = world_with_chain();
  const DagRun run = w.trigger("d", "r");
  const Answer answer = w.clear(run.no, {.tasks = {{"alnoe"}}});
  ASSERT_TRUE(answer.error);
  EXPECT_EQ(answer.error->text(), "dag d: there is no task alnoe (did you mean alone?)");
}

TEST(Clear, RunsAreQueuedBehindThoseThatRun) {
  DagBuilder d;
  d.task("a");
  d.dag.max_active_runs = 1;
  World w;
  w.step(DagSeen{d.build()});
  const DagRun first = w.trigger("d", "first");
  w.succeed("a");
  w.trigger("d", "second");
  w.clear(first.no);
  EXPECT_EQ(w.runs().at(first.no).state, RunState::queued);
  EXPECT_FALSE(w.runs().at(first.no).start_date);
  w.succeed("a");
  EXPECT_EQ(w.runs().at(first.no).state, RunState::running);
  w.succeed("a");
  EXPECT_EQ(w.runs().at(first.no).state, RunState::success);
}

// ---- mapped tasks --------------------------------------------------------------------------------------------------------

class ClearMapped : public ::testing::Test {
 protected:
  void SetUp() override {
    DagBuilder d;
    d.task("list").mapped_keys = {"return_value"};
    Task& each = d.task("each", {"list"});
    each.mapped_over.push_back({.task = 0, .key = "return_value"});
    d.task("sum", {"each"});
    w.step(DagSeen{d.build()});
    run = w.trigger("d", "r").no;
    give(2);
    for (int i = 0; i < 2; ++i) w.succeed("each");
    w.succeed("sum");
    ASSERT_EQ(w.run_state(), "success");
  }
  void give(int length) {
    const LaunchToken token = w.launches.front().ti.token;
    w.push_length(token, "return_value", length);
    w.succeed("list");
  }
  [[nodiscard]] std::vector<std::string> states_of_each() const {
    std::vector<std::string> states;
    for (const auto& [no, ti] : w.task_instances()) {
      if (ti.task_id == "each") states.push_back(std::to_string(ti.map_index) + " " + std::string(to_string(ti.state)));
    }
    return states;
  }
  World w;
  RunNo run = 0;
};

TEST_F(ClearMapped, OneInstance) {
  w.clear(run, {.tasks = {{"each", 1}}, .downstream = true});
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 success", "1 queued"}));
  w.succeed("each");
  w.succeed("sum");
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(ClearMapped, TheListBecomesLonger) {
  w.clear(run);
  give(4);
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 queued", "1 queued", "2 queued", "3 queued"}));
  for (int i = 0; i < 4; ++i) w.succeed("each");
  w.succeed("sum");
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(ClearMapped, TheListBecomesShorter) {
  w.clear(run);
  give(1);
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 queued", "1 removed"}));
  w.succeed("each");
  w.succeed("sum");
  EXPECT_EQ(w.run_state(), "success");
  w.clear(run);
  give(3);
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 queued", "1 queued", "2 queued"}));
}

TEST_F(ClearMapped, AStartInBetween) {
  w.clear(run);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 none", "1 none"}));
  const auto outstanding = w.engine->outstanding();
  ASSERT_EQ(outstanding.size(), 1U);
  w.push_length(outstanding[0].token, "return_value", 3);
  w.restart();
  w.step(TrySucceeded{outstanding[0].token, w.now});
  EXPECT_EQ(states_of_each(), (std::vector<std::string>{"0 queued", "1 queued", "2 queued"}));
}

// Airflow's NotPreviouslySkippedDep (tests/oracle: act_clear_skipped_below_branch was recorded on it).
TEST(Clear, WhatABranchHasNotChosenStaysSkipped) {
  DagBuilder d;
  d.task("choose").serialized = Object{{"_can_skip_downstream", true}};
  d.task("x", {"choose"});
  d.task("y", {"choose"});
  World w;
  w.step(DagSeen{d.build()});
  const RunNo run = w.trigger("d").no;
  const auto choose = [&w] {
    const Launch branch = w.take_launch("choose");
    w.step(SkipDownstream{branch.ti.token, {"y"}});
    w.step(TrySucceeded{branch.ti.token, w.now});
  };
  choose();
  w.succeed("x");
  ASSERT_EQ(w.run_state(), "success");
  const Answer answer = w.clear(run, {.tasks = {{"y"}}});
  EXPECT_EQ(answer.task_instances.size(), 1U) << "it is cleared, and skipped again at once";
  EXPECT_EQ(w.state("y"), "skipped");
  EXPECT_EQ(w.run_state(), "success");
  w.clear(run, {.tasks = {{"choose"}}, .downstream = true});
  EXPECT_EQ(w.state("y"), "none") << "the branch chooses anew";
  w.succeed("choose");
  EXPECT_EQ(w.state("y"), "queued");
}

}  // namespace
}  // namespace venturi::engine
