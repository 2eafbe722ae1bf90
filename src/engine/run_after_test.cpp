// Runs that are to begin later: as in Airflow they are queued until their run_after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using namespace testing;

class RunAfter : public ::testing::Test {
 protected:
  void see(int max_active_runs = 16, const std::string& cron = {}) {
    DagBuilder d;
    d.dag.max_active_runs = max_active_runs;
    if (!cron.empty()) {
      d.dag.timetable = Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"},
                               {"__var", Object{{"expression", cron}, {"timezone", "UTC"}, {"interval", 0.0}}}};
      d.dag.start_date = w.now;
      d.dag.catchup = true;
    }
    d.task("a");
    w.step(DagSeen{d.build()});
  }
  Answer trigger(std::optional<Time> run_after, std::optional<std::string> run_id = {}) {
    TriggerRun t;
    t.command = w.next_command();
    t.dag_id = "d";
    t.run_id = std::move(run_id);
    t.run_after = run_after;
    t.logical_date_is_null = true;
    const std::int64_t command = t.command;
    w.step(t);
    return w.answer_to(command);
  }
  RunState state(RunNo no) { return w.runs().at(no).state; }

  World w;
};

TEST_F(RunAfter, IsQueuedUntilThen) {
  see();
  const Time later = w.now + 2h;
  const Answer answer = trigger(later);
  EXPECT_EQ(answer.run->state, RunState::queued);
  EXPECT_EQ(answer.run->run_after, later);
  EXPECT_EQ(answer.run->queued_at, w.now);
  EXPECT_EQ(answer.run->run_id, "manual__2026-03-01T02:00:00+00:00");
  EXPECT_EQ(w.engine->wake_at(), later);
  const auto unmet = w.engine->unmet_dependencies("d", answer.run->run_id, "a", -1);
  ASSERT_EQ(unmet->size(), 1u);
  EXPECT_EQ(unmet->front().reason, "the run is queued: its run_after is 2026-03-01T02:00:00Z, and it starts then");

  w.pass(2h - 1us);
  EXPECT_EQ(state(1), RunState::queued);
  EXPECT_TRUE(w.launches.empty());
  w.pass(1us);
  EXPECT_EQ(state(1), RunState::running);
  EXPECT_EQ(w.runs().at(1).start_date, later);
  w.succeed("a");
  EXPECT_EQ(state(1), RunState::success);
}

TEST_F(RunAfter, IsKnownAfterARestart) {
  see();
  trigger(w.now + 1h);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(state(1), RunState::queued);
  EXPECT_EQ(w.engine->wake_at(), w.now + 1h);
  w.pass_to_next();
  EXPECT_EQ(state(1), RunState::running);

  trigger(w.now + 1h);
  w.now += 2h;  // it was due while no server ran
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(state(2), RunState::running);
}

TEST_F(RunAfter, TakesNoneOfMaxActiveRuns) {
  see(1, "0 * * * *");
  trigger(w.now + 150min, "later");
  for (int hour = 0; hour < 3; ++hour) {  // the schedule goes on
    w.succeed("a");
    w.pass(1h);
  }
  // From its time on it counts: the schedule's run of 3:00 is there, and waits for nobody else's.
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-01T00:00:00+00:00", "later", "scheduled__2026-03-01T01:00:00+00:00",
                                       "scheduled__2026-03-01T02:00:00+00:00"));
  EXPECT_EQ(state(2), RunState::running);
  w.succeed("a");
  EXPECT_EQ(w.run_ids().back(), "scheduled__2026-03-01T03:00:00+00:00");
  EXPECT_EQ(state(5), RunState::running);
}

TEST_F(RunAfter, IsTheOrderInWhichRunsStart) {
  see(1);
  trigger({}, "first");
  trigger(w.now + 2h, "third");
  trigger(w.now + 1h, "second");
  w.pass(3h);
  trigger({}, "fourth");
  for (const RunNo no : {1, 3, 2, 4}) {
    EXPECT_EQ(state(no), RunState::running) << no;
    w.succeed("a");
  }
}

TEST_F(RunAfter, WaitsForALimitToo) {
  see(1);
  trigger({}, "now");
  trigger(w.now + 1h, "later");
  w.pass(2h);
  EXPECT_EQ(state(2), RunState::queued);
  EXPECT_THAT(w.engine->unmet_dependencies("d", "later", "a", -1)->front().reason, HasSubstr("1 runs of the DAG are running"));
  w.succeed("a");
  EXPECT_EQ(state(2), RunState::running);
  EXPECT_THAT(w.transitions, Contains(Field(&Transition::cause, HasSubstr("the DAG is not paused, after 3.6e+03 s"))));
}

TEST_F(RunAfter, APausedDagHoldsItUp) {
  see();
  trigger(w.now + 1h);
  w.step(SetPaused{w.next_command(), "d", true});
  w.pass(2h);
  EXPECT_EQ(state(1), RunState::queued);
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_EQ(state(1), RunState::running);
}

TEST_F(RunAfter, MayLieBehind) {
  see();
  EXPECT_EQ(trigger(w.now - 1h).run->state, RunState::running);
}

TEST_F(RunAfter, AClockThatIsSetBackHasItWaitAgain) {
  see(1);
  trigger({}, "first");
  trigger({}, "second");
  w.now -= 1h;
  w.succeed("a");
  EXPECT_EQ(state(2), RunState::queued);
  EXPECT_EQ(w.engine->wake_at(), start_of_test);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(state(2), RunState::queued);
  w.pass_to_next();
  EXPECT_EQ(state(2), RunState::running);
}

TEST_F(RunAfter, CanBeStopped) {
  see();
  trigger(w.now + 1h, "later");
  w.step(StopRun{w.next_command(), "d", "later", "marked failed"});
  EXPECT_EQ(state(1), RunState::failed);
  w.pass(2h);
  EXPECT_EQ(state(1), RunState::failed);
}

TEST_F(RunAfter, TwoInOneMomentWaitForNoMoreThanThat) {
  see();
  const Answer first = trigger({}), second = trigger({});
  EXPECT_EQ(first.run->state, RunState::running);
  EXPECT_EQ(second.run->state, RunState::running);
  EXPECT_NE(first.run->run_id, second.run->run_id);
}

}  // namespace
}  // namespace venturi::engine
