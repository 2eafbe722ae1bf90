// Unit tests of the tasks of shop.cpp, as authors of DAGs write them.
#include <venturi/test.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi {
namespace {

using testing::ElementsAre;

struct Order {
  std::optional<std::int64_t> id;
};
VENTURI_STRUCT(Order, id);

const Connection shop{.conn_id = "shop", .password = "geheim"};

TEST(RunTask, GivesWhatTheTaskGave) {
  const test::Outcome o = test::run_task("shop", "limited_sum",
                                         {.params = {{"limit", 5}},
                                          .connections = {shop},
                                          .variables = {{"unit", "USD"}},
                                          .xcoms = {test::xcom("numbers", std::vector<int>{1, 2, 3})}});
  EXPECT_EQ(o.state, "success");
  EXPECT_EQ(o.result<int>(), 5);
  EXPECT_EQ(o.xcom("raw"), Value(6));
  EXPECT_THAT(o.log, ElementsAre("info: sum 6 USD"));
  EXPECT_EQ(o.variables.at(0).second, "6");
  EXPECT_EQ(o.error, "");
}

TEST(RunTask, ASequenceHasWhatInstancesGave) {
  const auto of_instance = [](int map_index, std::int64_t value) {
    return test::xcom("same", value, "return_value", map_index);
  };
  EXPECT_EQ(test::run_task("shop", "sum_of_all", {.xcoms = {of_instance(2, 5), of_instance(0, 7)}}).result<std::int64_t>(),
            2012);
  EXPECT_EQ(test::run_task("shop", "sum_of_all").result<std::int64_t>(), 0);
}

TEST(RunTask, WhatIsMissingFailsAsOnAServer) {
  const test::Outcome o = test::run_task("shop", "limited_sum", {.xcoms = {test::xcom("numbers", std::vector<int>{1})}});
  EXPECT_EQ(o.state, "failed");
  EXPECT_EQ(o.error, "there is no connection shop: add it with venturi connections add shop --conn-uri ...");
  EXPECT_EQ(o.variables.size(), 0u);
}

TEST(RunTask, RetriesAndSkips) {
  const test::Outcome flaky = test::run_task("shop", "flaky", {.try_number = 2, .retries = 1});
  EXPECT_EQ(flaky.state, "up_for_retry");
  EXPECT_EQ(flaky.error, "try 2");
  const test::Outcome lazy = test::run_task("shop", "lazy", {.logical_date = parse_time("2026-01-01")});
  EXPECT_EQ(lazy.state, "skipped");
  EXPECT_EQ(lazy.error, "a holiday");
  EXPECT_THAT(test::run_task("shop", "way").skipped, ElementsAre("right"));
}

TEST(RunTask, FilesOfTheRunGoIn) {
  const test::RunFolder files;
  RunFileWriter writer = files.create_run_file("made-up", columns_of<Order>());
  for (const int id : {1, 2, 3}) {
    writer.int64(id);
    writer.end_row();
  }
  const test::Outcome o =
      test::run_task("shop", "sum_of_ids", {.xcoms = {test::xcom("no_rows", writer.finish())}, .files = files});
  EXPECT_EQ(o.result<std::int64_t>(), 6);
}

TEST(RunTask, AndOut) {
  const test::Outcome o = test::run_task("shop", "no_rows");
  std::vector<std::int64_t> ids;
  const auto file = o.result<RunFile>();
  for (const Order& row : file.rows<Order>()) ids.push_back(row.id.value_or(0));
  EXPECT_THAT(ids, ElementsAre(7));
}

std::string refusal(std::string_view dag_id, std::string_view task_id) {
  try {
    (void)test::run_task(dag_id, task_id);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "nothing was refused";
}

TEST(RunTask, WhatTheProgramHasNotIsNamed) {
  EXPECT_EQ(refusal("nowhere", "x"),
            "run_task(\"nowhere\", \"x\"): the program has no such DAG; link the file that declares it");
  EXPECT_EQ(refusal("shop", "x"), "run_task(\"shop\", \"x\"): the DAG has no such task");
  EXPECT_EQ(refusal("shop", "left"),
            "run_task(\"shop\", \"left\"): it is a EmptyOperator, which does not run in the program: try it with venturi "
            "tasks test");
}

}  // namespace
TEST(RunTask, EventsOfAssetsAreMadeUp) {
  const auto at = [](const char* uri, const char* time) {
    return AssetEvent{.asset = uri, .timestamp = *parse_time(time), .source_aliases = {"files"}};
  };
  const test::Outcome o =
      test::run_task("shop", "read_events",
                     {.run_type = "asset_triggered",
                      .triggering_asset_events = {{.asset = "s3://stock", .source_run_id = "r7"}},
                      .asset_events = {at("s3://old", "2026-01-01T00:00:00Z"), at("s3://new", "2026-01-02T00:00:00Z")}});
  EXPECT_EQ(o.result<std::string>(), "r7 s3://new") << o.error;
  ASSERT_EQ(o.outlet_events.size(), 1U);
  EXPECT_EQ(o.outlet_events[0].at("extra").get_string("read"), "r7 s3://new");
}

}  // namespace venturi
