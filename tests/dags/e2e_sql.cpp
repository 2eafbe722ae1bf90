// From a CSV file into a table, checked, asked, and out again, by the SQL operators alone.
#include <venturi/dag.h>
#include <venturi/sql.h>

using namespace venturi;

namespace {

std::string source(const Context& context) {
  return context.params().get_string("source");
}
std::string target(const Context& context) {
  return context.params().get_string("target");
}
std::string count_text(const Value& rows) {
  return to_json(rows);
}

}  // namespace

VENTURI_DAG(orders_by_sql,
            {.is_paused_upon_creation = false, .params = {{"source", "/no/in.csv"}, {"target", "/no/out.csv"}}}) {
  const char* shop = "test_db";
  auto table = dag.add(SQLExecuteQueryOperator{.task_id = "create",
                                               .sql = {"CREATE TABLE IF NOT EXISTS orders(id int PRIMARY KEY, amount numeric)",
                                                       "DO $$ BEGIN RAISE NOTICE 'there is a table'; END $$"},
                                               .conn_id = shop});
  auto loaded = dag.add(FileToPostgresOperator{
      .task_id = "load", .path = dag.task<source>(), .table = "orders", .mode = "upsert", .conn_id = shop});
  auto check = dag.add(SQLColumnCheckOperator{.task_id = "check",
                                              .table = "orders",
                                              .column_mapping = Object{{"amount", Object{{"min", Object{{"geq_to", 0}}}}}},
                                              .conn_id = shop});
  auto branch = dag.add(BranchSQLOperator{.task_id = "branch",
                                          .sql = "SELECT count(*) > 2 FROM orders",
                                          .follow_task_ids_if_true = "count",
                                          .follow_task_ids_if_false = "few",
                                          .conn_id = shop});
  auto rows = dag.add(SQLExecuteQueryOperator{.task_id = "count",
                                              .sql = "SELECT count(*), sum(amount) FROM orders WHERE id >= %s",
                                              .parameters = {1},
                                              .conn_id = shop});
  auto text = dag.task<count_text>()(rows);
  auto csv = dag.add(PostgresToCsvOperator{
      .task_id = "export", .sql = "SELECT * FROM orders ORDER BY id", .path = dag.task<target>(), .conn_id = shop});
  // Also directly below the branch: what was chosen leads to it.
  auto end = dag.add(BashOperator{.task_id = "end", .bash_command = "cat \"$CSV\"", .env = {{"CSV", csv}}, .append_env = true},
                     {.trigger_rule = TriggerRule::none_failed});
  table >> loaded >> check >> branch >> Tasks{rows, dag.empty("few"), end};
  text >> csv;
}
