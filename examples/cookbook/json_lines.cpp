// JSON lines and CSV: made, held against a schema, read into typed rows of the run, and written again.
#include <venturi/dag.h>
#include <venturi/files.h>
using namespace venturi;

// [whole]
std::int64_t count_errors(const Context& context, const RunFile& orders) {
  std::int64_t errors = 0;
  for (auto row : orders.rows()) errors += row.get<std::string_view>("status") == "error" ? 1 : 0;
  context.log().info("orders in error: ", errors);
  return errors;
}

VENTURI_DAG(json_lines) {
  auto folder = dag.add(MakeDirectoryOperator{.task_id = "folder", .path = "/tmp/venturi_json_lines_{{ ts_nodash }}"});
  auto made = dag.add(BashOperator{
      .task_id = "make",
      .bash_command = R"(printf '{"id": 1, "status": "ok"}\n{"id": 2, "status": "error"}\n' > orders.jsonl; pwd)",
      .cwd = folder});
  // A row that does not fit fails the task, with file, line and what is wrong.
  auto checked = dag.add(ValidateJsonLinesOperator{
      .task_id = "check",
      .path = "{{ ti.xcom_pull('make') }}/orders.jsonl",
      .json_schema = Object{{"required", Array{"id"}}, {"properties", Object{{"id", Object{{"type", "integer"}}}}}}});
  auto rows = dag.add(JsonLinesToFileOperator{.task_id = "read",
                                              .path = "{{ ti.xcom_pull('make') }}/orders.jsonl",
                                              .columns = {{"id", ColumnType::int64}, {"status", ColumnType::string}}});
  auto csv = dag.add(
      FileToCsvOperator{.task_id = "write", .file = rows, .output_path = "{{ ti.xcom_pull('make') }}/orders.csv"});
  auto counted = dag.task<count_errors>()(rows);
  auto clean = dag.add(DeleteFileOperator{.task_id = "clean", .path = "{{ ti.xcom_pull('make') }}", .recursive = true});
  made >> checked >> rows;
  csv >> clean;
  counted >> clean;
}
// [end]
//
//   venturi dags test json_lines
//   success
