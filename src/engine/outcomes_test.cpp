// max_consecutive_failed_dag_runs by logical date.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace testing;

constexpr auto day = 24h;

class Outcomes : public ::testing::Test {
 protected:
  // Runs of the dates start_of_test - 3 days, - 2 days, ... as numbers 1, 2, ...
  void see(int max_active_runs, int most_failures = 2, bool is_scheduled = true) {
    DagBuilder d;
    if (is_scheduled) {
      d.dag.timetable =
          Object{{"__type", "airflow.timetables.trigger.CronTriggerTimetable"}, {"__var", Object{{"expression", "0 0 * * *"}}}};
      d.dag.start_date = w.now - 3 * day;
      d.dag.end_date = w.now - day;
      d.dag.catchup = true;
    }
    d.dag.max_active_runs = max_active_runs;
    d.dag.max_consecutive_failed_dag_runs = most_failures;
    d.task("a");
    w.step(DagSeen{d.build()});
  }
  void end(RunNo no, bool succeeds) {
    const auto launch = std::ranges::find(w.launches, no, [](const Launch& l) { return l.run.no; });
    ASSERT_NE(launch, w.launches.end()) << no;
    const LaunchToken token = launch->ti.token;
    w.launches.erase(launch);
    w.step(TryStarted{token, w.now});
    if (succeeds) return w.step(TrySucceeded{token, w.now});
    TryFailed failed;
    failed.token = token;
    failed.at = w.now;
    w.step(failed);
  }
  void trigger(std::optional<Time> run_after = {}) {
    TriggerRun t;
    t.command = w.next_command();
    t.dag_id = "d";
    t.run_after = run_after;
    t.logical_date_is_null = true;
    w.step(t);
  }
  bool is_paused() { return w.dag_state("d").is_paused; }

  World w;
};

TEST_F(Outcomes, CountByLogicalDateAndNotInOrderOfEnd) {
  see(3);
  end(3, false);
  end(1, false);
  EXPECT_FALSE(is_paused()) << "that of the date between them has not ended";
  end(2, false);
  EXPECT_TRUE(is_paused());
  EXPECT_EQ(w.transitions.back().cause, "2 runs failed in a row, which pauses the DAG (max_consecutive_failed_dag_runs 2)");
}

TEST_F(Outcomes, AnOlderDateThatFailsLateCountsForNothing) {
  see(3);
  end(3, true);
  end(2, false);
  end(1, false);
  EXPECT_FALSE(is_paused()) << "the latest date succeeded";
}

// Airflow orders by logical_date alone, where NULL is the last one on SQLite, and the first one on PostgreSQL; here a run
// without a date has its place by its run_after.
TEST_F(Outcomes, RunsWithoutADateCountByTheirRunAfter) {
  see(16, 2, false);
  for (int i = 0; i < 3; ++i) {
    trigger();
    w.pass(1min);
  }
  end(3, true);
  end(1, false);
  end(2, false);
  EXPECT_FALSE(is_paused());
  trigger();
  w.pass(1min);
  trigger();
  end(5, false);
  end(4, false);
  EXPECT_TRUE(is_paused());
}

TEST_F(Outcomes, OneThatIsForLaterDoesNotCount) {
  see(16, 2, false);
  trigger(w.now + day);
  trigger();
  w.pass(1min);
  trigger();
  end(2, false);
  end(3, false);
  EXPECT_TRUE(is_paused());
}

TEST_F(Outcomes, NoRunStartsBeforeTheyAreKnown) {
  see(1);
  end(1, false);
  w.answers_questions = false;
  end(2, false);
  EXPECT_TRUE(w.dag_state("d").awaits_outcomes);
  EXPECT_EQ(w.runs().size(), 2u) << "the schedule waits too";
  ASSERT_EQ(w.outcome_questions.size(), 1u);
  w.step(w.find_outcomes(w.outcome_questions.front()));
  EXPECT_TRUE(is_paused());
  EXPECT_FALSE(w.dag_state("d").awaits_outcomes);
  EXPECT_EQ(w.runs().size(), 2u);
  // An answer that comes twice changes nothing.
  w.step(SetPaused{w.next_command(), "d", false});
  w.step(w.find_outcomes(w.outcome_questions.front()));
  EXPECT_FALSE(is_paused());
  EXPECT_EQ(w.runs().size(), 3u);
}

TEST_F(Outcomes, AreAskedForAgainAfterARestart) {
  see(1);
  end(1, false);
  w.answers_questions = false;
  end(2, false);
  w.restart();
  w.answers_questions = true;
  w.step(Tick{});
  EXPECT_TRUE(is_paused());
  EXPECT_EQ(w.runs().size(), 2u);
}

TEST_F(Outcomes, WhatIsMarkedOtherwiseCountsSo) {
  see(1);
  end(1, false);
  w.mark_run(1, RunState::success);
  end(2, false);
  EXPECT_FALSE(is_paused());
  EXPECT_EQ(w.runs().size(), 3u);
}

TEST_F(Outcomes, OneThatSomebodyMarksFailedAsksForNothing) {
  see(1);
  end(1, false);
  w.mark_run(2, RunState::failed);
  EXPECT_FALSE(is_paused());
  end(3, false);
  EXPECT_TRUE(is_paused());
}

}  // namespace
}  // namespace venturi::engine
