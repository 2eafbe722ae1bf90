// Unit tests of operators and sensors of one's own: nothing is rendered, and nobody waits.
#include <venturi/test.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace venturi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

TEST(RunTaskOwn, FieldsHaveOutputsAndWhatTheTestRendered) {
  const auto days = test::xcom("keep", std::int64_t{7});
  test::Outcome o = test::run_task("own", "archive",
                                   {.xcoms = {days}, .hooks = {test::rendered("orders_{{ ds_nodash }}", "orders_20260102")}});
  EXPECT_EQ(o.state, "success");
  EXPECT_EQ(o.result<std::string>(), "orders_20260102");
  EXPECT_THAT(o.log, ElementsAre("info: archiving orders_20260102 after 7"));
  o = test::run_task("own", "archive", {.xcoms = {days}});
  EXPECT_EQ(
      o.error,
      R"(field table, "orders_{{ ds_nodash }}": a test has no template engine: add test::rendered("orders_{{ ds_nodash }}", )"
      "...) to World::hooks");
  o = test::run_task("own", "archive", {.hooks = {test::rendered("orders_{{ ds_nodash }}", "orders_20260102")}});
  EXPECT_THAT(o.error, HasSubstr("field days: there is no result of keep"));
}

TEST(RunTaskOwn, AFileOfATemplateIsWhatTheTestSays) {
  EXPECT_EQ(test::run_task("own", "load", {.hooks = {test::rendered("load.sql", "SELECT 7")}}).result<std::string>(),
            "SELECT 7");
  EXPECT_EQ(test::run_task("own", "load").error,
            R"(field sql, "load.sql": a test has no template engine: add test::rendered("load.sql", ...) to World::hooks)");
}

TEST(RunTaskOwn, SensorsPokeOnAClockOfTheirOwn) {
  test::Outcome o = test::run_task("own", "is_open");
  EXPECT_EQ(o.state, "failed");
  EXPECT_EQ(o.error, "Sensor has timed out; run duration of 7800 seconds exceeds the specified timeout of 7200.");
  EXPECT_EQ(o.waited, 130min);
  o = test::run_task("own", "is_open", {.variables = {{"shop", "open"}}});
  EXPECT_EQ(o.state, "success");
  EXPECT_EQ(o.waited, 0s);
  EXPECT_EQ(test::run_task("own", "at_once").state, "failed");
  o = test::run_task("own", "counts");
  EXPECT_EQ(o.result<std::int64_t>(), 24);
  EXPECT_EQ(o.waited, 24h);
}

TEST(RunTaskOwn, SensorsThatAreRescheduledPokeOnce) {
  test::Outcome o = test::run_task("own", "rescheduled");
  EXPECT_EQ(o.state, "up_for_reschedule");
  EXPECT_EQ(o.waited, 1min);
  EXPECT_EQ(test::run_task("own", "rescheduled", {.waiting = 1h}).state, "up_for_reschedule");
  EXPECT_EQ(test::run_task("own", "rescheduled", {.waiting = 3h}).state, "skipped");
}

TEST(RunTaskOwn, NotifiersRunAfterTheTask) {
  EXPECT_THAT(test::run_task("own", "fails", {.hooks = {test::rendered("{{ ti }}", "fails of own")}}).log,
              ElementsAre("error: the disk is full", "warning: fails of own: the disk is full"));
}

}  // namespace
}  // namespace venturi
