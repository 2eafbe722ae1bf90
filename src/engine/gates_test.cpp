// Pools, max_active_tis_per_dag and max_active_tis_per_dagrun, and who passes first.
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
using ::testing::UnorderedElementsAre;
using testing::World;

void set_pool(World& w, const std::string& name, int slots, bool include_deferred = false) {
  w.step(SetPool{w.next_command(), {name, slots, "", include_deferred}});
  ASSERT_FALSE(w.answer().error);
}

std::string trouble(const World& w, const std::string& dag_id, const std::string& run_id, const std::string& task_id,
                    std::string_view name) {
  for (const auto& dependency : w.engine->unmet_dependencies(dag_id, run_id, task_id, -1).value()) {
    if (dependency.name == name) return dependency.reason;
  }
  return "";
}

DagBuilder in_pool(const std::string& dag_id, int tasks, const std::string& pool = "p") {
  DagBuilder d(dag_id, dag_id + "1");
  for (int i = 0; i < tasks; ++i) d.task("t" + std::to_string(i)).pool = pool;
  return d;
}

TEST(Pools, LimitTheTasksOfAllDags) {
  World w;
  set_pool(w, "p", 3);
  w.step(DagSeen{in_pool("d", 2).build()});
  w.step(DagSeen{in_pool("e", 2).build()});
  w.trigger("d", "r");
  w.trigger("e", "r");
  EXPECT_THAT(w.launched(), ElementsAre("t0", "t1", "t0"));
  EXPECT_EQ(trouble(w, "e", "r", "t1", "Pool Slots Available"), "it takes 1 of pool p, and 3 of 3 slots are taken");
  w.restart();
  w.step(Tick{});
  EXPECT_THAT(w.launched(), IsEmpty());
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_THAT(w.launched(), ElementsAre("t1"));
}

TEST(Pools, ATaskMayTakeSeveralSlotsAndSmallerOnesPass) {
  World w;
  set_pool(w, "p", 3);
  DagBuilder d = in_pool("d", 3);
  for (Task& t : d.dag.tasks) t.pool_slots = 2;
  d.dag.tasks[1].priority_weight = 5;
  d.dag.tasks[2].pool_slots = 1;
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_THAT(w.launched(), ElementsAre("t1", "t2"));  // t0 does not fit beside t1
  w.succeed("t2");
  EXPECT_THAT(w.launched(), ElementsAre("t1"));
  w.succeed("t1");
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
}

TEST(Pools, WhoWaitsPassesByPriorityAcrossDags) {
  World w;
  set_pool(w, "p", 1);
  DagBuilder d = in_pool("d", 2), e = in_pool("e", 1);
  e.dag.tasks[0].priority_weight = 7;
  w.step(DagSeen{d.build()});
  w.step(DagSeen{e.build()});
  w.trigger("d", "r");
  w.trigger("e", "r");
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
  w.succeed("t0");
  ASSERT_EQ(w.launches.size(), 1u);
  EXPECT_EQ(w.launches[0].dag->dag_id, "e");
}

TEST(Pools, APausedDagHoldsNobodyUp) {
  World w;
  set_pool(w, "p", 1);
  DagBuilder d = in_pool("d", 2), e = in_pool("e", 1);
  d.dag.tasks[1].priority_weight = 9;
  d.dag.tasks[0].priority_weight = 10;
  w.step(DagSeen{d.build()});
  w.step(DagSeen{e.build()});
  w.trigger("d", "r");
  w.trigger("e", "r");
  w.step(SetPaused{w.next_command(), "d", true});
  w.succeed("t0");
  ASSERT_EQ(w.launches.size(), 1u);
  EXPECT_EQ(w.launches[0].dag->dag_id, "e");
  w.step(SetPaused{w.next_command(), "d", false});
  w.succeed("t0");
  EXPECT_THAT(w.launched(), ElementsAre("t1"));
}

TEST(Pools, OneThatIsNotThereLetsNobodyThroughUntilItIs) {
  World w;
  w.step(DagSeen{in_pool("d", 1, "nowhere").build()});
  w.trigger("d", "r");
  EXPECT_THAT(w.launched(), IsEmpty());
  EXPECT_THAT(trouble(w, "d", "r", "t0", "Pool Slots Available"),
              HasSubstr("there is no pool nowhere; make it: venturi pools set"));
  set_pool(w, "nowhere", 1);
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
}

TEST(Pools, TooSmallOnesSaySo) {
  World w;
  set_pool(w, "p", 1);
  DagBuilder d = in_pool("d", 1);
  d.dag.tasks[0].pool_slots = 2;
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_THAT(w.launched(), IsEmpty());
  EXPECT_THAT(trouble(w, "d", "r", "t0", "Pool Slots Available"), HasSubstr("it takes 2 slots of pool p, which has 1 in all"));
  set_pool(w, "p", 0);
  set_pool(w, "p", -1);  // no limit
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
}

TEST(Pools, CanBeDeletedButForTheDefaultOne) {
  World w;
  set_pool(w, "p", 2);
  EXPECT_EQ(w.engine->pools().size(), 2u);
  w.step(DeletePool{w.next_command(), "p"});
  EXPECT_FALSE(w.answer().error);
  EXPECT_EQ(w.engine->pools().size(), 1u);
  w.step(DeletePool{w.next_command(), "p"});
  EXPECT_THAT(w.answer().error->text(), HasSubstr("there is no pool p"));
  w.step(DeletePool{w.next_command(), "default_pool"});
  EXPECT_THAT(w.answer().error->text(), HasSubstr("default_pool cannot be deleted"));
  set_pool(w, "default_pool", 1);
  w.step(DagSeen{in_pool("d", 2, "default_pool").build()});
  w.trigger("d", "r");
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
}

TEST(Pools, InOneBatchTheLastWordCounts) {
  World w;
  const auto set = [&](int slots) { w.engine->step(SetPool{w.next_command(), {"p", slots, "", false}}, w.now); };
  const auto remove = [&] { w.engine->step(DeletePool{w.next_command(), "p"}, w.now); };
  set(1);
  w.finish_work();  // which compares with the rows
  remove();
  set(2);
  w.finish_work();
  EXPECT_EQ(w.engine->pools().size(), 2u);
  set(3);
  remove();
  w.finish_work();
  EXPECT_EQ(w.engine->pools().size(), 1u);
}

TEST(Pools, WhatTheEngineEndsItselfTakesNone) {
  World w;
  set_pool(w, "p", 0);
  DagBuilder d = in_pool("d", 1);
  make_empty(d.dag.tasks[0]);
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_EQ(w.run_state(), "success");
}

// A task that was cleared while it ran keeps its slot until it has ended.
TEST(Pools, AreCountedThroughAClear) {
  World w;
  set_pool(w, "p", 1);
  w.step(DagSeen{in_pool("d", 3).build()});
  w.trigger("d", "r");
  w.clear(1);
  EXPECT_EQ(w.state("t0"), "restarting");
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
  w.succeed("t0");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(w.launches.size(), 1u);
    w.succeed(w.launched()[0]);
  }
  EXPECT_EQ(w.run_state(), "success");
}

TEST(Pools, BetweenTriesASlotIsFree) {
  World w;
  set_pool(w, "p", 1);
  DagBuilder d = in_pool("d", 2);
  d.dag.tasks[0].retries = 1;
  d.dag.tasks[0].retry_delay = 60s;
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  w.fail("t0");
  EXPECT_THAT(w.launched(), ElementsAre("t1"));
  w.pass(60s);
  EXPECT_THAT(w.launched(), ElementsAre("t1"));
  w.succeed("t1");
  EXPECT_THAT(w.launched(), ElementsAre("t0"));
}

TEST(Pools, DeferredTasksCountWhereThePoolSaysSo) {
  for (const bool include_deferred : {false, true}) {
    World w;
    set_pool(w, "p", 1, include_deferred);
    DagBuilder d = in_pool("d", 2);
    d.dag.tasks[0].priority_weight = 9;
    w.step(DagSeen{d.build()});
    w.trigger("d", "r");
    const Launch first = w.take_launch("t0");
    w.step(TryDeferred{first.ti.token, w.now, "a.Trigger", {}, w.now + 1h, {}, {}, "execute_complete", Object{}});
    EXPECT_EQ(w.engine->pool_use().at(1).deferred, 1);
    EXPECT_EQ(w.state("t1"), include_deferred ? "scheduled" : "queued");
    w.restart();
    w.step(Tick{});
    EXPECT_EQ(w.state("t1"), include_deferred ? "scheduled" : "queued");
    w.pass(1h);
    EXPECT_EQ(w.state("t0"), include_deferred ? "queued" : "scheduled");
  }
}

TEST(TaskLimits, OfOneRun) {
  World w;
  DagBuilder d;
  Task& t = d.task("t");
  t.max_active_tis_per_dagrun = 2;
  t.mapped_over.push_back({.task = {}, .key = {}, .length = 5});
  d.task("other");
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_THAT(w.launched(), UnorderedElementsAre("t", "t", "other"));
  w.trigger("d", "r2");
  EXPECT_EQ(w.launches.size(), 6u);  // each run counts for itself
  w.succeed("t");
  EXPECT_EQ(w.launches.size(), 6u);
  w.restart();
  w.step(Tick{});
  while (!w.engine->outstanding().empty()) {
    int of_first = 0;
    for (const auto& o : w.engine->outstanding()) of_first += o.ti.run == 1 && o.ti.task_id == "t" ? 1 : 0;
    ASSERT_LE(of_first, 2);
    w.step(TrySucceeded{w.engine->outstanding()[0].token, w.now});
  }
  EXPECT_EQ(w.run_state(), "success");
}

TEST(TaskLimits, OfAllRuns) {
  World w;
  DagBuilder d;
  d.task("t").max_active_tis_per_dag = 1;
  w.step(DagSeen{d.build()});
  for (const char* run : {"r1", "r2", "r3"}) w.trigger("d", run);
  EXPECT_THAT(w.launched(), ElementsAre("t"));
  EXPECT_EQ(trouble(w, "d", "r3", "t", "Task Concurrency"), "1 of its instances are under way in all runs, and 1 may be");
  w.restart();
  w.step(Tick{});
  for (int run = 1; run <= 3; ++run) {
    ASSERT_EQ(w.engine->outstanding().size(), 1u);
    EXPECT_EQ(w.engine->outstanding()[0].ti.run, run);
    w.step(TrySucceeded{w.engine->outstanding()[0].token, w.now});
  }
}

// A task that was skipped while it waited for its turn is not launched.
TEST(TaskLimits, WhatIsSkippedMeanwhileIsPassedOver) {
  World w(1);
  DagBuilder d;
  d.task("branch");
  d.task("late", {"branch"}).trigger_rule = TriggerRule::always;
  d.task("other");
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  const LaunchToken branch = w.take_launch("branch").ti.token;
  w.step(SkipDownstream{branch, {"late"}});
  EXPECT_EQ(w.state("late"), "skipped");
  w.step(TrySucceeded{branch, w.now});
  EXPECT_THAT(w.launched(), ElementsAre("other"));
}

TEST(Why, AllThatIsInTheWay) {
  World w(1);
  DagBuilder d;
  d.dag.max_active_tasks = 1;
  d.task("a");
  d.task("b", {"a"});
  d.task("c");
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_THAT(trouble(w, "d", "r", "a", "Task Instance State"), "it is queued");
  EXPECT_THAT(trouble(w, "d", "r", "b", "Trigger Rule"), HasSubstr("trigger rule all_success: 0 of 1 upstream task instances"));
  EXPECT_THAT(trouble(w, "d", "r", "c", "Max Active Tasks"), HasSubstr("1 tasks of the run are under way, and 1 may be"));
  EXPECT_THAT(trouble(w, "d", "r", "c", "Parallelism"), HasSubstr("[core] parallelism is 1"));
  EXPECT_THAT(w.engine->unmet_dependencies("d", "r", "nobody", -1).error().text(), HasSubstr("there is no task nobody"));
  EXPECT_THAT(w.engine->unmet_dependencies("d", "r9", "a", -1).error().text(), HasSubstr("no such run"));
  w.step(SetPaused{w.next_command(), "d", true});
  EXPECT_THAT(trouble(w, "d", "r", "c", "Dag Not Paused"), HasSubstr("venturi dags unpause d"));
}

TEST(TaskLimits, ARunGoesByThatOfTheVersionThatItFollows) {
  World w;
  DagBuilder wide("d", "wide"), narrow("d", "narrow");
  wide.task("a").max_active_tis_per_dag = 2;
  narrow.task("a").max_active_tis_per_dag = 1;
  w.step(DagSeen{wide.build()});
  for (const char* run : {"1", "2", "3"}) w.trigger("d", run);
  w.step(DagSeen{narrow.build()});
  w.trigger("d", "4");
  EXPECT_THAT(w.launched(), ElementsAre("a", "a"));
  w.succeed("a");
  EXPECT_THAT(w.launched(), ElementsAre("a", "a")) << "the third run's, which two may be beside";
}

}  // namespace
}  // namespace venturi::engine
