// SQL: statements in one transaction, rows as an XCom, and checks of the data.
#include <venturi/dag.h>
#include <venturi/sql.h>
using namespace venturi;

void tell(const Context& context, const Value& rows) { context.log().info("open orders by customer: ", to_json(rows)); }

VENTURI_DAG(sql) {
  // [operators]
  auto prepare = dag.add(SQLExecuteQueryOperator{
      .task_id = "prepare",
      .sql = {"DROP TABLE IF EXISTS cookbook_open", "CREATE TABLE cookbook_open AS SELECT * FROM orders"},
      .conn_id = "cookbook_postgres"});
  auto columns =
      dag.add(SQLColumnCheckOperator{.task_id = "check_columns",
                                     .table = "cookbook_open",
                                     .column_mapping = Object{{"id", Object{{"unique_check", Object{{"equal_to", 0}}}}},
                                                              {"amount", Object{{"min", Object{{"geq_to", 0}}}}}},
                                     .conn_id = "cookbook_postgres"});
  auto count = dag.add(SQLValueCheckOperator{.task_id = "check_count",
                                             .sql = "SELECT count(*) > 0 FROM cookbook_open",
                                             .pass_value = true,
                                             .conn_id = "cookbook_postgres"});
  auto rows = dag.add(SQLExecuteQueryOperator{
      .task_id = "open_orders",
      .sql = "SELECT customer, count(*) FROM cookbook_open WHERE status = %(status)s GROUP BY 1 ORDER BY 1",
      .parameters = {{"status", "open"}},
      .conn_id = "cookbook_postgres"});
  prepare >> Tasks{columns, count} >> rows;
  dag.task<tell>()(rows);
  // [end]
}
