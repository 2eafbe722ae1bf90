// Who is told that a run has not succeeded in time.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::start_of_test;
using testing::World;
using namespace std::chrono_literals;
using Reference = DeadlineAlert::Reference;

std::shared_ptr<const Dag> with_deadline(DeadlineAlert alert) {
  DagBuilder d;
  d.task("t");
  alert.has_function = true;
  d.dag.deadlines.push_back(std::move(alert));
  return d.build();
}

// The times and words of what was told of deadlines; takes them as delivered.
std::vector<std::string> told(World& w) {
  std::vector<std::string> list;
  for (const Deliver& d : std::exchange(w.deliveries, {})) {
    EXPECT_EQ(d.entry.event, "deadline");
    EXPECT_NE(d.dag, nullptr);
    list.push_back(d.entry.context.get_string("error"));
    w.step(OutboxDone{d.entry.no});
  }
  return list;
}

TEST(Deadlines, ARunThatIsLateIsToldOfOnce) {
  World w;
  w.step(DagSeen{with_deadline({.name = "by one", .datetime = {}, .interval = 1h})});
  w.trigger("d");
  w.pass(1h - 1us);
  EXPECT_THAT(told(w), IsEmpty());
  w.restart();
  w.step(Tick{});
  w.pass(1us);
  EXPECT_THAT(told(w), ElementsAre("the deadline by one of 2026-03-01T01:00:00Z was missed"));
  EXPECT_THAT(w.transitions.back().cause, HasSubstr("the deadline by one of"));
  w.restart();
  w.step(Tick{});
  w.pass(24h);
  w.step(TrySucceeded{w.engine->outstanding().at(0).token, w.now});
  EXPECT_THAT(told(w), IsEmpty());
}

// A server that was away when it was due, and one that ended before it had told.
TEST(Deadlines, AreToldOfAfterAStart) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .datetime = {}, .interval = 1h})});
  w.trigger("d");
  w.now += 5h;
  w.restart();
  w.step(Tick{});
  ASSERT_EQ(w.deliveries.size(), 1U);
  w.deliveries.clear();
  w.restart();
  w.step(Tick{});
  const auto due = w.engine->take_due_deliveries();
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].entry.context.get_string("error"), "the deadline of 2026-03-01T01:00:00Z was missed");
  EXPECT_EQ(w.transitions.back().run_to, RunState::running);
}

TEST(Deadlines, ASuccessInTimeTakesThemAlong) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .datetime = {}, .interval = 1h})});
  w.trigger("d");
  w.pass(59min);
  w.succeed("t");
  EXPECT_EQ(w.run_state(), "success");
  EXPECT_THAT(w.engine->snapshot().outbox, IsEmpty());
  w.pass(2h);
  EXPECT_THAT(told(w), IsEmpty());
}

TEST(Deadlines, AFailedRunMissesThemUnlessItIsClearedAndSucceeds) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .datetime = {}, .interval = 1h})});
  w.trigger("d");
  w.fail("t");
  EXPECT_EQ(w.run_state(), "failed");
  EXPECT_FALSE(w.engine->owes_callbacks(1)) << "nobody waits for what comes in an hour";
  w.restart();
  w.step(Tick{});
  w.pass(30min);
  w.clear(1);
  w.pass(59min);
  EXPECT_THAT(told(w), IsEmpty()) << "its time counts from when it was queued again";
  w.fail("t");
  w.pass(1min);
  EXPECT_THAT(told(w), ElementsAre("the deadline of 2026-03-01T01:30:00Z was missed"));
}

TEST(Deadlines, ADeletedRunHasNone) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .datetime = {}, .interval = 1h})});
  w.trigger("d");
  w.fail("t");
  w.step(RunDeleted{1});
  EXPECT_THAT(w.engine->snapshot().outbox, IsEmpty());
  w.pass(2h);
  EXPECT_THAT(told(w), IsEmpty());
}

TEST(Deadlines, OfTheLogicalDate) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .reference = Reference::dagrun_logical_date, .datetime = {}, .interval = 2h})});
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "d";
  t.logical_date = start_of_test - 1h;
  w.step(t);
  w.trigger("d");  // it has a logical date of its own, the present
  TriggerRun without = t;
  without.command = w.next_command();
  without.logical_date.reset();
  without.logical_date_is_null = true;
  w.step(without);
  w.pass(3h);
  EXPECT_THAT(told(w), ElementsAre(HasSubstr("T01:00:00Z"), HasSubstr("T02:00:00")));
}

TEST(Deadlines, OfAFixedDate) {
  World w;
  w.step(DagSeen{
      with_deadline({.name = "", .reference = Reference::fixed_datetime, .datetime = start_of_test + 1h, .interval = -10min})});
  w.trigger("d");
  w.pass(50min);
  EXPECT_THAT(told(w), ElementsAre(HasSubstr("T00:50:00Z")));
  w.trigger("d");
  EXPECT_THAT(told(w), ElementsAre(HasSubstr("T00:50:00Z"))) << "it was over when the run was made";
}

TEST(Deadlines, OfTheAverageRuntime) {
  World w;
  w.step(DagSeen{with_deadline(
      {.name = "", .reference = Reference::average_runtime, .datetime = {}, .max_runs = 3, .min_runs = 2, .interval = 1min})});
  for (const Duration runtime : {100min, 10min, 20min, 30min}) {
    w.trigger("d");
    w.pass(runtime);
    w.succeed("t");
    w.deliveries.clear();
  }
  const Time begin = w.now;
  w.answers_questions = false;
  w.trigger("d");
  EXPECT_TRUE(w.runs().rbegin()->second.awaits_runtimes);
  w.restart();  // before the answer
  w.answers_questions = true;
  w.step(Tick{});
  EXPECT_FALSE(w.runs().rbegin()->second.awaits_runtimes);
  w.now = begin + 21min - 1s;
  w.step(Tick{});
  EXPECT_THAT(w.deliveries, IsEmpty());
  w.pass(1s);
  EXPECT_EQ(w.deliveries.size(), 1U);
}

TEST(Deadlines, NoneOfAnAverageOfTooFewRuns) {
  World w;
  w.step(DagSeen{with_deadline({.name = "", .reference = Reference::average_runtime, .datetime = {}, .interval = 1min})});
  w.trigger("d");
  w.pass(1h);
  EXPECT_THAT(w.deliveries, IsEmpty());
  EXPECT_THAT(w.engine->snapshot().outbox, IsEmpty());
}

}  // namespace
}  // namespace venturi::engine
