// Backfills on the pure engine: the world rebuilds the state after each batch and compares.
#include <gmock/gmock.h>

#include <set>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using namespace std::chrono_literals;
using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::make_empty;
using testing::start_of_test;
using testing::World;
using To = ChangeBackfill::To;

Value timetable(std::string_view type, std::string_view expression) {
  return Object{{"__type", "airflow.timetables." + std::string(type)},
                {"__var", Object{{"expression", std::string(expression)}, {"timezone", "UTC"}}}};
}

// Daily, and nothing of its own to do: it begins after the present.
DagBuilder daily(const std::string& dag_id = "d") {
  DagBuilder b(dag_id);
  b.dag.timetable = timetable("interval.CronDataIntervalTimetable", "0 0 * * *");
  b.dag.start_date = start_of_test + 24h * 365;
  b.dag.catchup = true;
  b.task("a");
  return b;
}

Time day(int n) {  // before the test's beginning, which is midnight
  return start_of_test - 24h * n;
}

std::vector<std::string> states(const World& w) {
  std::vector<std::string> list;
  for (const auto& [no, run] : w.runs()) list.push_back(run.run_id.substr(0, 20) + " " + std::string(to_string(run.state)));
  return list;
}

std::vector<std::string> reasons(const World& w, std::int64_t id) {
  std::vector<std::string> list;
  for (const auto& [key, row] : w.backfill_dag_runs()) {
    if (key.first == id) list.push_back(row.run ? "run" : row.exception_reason);
  }
  return list;
}

// Each launch that is there ends well, and those that follow.
void succeed_all(World& w) {
  while (!w.launches.empty()) w.succeed(w.launches.front().ti.task_id);
}

TEST(Backfill, MakesTheRunsOfItsRangeBothEndsIncludedAndIsCompletedWithThem) {
  World w;
  w.step(DagSeen{daily().build()});
  const Answer made = w.backfill("d", day(3), day(1));
  ASSERT_TRUE(made.backfill);
  EXPECT_FALSE(made.backfill->completed_at);
  // The last day's interval ends at the present: it is not over.
  EXPECT_THAT(states(w), ElementsAre("backfill__2026-02-27 running", "backfill__2026-02-28 running"));
  const DagRun& first = w.runs().begin()->second;
  EXPECT_EQ(first.logical_date, day(3));
  EXPECT_EQ(first.run_after, day(2));
  EXPECT_EQ(first.run_type, RunType::backfill);
  EXPECT_EQ(first.backfill_id, made.backfill->id);
  w.now += 1s;
  succeed_all(w);
  EXPECT_EQ(w.backfills().at(1).completed_at, w.now);
  EXPECT_EQ(w.change_backfill(1, To::cancelled).error->kind, ErrorKind::conflict);
  EXPECT_FALSE(w.backfill("d", day(5), day(4)).error);  // a next one may come
}

TEST(Backfill, HasALimitOfItsOwnBesideTheDags) {
  World w;
  DagBuilder b = daily();
  b.dag.max_active_runs = 1;
  w.step(DagSeen{b.build()});
  w.backfill("d", day(10), day(2), [](Backfill& f) { f.max_active_runs = 2; });
  w.trigger("d", "m1");
  w.trigger("d", "m2");
  int running = 0;
  for (const auto& [no, run] : w.runs()) running += run.state == RunState::running && run.backfill_id != 0 ? 1 : 0;
  EXPECT_EQ(running, 2);
  EXPECT_EQ(w.run_state(), "queued");  // m2 waits for m1 alone
  succeed_all(w);
  EXPECT_TRUE(w.backfills().at(1).completed_at);
}

TEST(Backfill, RunsBackwardsInTheOrderOfItsOrdinals) {
  World w;
  w.step(DagSeen{daily().build()});
  w.backfill("d", day(4), day(2), [](Backfill& f) {
    f.run_backwards = true;
    f.max_active_runs = 1;
  });
  std::vector<Time> order;
  while (!w.launches.empty()) {
    order.push_back(*w.launches.front().run.logical_date);
    w.succeed("a");
  }
  EXPECT_THAT(order, ElementsAre(day(2), day(3), day(4)));
}

TEST(Backfill, IsRefusedWithAReason) {
  World w;
  DagBuilder none("none");
  none.task("a");
  w.step(DagSeen{none.build()});
  DagBuilder once("once");
  once.dag.timetable = Object{{"__type", "airflow.timetables.simple.OnceTimetable"}, {"__var", Object{}}};
  once.dag.start_date = start_of_test + 1h;
  w.step(DagSeen{once.build()});
  DagBuilder past = daily("past");
  past.dag.tasks[0].depends_on_past = true;
  w.step(DagSeen{past.build()});
  w.step(DagSeen{daily().build()});
  const auto refusal = [&](const std::string& dag_id, Time from, Time to, const std::function<void(Backfill&)>& change = {}) {
    const Answer answer = w.backfill(dag_id, from, to, change);
    EXPECT_TRUE(answer.error);
    return answer.error->what;
  };
  EXPECT_THAT(refusal("none", day(3), day(1)), HasSubstr("non-periodic"));
  EXPECT_THAT(refusal("once", day(3), day(1)), HasSubstr("non-periodic"));
  EXPECT_THAT(refusal("nowhere", day(3), day(1)), HasSubstr("no DAG"));
  EXPECT_THAT(refusal("d", day(1), day(3)), HasSubstr("must not be after"));
  EXPECT_THAT(refusal("d", w.now + 24h, w.now + 48h), HasSubstr("future"));
  EXPECT_THAT(refusal("d", day(3) + 1h, day(3) + 2h), HasSubstr("no runs to create"));
  EXPECT_THAT(refusal("d", day(3), day(1), [](Backfill& f) { f.max_active_runs = 0; }), HasSubstr("max_active_runs"));
  EXPECT_THAT(refusal("past", day(3), day(1), [](Backfill& f) { f.run_backwards = true; }), HasSubstr("backwards"));
  EXPECT_THAT(refusal("past", day(3), day(1)), HasSubstr("reprocess"));
  EXPECT_TRUE(w.runs().empty());
  EXPECT_TRUE(w.backfills().empty());
  w.backfill("d", day(3), day(1));
  EXPECT_THAT(refusal("d", day(3), day(1)), HasSubstr("already a running backfill"));
}

TEST(Backfill, WhatExistsIsLeftAloneOrRunsAgain) {
  World w;
  w.step(DagSeen{daily().build()});
  w.backfill("d", day(4), day(3));
  w.fail("a");
  succeed_all(w);
  const auto again = [&](ReprocessBehavior behavior) {
    const Answer answer = w.backfill("d", day(4), day(2), [&](Backfill& f) {
      f.reprocess_behavior = behavior;
      f.dag_run_conf = Object{{"by", std::string(to_string(behavior))}};
    });
    succeed_all(w);
    return reasons(w, answer.backfill->id);
  };
  EXPECT_THAT(again(ReprocessBehavior::none), ElementsAre("already exists", "already exists", "run"));
  EXPECT_THAT(again(ReprocessBehavior::failed), ElementsAre("run", "already exists", "already exists"));
  EXPECT_THAT(again(ReprocessBehavior::completed), ElementsAre("run", "run", "run"));
  EXPECT_EQ(w.runs().size(), 3U);  // the same ones
  const DagRun& first = w.runs().begin()->second;
  EXPECT_EQ(first.backfill_id, 4);
  EXPECT_EQ(first.conf, Value(Object{{"by", "completed"}}));
  EXPECT_EQ(w.instances_of(first).front().try_number, 3);
  for (const auto& [id, backfill] : w.backfills()) EXPECT_TRUE(backfill.completed_at) << id;
}

TEST(Backfill, ARunThatIsUnderWayIsInFlight) {
  World w;
  w.step(DagSeen{daily().build()});
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "d";
  t.run_id = "mine";
  t.logical_date = day(3);
  w.step(t);
  w.backfill("d", day(3), day(2), [](Backfill& f) { f.reprocess_behavior = ReprocessBehavior::completed; });
  EXPECT_THAT(reasons(w, 1), ElementsAre("in flight", "run"));
}

TEST(Backfill, PausedNothingStartsCancelledWhatIsQueuedFails) {
  World w;
  w.step(DagSeen{daily().build()});
  w.backfill("d", day(90), day(2), [](Backfill& f) { f.max_active_runs = 2; });
  EXPECT_EQ(w.runs().size(), 89U);
  w.change_backfill(1, To::paused);
  succeed_all(w);
  const auto count = [&](RunState state) {
    return std::ranges::count(w.runs(), state, [](const auto& r) { return r.second.state; });
  };
  EXPECT_EQ(count(RunState::success), 2);
  EXPECT_EQ(count(RunState::queued), 87);
  w.restart();
  w.step(Tick{});
  EXPECT_EQ(count(RunState::queued), 87);
  w.change_backfill(1, To::unpaused);
  EXPECT_EQ(count(RunState::running), 2);
  const Answer cancelled = w.change_backfill(1, To::cancelled);
  ASSERT_TRUE(cancelled.backfill);
  EXPECT_EQ(cancelled.backfill->completed_at, w.now);
  EXPECT_TRUE(cancelled.backfill->is_paused);
  EXPECT_EQ(count(RunState::failed), 85);
  EXPECT_EQ(count(RunState::running), 2);  // these go on
  EXPECT_EQ(w.change_backfill(1, To::cancelled).error->kind, ErrorKind::conflict);
  EXPECT_FALSE(w.dag_state("d").is_paused);
  succeed_all(w);
  EXPECT_EQ(count(RunState::success), 4);
  // One that failed so can be cleared, and runs.
  for (const auto& [no, run] : w.runs()) {
    if (run.state != RunState::failed) continue;
    w.clear(no);
    break;
  }
  EXPECT_EQ(count(RunState::failed) + count(RunState::success) + count(RunState::running), 89);
}

TEST(Backfill, APausedDagHoldsItsRunsBack) {
  World w;
  w.step(DagSeen{daily().build()});
  w.step(SetPaused{w.next_command(), "d", true});
  w.backfill("d", day(3), day(2));
  EXPECT_THAT(states(w), ElementsAre("backfill__2026-02-27 queued", "backfill__2026-02-28 queued"));
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_EQ(w.run_state(), "running");
}

TEST(Backfill, TheScheduleGoesOnBehindTheNewestAutomaticRun) {
  World w;
  DagBuilder b = daily();
  b.dag.start_date = day(5);
  b.dag.is_paused_upon_creation = true;
  w.step(DagSeen{b.build()});
  w.backfill("d", day(5), day(3));
  w.step(SetPaused{w.next_command(), "d", false});
  succeed_all(w);
  std::map<Time, int> dates;
  for (const auto& [no, run] : w.runs()) ++dates[*run.logical_date];
  for (const auto& [date, runs] : dates) EXPECT_EQ(runs, 1) << format_time(date);
  EXPECT_EQ(dates.size(), 5U);
}

// Cut off anywhere between its slices and started anew: nothing is lost, and nothing is there twice (the world looks).
TEST(Backfill, IsContinuedAfterARestartBetweenAnySlices) {
  for (const bool backwards : {false, true}) {
    World w;
    w.answers_questions = false;
    w.step(DagSeen{daily().build()});
    w.backfill("d", day(300), day(2), [&](Backfill& f) { f.run_backwards = backwards; });
    for (int slices = 0; !w.backfills().at(1).is_made; ++slices) {
      ASSERT_LT(slices, 50);
      ASSERT_EQ(w.date_questions.size(), 1U);
      if (slices % 2 == 0) {
        w.restart();  // the question is lost with the server
        w.step(Tick{});
        ASSERT_EQ(w.date_questions.size(), 1U);
      }
      w.step(w.find_dates(std::exchange(w.date_questions, {}).front()));
    }
    EXPECT_EQ(w.runs().size(), 299U);
    std::set<Time> dates;
    for (const auto& [no, run] : w.runs()) dates.insert(*run.logical_date);
    EXPECT_EQ(dates.size(), 299U);
    const BackfillDagRun& first = w.backfill_dag_runs().at({1, 1});
    EXPECT_EQ(first.logical_date, backwards ? day(2) : day(300));
  }
}

TEST(Backfill, CancelledBetweenSlicesItMakesNoMore) {
  World w;
  w.answers_questions = false;
  w.step(DagSeen{daily().build()});
  w.backfill("d", day(300), day(2));
  w.step(w.find_dates(std::exchange(w.date_questions, {}).front()));
  const auto made = w.runs().size();
  EXPECT_TRUE(w.change_backfill(1, To::cancelled).backfill->completed_at);
  w.step(w.find_dates(std::exchange(w.date_questions, {}).front()));
  EXPECT_EQ(w.runs().size(), made);
}

// A run by hand passes between the slices: it runs with its own event.
TEST(Backfill, OfThousandsOfRunsHoldsNobodyUp) {
  World w(10'000);
  w.compares = false;
  w.answers_questions = false;
  DagBuilder other("other");
  other.task("x");
  w.step(DagSeen{other.build()});
  DagBuilder minutely = daily();
  minutely.dag.timetable = timetable("interval.CronDataIntervalTimetable", "* * * * *");
  w.step(DagSeen{minutely.build()});
  w.backfill("d", w.now - 5000min, w.now);
  for (int i = 0; i < 100 && !w.date_questions.empty(); ++i) w.step(w.find_dates(std::exchange(w.date_questions, {}).front()));
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "other";
  w.engine->step(w.find_dates(w.date_questions.front()), w.now);
  w.engine->step(t, w.now);  // and no work beside
  const Batch batch = w.engine->take();
  EXPECT_TRUE(std::ranges::any_of(batch.effects, [](const Effect& effect) {
    const auto* launch = std::get_if<Launch>(&effect);
    return launch != nullptr && launch->ti.task_id == "x";
  }));
}

TEST(Backfill, OfADagWithoutTasksEndsHoweverManyRunsItHas) {
  World w;
  w.compares = false;
  DagBuilder b = daily();
  b.dag.tasks.clear();
  w.step(DagSeen{b.build()});
  w.step(SetPaused{w.next_command(), "d", true});
  w.backfill("d", day(3000), day(2));
  w.step(SetPaused{w.next_command(), "d", false});
  EXPECT_TRUE(w.backfills().at(1).completed_at);
  EXPECT_EQ(w.runs().size(), 2999U);
}

// ---- catching up ----------------------------------------------------------------------------------------------------------

// A week without a server: each DAG gets its missed runs, the oldest first and never more than its limit, and whoever comes
// meanwhile is served at once.
TEST(CatchUp, AThousandDagsAfterAWeek) {
  World w(50'000);
  w.compares = false;
  std::vector<std::shared_ptr<const Dag>> dags;
  for (int i = 0; i < 1000; ++i) {
    DagBuilder b = daily("h" + std::to_string(i));
    b.dag.timetable = timetable("interval.CronDataIntervalTimetable", "0 * * * *");
    b.dag.start_date = w.now;
    b.dag.max_active_runs = 3;
    make_empty(b.dag.tasks[0]);
    w.step(DagSeen{b.build()});
  }
  DagBuilder other("other");
  other.task("x");
  w.step(DagSeen{other.build()});
  w.now += 24h * 7;
  w.restart();
  w.engine->step(Tick{}, w.now);
  ASSERT_TRUE(w.engine->has_work());
  TriggerRun t;
  t.command = w.next_command();
  t.dag_id = "other";
  for (int i = 0; i < 20; ++i) w.engine->work(w.now, 128);  // in the midst of it
  ASSERT_TRUE(w.engine->has_work());
  w.engine->step(t, w.now);  // with its event alone, and no work beside
  const auto outstanding = w.engine->outstanding();
  ASSERT_EQ(outstanding.size(), 1U);
  EXPECT_EQ(outstanding.front().ti.task_id, "x");
  ASSERT_TRUE(w.engine->has_work());
  w.finish_work();
  EXPECT_FALSE(w.engine->has_work());
  std::map<std::string, std::vector<Time>> dates;
  for (const auto& [no, run] : w.runs()) {
    if (run.run_type == RunType::scheduled) dates[run.dag_id].push_back(*run.logical_date);
  }
  ASSERT_EQ(dates.size(), 1000U);
  for (const auto& [dag_id, list] : dates) {
    EXPECT_EQ(list.size(), 24U * 7) << dag_id;
    EXPECT_TRUE(std::ranges::is_sorted(list)) << dag_id;
  }
}

TEST(CatchUp, NeverMoreActiveRunsThanTheLimitTheOldestFirst) {
  World w;
  DagBuilder b = daily();
  b.dag.timetable = timetable("interval.CronDataIntervalTimetable", "0 * * * *");
  b.dag.start_date = day(2);
  b.dag.max_active_runs = 3;
  w.step(DagSeen{b.build()});
  std::vector<Time> order;
  while (!w.launches.empty()) {
    EXPECT_LE(w.launches.size(), 3U);
    order.push_back(*w.launches.front().run.logical_date);
    w.succeed("a");
  }
  EXPECT_EQ(order.size(), 48U);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(CatchUp, AClockSetBackRepeatsNoRun) {
  const Value kinds[] = {timetable("interval.CronDataIntervalTimetable", "0 * * * *"),
                         timetable("trigger.CronTriggerTimetable", "0 * * * *"),
                         Object{{"__type", "airflow.timetables.simple.ContinuousTimetable"}, {"__var", Object{}}}};
  for (const Value& kind : kinds) {
    for (const bool catchup : {false, true}) {
      World w;
      DagBuilder b = daily();
      b.dag.timetable = kind;
      if (kind.at("__type").as_string().find("CronTrigger") != std::string::npos) {
        Value* var = b.dag.timetable.as_object().find("__var");
        var->as_object().set("interval", 0.0);
        var->as_object().set("run_immediately", false);
      }
      b.dag.start_date = day(1);
      b.dag.catchup = catchup;
      w.step(DagSeen{b.build()});
      const auto go_on = [&] {
        for (int i = 0; i < 6; ++i) {
          w.pass(30min);
          succeed_all(w);
          if (i > 3) break;
        }
      };
      const auto no_continuous_storm = [&] { return w.runs().size() < 500; };
      w.pass(1s);
      if (kind == kinds[2]) {
        for (int i = 0; i < 3; ++i) {
          w.now += 60s;
          if (!w.launches.empty()) w.succeed("a");
        }
      } else {
        go_on();
      }
      const auto before = w.runs().size();
      w.now -= 12h;
      w.restart();
      w.step(Tick{});
      for (const auto& [no, ti] : std::map(w.task_instances())) {
        if (ti.state == TaskState::queued) w.step(TrySucceeded{ti.token, w.now});
      }
      w.pass(5min);
      EXPECT_LE(w.runs().size(), before) << to_json(kind) << catchup;
      w.pass(24h);
      EXPECT_GT(w.runs().size(), before) << to_json(kind) << catchup;
      std::set<Time> dates;
      for (const auto& [no, run] : w.runs())
        EXPECT_TRUE(dates.insert(*run.logical_date).second) << format_time(*run.logical_date);
      EXPECT_TRUE(no_continuous_storm());
    }
  }
}

// ... and after it the schedule goes on behind all that there was: ids of runs are made of the ends of their intervals.
TEST(Backfill, OfAnotherScheduleLeadsToNoRunThatWasThereBefore) {
  World w;
  const auto by = [](const char* version, const char* type, const char* cron) {
    DagBuilder b("d", version);
    b.dag.timetable = timetable(type, cron);
    b.dag.start_date = day(2);
    b.task("a");
    return b.build();
  };
  w.step(DagSeen{by("v1", "interval.CronDataIntervalTimetable", "0 0 * * *")});  // the run of midnight
  succeed_all(w);
  w.step(DagSeen{by("v2", "trigger.CronTriggerTimetable", "0 12 * * *")});
  w.backfill("d", day(1), w.now - 1s);  // at noon, after the beginning of that run's interval and before its end
  succeed_all(w);
  w.step(DagSeen{by("v3", "trigger.CronTriggerTimetable", "0 0 * * *")});
  succeed_all(w);
  const std::vector<std::string> ids = w.run_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

}  // namespace
}  // namespace venturi::engine
