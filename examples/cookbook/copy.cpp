// Rows by COPY: out of a table into a CSV file, and into another table. Each is one transaction, in constant memory.
#include <venturi/dag.h>
#include <venturi/sql.h>

#include <filesystem>
using namespace venturi;

std::string target(const Context& context) {
  std::filesystem::create_directories(context.run_dir());  // the folder of the run's files; it goes with the run
  return context.run_dir() + "/orders.csv";
}

VENTURI_DAG(copy) {
  // [operators]
  const std::string shop = "cookbook_postgres";
  auto create = dag.add(SQLExecuteQueryOperator{
      .task_id = "create",
      .sql = "CREATE TABLE IF NOT EXISTS cookbook_copy(id int PRIMARY KEY, customer text, total numeric)",
      .conn_id = shop});
  auto csv = dag.add(PostgresToCsvOperator{.task_id = "out",
                                           .sql = "SELECT id, customer, amount FROM orders ORDER BY id",
                                           .path = dag.task<target>(),
                                           .conn_id = shop});
  auto loaded = dag.add(FileToPostgresOperator{.task_id = "in",
                                               .path = csv,
                                               .table = "cookbook_copy",
                                               .column_mapping = {{"amount", "total"}},
                                               .mode = "upsert",
                                               .key = {"id"},
                                               .conn_id = shop});
  create >> loaded;
  // [end]
}
