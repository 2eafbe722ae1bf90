// What Airflow does when a person says how task instances and runs ended; the outcomes are those recorded on it
// (tests/oracle: act_mark_*).
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::World;

class Marking : public ::testing::Test {
 protected:
  // a, and below it in a line b, c, d.
  void begin(const std::vector<std::string>& tasks) {
    std::string above;
    for (const std::string& task : tasks) {
      d.task(task, above.empty() ? std::vector<std::string>{} : std::vector{above});
      above = task;
    }
    w.step(DagSeen{d.build()});
    run = w.trigger("d").no;
  }
  std::vector<std::string> states(const std::vector<std::string>& tasks) const {
    std::vector<std::string> all{w.run_state()};
    for (const std::string& task : tasks) all.push_back(w.state(task));
    return all;
  }

  DagBuilder d;
  World w;
  RunNo run = 0;
};

TEST_F(Marking, AFailureThatIsMadeUpForLetsWhatIsBelowRun) {
  begin({"a", "b", "c"});
  w.succeed("a");
  w.fail("b");
  ASSERT_THAT(states({"a", "b", "c"}), ElementsAre("failed", "success", "failed", "upstream_failed"));
  const Answer answer = w.mark(run, {{"b"}}, TaskState::success);
  ASSERT_EQ(answer.task_instances.size(), 1U);
  EXPECT_EQ(answer.task_instances[0].state, TaskState::failed) << "as it was";
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("running", "success", "success", "queued"));
  w.restart();
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_EQ(w.run_state(), "success");
}

TEST_F(Marking, WhatEndedRunsLookLikeChangesNotTheirOwnState) {
  begin({"a", "b", "c"});
  w.succeed("a");
  w.succeed("b");
  w.succeed("c");
  w.mark(run, {{"b"}}, TaskState::failed);
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("success", "success", "failed", "success"));
  w.mark(run, {{"b"}}, TaskState::skipped);
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("success", "success", "skipped", "success"));
  EXPECT_THAT(w.ended, ::testing::SizeIs(1)) << "it did not end again";
  w.restart();
}

TEST_F(Marking, WithWhatIsBelowAFailedRunStaysFailed) {
  begin({"a", "b", "c"});
  w.fail("a");
  w.mark(run, {{"a"}}, TaskState::success, false, true);
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("failed", "success", "success", "success"));
  // Failed with what is below: that is cleared at once, and fails again.
  w.mark(run, {{"b"}}, TaskState::failed, false, true);
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("failed", "success", "failed", "upstream_failed"));
}

TEST_F(Marking, WithWhatIsAbove) {
  begin({"a", "b", "c"});
  w.fail("a");
  w.mark(run, {{"b"}}, TaskState::success, true);
  EXPECT_THAT(states({"a", "b", "c"}), ElementsAre("running", "success", "success", "queued"));
}

TEST_F(Marking, WhatRunsIsKilledAndNobodyIsCalled) {
  begin({"a", "b"});
  const Launch a = w.take_launch("a");
  w.step(TryStarted{a.ti.token, w.now, 7});
  w.mark(run, {{"a"}}, TaskState::failed);
  ASSERT_EQ(w.kills.size(), 1U);
  EXPECT_EQ(w.kills[0].token, a.ti.token);
  EXPECT_THAT(states({"a", "b"}), ElementsAre("failed", "failed", "upstream_failed"));
  w.step(TrySucceeded{a.ti.token, w.now});  // too late
  EXPECT_EQ(w.state("a"), "failed");
  EXPECT_THAT(w.deliveries, IsEmpty());
}

TEST_F(Marking, OneThatWaitsForItsRetryIsNotTriedAgain) {
  d.task("a").retries = 3;
  d.task("b", {"a"}).trigger_rule = TriggerRule::all_done;
  w.step(DagSeen{d.build()});
  run = w.trigger("d").no;
  w.fail("a");
  ASSERT_EQ(w.state("a"), "up_for_retry");
  w.mark(run, {{"a"}}, TaskState::failed);
  EXPECT_THAT(states({"a", "b"}), ElementsAre("running", "failed", "queued"));
  w.pass(std::chrono::hours(1));
  EXPECT_EQ(w.state("a"), "failed");
}

TEST_F(Marking, ADryRunChangesNothing) {
  begin({"a", "b"});
  w.fail("a");
  MarkTasks m;
  m.command = w.next_command();
  m.dag_id = "d";
  m.run_id = w.runs().at(run).run_id;
  m.tasks = {{"a"}};
  m.ended = w.ended_run(w.runs().at(run));
  m.dry_run = true;
  w.step(m);
  EXPECT_EQ(w.answer().task_instances.size(), 1U);
  EXPECT_THAT(states({"a", "b"}), ElementsAre("failed", "failed", "upstream_failed"));
}

TEST_F(Marking, UnknownTasksAndRunsAreRefused) {
  begin({"a"});
  EXPECT_EQ(w.mark(run, {{"nope"}}, TaskState::success).error->kind, ErrorKind::not_found);
  w.succeed("a");
  MarkTasks m;
  m.command = w.next_command();
  m.dag_id = "d";
  m.run_id = "nope";
  w.step(m);
  EXPECT_EQ(w.answer().error->kind, ErrorKind::not_found);
}

TEST_F(Marking, ARunThatIsMarkedEndsWhatRunsLikeItAndSkipsTheRest) {
  for (const RunState state : {RunState::success, RunState::failed}) {
    DagBuilder other("d", std::string(to_string(state)));
    other.task("slow"), other.task("b", {"slow"});
    w.step(DagSeen{other.build()});
    run = w.trigger("d").no;
    w.step(TryStarted{w.take_launch("slow").ti.token, w.now, 7});
    const Answer answer = w.mark_run(run, state);
    EXPECT_EQ(answer.run->state, state);
    EXPECT_THAT(states({"slow", "b"}), ElementsAre(std::string(to_string(state)), std::string(to_string(state)), "skipped"));
  }
  EXPECT_THAT(w.deliveries, IsEmpty());
}

TEST_F(Marking, AnEndedRunThatIsMarkedKeepsItsTasks) {
  begin({"a", "b"});
  w.fail("a");
  w.mark_run(run, RunState::success);
  EXPECT_THAT(states({"a", "b"}), ElementsAre("success", "failed", "upstream_failed"));
  w.mark_run(run, RunState::queued);
  EXPECT_THAT(states({"a", "b"}), ElementsAre("failed", "failed", "upstream_failed"))
      << "looked at again, it ended as its leaves did";
  w.restart();
}

}  // namespace
}  // namespace venturi::engine
