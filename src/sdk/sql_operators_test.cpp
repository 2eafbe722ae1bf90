// What the SQL operators' structs serialize to, and what is wrong with them.
#include <gmock/gmock.h>

#include "sdk/dag_node.h"
#include "sdk/serialize.h"
#include "venturi/dag.h"
#include "venturi/sql.h"

namespace venturi {
namespace {

using ::testing::ElementsAre;

class SqlOperatorsTest : public ::testing::Test {
 protected:
  static Value var_of(const TaskRef& task) { return internal::serialize_task(task.node()).at("__var"); }
  // The members that are not of every task.
  static std::string fields_of(const TaskRef& task) { return to_json(Value(task.node().fields)); }
  std::vector<std::string> mistakes_of(const TaskRef& task) { return task.node().dag->mistakes; }

  DagBag bag_;
  Dag dag_ = bag_.add("d");
};

TEST_F(SqlOperatorsTest, Statements) {
  auto rows =
      dag_.add(SQLExecuteQueryOperator{.task_id = "one", .sql = "SELECT %s", .parameters = {7, "x"}, .conn_id = "shop"});
  EXPECT_EQ(fields_of(rows), R"({"sql":"SELECT %s","parameters":[7,"x"],"conn_id":"shop"})");
  auto two = dag_.add(SQLExecuteQueryOperator{.task_id = "two",
                                              .sql = {"SELECT 1", "SELECT 2"},
                                              .autocommit = true,
                                              .parameters = {{"day", "2026-01-31"}, {"rows", rows}},
                                              .hook_params = Object{{"options", "-c search_path=s"}}});
  EXPECT_EQ(
      fields_of(two),
      R"({"sql":["SELECT 1","SELECT 2"],"autocommit":true,"parameters":{"__type":"dict","__var":{"day":"2026-01-31","rows":)"
      R"({"__type":"xcomref","__var":{"task_id":"one","key":"return_value"}}}},"hook_params":{"__type":"dict","__var":)"
      R"({"options":"-c search_path=s"}}})");
  EXPECT_EQ(to_json(var_of(two).at("template_fields")), R"(["sql","parameters","conn_id","database","hook_params"])");
  auto text = dag_.task("text", [] { return std::string("SELECT 1"); });
  EXPECT_EQ(
      fields_of(dag_.add(SQLCheckOperator{.task_id = "check", .sql = text, .parameters = rows, .retry_on_failure = false})),
      R"({"sql":{"__type":"xcomref","__var":{"task_id":"text","key":"return_value"}},"parameters":{"__type":"xcomref",)"
      R"("__var":{"task_id":"one","key":"return_value"}},"retry_on_failure":false})");
}

TEST_F(SqlOperatorsTest, ABranchKnowsWhereItsTasksLead) {
  auto branch = dag_.add(BranchSQLOperator{.task_id = "branch",
                                           .sql = "SELECT true",
                                           .follow_task_ids_if_true = "left",
                                           .follow_task_ids_if_false = {"right", "join"}});
  auto left = dag_.empty("left"), right = dag_.empty("right"), between = dag_.empty("between"), join = dag_.empty("join");
  branch >> Tasks{left, right, join};
  left >> between >> join;
  const Value var = var_of(branch);
  EXPECT_EQ(fields_of(branch),
            R"({"sql":"SELECT true","follow_task_ids_if_true":["left"],"follow_task_ids_if_false":["right","join"]})");
  EXPECT_EQ(to_json(var.at("_leads_to")), R"({"__type":"dict","__var":{"left":["join"]}})");
  EXPECT_TRUE(var.get_bool("_can_skip_downstream"));
  EXPECT_EQ(var_of(left).get("_can_skip_downstream"), nullptr);
}

TEST_F(SqlOperatorsTest, Checks) {
  EXPECT_EQ(fields_of(dag_.add(SQLValueCheckOperator{.task_id = "v", .sql = "SELECT 1", .pass_value = 1, .tolerance = 0.1})),
            R"({"sql":"SELECT 1","pass_value":1,"tolerance":0.1})");
  EXPECT_EQ(fields_of(dag_.add(
                SQLThresholdCheckOperator{.task_id = "t", .sql = "SELECT 1", .min_threshold = 0, .max_threshold = "SELECT 2"})),
            R"({"sql":"SELECT 1","min_threshold":0,"max_threshold":"SELECT 2"})");
  EXPECT_EQ(fields_of(dag_.add(SQLIntervalCheckOperator{
                .task_id = "i", .table = "t", .metrics_thresholds = Object{{"COUNT(*)", 1.5}}, .days_back = -1})),
            R"_({"table":"t","metrics_thresholds":{"__type":"dict","__var":{"COUNT(*)":1.5}},"days_back":-1})_");
  EXPECT_EQ(
      fields_of(dag_.add(SQLTableCheckOperator{
          .task_id = "tc", .table = "t", .checks = Object{{"rows", Object{{"check_statement", "COUNT(*) > 0"}}}}})),
      R"({"table":"t","checks":{"__type":"dict","__var":{"rows":{"__type":"dict","__var":{"check_statement":"COUNT(*) > 0"}}}}})");
  EXPECT_EQ(fields_of(dag_.add(SQLColumnCheckOperator{.task_id = "cc",
                                                      .table = "t",
                                                      .column_mapping = Object{{"a", Object{{"min", Object{{"geq_to", 0}}}}}},
                                                      .accept_none = false})),
            R"({"table":"t","column_mapping":{"__type":"dict","__var":{"a":{"__type":"dict","__var":{"min":{"__type":"dict",)"
            R"("__var":{"geq_to":0}}}}}},"accept_none":false})");
}

TEST_F(SqlOperatorsTest, MovingRows) {
  auto file = dag_.task("file", [] { return RunFile{}; });
  EXPECT_EQ(
      fields_of(dag_.add(FileToPostgresOperator{.task_id = "load",
                                                .file = file,
                                                .table = "orders",
                                                .columns = {{"id", ColumnType::int64}},
                                                .column_mapping = {{"id", "order_id"}},
                                                .mode = "upsert",
                                                .key = {"order_id"}})),
      R"({"file":{"__type":"xcomref","__var":{"task_id":"file","key":"return_value"}},"table":"orders","columns":[{"__type":)"
      R"("dict","__var":{"name":"id","type":"int64"}}],"column_mapping":{"__type":"dict","__var":{"id":"order_id"}},"mode":)"
      R"("upsert","key":["order_id"]})");
  auto csv = dag_.add(PostgresToCsvOperator{.task_id = "csv", .sql = "SELECT 1", .path = "/out.csv", .null_text = "-"});
  EXPECT_EQ(fields_of(csv), R"({"sql":"SELECT 1","path":"/out.csv","null_text":"-"})");
  static_assert(std::is_same_v<decltype(csv), Output<std::string>>);
  EXPECT_EQ(
      fields_of(dag_.add(GenericTransfer{.task_id = "transfer",
                                         .sql = {"SELECT 1"},
                                         .destination_table = "t",
                                         .source_conn_id = "a",
                                         .destination_conn_id = "b",
                                         .preoperator = "TRUNCATE t"})),
      R"({"sql":["SELECT 1"],"destination_table":"t","source_conn_id":"a","destination_conn_id":"b","preoperator":"TRUNCATE t"})");
  auto rows = dag_.task("rows", [] { return std::vector<std::vector<std::int64_t>>{{1, 2}}; });
  EXPECT_EQ(
      fields_of(dag_.add(SQLInsertRowsOperator{.task_id = "insert", .table_name = "t", .columns = {"a", "b"}, .rows = rows})),
      R"({"table_name":"t","columns":["a","b"],"rows":{"__type":"xcomref","__var":{"task_id":"rows","key":"return_value"}}})");
  EXPECT_THAT(mistakes_of(rows), ElementsAre());
}

TEST_F(SqlOperatorsTest, Mistakes) {
  (void)dag_.add(SQLExecuteQueryOperator{.task_id = "a"});
  (void)dag_.add(SQLValueCheckOperator{.task_id = "b", .sql = "SELECT 1"});
  (void)dag_.add(FileToPostgresOperator{.task_id = "c", .table = "t"});
  auto last = dag_.add(FileToPostgresOperator{.task_id = "d", .path = "/x.csv", .table = "t", .header = false});
  EXPECT_THAT(
      mistakes_of(last),
      ElementsAre("task a: SQLExecuteQueryOperator needs .sql: give it",
                  "task b: SQLValueCheckOperator needs .pass_value: give it",
                  "task c: FileToPostgresOperator needs one of .file and .path: a file of the run, or a CSV file",
                  "task d: FileToPostgresOperator needs .columns where .header is false: name what the file has, in order"));
}

}  // namespace
}  // namespace venturi
