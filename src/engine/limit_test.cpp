// What a launch says it has waited for, and how its history puts it.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using testing::DagBuilder;
using ::testing::HasSubstr;
using testing::World;

// Two tasks of which one has to wait for the other's end, two minutes; the launch of the second.
Launch second_launch(World& w, const DagBuilder& d) {
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_EQ(w.launched().size(), 1U);
  EXPECT_EQ(w.launches.at(0).held_by, Limit::none);
  w.now += 2min;
  w.succeed(w.launched().at(0));
  return w.take_launch("b");
}

DagBuilder two_tasks() {
  DagBuilder d;
  d.task("a");
  d.task("b");
  return d;
}

TEST(LimitTest, EachLimitIsToldByItsName) {
  const auto check = [](const DagBuilder& d, int parallelism, Limit limit, const char* words) {
    World w(parallelism);
    w.step(SetPool{w.next_command(), {"small", 2, "", false}});
    const Launch launch = second_launch(w, d);
    EXPECT_EQ(launch.held_by, limit);
    EXPECT_EQ(launch.waited, Duration(2min));
    EXPECT_THAT(w.history("b"), Contains(HasSubstr(std::string("launched as try 1 after it had waited 120 s for ") + words)));
  };
  check(two_tasks(), 1, Limit::parallelism, "parallelism (1)");
  DagBuilder narrow = two_tasks();
  narrow.dag.max_active_tasks = 1;
  check(narrow, 32, Limit::max_active_tasks, "max_active_tasks (1)");
  DagBuilder pooled = two_tasks();
  for (Task& task : pooled.dag.tasks) {
    task.pool = "small";
    task.pool_slots = 2;
  }
  check(pooled, 32, Limit::pool, "pool small (2 slots)");
}

TEST(LimitTest, AcrossRunsATaskWaitsForItself) {
  DagBuilder d;
  d.task("a").max_active_tis_per_dag = 1;
  World w;
  w.step(DagSeen{d.build()});
  w.trigger("d", "first");
  w.trigger("d", "second");
  w.now += 30s;
  w.succeed("a");
  EXPECT_EQ(w.take_launch("a").held_by, Limit::max_active_tis_per_dag);
}

TEST(LimitTest, APausedDagIsACauseToo) {
  World w;
  DagBuilder d;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  w.step(SetPaused{w.next_command(), "d", true});
  w.succeed("a");
  w.now += 10min;
  w.step(SetPaused{w.next_command(), "d", false});
  const Launch launch = w.take_launch("b");
  EXPECT_EQ(launch.held_by, Limit::paused);
  EXPECT_THAT(w.history("b"), Contains(HasSubstr("its DAG, which was paused")));
}

// How long it had waited before is not stored; nothing wrong is told.
TEST(LimitTest, AfterARestartNothingIsKnown) {
  World w(1);
  w.step(DagSeen{two_tasks().build()});
  w.trigger("d", "r");
  const LaunchToken token = w.take_launch("a").ti.token;
  w.restart();
  w.now += 2min;
  w.step(TrySucceeded{token, w.now});
  EXPECT_EQ(w.take_launch("b").held_by, Limit::none);
}

}  // namespace
}  // namespace venturi::engine
