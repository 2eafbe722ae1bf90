// Of the operators whose structs are in headers of several providers.
#include "providers/testing/sdk_fields.h"
#include "venturi/choices.h"
#include "venturi/cross_dag.h"
#include "venturi/files.h"
#include "venturi/http.h"
#include "venturi/sensors.h"
#include "venturi/sql.h"
#include "venturi/sql_sensor.h"

namespace venturi::providers::testing {
namespace {

TEST(TemplateFields, AreThoseThatTheHostRenders) {
  expect_fields_of_the_registry<
      BashOperator, ConstantOperator, EmailOperator, PostgresToFileOperator, CsvToFileOperator, HttpOperator, HttpSensor,
      HttpToFileOperator, FileSensor, TimeSensor, TimeDeltaSensor, DateTimeSensor, DayOfWeekSensor, BashSensor, WaitSensor,
      SQLExecuteQueryOperator, BranchSQLOperator, SQLCheckOperator, SQLValueCheckOperator, SQLIntervalCheckOperator,
      SQLThresholdCheckOperator, SQLColumnCheckOperator, SQLTableCheckOperator, SQLInsertRowsOperator, GenericTransfer,
      FileToPostgresOperator, PostgresToCsvOperator, ExternalTaskSensor, TriggerDagRunOperator, LatestOnlyOperator,
      BranchDayOfWeekOperator, BranchDateTimeOperator, SqlSensor, JsonLinesToFileOperator, FileToCsvOperator,
      FileToJsonLinesOperator, CsvToJsonLinesOperator, JsonLinesToCsvOperator, ValidateCsvOperator, ValidateJsonLinesOperator,
      ParquetToFileOperator, FileToParquetOperator, ParquetToCsvOperator, CsvToParquetOperator, ParquetToJsonLinesOperator,
      JsonLinesToParquetOperator, ValidateParquetOperator, CopyFileOperator, MoveFileOperator, CompressFileOperator,
      DecompressFileOperator, DeleteFileOperator, MakeDirectoryOperator, ListFilesOperator>(
      {{"PostgresToFileOperator", {"database", "hook_params"}},
       {"GenericTransfer", {"page_size", "paginated_sql_statement_clause"}}});
}

}  // namespace
}  // namespace venturi::providers::testing
