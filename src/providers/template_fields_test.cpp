// What the SDK serializes as template_fields and template_ext is what the operator host renders: the server looks at the one,
// the host at the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "operators/registry.h"
#include "providers/csv/csv.h"
#include "providers/files/files.h"
#include "providers/http/http.h"
#include "providers/postgres/postgres.h"
#include "providers/rows/rows.h"
#include "providers/smtp/smtp.h"
#include "providers/sql/sql.h"
#include "providers/standard/standard.h"
#include "sdk/dag_node.h"
#include "venturi/choices.h"
#include "venturi/cross_dag.h"
#include "venturi/files.h"
#include "venturi/http.h"
#include "venturi/sensors.h"
#include "venturi/sql.h"
#include "venturi/sql_sensor.h"

namespace venturi::providers {
namespace {

template <class... Op>
void add(Dag& dag) {
  (dag.add(Op{.task_id = std::to_string(dag.node().children.size())}), ...);
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  return names;
}

// Arguments that the host takes, from other lanes, and the structs of the SDK do not have.
const std::map<std::string, std::vector<std::string>> not_in_the_sdk{
    {"PostgresToFileOperator", {"database", "hook_params"}},
    {"GenericTransfer", {"page_size", "paginated_sql_statement_clause"}}};

TEST(TemplateFields, AreThoseThatTheHostRenders) {
  operators::Registry registry;
  register_standard(registry);
  register_smtp(registry);
  register_postgres(registry);
  register_csv(registry);
  register_http(registry);
  register_sql(registry);
  register_rows(registry);
  register_files(registry);
  DagBag bag;
  Dag dag = bag.add("d");
  add<BashOperator, ConstantOperator, EmailOperator, PostgresToFileOperator, CsvToFileOperator, HttpOperator, HttpSensor,
      HttpToFileOperator, FileSensor, TimeSensor, TimeDeltaSensor, DateTimeSensor, DayOfWeekSensor, BashSensor, WaitSensor,
      SQLExecuteQueryOperator, BranchSQLOperator, SQLCheckOperator, SQLValueCheckOperator, SQLIntervalCheckOperator,
      SQLThresholdCheckOperator, SQLColumnCheckOperator, SQLTableCheckOperator, SQLInsertRowsOperator, GenericTransfer,
      FileToPostgresOperator, PostgresToCsvOperator, ExternalTaskSensor, TriggerDagRunOperator, LatestOnlyOperator,
      BranchDayOfWeekOperator, BranchDateTimeOperator, SqlSensor, JsonLinesToFileOperator, FileToCsvOperator,
      FileToJsonLinesOperator, CsvToJsonLinesOperator, JsonLinesToCsvOperator, ValidateCsvOperator, ValidateJsonLinesOperator,
      CopyFileOperator, MoveFileOperator, DeleteFileOperator, MakeDirectoryOperator>(dag);
  for (const auto& task : bag.state().find("d")->tasks) {
    const operators::OperatorEntry* entry = registry.find_operator(task->task_type);
    ASSERT_NE(entry, nullptr) << task->task_type;
    std::vector<std::string> rendered;
    for (const operators::Argument& argument : entry->arguments) {
      if (argument.templated) rendered.emplace_back(argument.name);
    }
    if (const auto more = not_in_the_sdk.find(task->task_type); more != not_in_the_sdk.end()) {
      for (const std::string& name : more->second) std::erase(rendered, name);
    }
    EXPECT_EQ(task->template_ext, entry->template_ext) << task->task_type;
    EXPECT_EQ(sorted({task->template_fields.begin(), task->template_fields.end()}), sorted(rendered)) << task->task_type;
  }
}

}  // namespace
}  // namespace venturi::providers
