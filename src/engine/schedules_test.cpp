// DAGs and their schedules: which runs there are, when, and of which version.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::ElementsAre;
using testing::make_empty;
using testing::World;

Value hourly() {
  return Object{
      {"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
      {"__var", Object{{"expression", "0 * * * *"}, {"timezone", "UTC"}, {"interval", 0.0}, {"run_immediately", false}}}};
}

TEST(Schedules, MissedRunsComeOldestFirstWithinTheLimit) {
  World w;
  DagBuilder d;
  d.dag.timetable = hourly();
  d.dag.start_date = w.now - 5h;
  d.dag.catchup = true;
  d.dag.max_active_runs = 2;
  d.task("a");
  w.step(DagSeen{d.build()});
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-02-28T19:00:00+00:00", "scheduled__2026-02-28T20:00:00+00:00"));
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.run_ids().size(), 2u);
  for (int i = 0; i < 2; ++i) w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_EQ(w.run_ids().size(), 4u);
  EXPECT_EQ(w.run_ids().back(), "scheduled__2026-02-28T22:00:00+00:00");
}

// ContinuousTimetable.active_runs_limit is 1 in Airflow.
TEST(Schedules, TheTimetableMayLimitActiveRuns) {
  World w;
  DagBuilder d;
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.ContinuousTimetable"}, {"__var", Object{}}};
  d.dag.start_date = w.now - std::chrono::hours(1);
  d.task("a");
  w.step(DagSeen{d.build()});
  EXPECT_EQ(w.run_ids().size(), 1u);
  w.step(Tick{});
  EXPECT_EQ(w.run_ids().size(), 1u);
  w.succeed("a");
  w.pass_to_next();
  EXPECT_EQ(w.run_ids().size(), 2u);
}

TEST(Schedules, WithoutCatchupOnlyTheNewestIsMadeUp) {
  World w;
  DagBuilder d;
  d.dag.timetable = hourly();
  d.dag.start_date = w.now - 5h;
  d.task("a");
  w.step(DagSeen{d.build()});
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-01T00:00:00+00:00"));
  EXPECT_EQ(w.dag_state("d").next_run_after, w.now + 1h);
  w.succeed("a");
  w.step(SetPaused{w.next_command(), "d", true});
  w.pass(10h + 30min);
  EXPECT_EQ(w.run_ids().size(), 1u);
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_EQ(w.run_ids().size(), 2u);
  EXPECT_EQ(w.run_ids().back(), "scheduled__2026-03-01T10:00:00+00:00");
}

TEST(Schedules, ADagThatIsGoneMakesNoRuns) {
  World w;
  DagBuilder d;
  d.dag.timetable = hourly();
  d.dag.start_date = w.now;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.succeed("a");
  w.step(DagGone{"d"});
  w.pass(5h);
  EXPECT_EQ(w.run_ids().size(), 1u);
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "d";
  w.step(t);
  EXPECT_TRUE(w.answer().error);
  w.step(DagSeen{d.build()});
  EXPECT_EQ(w.run_ids().size(), 2u);
}

TEST(Schedules, AClockSetBackRepeatsNoRun) {
  World w;
  DagBuilder d;
  d.dag.timetable = hourly();
  d.dag.start_date = w.now - 1h;
  d.dag.catchup = true;
  d.task("a");
  w.step(DagSeen{d.build()});
  const auto before = w.run_ids();
  w.now -= 3h;
  w.step(Tick{});
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.run_ids(), before);
}

TEST(Schedules, ActiveRunsKeepTheVersionTheyBeganWith) {
  World w;
  DagBuilder one("d", "v1"), two("d", "v2");
  one.task("a");
  one.task("b", {"a"});
  two.task("a");
  w.step(DagSeen{one.build()});
  w.trigger("d");
  w.step(DagSeen{two.build()});
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.engine->snapshot().older_versions.size(), 1u);
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_THAT(w.launched(), ElementsAre("b"));
}

// Their ids are made of it.
TEST(Schedules, RunsOfAContinuousDagNeverBeginInTheSameMoment) {
  World w;
  DagBuilder d;
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.ContinuousTimetable"}, {"__var", Object{}}};
  d.dag.start_date = w.now - 1h;
  make_empty(d.task("a"));
  w.step(DagSeen{d.build()});
  for (int i = 0; i < 3; ++i) w.pass_to_next();
  const std::vector<std::string> ids = w.run_ids();
  EXPECT_GT(ids.size(), 2u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

TEST(Schedules, TheTimetableLimitsActiveRunsAlsoWhereItsFileIsGone) {
  World w;
  DagBuilder d;
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.ContinuousTimetable"}, {"__var", Object{}}};
  d.dag.max_active_runs = 2;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.trigger("d", "second");
  w.step(DagGone{"d"});
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(w.run_state(), "queued");
}

TEST(Schedules, ADagThatComesBackInTheBatchInWhichItWentIsThere) {
  World w;
  DagBuilder d;
  d.task("a");
  w.step(DagSeen{d.build()});
  w.engine->step(DagGone{"d"}, w.now);
  w.step(DagSeen{d.build()});
  w.restart();
  EXPECT_NE(w.engine->find_dag("d"), nullptr);
}

}  // namespace
}  // namespace venturi::engine
