// Events of assets as a task sees them, and what it says of those of its outlets.
#include "venturi/asset_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/serialize.h"
#include "sdk/testing/try_of.h"

namespace venturi {
namespace {

using internal::Answer;
using internal::Try;
using internal::try_of;
using ::testing::HasSubstr;

const Asset orders{"s3://orders"};
const AssetAlias files{"files"};

template <class F>
Try in_task(F body, internal::FakeSupervisor::Answers answers = {}) {
  DagBag bag;
  Dag dag = bag.add("d");
  dag.task("t", body, {.outlets = {orders, files}, .inlets = {orders, files}});
  return try_of(bag, "d", "t", {}, std::move(answers));
}

Value event(int rows) {
  return Object{
      {"asset", Object{{"name", "s3://orders"}, {"uri", "s3://orders"}, {"group", "asset"}, {"extra", nullptr}}},
      {"extra", Object{{"rows", rows}}},
      {"timestamp", "2026-01-02T00:00:00Z"},
      {"source_dag_id", "p"},
      {"source_run_id", "r"},
      {"source_task_id", nullptr},
      {"source_map_index", 2},
      {"partition_key", "eu"},
      {"created_dagruns", Array{Object{{"dag_id", "c"}, {"run_id", "r2"}, {"state", "running"}, {"start_date", nullptr}}}}};
}

TEST(AssetEvents, OfAnInletAreAskedForWithinBounds) {
  const Try t = in_task(
      [](const Context& c) {
        const auto events =
            c.inlet_events(orders, {.after = parse_time("2026-01-01T00:00:00Z"), .ascending = false, .limit = 3});
        const AssetEvent& first = events.at(0);
        return Value(Object{{"rows", first.extra.get_int("rows")},
                            {"at", format_time(first.timestamp)},
                            {"by", first.source_dag_id + first.source_task_id},
                            {"index", first.source_map_index},
                            {"key", first.partition_key.value_or("")},
                            {"led_to", first.created_dagruns.at(0).run_id}});
      },
      [](const Value& request) {
        if (request.get_string("type") != "GetAssetEventByAsset") return Answer{};
        return Answer{Object{{"type", "AssetEventsResult"}, {"asset_events", Array{event(7)}}}, {}};
      });
  EXPECT_EQ(
      t.xcom("return_value"),
      Value(Object{{"rows", 7}, {"at", "2026-01-02T00:00:00Z"}, {"by", "p"}, {"index", 2}, {"key", "eu"}, {"led_to", "r2"}}));
  const Value request = t.request("GetAssetEventByAsset");
  EXPECT_EQ(request.get_string("after"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(request.get_int("limit"), 3);
  EXPECT_FALSE(request.get_bool("ascending", true));
}

TEST(AssetEvents, OfWhatIsNoInletThereAreNone) {
  const Try t = in_task([](const Context& c) { (void)c.inlet_events("s3://other"); });
  EXPECT_THAT(t.request("TaskState").get_string("error"), HasSubstr("the asset s3://other is no inlet of task t"));
}

TEST(AssetEvents, ARunThatNoAssetMadeHasNone) {
  const Try t = in_task([](const Context& c) { return static_cast<int>(c.triggering_asset_events().size()); });
  EXPECT_EQ(t.xcom("return_value"), Value(0));
  EXPECT_TRUE(t.request("GetDagRun").is_null());
}

TEST(AssetEvents, OfOutletsAreToldWithTheSuccess) {
  const Try t = in_task([](const Context& c) {
    c.outlet_events(orders).set_extra(Object{{"rows", 1}});
    c.outlet_events(orders).add_partitions({"eu", "us", "eu"});
    c.outlet_events(files).add(Asset("s3://in/1"), Object{{"rows", 2}});
  });
  const Value key = Object{{"name", "s3://orders"}, {"uri", "s3://orders"}};
  const Value rows = Object{{"rows", 1}};
  EXPECT_EQ(t.request("SucceedTask").at("outlet_events"),
            Value(Array{Object{{"dest_asset_key", key}, {"extra", rows}, {"partition_key", "eu"}},
                        Object{{"dest_asset_key", key}, {"extra", rows}, {"partition_key", "us"}},
                        Object{{"source_alias_name", "files"},
                               {"dest_asset_key", Object{{"name", "s3://in/1"}, {"uri", "s3://in/1"}}},
                               {"dest_asset_extra", Object{}},
                               {"extra", Object{{"rows", 2}}}}}));
}

TEST(AssetEvents, WhatDoesNotFitTheOutletIsAMistake) {
  EXPECT_THAT(
      in_task([](const Context& c) { c.outlet_events(files).set_extra(Object{}); }).request("TaskState").get_string("error"),
      HasSubstr("the asset alias files has no event itself"));
  EXPECT_THAT(in_task([](const Context& c) { c.outlet_events(orders).add("s3://x"); }).request("TaskState").get_string("error"),
              HasSubstr("is no alias"));
  EXPECT_THAT(
      in_task([](const Context& c) { c.outlet_events(orders).add_partitions({" "}); }).request("TaskState").get_string("error"),
      HasSubstr("a partition key is empty"));
}

TEST(AssetEvents, AliasesInTheSerializedForm) {
  DagBag bag;
  Dag dag = bag.add("d", {.schedule = orders | files});
  dag.task("t", [] {}, {.outlets = {files}});
  const std::string text = to_json(internal::serialize_dag(*bag.state().find("d"), {}));
  EXPECT_THAT(text, HasSubstr(R"({"__type":"asset_alias","name":"files","group":"asset"})"));
  EXPECT_THAT(text, HasSubstr(R"("outlets":[{"__type":"asset_alias","__var":{"name":"files","group":"asset"}}])"));
}

TEST(Partitions, SchedulesInTheSerializedForm) {
  const auto timetable = [](const Schedule& schedule) {
    DagBag bag;
    Dag dag = bag.add("d", {.schedule = schedule});
    dag.task("t", [] {});
    return to_json(internal::serialize_dag(*bag.state().find("d"), {}).at("dag").at("timetable"));
  };
  EXPECT_EQ(
      timetable(CronPartitionTimetable{.cron = "@daily", .run_offset = -1, .key_format = "%Y-%m-%d"}),
      R"({"__type":"airflow.timetables.trigger.CronPartitionTimetable","__var":{"expression":"0 0 * * *","timezone":"UTC",)"
      R"("run_immediately":false,"run_offset":-1,"key_format":"%Y-%m-%d"}})");
  EXPECT_EQ(timetable(PartitionedAtRuntime{}), R"({"__type":"airflow.timetables.simple.PartitionedAtRuntime","__var":{}})");
  const std::string rollup = timetable(PartitionedAssetTimetable{
      .assets = orders, .default_partition_mapper = RollupMapper(StartOfWeekMapper(), WeekWindow(), MinimumCount(-1))});
  EXPECT_THAT(rollup, HasSubstr("airflow.timetables.simple.PartitionedAssetTimetable"));
  EXPECT_THAT(
      rollup,
      HasSubstr(R"("window":{"__type":"airflow.partition_mappers.window.WeekWindow","__var":{"direction":"forward"}})"));
  EXPECT_THAT(rollup, HasSubstr(R"({"__type":"airflow.partition_mappers.wait_policy.MinimumCount","__var":{"n":-1}})"));
  EXPECT_EQ(to_json(FanOutMapper(StartOfWeekMapper(), WeekWindow())
                        .max_downstream_keys(7)
                        .serialized()
                        .at("__var")
                        .at("max_downstream_keys")),
            "7");
  EXPECT_THROW(FanOutMapper(StartOfHourMapper(), HourWindow()), std::invalid_argument);
}

}  // namespace
}  // namespace venturi
