// Timetables of the user's: what is asked, when, and what becomes of answers. The program is a function here.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using schedule::TimetableAnswer;
using schedule::TimetableQuestion;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::World;

Value user_defined() {
  return Object{{"__type", "venturi.program.WorkdayTimetable"}, {"__var", Object{{"_summary", "working days"}}}};
}

bool is_weekend(Time day) {
  const std::chrono::weekday weekday(std::chrono::floor<std::chrono::days>(day));
  return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
}

// The DAG's program: a run for each working day when that day is over.
Result<TimetableAnswer> workdays(const TimetableQuestion& q) {
  if (q.about == TimetableQuestion::About::manual_interval)
    return TimetableAnswer{.interval = {q.run_after - 24h, q.run_after}};
  TimetableAnswer answer;
  std::optional<schedule::DataInterval> last = q.last;
  while (static_cast<int>(answer.runs.size()) < q.most) {
    Time start;
    if (last) {
      start = last->start + 24h;
    } else {
      start = q.restriction.earliest.value_or(q.now);
      if (!q.restriction.catchup) start = std::max<Time>(start, std::chrono::floor<std::chrono::days>(q.now) - 24h);
    }
    if (last && !q.restriction.catchup) start = std::max<Time>(start, std::chrono::floor<std::chrono::days>(q.now) - 24h);
    while (is_weekend(start)) start += 24h;
    if (q.restriction.latest && start > *q.restriction.latest) {
      answer.is_all = true;
      return answer;
    }
    answer.runs.push_back({start, {start, start + 24h}, start + 24h});
    last = answer.runs.back().interval;
    if (q.until && answer.runs.back().run_after > *q.until) return answer;
  }
  return answer;
}

DagBuilder a_dag(Time start, bool catchup, const std::string& version = "v1") {
  DagBuilder d("d", version);
  d.dag.timetable = user_defined();
  d.dag.start_date = start;
  d.dag.catchup = catchup;
  d.dag.max_active_runs = 100;
  d.task("a");
  return d;
}

Result<TimetableAnswer> broken(const TimetableQuestion& /*question*/) {
  return fail(ErrorKind::invalid, "std::runtime_error: no calendar", "WorkdayTimetable.next_dagrun_info");
}

// 2026-03-01 is a Sunday.
TEST(UserTimetables, CatchesUpAndAsksOnceForManyRuns) {
  World w;
  int asked = 0;
  w.timetable = [&](const TimetableQuestion& q) {
    ++asked;
    return workdays(q);
  };
  w.step(DagSeen{a_dag(w.now - 24h * 9, true).build()});  // Friday, 20 February
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-02-21T00:00:00+00:00", "scheduled__2026-02-24T00:00:00+00:00",
                                       "scheduled__2026-02-25T00:00:00+00:00", "scheduled__2026-02-26T00:00:00+00:00",
                                       "scheduled__2026-02-27T00:00:00+00:00", "scheduled__2026-02-28T00:00:00+00:00"));
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(w.dag_state("d").next_run_after, w.now + 48h);  // Monday, when it is over
  w.restart();
  w.pass(47h);
  EXPECT_THAT(w.run_ids(), SizeIs(6));
  w.pass(1h);
  EXPECT_EQ(w.run_ids().back(), "scheduled__2026-03-03T00:00:00+00:00");
}

TEST(UserTimetables, LongPastsAreAskedForInPieces) {
  World w;
  int asked = 0;
  w.timetable = [&](const TimetableQuestion& q) {
    ++asked;
    return workdays(q);
  };
  auto d = a_dag(w.now - 24h * 100, true);
  d.dag.max_active_runs = 1000;
  w.step(DagSeen{d.build()});
  EXPECT_THAT(w.run_ids(), SizeIs(71));
  EXPECT_EQ(asked, 3);
}

TEST(UserTimetables, NothingIsMadeUntilTheProgramHasAnswered) {
  World w;
  w.step(DagSeen{a_dag(w.now - 24h * 9, true).build()});
  EXPECT_THAT(w.run_ids(), IsEmpty());
  ASSERT_THAT(w.timetable_questions, SizeIs(1));
  w.pass(5h);
  EXPECT_THAT(w.timetable_questions, SizeIs(1));  // it is asked once
  w.restart();
  w.step(Tick{});
  ASSERT_THAT(w.timetable_questions, SizeIs(1));  // and again after a start
  const AskTimetable q = w.timetable_questions.front();
  w.step(TimetableTold{q.question, workdays(q.about)});
  EXPECT_THAT(w.run_ids(), SizeIs(6));
  w.step(TimetableTold{q.question, workdays(q.about)});  // it counts once
  EXPECT_THAT(w.run_ids(), SizeIs(6));
}

TEST(UserTimetables, WithoutCatchupOnlyTheNewestIsMadeUp) {
  World w;
  w.timetable = workdays;
  w.now += 24h * 3;  // Wednesday
  w.step(DagSeen{a_dag(w.now - 24h * 30, false).build()});
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-04T00:00:00+00:00"));
  w.step(SetPaused{w.next_command(), "d", true});
  w.pass(24h * 6 + 1h);
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_THAT(w.run_ids(), ElementsAre("scheduled__2026-03-04T00:00:00+00:00", "scheduled__2026-03-10T00:00:00+00:00"));
}

TEST(UserTimetables, AnErrorHoldsUpThisScheduleAndIsAskedAboutAgain) {
  World w;
  w.timetable = broken;
  w.step(DagSeen{a_dag(w.now - 24h * 9, true).build()});
  EXPECT_THAT(w.run_ids(), IsEmpty());
  EXPECT_FALSE(w.dag_state("d").next_run_after);
  int asked = 0;
  w.timetable = [&](const TimetableQuestion& q) {
    ++asked;
    return broken(q);
  };
  w.pass(59s);
  EXPECT_EQ(asked, 0);
  w.pass(1s);
  EXPECT_EQ(asked, 1);
  w.pass(60s);
  EXPECT_EQ(asked, 1);  // after two minutes now
  w.timetable = workdays;
  w.pass(60s);
  EXPECT_THAT(w.run_ids(), SizeIs(6));
}

TEST(UserTimetables, AnotherVersionIsAskedAtOnce) {
  World w;
  w.timetable = broken;
  w.step(DagSeen{a_dag(w.now - 24h * 9, true).build()});
  w.timetable = nullptr;
  w.step(DagSeen{a_dag(w.now - 24h * 9, true, "v2").build()});
  ASSERT_THAT(w.timetable_questions, SizeIs(1));
  EXPECT_EQ(w.timetable_questions.front().dag->version_id, "v2");
  // What the version before says, now, is no more.
  const AskTimetable old = std::exchange(w.timetable_questions, {}).front();
  w.step(DagSeen{a_dag(w.now - 24h * 9, true, "v3").build()});
  w.step(TimetableTold{old.question, workdays(old.about)});
  EXPECT_THAT(w.run_ids(), IsEmpty());
  w.timetable = workdays;
  w.finish_work();
  EXPECT_THAT(w.run_ids(), SizeIs(6));
}

TEST(UserTimetables, AManualRunHasTheIntervalThatItInfers) {
  World w;
  w.timetable = workdays;
  w.step(DagSeen{a_dag(w.now + 24h, true).build()});
  const DagRun run = w.trigger("d");
  EXPECT_EQ(run.logical_date, w.now);
  EXPECT_EQ(run.data_interval_start, w.now - 24h);
  EXPECT_EQ(run.data_interval_end, w.now);
  w.timetable = [](const TimetableQuestion& q) {
    return q.about == TimetableQuestion::About::manual_interval ? broken(q) : workdays(q);
  };
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "d";
  w.step(t);
  ASSERT_TRUE(w.answer().error);
  EXPECT_THAT(w.answer().error->what, HasSubstr("no calendar"));
  // Where the interval is given nobody is asked.
  t.command = w.next_command();
  t.logical_date = w.now;
  t.data_interval_start = t.data_interval_end = w.now;
  t.run_id = "mine";
  t.logical_date = w.now + 1s;
  w.step(t);
  EXPECT_FALSE(w.answer().error);
}

TEST(UserTimetables, TwoManualRunsThatWaitHaveTwoIds) {
  World w;
  w.step(DagSeen{a_dag(w.now + 24h, true).build()});
  for (int i = 0; i < 2; ++i) {
    TriggerRun t;
    t.command = w.next_command();
    t.dag_id = "d";
    w.step(t);
  }
  EXPECT_THAT(w.run_ids(), IsEmpty());
  w.timetable = workdays;
  w.pass(3s);
  EXPECT_THAT(w.run_ids(), ElementsAre("manual__2026-03-01T00:00:00+00:00", "manual__2026-03-01T00:00:00.000001+00:00"));
}

TEST(UserTimetables, BackfillsFollowIt) {
  for (const bool backwards : {false, true}) {
    World w;
    w.timetable = workdays;
    w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
    const Answer answer = w.backfill("d", w.now - 24h * 500, w.now - 24h * 5, [&](Backfill& b) {
      b.run_backwards = backwards;
      b.max_active_runs = 1000;
    });
    ASSERT_FALSE(answer.error) << answer.error->text();
    EXPECT_THAT(w.run_ids(), SizeIs(354));
    for (const auto& [no, run] : w.runs()) EXPECT_FALSE(is_weekend(*run.logical_date));
    const auto& runs = w.runs();
    EXPECT_EQ(runs.begin()->second.logical_date < runs.rbegin()->second.logical_date, !backwards);
  }
}

TEST(UserTimetables, ABackfillWithoutDatesOrWithABrokenTimetableIsRefused) {
  World w;
  w.timetable = workdays;
  w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
  Answer answer = w.backfill("d", w.now - 24h, w.now - 1h);  // Saturday
  ASSERT_TRUE(answer.error);
  EXPECT_THAT(answer.error->what, HasSubstr("no runs to create"));
  w.timetable = broken;
  answer = w.backfill("d", w.now - 24h * 9, w.now);
  ASSERT_TRUE(answer.error);
  EXPECT_THAT(answer.error->what, HasSubstr("no calendar"));
}

// As many questions as it takes; nothing is made.
TEST(UserTimetables, ADryRunOfABackfillHasItsDates) {
  World w;
  w.timetable = workdays;
  w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
  for (const bool backwards : {false, true}) {
    const Answer answer =
        w.backfill_dry_run("d", w.now - 24h * 500, w.now - 24h * 5, [&](Backfill& b) { b.run_backwards = backwards; });
    ASSERT_FALSE(answer.error) << answer.error->text();
    EXPECT_THAT(answer.dates, SizeIs(354));
    EXPECT_EQ(answer.dates.front() < answer.dates.back(), !backwards);
    for (const Time date : answer.dates) EXPECT_FALSE(is_weekend(date));
  }
  EXPECT_THAT(w.run_ids(), IsEmpty());
  // Those whose data interval is not over are left out, whatever the timetable gives.
  const Answer now = w.backfill_dry_run("d", w.now - 24h * 3, w.now + 24h * 300);
  ASSERT_FALSE(now.error) << now.error->text();
  for (const Time date : now.dates) EXPECT_LT(date + 24h, w.now);
}

TEST(UserTimetables, ADryRunWithoutDatesOrWithABrokenTimetableIsRefused) {
  World w;
  w.timetable = workdays;
  w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
  Answer answer = w.backfill_dry_run("d", w.now - 24h, w.now - 1h);  // Saturday
  ASSERT_TRUE(answer.error);
  EXPECT_THAT(answer.error->what, HasSubstr("no runs to create"));
  int asked = 0;  // not at once
  w.timetable = [&](const TimetableQuestion& q) { return ++asked == 2 ? broken(q) : workdays(q); };
  answer = w.backfill_dry_run("d", w.now - 24h * 500, w.now);
  ASSERT_TRUE(answer.error);
  EXPECT_THAT(answer.error->what, HasSubstr("no calendar"));
  w.timetable = [&](const TimetableQuestion& q) -> Result<TimetableAnswer> {  // for ever, and each minute
    TimetableAnswer told;
    Time at = q.last ? q.last->end : *q.restriction.earliest;
    for (int i = 0; i < q.most; ++i, at += 1min) told.runs.push_back({at, {at, at + 1min}, at + 1min});
    return told;
  };
  answer = w.backfill_dry_run("d", w.now - 24h * 500, w.now);
  ASSERT_TRUE(answer.error);
  EXPECT_THAT(answer.error->what, HasSubstr("more than 100000 dates"));
}

// The DAG goes, or comes with another schedule, while its program thinks.
TEST(UserTimetables, ADryRunWhoseDagChangesIsAnswered) {
  World w;
  w.timetable = {};
  w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
  const std::int64_t first = w.ask_for_dry_run("d", w.now - 24h * 500, w.now),
                     second = w.ask_for_dry_run("d", w.now - 24h * 9, w.now);
  w.timetable = workdays;
  w.step(DagGone{"d"});
  w.pass(3s);
  ASSERT_TRUE(w.answer_to(first).error);
  EXPECT_FALSE(w.answer_to(second).error);
}

// The first dates are there when it is created; what breaks later is asked for again.
TEST(UserTimetables, ABackfillWhoseTimetableBreaksGoesOnLater) {
  World w;
  w.timetable = workdays;
  w.step(DagSeen{a_dag(w.now + 24h * 30, false).build()});
  int asked = 0;
  w.timetable = [&](const TimetableQuestion& q) { return ++asked == 2 ? broken(q) : workdays(q); };
  const Answer answer = w.backfill("d", w.now - 24h * 9, w.now - 24h * 2);
  ASSERT_FALSE(answer.error);
  EXPECT_THAT(w.run_ids(), IsEmpty());
  w.restart();
  w.step(Tick{});
  EXPECT_THAT(w.run_ids(), SizeIs(6));
}

}  // namespace
}  // namespace venturi::engine
