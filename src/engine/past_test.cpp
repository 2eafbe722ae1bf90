// depends_on_past and what goes with it; task dates; failures in a row.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using testing::World;

constexpr auto day = std::chrono::hours(24);

DagBuilder daily(const World& w, int missed) {
  DagBuilder d;
  d.dag.timetable =
      Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"}, {"__var", Object{{"expression", "0 0 * * *"}}}};
  d.dag.start_date = w.now - missed * day;
  d.dag.end_date = w.now;
  d.dag.catchup = true;
  return d;
}

// The states of a task, run by run.
std::vector<std::string> states(const World& w, const std::string& task_id) {
  std::vector<std::string> list;
  for (const auto& [no, run] : w.runs()) {
    for (const TaskInstance& ti : w.instances_of(run)) {
      if (ti.task_id == task_id) list.emplace_back(to_string(ti.state));
    }
  }
  return list;
}

std::string trouble(const World& w, const std::string& run_id, const std::string& task_id, std::string_view name) {
  const auto unmet = w.engine->unmet_dependencies("d", run_id, task_id, -1);
  if (!unmet) return unmet.error().text();
  for (const auto& dependency : *unmet) {
    if (dependency.name == name) return dependency.reason;
  }
  return "";
}

void trigger_at(World& w, Time logical_date, RunType type = RunType::manual) {
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "d";
  t.logical_date = logical_date;
  t.run_type = type;
  w.step(t);
  ASSERT_FALSE(w.answer().error) << w.answer().error->text();
}

// The change ends in the turn in which it began; what it left to be looked at waits until the run starts.
TEST(Past, ARunThatIsClearedWhileItsDagIsPausedGoesOnAfterwards) {
  World w;
  DagBuilder d;
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  w.succeed("a");
  ASSERT_EQ(w.run_state(), "success");
  w.step(SetPaused{w.next_command(), "d", true});
  w.clear(1);
  EXPECT_EQ(w.run_state(), "queued");
  EXPECT_EQ(w.state("a"), "none");
  w.step(SetPaused{w.next_command(), "d", false});
  w.succeed("a");
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Past, ATaskWaitsForItsSuccessInTheRunBefore) {
  World w;
  DagBuilder d = daily(w, 2);
  d.task("a").depends_on_past = true;
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  EXPECT_EQ(w.runs().size(), 3u);
  EXPECT_THAT(w.launched(), ElementsAre("a"));
  EXPECT_THAT(states(w, "a"), ElementsAre("queued", "none", "none"));
  EXPECT_THAT(trouble(w, "scheduled__2026-02-28T00:00:00+00:00", "a", "Previous Dagrun State"),
              HasSubstr("it has neither succeeded nor been skipped in the run before, of 2026-02-27T00:00:00Z"));
  w.succeed("a");
  EXPECT_THAT(w.launched(), UnorderedElementsAre("b", "a"));
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "queued", "none"));
  w.skip("a");  // is good enough
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "skipped", "queued"));
}

TEST(Past, AFailureHoldsTheNextRunUntilItsTimeIsOver) {
  World w;
  DagBuilder d = daily(w, 1);
  d.dag.dagrun_timeout = 60s;
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  w.fail("a");
  EXPECT_THAT(states(w, "a"), ElementsAre("failed", "none"));
  EXPECT_EQ(w.run_state(), "running");  // no deadlock, though nothing of it can run
  w.restart();
  w.step(Tick{});
  EXPECT_THAT(states(w, "a"), ElementsAre("failed", "none"));
  w.pass(60s);
  EXPECT_THAT(states(w, "a"), ElementsAre("failed", "skipped"));
  EXPECT_EQ(w.run_state(), "failed");
}

TEST(Past, WhatEndedBeforeAStartIsKnownAfterwards) {
  World w;
  DagBuilder d = daily(w, 2);
  d.dag.max_active_runs = 1;
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  w.succeed("a");
  w.restart();
  w.step(Tick{});
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "queued"));
}

TEST(Past, WaitForDownstreamWaitsForWhatIsDirectlyBelow) {
  World w;
  DagBuilder d = daily(w, 1);
  Task& a = d.task("a");
  a.depends_on_past = a.wait_for_downstream = true;
  d.task("b", {"a"});
  d.task("c", {"b"});
  w.step(DagSeen{d.build()});
  w.succeed("a");
  EXPECT_THAT(w.launched(), ElementsAre("b"));
  EXPECT_THAT(trouble(w, "scheduled__2026-03-01T00:00:00+00:00", "a", "Previous Dagrun State"),
              HasSubstr("wait_for_downstream: b has neither"));
  w.succeed("b");
  EXPECT_THAT(w.launched(), UnorderedElementsAre("c", "a"));
}

TEST(Past, AMappedTaskWaitsForAllInstancesBefore) {
  World w;
  DagBuilder d = daily(w, 1);
  Task& a = d.task("a");
  a.depends_on_past = true;
  a.mapped_over.push_back({.task = {}, .key = {}, .length = 2});
  w.step(DagSeen{d.build()});
  EXPECT_THAT(w.launched(), ElementsAre("a", "a"));
  w.succeed("a");
  EXPECT_THAT(w.launched(), ElementsAre("a"));
  w.succeed("a");
  EXPECT_THAT(w.launched(), ElementsAre("a", "a"));
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "success", "queued", "queued"));
}

// Without catchup, manual runs count; the run before is the one with the latest logical date, not the newest one.
TEST(Past, TheRunBeforeIsThatByLogicalDate) {
  World w;
  DagBuilder d;
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  trigger_at(w, w.now - 10h);
  w.fail("a");
  trigger_at(w, w.now - 5h);
  EXPECT_THAT(states(w, "a"), ElementsAre("failed", "none"));
  trigger_at(w, w.now - 20h);  // the first of all
  EXPECT_THAT(w.launched(), ElementsAre("a"));
  w.succeed("a");
  trigger_at(w, w.now - 7h);  // between: now the second one waits for this one
  EXPECT_THAT(trouble(w, w.runs().at(2).run_id, "a", "Previous Dagrun State"), HasSubstr("of 2026-02-28T17:00:00Z"));
  TriggerRun dateless;
  dateless.command = w.next_command();
  dateless.dag_id = "d";
  dateless.logical_date_is_null = true;  // without a logical date there is no run before
  w.step(dateless);
  EXPECT_THAT(w.launched(), ElementsAre("a"));
}

// The store is asked beside the engine, which goes on meanwhile.
TEST(Past, AnAnswerThatIsLateIsAskedForAgain) {
  World w;
  w.answers_questions = false;
  DagBuilder d = daily(w, 1);
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  ASSERT_EQ(w.questions.size(), 2u);
  EXPECT_THAT(w.launched(), IsEmpty());
  w.step(w.look_back(w.questions[0]));
  const PastFound early = w.look_back(w.questions[1]);
  w.succeed("a");
  w.questions.clear();
  w.step(early);  // says that the run before is running
  EXPECT_THAT(w.launched(), IsEmpty());
  ASSERT_EQ(w.questions.size(), 1u);
  PastFound again = early;
  w.step(again);  // the same answer comes twice: it is of an older question
  ASSERT_EQ(w.questions.size(), 1u);
  const PastFound right = w.look_back(w.questions[0]);
  w.step(right);
  EXPECT_THAT(w.launched(), ElementsAre("a"));
}

// What failed is cleared, runs again, and lets the next run go on.
TEST(Past, AClearedRunIsLookedAtAgain) {
  World w;
  DagBuilder d = daily(w, 1);
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  w.fail("a");
  EXPECT_THAT(states(w, "a"), ElementsAre("failed", "none"));
  w.clear(1);
  EXPECT_THAT(states(w, "a"), ElementsAre("queued", "none"));
  w.succeed("a");
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "queued"));
}

TEST(Past, ClearingAnActiveRunHoldsThoseBehindIt) {
  World w;
  DagBuilder d = daily(w, 1);
  Task& a = d.task("a");
  a.depends_on_past = a.wait_for_downstream = true;
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.succeed("a");
  w.clear(1, {.tasks = {{.task_id = "a"}}});
  EXPECT_THAT(states(w, "a"), ElementsAre("queued", "none"));
  w.succeed("b");
  EXPECT_THAT(states(w, "a"), ElementsAre("queued", "none"));
  w.succeed("a");
  EXPECT_THAT(states(w, "a"), ElementsAre("success", "queued"));
}

// A run of a DAG that this program cannot read stays active in the store, and is not here.
TEST(Past, ARunThatNeverEndsIsNotAskedForForEver) {
  World w;
  w.answers_questions = false;
  DagBuilder d = daily(w, 1);
  d.dag.max_active_runs = 1;
  d.task("a").depends_on_past = true;
  w.step(DagSeen{d.build()});
  PastFound answer = w.look_back(w.questions.at(0));
  answer.previous.emplace();
  answer.previous->no = 99;
  answer.previous->state = RunState::running;
  w.questions.clear();
  w.step(answer);
  ASSERT_EQ(w.questions.size(), 1u);
  answer.question = w.questions[0].question;
  w.questions.clear();
  w.step(answer);
  EXPECT_THAT(w.questions, IsEmpty());
  EXPECT_THAT(w.launched(), IsEmpty());
}

TEST(Past, ANewTaskHasNoPast) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  trigger_at(w, w.now - 3h);
  w.succeed("a");
  DagBuilder other("d", "v2");
  other.task("a");
  other.task("b").depends_on_past = true;
  Task& c = other.task("c");
  c.depends_on_past = c.ignore_first_depends_on_past = true;
  w.step(DagSeen{other.build()});
  trigger_at(w, w.now - 2h);
  EXPECT_THAT(w.launched(), UnorderedElementsAre("a", "c"));
  EXPECT_THAT(trouble(w, w.runs().at(2).run_id, "b", "Previous Dagrun State"), HasSubstr("has no such task instance"));
}

// ---- dates of tasks ------------------------------------------------------------------------------------------------------

TEST(TaskDates, ATaskWhoseDatesExcludeTheRunHasNoInstance) {
  World w;
  DagBuilder d = daily(w, 2);
  d.task("a");
  d.task("late").start_date = w.now - day;
  d.task("early").end_date = w.now - day;
  w.step(DagSeen{d.build()});
  EXPECT_EQ(states(w, "a").size(), 3u);
  EXPECT_EQ(states(w, "late").size(), 2u);
  EXPECT_EQ(states(w, "early").size(), 2u);
  w.restart();
  w.step(Tick{});
  while (!w.engine->outstanding().empty()) w.step(TrySucceeded{w.engine->outstanding()[0].token, w.now});
  for (const auto& [no, run] : w.runs()) EXPECT_EQ(run.state, RunState::success);
  trigger_at(w, w.now + 1s);
  EXPECT_THAT(w.launched(), Contains("late"));
}

TEST(TaskDates, ARunWithoutAnyTaskSucceedsAndBackfillsBeginEarlier) {
  World w;
  DagBuilder d;
  d.task("a").start_date = w.now;
  w.step(DagSeen{d.build()});
  trigger_at(w, w.now - 1s);
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_THAT(w.instances_of(w.runs().at(1)), IsEmpty());
  trigger_at(w, w.now - 2s, RunType::backfill);
  EXPECT_THAT(w.launched(), ElementsAre("a"));
  w.trigger("d");
  EXPECT_THAT(w.launched(), ElementsAre("a", "a"));  // without a logical date all tasks are there
}

TEST(TaskDates, WhatStandsBelowAnAbsentTaskIsADeadlock) {
  World w;
  DagBuilder d;
  d.task("a").end_date = w.now - 1s;
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  trigger_at(w, w.now);
  EXPECT_EQ(w.run_state(), "failed");
  EXPECT_EQ(w.state("b"), "none");
}

TEST(TaskDates, ARunWithAbsentTasksIsCleared) {
  World w;
  DagBuilder d;
  d.task("late").start_date = w.now;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  trigger_at(w, w.now - 1s);
  w.fail("a");
  EXPECT_EQ(w.run_state(), "failed");
  w.clear(1);
  w.succeed("a");
  w.clear(1, {.tasks = {{.task_id = "a"}}});
  w.succeed("a");
  w.succeed("b");
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_EQ(w.instances_of(w.runs().at(1)).size(), 2u);
}

// ---- failures in a row ---------------------------------------------------------------------------------------------------

TEST(ConsecutiveFailures, PauseTheDag) {
  World w;
  DagBuilder d = daily(w, 5);
  d.dag.max_active_runs = 1;
  d.dag.max_consecutive_failed_dag_runs = 2;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.fail("a");
  w.succeed("a");
  w.fail("a");
  EXPECT_FALSE(w.dag_state("d").is_paused);
  w.restart();
  w.step(Tick{});
  w.launches = {*w.engine->launch_of(w.engine->outstanding().at(0).token)};
  w.fail("a");
  EXPECT_TRUE(w.dag_state("d").is_paused);
  EXPECT_EQ(w.runs().size(), 4u);
  EXPECT_THAT(w.transitions.back().cause, HasSubstr("2 runs failed in a row, which pauses the DAG"));
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_EQ(w.runs().size(), 5u);
  w.fail("a");  // still in a row
  EXPECT_TRUE(w.dag_state("d").is_paused);
}

// ---- clocks --------------------------------------------------------------------------------------------------------------

TEST(Clock, SetBackItRepeatsNoRun) {
  World w;
  DagBuilder d = daily(w, 2);
  d.dag.end_date.reset();
  d.dag.catchup = false;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.succeed("a");
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-01T00:00:00+00:00"));
  w.now -= 3 * day;
  w.restart();
  w.step(Tick{});
  w.pass(1h);
  EXPECT_EQ(w.run_ids().size(), 1u);
  EXPECT_EQ(w.dag_state("d").next_run_after, testing::start_of_test + day);
  w.pass(4 * day);
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-01T00:00:00+00:00", "scheduled__2026-03-02T00:00:00+00:00"));
}

}  // namespace
}  // namespace venturi::engine
