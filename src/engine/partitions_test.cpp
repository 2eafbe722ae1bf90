// Runs for partitions, as Airflow makes them; what is rebuilt from rows is compared after every batch.
#include <gmock/gmock.h>

#include "engine/testing/engine_fixture.h"

namespace venturi::engine {
namespace {

using testing::DagBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::World;

Value typed(const std::string& type, Value var) {
  return Object{{"__type", type}, {"__var", std::move(var)}};
}
Value asset(const std::string& name) {
  return Object{{"__type", "asset"}, {"name", name}, {"uri", name}, {"group", "asset"}, {"extra", Object{}}};
}
Value identity() {
  return typed("airflow.partition_mappers.identity.IdentityMapper", Object{});
}
Value start_of(const std::string& period, const std::string& output) {
  return typed("airflow.partition_mappers.temporal.StartOf" + period + "Mapper",
               Object{{"timezone", "UTC"}, {"input_format", "%Y-%m-%dT%H"}, {"output_format", output}});
}
Value rollup(Value wait_policy) {
  return typed(
      "airflow.partition_mappers.base.RollupMapper",
      Object{
          {"upstream_mapper", typed("airflow.partition_mappers.fixed_key.FixedKeyMapper", Object{{"downstream_key", "all"}})},
          {"window", typed("airflow.partition_mappers.window.SegmentWindow", Object{{"segments", Array{"us", "eu"}}})},
          {"wait_policy", std::move(wait_policy)}});
}

class Partitions : public ::testing::Test {
 protected:
  void consumer(const std::string& version, const std::vector<std::string>& assets, const Value& mapper,
                const char* how = "asset_all") {
    Array objects;
    for (const std::string& name : assets) objects.push_back(asset(name));
    DagBuilder d("c", version);
    d.task("read_c");
    d.dag.timetable = typed("airflow.timetables.simple.PartitionedAssetTimetable",
                            Object{{"asset_condition", Object{{"__type", how}, {"objects", std::move(objects)}}},
                                   {"default_partition_mapper", mapper},
                                   {"partition_mapper_config", Array{}}});
    w.step(DagSeen{d.build()});
  }
  void event(std::int64_t no, std::optional<std::string> key) {
    MakeAssetEvents e;
    e.command = w.next_command();
    e.asset = no;
    e.extras = {Object{}};
    e.partition_key = std::move(key);
    w.step(e);
  }
  std::vector<std::string> runs_of(const std::string& dag_id) const {
    std::vector<std::string> runs;
    for (const auto& [no, run] : w.runs()) {
      if (run.dag_id != dag_id) continue;
      runs.push_back(run.partition_key.value_or("none"));
      if (run.partition_date) runs.back() += " " + format_time(*run.partition_date);
    }
    return runs;
  }

  World w;
};

TEST_F(Partitions, EachKeyHasItsOwnRun) {
  consumer("c", {"a"}, identity());
  event(1, "2026-01-01");
  event(1, "2026-01-02");
  event(1, std::nullopt);
  EXPECT_THAT(runs_of("c"), ElementsAre("2026-01-01", "2026-01-02"));
  EXPECT_TRUE(w.runs().rbegin()->second.run_id.starts_with("asset_triggered__"));
  EXPECT_FALSE(w.runs().rbegin()->second.logical_date.has_value());
  EXPECT_EQ(w.runs().rbegin()->second.assets_up_to, 0);
  event(1, "2026-01-01");
  EXPECT_THAT(runs_of("c"), SizeIs(3)) << "what comes later is collected anew";
}

TEST_F(Partitions, ARunForgetsItsPartitionActiveOrNot) {
  consumer("c", {"a"}, start_of("Day", "%Y-%m-%d"));
  event(1, "2026-03-13T10");
  event(1, "2026-03-14T10");
  const auto forget = [&](RunNo no, bool is_ended) {
    ForgetPartition e;
    e.command = w.next_command();
    e.dag_id = "c";
    e.run_id = w.runs().at(no).run_id;
    if (is_ended) e.ended = w.ended_run(w.runs().at(no));
    w.step(e);
  };
  const RunNo first = w.runs().begin()->first, second = w.runs().rbegin()->first;
  forget(first, false);
  EXPECT_THAT(runs_of("c"), ElementsAre("none", "2026-03-14 2026-03-14T00:00:00Z"));
  w.restart();
  EXPECT_THAT(runs_of("c"), ElementsAre("none", "2026-03-14 2026-03-14T00:00:00Z")) << "it stays so";
  w.step(MarkRun{w.next_command(), "c", w.runs().at(second).run_id, RunState::failed});
  ASSERT_EQ(w.runs().at(second).state, RunState::failed);
  forget(second, true);
  EXPECT_THAT(runs_of("c"), ElementsAre("none", "none"));
  EXPECT_EQ(w.runs().at(second).state, RunState::failed) << "nothing else of it changes";
  w.step(ForgetPartition{w.next_command(), "c", "no_such_run"});
  ASSERT_TRUE(w.answer().error);
  EXPECT_EQ(w.answer().error->kind, ErrorKind::not_found);
}

TEST_F(Partitions, AllAssetsHaveToHaveTheKey) {
  consumer("c", {"a", "b"}, identity());
  event(1, "x");
  event(2, "y");
  w.restart();
  EXPECT_THAT(runs_of("c"), IsEmpty());
  event(2, "x");
  EXPECT_THAT(runs_of("c"), ElementsAre("x"));
  ASSERT_THAT(w.partitioned_events, SizeIs(3));
  EXPECT_EQ(w.partitioned_events[0].partitioned_run, w.partitioned_events[2].partitioned_run);
}

TEST_F(Partitions, KeysOfHoursBecomeADay) {
  consumer("c", {"a"}, start_of("Day", "%Y-%m-%d"));
  event(1, "2026-03-13T10");
  event(1, "no date");  // is none for this mapper
  EXPECT_THAT(runs_of("c"), ElementsAre("2026-03-13 2026-03-13T00:00:00Z"));
  ASSERT_THAT(w.refused, SizeIs(1));
  EXPECT_TRUE(w.refused[0].starts_with("c a no date: ")) << w.refused[0];
}

TEST_F(Partitions, ARollupWaitsForItsMembers) {
  consumer("c", {"a"}, rollup(typed("airflow.partition_mappers.wait_policy.WaitForAll", Object{})));
  event(1, "us");
  event(1, "us");
  event(1, "asia");
  w.restart();
  EXPECT_THAT(runs_of("c"), IsEmpty());
  event(1, "eu");
  EXPECT_THAT(runs_of("c"), ElementsAre("all"));
}

TEST_F(Partitions, ARollupOfAtLeastSome) {
  consumer("c", {"a"}, rollup(typed("airflow.partition_mappers.wait_policy.MinimumCount", Object{{"n", -1}})));
  event(1, "eu");
  EXPECT_THAT(runs_of("c"), ElementsAre("all"));
}

TEST_F(Partitions, OtherMappersForgetWhatWasCollected) {
  consumer("c", {"a", "b"}, identity());
  event(1, "2026-03-13T10");
  consumer("c2", {"a", "b"}, start_of("Hour", "%Y-%m-%dT%H"));
  event(2, "2026-03-13T10");
  EXPECT_THAT(runs_of("c"), IsEmpty());
  w.restart();
  event(1, "2026-03-13T10");
  EXPECT_THAT(runs_of("c"), ElementsAre("2026-03-13T10 2026-03-13T10:00:00Z"));
}

TEST_F(Partitions, WhoKnowsOfNoPartitionsHasNoRunForOne) {
  DagBuilder d("plain", "plain");
  d.task("read_plain");
  d.dag.timetable = typed("airflow.timetables.simple.AssetTriggeredTimetable", Object{{"asset_condition", asset("a")}});
  w.step(DagSeen{d.build()});
  event(1, "x");
  EXPECT_THAT(runs_of("plain"), IsEmpty());
  event(1, std::nullopt);
  EXPECT_THAT(runs_of("plain"), ElementsAre("none"));
}

TEST_F(Partitions, AFanOutOfMoreThanIsAllowedMakesNone) {
  const auto fan_out = [](int most) {
    return typed("airflow.partition_mappers.temporal.FanOutMapper",
                 Object{{"upstream_mapper", start_of("Day", "%Y-%m-%d")},
                        {"window", typed("airflow.partition_mappers.window.DayWindow", Object{{"direction", "forward"}})},
                        {"downstream_mapper", start_of("Hour", "%Y-%m-%dT%H")},
                        {"max_downstream_keys", most}});
  };
  consumer("c", {"a"}, fan_out(23));
  event(1, "2026-03-13T10");
  EXPECT_THAT(runs_of("c"), IsEmpty());
  consumer("c2", {"a"}, fan_out(24));
  event(1, "2026-03-13T10");
  ASSERT_THAT(runs_of("c"), SizeIs(24));
  EXPECT_EQ(runs_of("c")[1], "2026-03-13T01 2026-03-13T01:00:00Z");
}

TEST_F(Partitions, AScheduleMakesRunsForPartitionsThatLieSomeStepsBack) {
  DagBuilder d("daily", "daily");
  d.task("load");
  d.dag.catchup = false;
  d.dag.timetable = typed("airflow.timetables.trigger.CronPartitionTimetable", Object{{"expression", "0 0 * * *"},
                                                                                      {"timezone", "UTC"},
                                                                                      {"run_immediately", true},
                                                                                      {"run_offset", -1},
                                                                                      {"key_format", "%Y/%m/%d"}});
  w.step(DagSeen{d.build()});
  w.pass(std::chrono::hours(24));
  ASSERT_THAT(runs_of("daily"), SizeIs(2));
  const DagRun first = w.runs().begin()->second, second = w.runs().rbegin()->second;
  EXPECT_FALSE(first.logical_date.has_value());
  EXPECT_EQ(*second.partition_date - *first.partition_date, std::chrono::hours(24));
  EXPECT_EQ(second.run_after - *second.partition_date, std::chrono::hours(24));
  EXPECT_EQ(second.partition_key->size(), 10u);
  EXPECT_EQ(second.run_id.find('/'), std::string::npos) << second.run_id;
}

TEST_F(Partitions, AKeyIsGivenWithATriggerWhereTheScheduleTakesOne) {
  DagBuilder d("p", "p");
  d.task("make_p").outlets.push_back({{"a", "a"}, "asset", {}});
  d.dag.timetable = typed("airflow.timetables.simple.PartitionedAtRuntime", Object{});
  w.step(DagSeen{d.build()});
  consumer("c", {"a"}, identity());
  const auto trigger = [&](const std::string& dag_id, const std::string& key) {
    TriggerRun e;
    e.command = w.next_command();
    e.dag_id = dag_id;
    e.partition_key = key;
    w.step(e);
    return w.answer();
  };
  EXPECT_FALSE(trigger("p", "eu").error.has_value());
  w.succeed("make_p", {{{"a", "a"}, Object{{"rows", 3}}}});
  EXPECT_THAT(runs_of("c"), ElementsAre("eu"));
  EXPECT_FALSE(trigger("p", "eu").error.has_value());
  w.succeed("make_p", {{{"a", "a"}, Object{}, "", "us"}, {{"a", "a"}, Object{}, "", "asia"}});
  EXPECT_THAT(runs_of("c"), ElementsAre("eu", "us", "asia"));
  EXPECT_EQ(trigger("p", " ").error->kind, ErrorKind::invalid);
  DagBuilder plain("plain", "plain");
  plain.task("t");
  w.step(DagSeen{plain.build()});
  EXPECT_THAT(trigger("plain", "eu").error->what, ::testing::HasSubstr("not a partitioned Dag"));
}

}  // namespace
}  // namespace venturi::engine
