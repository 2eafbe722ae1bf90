// A virtual day: what the engine does with stand-ins for tasks, and what is told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/testing/engine_fixture.h"
#include "schedule/time_zone.h"
#include "sim/assumptions.h"
#include "sim/report.h"

namespace venturi::sim {
namespace {

using namespace std::chrono_literals;
using engine::testing::DagBuilder;
using engine::testing::start_of_test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

DagBuilder daily(const std::string& dag_id) {
  DagBuilder d(dag_id, dag_id + "-v1");
  d.dag.timetable = Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
                           {"__var", Object{{"expression", "0 6 * * *"}, {"timezone", "UTC"}, {"interval", 0.0}}}};
  d.dag.start_date = start_of_test;
  d.dag.catchup = true;
  return d;
}

class Sim : public ::testing::Test {
 protected:
  Report run(const std::vector<std::shared_ptr<const Dag>>& dags, Duration time, const Before& before = {}) {
    engine::Snapshot snapshot;
    snapshot.dags = dags;
    snapshot.pools = pools;
    for (const auto& dag : dags) {
      DagState state;
      state.dag_id = dag->dag_id;
      snapshot.dag_states.push_back(state);
    }
    Recorder recorder(snapshot, 1);
    World world({.epoch = 1, .uuid_salt = 1, .zones = &zones, .parallelism = parallelism}, snapshot, start_of_test, assumptions,
                recorder, before);
    world.run_until(start_of_test + time);
    return recorder.finish(world, start_of_test);
  }
  static const TryRecord& try_of(const Report& report, std::size_t run, const std::string& task_id, int map_index = -1) {
    for (const TryRecord& record : report.tries) {
      const Dag& dag = *report.runs[record.run].dag;
      if (record.run == run && dag.tasks[record.task].task_id == task_id && record.map_index == map_index) return record;
    }
    throw std::runtime_error("no try of " + task_id);
  }

  schedule::TimeZones zones = schedule::TimeZones::utc_only();
  Assumptions assumptions;
  std::vector<PoolRecord> pools;
  int parallelism = 32;
};

TEST_F(Sim, RunsFollowTheScheduleAndTasksTheirUpstreams) {
  DagBuilder d = daily("d");
  d.task("extract");
  d.task("load", {"extract"});
  assumptions.tasks[{"d", "extract"}].duration = 90min;
  const Report report = run({d.build()}, 48h);
  ASSERT_THAT(report.runs, SizeIs(2));
  EXPECT_EQ(report.runs[0].start_date, start_of_test + 6h);
  EXPECT_EQ(report.runs[0].end_date, start_of_test + 6h + 91min);  // one minute where nothing is known
  EXPECT_EQ(report.runs[1].start_date, start_of_test + 30h);
  EXPECT_EQ(report.runs[1].state, RunState::success);
  EXPECT_EQ(try_of(report, 0, "load").start, start_of_test + 6h + 90min);
  EXPECT_THAT(assumptions.without_history(), ElementsAre(Assumptions::TaskKey("d", "load")));
  EXPECT_TRUE(sum_waits(report).empty());
}

TEST_F(Sim, WaitsHaveTheirCauses) {
  pools.push_back({"small", 1, "", false});
  DagBuilder pooled = daily("pooled");
  for (const char* id : {"a", "b", "c"}) pooled.task(id).pool = "small";
  DagBuilder narrow = daily("narrow");
  narrow.task("x");
  narrow.task("y");
  narrow.dag.max_active_tasks = 1;
  DagBuilder single = daily("single");
  Task& one = single.task("one");
  one.max_active_tis_per_dag = 1;
  const Report report = run({pooled.build(), narrow.build(), single.build()}, 24h);
  const auto waits = sum_waits(report);
  ASSERT_THAT(waits, SizeIs(3));
  EXPECT_EQ(waits[0].task_id, "c");
  EXPECT_EQ(waits[0].cause, WaitCause::pool);
  EXPECT_EQ(waits[0].total, 2min);
  EXPECT_EQ(try_of(report, 0, "b").cause, report.runs[0].dag->dag_id == "pooled" ? WaitCause::pool : WaitCause::none);
  EXPECT_TRUE(std::ranges::any_of(waits, [](const WaitSum& w) { return w.cause == WaitCause::max_active_tasks; }));
  EXPECT_EQ(report.pools.at("small").most, 1);
  EXPECT_EQ(report.pools.at("small").full, 3min);
}

TEST_F(Sim, ParallelismIsACauseToo) {
  parallelism = 1;
  DagBuilder d = daily("d");
  d.task("a");
  d.task("b");
  const Report report = run({d.build()}, 24h);
  ASSERT_THAT(sum_waits(report), SizeIs(1));
  EXPECT_EQ(sum_waits(report)[0].cause, WaitCause::parallelism);
  EXPECT_EQ(to_string(WaitCause::parallelism), "parallelism");
}

TEST_F(Sim, TheRunBeforeIsWaitedFor) {
  DagBuilder d = daily("d");
  d.task("a").depends_on_past = true;
  assumptions.tasks[{"d", "a"}].duration = 30h;
  const Report report = run({d.build()}, 72h);
  ASSERT_THAT(report.runs, SizeIs(3));
  const TryRecord& second = try_of(report, 1, "a");
  EXPECT_EQ(second.start, start_of_test + 36h);
  EXPECT_EQ(second.ready, start_of_test + 30h);
  EXPECT_EQ(second.cause, WaitCause::depends_on_past);
}

TEST_F(Sim, WhatAStoreKnowsOfEarlierRunsCounts) {
  DagBuilder d = daily("d");
  d.task("a").depends_on_past = true;
  const auto dag = d.build();
  const auto failed_before = [&](const engine::LookBack& question) {
    engine::PastFound found{
        .run = question.run, .question = question.question, .previous = DagRun{}, .task_instances = {}, .seen_before = {}};
    found.previous->no = 1000;
    found.previous->dag_id = "d";
    found.previous->state = RunState::failed;
    found.previous->logical_date = start_of_test - 18h;
    TaskInstance ti;
    ti.task_id = "a";
    ti.state = TaskState::failed;
    found.task_instances.push_back(ti);
    return found;
  };
  const Report report = run({dag}, 24h, {.look_back = failed_before});
  EXPECT_TRUE(report.tries.empty());
  ASSERT_THAT(report.never_started, SizeIs(1));
  EXPECT_EQ(report.never_started[0].name, "Previous Dagrun State");
}

TEST_F(Sim, APoolThatIsNotThereIsNamed) {
  DagBuilder d = daily("d");
  d.task("a").pool = "nowhere";
  const Report report = run({d.build()}, 24h);
  ASSERT_THAT(report.never_started, SizeIs(1));
  EXPECT_THAT(report.never_started[0].reason, HasSubstr("there is no pool nowhere"));
}

TEST_F(Sim, FailuresFollowRateAndSeed) {
  DagBuilder d = daily("d");
  d.task("a").retries = 1;
  d.dag.tasks[0].retry_delay = 5min;
  assumptions.tasks[{"d", "a"}].failing = 0.3;
  const auto failed = [&](std::uint64_t seed) {
    Assumptions fresh = assumptions;
    fresh.seed = seed;
    std::swap(assumptions, fresh);
    const Report report = run({d.build()}, 100 * 24h);
    std::swap(assumptions, fresh);
    std::vector<std::string> ids;
    for (const TryRecord& record : report.tries) {
      if (record.ending == Ending::failed)
        ids.push_back(report.runs[record.run].run_id + "/" + std::to_string(record.try_number));
    }
    return ids;
  };
  const auto one = failed(1);
  EXPECT_EQ(one, failed(1));
  EXPECT_NE(one, failed(2));
  EXPECT_GT(one.size(), 20U);
  EXPECT_LT(one.size(), 60U);
}

TEST_F(Sim, BranchesAndLengthsAreAsAssumed) {
  DagBuilder d = daily("d");
  d.task("choose");
  d.task("left", {"choose"});
  d.task("right", {"choose"});
  Task& list = d.task("list");
  list.mapped_keys = {"return_value"};
  Task& each = d.task("each", {"list"});
  each.mapped_over = {MappedList{.task = TaskIndex{3}, .key = "return_value"}};
  assumptions.tasks[{"d", "choose"}].skips = {"left"};
  assumptions.tasks[{"d", "list"}].length = 3;
  const Report report = run({d.build()}, 24h);
  ASSERT_THAT(report.runs, SizeIs(1));
  EXPECT_EQ(report.runs[0].ended_as[static_cast<std::size_t>(TaskState::skipped)], 1U);
  EXPECT_EQ(report.runs[0].ended_as[static_cast<std::size_t>(TaskState::success)], 6U);
  EXPECT_EQ(try_of(report, 0, "each", 2).try_number, 1);
}

// As fast as a server can: there is no such speed here.
TEST_F(Sim, RunsThatTakeNoTimeAreNoEndlessLoop) {
  DagBuilder d("d", "v1");
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.ContinuousTimetable"}, {"__var", Object{}}};
  d.dag.start_date = start_of_test;
  engine::testing::make_empty(d.task("a"));
  engine::Snapshot snapshot;
  snapshot.dags.push_back(d.build());
  snapshot.dag_states.emplace_back().dag_id = "d";
  Recorder recorder(snapshot, 1);
  World world({.epoch = 1, .uuid_salt = 1, .zones = &zones}, snapshot, start_of_test, assumptions, recorder);
  EXPECT_EQ(world.run_until(start_of_test + 1h), "d");
}

TEST_F(Sim, TimeoutsEndRunsAndTries) {
  DagBuilder slow = daily("slow");
  slow.task("a");
  slow.dag.dagrun_timeout = 10min;
  DagBuilder limited = daily("limited");
  limited.task("b").execution_timeout = 5min;
  assumptions.default_duration = 1h;
  const Report report = run({slow.build(), limited.build()}, 24h);
  for (const RunRecord& run : report.runs) {
    EXPECT_EQ(run.state, RunState::failed);
    EXPECT_EQ(run.is_timed_out, run.dag->dag_id == "slow");
    EXPECT_EQ(run.end_date, start_of_test + 6h + (run.dag->dag_id == "slow" ? 10min : 5min));
  }
  for (const TryRecord& record : report.tries) EXPECT_TRUE(record.ending.has_value());
  EXPECT_EQ(report.pools.at("default_pool").taken.back().second, 0);
}

}  // namespace
}  // namespace venturi::sim
