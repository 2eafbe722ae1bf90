// What the structs of cross_dag.h, choices.h, sql_sensor.h and files.h serialize to, and what is wrong with them.
#include <gmock/gmock.h>

#include "sdk/dag_node.h"
#include "sdk/serialize.h"
#include "venturi/choices.h"
#include "venturi/cross_dag.h"
#include "venturi/dag.h"
#include "venturi/files.h"
#include "venturi/sql_sensor.h"

namespace venturi {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class MoreOperatorsTest : public ::testing::Test {
 protected:
  static std::string fields_of(const TaskRef& task) { return to_json(Value(task.node().fields)); }
  const std::vector<std::string>& mistakes(const TaskRef& task) { return task.node().dag->mistakes; }

  DagBag bag_;
  Dag dag_ = bag_.add("d", {.timezone = "Europe/Berlin"});
};

TEST_F(MoreOperatorsTest, BetweenDags) {
  auto sensor = dag_.add(ExternalTaskSensor{.task_id = "wait",
                                            .external_dag_id = "orders",
                                            .external_task_ids = {"a", "b"},
                                            .failed_states = {"failed"},
                                            .execution_delta = 1h,
                                            .mode = SensorMode::reschedule});
  EXPECT_EQ(fields_of(sensor),
            R"({"external_dag_id":"orders","external_task_ids":["a","b"],"failed_states":["failed"],)"
            R"("execution_delta":{"__type":"timedelta","__var":3600.0},"mode":"reschedule","_is_sensor":true})");
  auto started = dag_.add(TriggerDagRunOperator{.task_id = "start",
                                                .trigger_dag_id = "report",
                                                .conf = Object{{"day", "{{ ds }}"}},
                                                .wait_for_completion = true,
                                                .poke_interval = 5s,
                                                .note = "by hand"});
  EXPECT_EQ(fields_of(started),
            R"({"trigger_dag_id":"report","conf":{"__type":"dict","__var":{"day":"{{ ds }}"}},"wait_for_completion":true,)"
            R"("note":"by hand","poke_interval":5.0})");
  EXPECT_THAT(mistakes(started), ElementsAre());
  dag_.add(ExternalTaskSensor{.task_id = "w",
                              .external_dag_id = "o",
                              .external_task_id = "a",
                              .external_task_group_id = "g",
                              .execution_delta = 1h,
                              .execution_dates = {"2026-01-01"}});
  dag_.add(TriggerDagRunOperator{.task_id = "t"});
  EXPECT_THAT(mistakes(started),
              ElementsAre("task w: ExternalTaskSensor takes one of .external_task_id, .external_task_ids and "
                          ".external_task_group_id: take the others away",
                          "task w: ExternalTaskSensor takes one of .execution_delta and .execution_dates: take one away",
                          "task t: TriggerDagRunOperator needs .trigger_dag_id: give it"));
}

TEST_F(MoreOperatorsTest, Choices) {
  auto latest = dag_.add(LatestOnlyOperator{.task_id = "latest"});
  auto day = dag_.add(BranchDayOfWeekOperator{
      .task_id = "day", .week_day = {"Saturday"}, .follow_task_ids_if_true = "rest", .follow_task_ids_if_false = "work"});
  EXPECT_EQ(fields_of(day),
            R"({"week_day":["Saturday"],"follow_task_ids_if_true":["rest"],"follow_task_ids_if_false":["work"],)"
            R"("timezone":"Europe/Berlin"})");
  dag_.add(BranchDateTimeOperator{.task_id = "time",
                                  .target_lower = "07:30",
                                  .target_upper = "2026-01-31T07:30:00+01:00",
                                  .follow_task_ids_if_true = "rest",
                                  .follow_task_ids_if_false = "work"});
  EXPECT_THAT(mistakes(latest), ElementsAre());
  dag_.add(BranchDateTimeOperator{.task_id = "t", .follow_task_ids_if_true = "rest", .follow_task_ids_if_false = "work"});
  dag_.add(BranchDateTimeOperator{
      .task_id = "u", .target_lower = "noon", .follow_task_ids_if_true = "rest", .follow_task_ids_if_false = "work"});
  EXPECT_THAT(mistakes(latest),
              ElementsAre("task t: BranchDateTimeOperator needs .target_lower or .target_upper: give one, or both",
                          "task u: target_lower has to be a date and time like \"2026-01-31T07:30:00+01:00\" or a time of day "
                          "like \"07:30\""));
}

TEST_F(MoreOperatorsTest, FilesAndSensorsOfSql) {
  auto sensor = dag_.add(SqlSensor{.task_id = "wait",
                                   .conn_id = "shop",
                                   .sql = "SELECT count(*) FROM orders WHERE day = %s",
                                   .parameters = {"{{ ds }}"},
                                   .success = Object{{"geq_to", 10}}});
  EXPECT_EQ(fields_of(sensor),
            R"({"conn_id":"shop","sql":"SELECT count(*) FROM orders WHERE day = %s","parameters":["{{ ds }}"],)"
            R"("success":{"__type":"dict","__var":{"geq_to":10}},"_is_sensor":true})");
  EXPECT_EQ(fields_of(dag_.add(PostgresNotificationSensor{.task_id = "hear", .channel = "loads", .poke_interval = 30s})),
            R"({"channel":"loads","poke_interval":30.0,"_is_sensor":true})");
  auto rows = dag_.add(JsonLinesToFileOperator{.task_id = "read", .path = "/a", .columns = {{"id", ColumnType::int64}}});
  auto csv = dag_.add(FileToCsvOperator{.task_id = "csv", .file = rows, .output_path = "/b"});
  EXPECT_EQ(fields_of(csv),
            R"({"file":{"__type":"xcomref","__var":{"task_id":"read","key":"return_value"}},"output_path":"/b"})");
  dag_.add(CopyFileOperator{.task_id = "copy", .source = csv, .destination = "/c"});
  EXPECT_THAT(mistakes(csv), ElementsAre());
  dag_.add(ValidateCsvOperator{.task_id = "v", .path = "/a"});
  dag_.add(CsvToJsonLinesOperator{.task_id = "j", .path = "/a", .output_path = "/b", .header = false});
  EXPECT_THAT(mistakes(csv),
              ElementsAre("task v: ValidateCsvOperator needs .json_schema or .columns: what the rows are to be like",
                          "task j: CsvToJsonLinesOperator needs .columns where .header is false: name what the file has, in "
                          "order"));
}

}  // namespace
}  // namespace venturi
