// Events of assets and the runs that follow from them, as recorded on Airflow (tests/oracle: asset_*). After every batch the
// fixture compares what is rebuilt from rows with what is in memory.
#include <gmock/gmock.h>

#include <set>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::World;

Value asset_value(const std::string& uri) {
  return Object{{"__type", "asset"}, {"name", uri}, {"uri", uri}, {"group", "asset"}, {"extra", Object{}}};
}

class Assets : public ::testing::Test {
 protected:
  // A DAG with one task, whose success is an event of each asset.
  void producer(const std::string& dag_id, const std::vector<std::string>& uris, int instances = 0) {
    DagBuilder d(dag_id, dag_id);
    Task& task = d.task("make_" + dag_id);
    for (const std::string& uri : uris) task.outlets.push_back({{uri, uri}, "asset", {}});
    if (instances > 0) task.mapped_over = {{.length = instances}};
    w.step(DagSeen{d.build()});
  }
  void consumer(const std::string& dag_id, const char* how, const std::vector<std::string>& uris) {
    Array objects;
    for (const std::string& uri : uris) objects.push_back(asset_value(uri));
    DagBuilder d(dag_id, dag_id);
    d.task("read_" + dag_id);
    d.dag.timetable = Object{{"__type", "airflow.timetables.simple.AssetTriggeredTimetable"},
                             {"__var", Object{{"asset_condition", Object{{"__type", how}, {"objects", std::move(objects)}}}}}};
    w.step(DagSeen{d.build()});
  }
  void produce(const std::string& dag_id) {
    w.trigger(dag_id);
    w.succeed("make_" + dag_id);
  }
  // Which events each run of the DAG took.
  std::vector<std::string> runs_of(const std::string& dag_id) const {
    std::vector<std::string> runs;
    for (const auto& [no, run] : w.runs()) {
      if (run.dag_id != dag_id) continue;
      std::string taken(to_string(run.run_type));
      for (const AssetEvent& event : w.asset_events) {
        if (event.no > run.assets_after && event.no <= run.assets_up_to) taken += " " + event.source_dag_id;
      }
      runs.push_back(taken);
    }
    return runs;
  }
  void set_paused(const std::string& dag_id, bool paused) { w.step(SetPaused{w.next_command(), dag_id, paused}); }

  World w;
};

TEST_F(Assets, ASuccessIsAnEventAndARunOfWhoWaitsForIt) {
  producer("p", {"a"});
  consumer("c", "asset_any", {"a"});
  produce("p");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p"));
  const DagRun run = w.runs().rbegin()->second;
  EXPECT_TRUE(run.run_id.starts_with("asset_triggered__2026-"));
  EXPECT_FALSE(run.logical_date.has_value());
  EXPECT_EQ(w.launched(), std::vector<std::string>{"read_c"});
  w.restart();
  produce("p");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p", "asset_triggered p")) << "each event once";
}

TEST_F(Assets, AllOfSeveralWaitForEachAndTakeWhatCameMeanwhile) {
  producer("p", {"a"});
  producer("q", {"b"});
  consumer("c", "asset_all", {"a", "b"});
  produce("p");
  produce("p");
  EXPECT_THAT(runs_of("c"), IsEmpty());
  w.restart();  // what is queued is remembered
  produce("q");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p p q"));
  produce("q");
  EXPECT_THAT(runs_of("c"), SizeIs(1)) << "a has had no event since";
}

TEST_F(Assets, SeveralOutletsOfOneTaskAreOneRun) {
  producer("p", {"a", "b"});
  consumer("both", "asset_all", {"a", "b"});
  consumer("either", "asset_any", {"a", "b"});
  produce("p");
  EXPECT_THAT(runs_of("both"), ElementsAre("asset_triggered p p"));
  EXPECT_THAT(runs_of("either"), ElementsAre("asset_triggered p p"));
}

TEST_F(Assets, OfAFailureOrASkipThereIsNoEvent) {
  producer("p", {"a"});
  consumer("c", "asset_any", {"a"});
  w.trigger("p");
  w.fail("make_p");
  w.trigger("p");
  w.skip("make_p");
  const RunNo marked = w.trigger("p").no;
  w.mark(marked, {{"make_p"}}, TaskState::success);
  EXPECT_THAT(w.asset_events, IsEmpty());
  EXPECT_THAT(runs_of("c"), IsEmpty());
}

TEST_F(Assets, APausedConsumerQueuesNothingAndItsNextRunTakesAll) {
  producer("p", {"a"});
  consumer("c", "asset_any", {"a"});
  set_paused("c", true);
  produce("p");
  set_paused("c", false);
  w.pass(std::chrono::hours(1));
  EXPECT_THAT(runs_of("c"), IsEmpty());
  produce("p");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p p"));
}

TEST_F(Assets, AManualRunLeavesWhatIsQueued) {
  producer("p", {"a"});
  producer("q", {"b"});
  consumer("c", "asset_all", {"a", "b"});
  produce("p");
  w.trigger("c");
  produce("q");
  EXPECT_THAT(runs_of("c"), ElementsAre("manual", "asset_triggered p q"));
}

TEST_F(Assets, EventsComeFromOutsideAndQueuesAreCleared) {
  consumer("c", "asset_all", {"a", "b"});
  MakeAssetEvents e;
  e.command = w.next_command();
  e.asset = 1;
  e.extras = {Object{{"from_rest_api", true}}};
  w.step(e);
  w.step(ClearAssetQueue{w.next_command(), "c", {}});
  e.asset = 2;
  w.step(e);
  EXPECT_THAT(runs_of("c"), IsEmpty());
  e.asset = 1;
  w.step(e);
  EXPECT_THAT(runs_of("c"), SizeIs(1));
  e.asset = 99;
  w.step(e);
  EXPECT_EQ(w.answer().error->kind, ErrorKind::not_found);
}

TEST_F(Assets, TheFirstRunTakesWhatCameSinceItsDagWasThere) {
  producer("p", {"a"});
  produce("p");
  consumer("c", "asset_any", {"a"});
  produce("p");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p"));
}

TEST_F(Assets, AConditionThatBecomesLessIsLookedAtAgain) {
  producer("p", {"a"});
  consumer("c", "asset_all", {"a", "b"});
  produce("p");
  DagBuilder d("c", "c2");
  d.task("read_c");
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.AssetTriggeredTimetable"},
                           {"__var", Object{{"asset_condition", Object{{"__type", "asset_ref"}, {"uri", "a"}}}}}};
  w.step(DagSeen{d.build()});
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p"));
}

TEST_F(Assets, AReferenceFindsAnAssetThatComesLater) {
  DagBuilder d("c", "c");
  d.task("read_c");
  d.dag.timetable = Object{{"__type", "airflow.timetables.simple.AssetTriggeredTimetable"},
                           {"__var", Object{{"asset_condition", Object{{"__type", "asset_ref"}, {"name", "a"}}}}}};
  w.step(DagSeen{d.build()});
  producer("p", {"a"});
  produce("p");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p"));
}

TEST_F(Assets, AnInstanceOfAMappedTaskHasItsOwnEvent) {
  producer("p", {"a"}, 3);
  w.trigger("p");
  for (int i = 0; i < 3; ++i) w.succeed("make_p");
  ASSERT_THAT(w.asset_events, SizeIs(3));
  EXPECT_EQ(w.asset_events[2].source_map_index, 2);
}

TEST_F(Assets, AChangedConditionCountsFromThenOn) {
  producer("p", {"a"});
  producer("q", {"b"});
  consumer("c", "asset_any", {"a"});
  DagBuilder d("c", "c2");
  d.task("read_c");
  Array objects{asset_value("b")};
  d.dag.timetable =
      Object{{"__type", "airflow.timetables.simple.AssetTriggeredTimetable"},
             {"__var", Object{{"asset_condition", Object{{"__type", "asset_any"}, {"objects", std::move(objects)}}}}}};
  w.step(DagSeen{d.build()});
  produce("p");
  EXPECT_THAT(runs_of("c"), IsEmpty());
  produce("q");
  EXPECT_THAT(runs_of("c"), SizeIs(1));
  w.step(DagGone{"c"});
  produce("q");
  EXPECT_THAT(runs_of("c"), SizeIs(1));
}

TEST_F(Assets, WhatIsQueuedOfADagThatWentAndCameBackIsTaken) {
  producer("p", {"a"});
  producer("q", {"b"});
  consumer("c", "asset_all", {"a", "b"});
  produce("p");
  const auto dag = w.engine->find_dag("c");
  w.step(DagGone{"c"});
  w.restart();
  w.step(DagSeen{dag});
  produce("q");
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p q"));
}

TEST_F(Assets, RunsOfOneMomentHaveDifferentIds) {
  producer("p", {"a"});
  consumer("c", "asset_any", {"a"});
  MakeAssetEvents event;
  event.asset = 1;
  event.extras = {Object{}};
  for (int i = 0; i < 8; ++i) w.step(event);
  const std::vector<std::string> ids = w.run_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 8u);
}

// ---- aliases -------------------------------------------------------------------------------------------------------------

Value alias_value(const std::string& name) {
  return Object{{"__type", "asset_alias"}, {"name", name}, {"group", "asset"}};
}

class Aliases : public Assets {
 protected:
  void finder(const std::string& dag_id, const std::vector<std::string>& names) {
    DagBuilder d(dag_id, dag_id);
    Task& task = d.task("make_" + dag_id);
    for (const std::string& name : names) task.outlet_aliases.push_back({name, "asset"});
    w.step(DagSeen{d.build()});
  }
  void waiter(const std::string& dag_id, Value condition, bool catchup = true) {
    DagBuilder d(dag_id, dag_id);
    d.task("read_" + dag_id);
    d.dag.catchup = catchup;
    d.dag.timetable = Object{{"__type", "airflow.timetables.simple.AssetTriggeredTimetable"},
                             {"__var", Object{{"asset_condition", std::move(condition)}}}};
    w.step(DagSeen{d.build()});
  }
  void find(const std::string& dag_id, std::vector<OutletEvent> told) {
    w.trigger(dag_id);
    w.succeed("make_" + dag_id, std::move(told));
  }
  static OutletEvent through(const std::string& alias, const std::string& uri, Value extra = Object{}) {
    return {{uri, uri}, std::move(extra), alias, {}, Object{{"owner", "me"}}};
  }
};

TEST_F(Aliases, WhatATaskAddsIsAnEventForWhoWaitsForTheAliasAndForTheAsset) {
  finder("p", {"files"});
  waiter("by_alias", alias_value("files"));
  waiter("by_asset", asset_value("x"));
  find("p", {through("files", "x", Object{{"rows", 1}})});
  EXPECT_THAT(runs_of("by_alias"), ElementsAre("asset_triggered p"));
  EXPECT_THAT(runs_of("by_asset"), ElementsAre("asset_triggered p"));
  ASSERT_THAT(w.asset_events, SizeIs(1));
  EXPECT_EQ(w.asset_events[0].source_aliases, Value(Array{"files"}));
  EXPECT_EQ(to_json(w.asset_events[0].extra), R"({"rows":1})");
  w.restart();
  find("p", {through("files", "y")});
  EXPECT_THAT(runs_of("by_alias"), SizeIs(2)) << "an asset that nobody has named before";
  EXPECT_THAT(runs_of("by_asset"), SizeIs(1));
}

TEST_F(Aliases, AnAliasWithoutAssetsHoldsNever) {
  finder("p", {"files"});
  producer("q", {"a"});
  Value both = Object{{"__type", "asset_all"}, {"objects", Array{alias_value("files"), asset_value("a")}}};
  waiter("c", std::move(both));
  produce("q");
  EXPECT_THAT(runs_of("c"), IsEmpty());
  find("p", {});
  EXPECT_THAT(runs_of("c"), IsEmpty());
  w.restart();
  find("p", {through("files", "x")});
  EXPECT_THAT(runs_of("c"), SizeIs(1));
}

TEST_F(Aliases, AnEventOfItsAssetThatCameOtherwiseIsNoneOfTheAlias) {
  finder("p", {"files"});
  producer("q", {"x"});
  waiter("c", alias_value("files"));
  find("p", {through("files", "x")});
  EXPECT_THAT(runs_of("c"), SizeIs(1));
  produce("q");
  EXPECT_THAT(runs_of("c"), SizeIs(1));
}

TEST_F(Aliases, TheSameThroughSeveralIsOneEvent) {
  finder("p", {"files", "more"});
  waiter("c", Object{{"__type", "asset_all"}, {"objects", Array{alias_value("files"), alias_value("more")}}});
  find("p", {through("files", "x"), through("more", "x"), through("more", "x", Object{{"rows", 2}}), through("others", "x")});
  ASSERT_THAT(w.asset_events, SizeIs(2)) << "one of both, one with another extra, none of what is no outlet";
  EXPECT_EQ(w.asset_events[0].source_aliases, Value(Array{"files", "more"}));
  EXPECT_THAT(runs_of("c"), SizeIs(1));
}

TEST_F(Aliases, TheFirstRunOfWhoWaitsForAliasesAloneTakesAllThatCame) {
  finder("p", {"files"});
  waiter("early", alias_value("files"));
  find("p", {through("files", "x")});
  waiter("c", alias_value("files"), false);
  find("p", {through("files", "x")});
  EXPECT_THAT(runs_of("c"), ElementsAre("asset_triggered p p"));
}

}  // namespace
}  // namespace venturi::engine
