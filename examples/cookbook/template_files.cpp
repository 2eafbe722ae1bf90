// SQL and scripts in files of their own: an argument that ends with .sql or .sh names a file beside the DAG's, or in a
// folder of its template_searchpath. It is read and rendered when the task runs.
#include <venturi/dag.h>
#include <venturi/sql.h>
using namespace venturi;

// [whole]
VENTURI_DAG(template_files, {.params = {{"status", "open"}}, .template_searchpath = {"template_files"}}) {
  auto orders =
      dag.add(SQLExecuteQueryOperator{.task_id = "orders", .sql = "orders.sql", .conn_id = "cookbook_postgres"});
  auto report = dag.add(BashOperator{.task_id = "report", .bash_command = "report.sh"});
  // A blank behind it: a command, no file.
  auto kept = dag.add(BashOperator{.task_id = "kept", .bash_command = "echo it is kept as report.sh "});
  orders >> report >> kept;
}
// [end]
//
//   venturi dags test template_files -c '{"status": "paid"}'
//   success
