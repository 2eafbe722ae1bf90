// A branch on the answer of a query.
#include <venturi/dag.h>
#include <venturi/sql.h>
using namespace venturi;

VENTURI_DAG(sql_branch) {
  // [branch]
  auto branch = dag.add(BranchSQLOperator{.task_id = "is_there_anything",
                                          .sql = "SELECT count(*) > 0 FROM orders",
                                          .follow_task_ids_if_true = "work",
                                          .follow_task_ids_if_false = "rest",
                                          .conn_id = "cookbook_postgres"});
  branch >> Tasks{dag.empty("work"), dag.empty("rest")};
  // [end]
}
//
//   venturi dags test sql_branch
//   success; skipped: rest
