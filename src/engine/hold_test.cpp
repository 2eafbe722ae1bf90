// While something holds (the disk is nearly full), nothing new is begun, and nothing is forgotten.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using testing::World;

TEST(Hold, NothingNewBeginsAndAllOfItComesAfterwards) {
  World w;
  DagBuilder d;
  d.dag.timetable = Object{
      {"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
      {"__var", Object{{"expression", "0 * * * *"}, {"timezone", "UTC"}, {"interval", 0.0}, {"run_immediately", false}}}};
  d.dag.start_date = w.now;
  d.dag.catchup = true;
  d.task("a");
  d.task("b", {"a"});
  w.step(DagSeen{d.build()});
  const std::size_t before = w.run_ids().size();
  ASSERT_EQ(w.engine->outstanding().size(), before);
  w.step(Hold{"the disk is nearly full"});
  w.pass(3h);
  EXPECT_EQ(w.run_ids().size(), before) << "no run is due while it holds";
  while (!w.engine->outstanding().empty()) w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_TRUE(w.engine->outstanding().empty()) << "what ran has ended, and what follows waits";
  EXPECT_FALSE(w.engine->has_work());
  w.step(Hold{});
  EXPECT_EQ(w.run_ids().size(), before + 3);
  EXPECT_GT(w.engine->outstanding().size(), before);
}

TEST(Hold, WhoAsksForARunIsToldWhy) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.step(Hold{"12 MiB are free"});
  TriggerRun trigger;
  trigger.command = w.next_command();
  trigger.dag_id = "d";
  w.step(trigger);
  EXPECT_TRUE(w.run_ids().empty());
  EXPECT_THAT(w.answer_to(trigger.command).error.value().what, ::testing::HasSubstr("12 MiB are free"));
}

TEST(Hold, RunsThatWaitInTheQueueWaitOn) {
  World w;
  DagBuilder d;
  d.dag.max_active_runs = 1;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "first");
  w.trigger("d", "second");
  w.step(Hold{"12 MiB are free"});
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_EQ(w.runs().at(2).state, RunState::queued) << "though there is room for it";
  w.step(Hold{});
  EXPECT_EQ(w.runs().at(2).state, RunState::running);
  EXPECT_EQ(w.engine->outstanding().size(), 1u);
}

TEST(Hold, ARunThatATaskAsksForWaitsInTheQueue) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.step(Hold{"12 MiB are free"});
  TriggerRun trigger;
  trigger.command = w.next_command();
  trigger.dag_id = "d";
  trigger.run_id = "r";
  trigger.run_type = RunType::operator_triggered;
  w.step(trigger);
  EXPECT_FALSE(w.answer_to(trigger.command).error);
  EXPECT_EQ(w.runs().at(1).state, RunState::queued);
  w.step(Hold{});
  EXPECT_EQ(w.runs().at(1).state, RunState::running);
}

TEST(Hold, ParallelismChangesWhileTasksWait) {
  World w(1);
  DagBuilder d;
  d.task("a");
  d.task("b");
  d.task("c");
  w.step(DagSeen{d.build()});
  w.trigger("d", "r");
  EXPECT_EQ(w.engine->outstanding().size(), 1u);
  w.step(SetParallelism{2});
  EXPECT_EQ(w.engine->outstanding().size(), 2u);
}

}  // namespace
}  // namespace venturi::engine
