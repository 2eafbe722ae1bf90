// A query and a CSV file as files of the run: operators stream the rows, a task reads them as structs.
#include <venturi/dag.h>

#include <filesystem>
#include <fstream>
using namespace venturi;

struct Order {
  std::optional<std::int64_t> id;
  std::optional<double> amount;
};
VENTURI_STRUCT(Order, id, amount);

std::string write_example(const Context& context) {
  std::filesystem::create_directories(context.run_dir());
  std::ofstream(context.run_dir() + "/more.csv") << "id,amount\n101,5\n102,many\n";
  return context.run_dir() + "/more.csv";
}
std::int64_t unreadable(const Context& context, const RunFile& table, const RunFile& csv) {
  std::int64_t count = 0;
  for (const Row row : csv.rows()) {
    if (!row.is_unreadable("amount")) continue;
    context.log().warning("no amount: ", row.raw("amount"));  // what the source had there
    ++count;
  }
  context.log().info(table.row_count + csv.row_count, " rows");
  return count;
}

VENTURI_DAG(postgres_to_file) {
  // [operators]
  auto table = dag.add(PostgresToFileOperator{.task_id = "table",
                                              .conn_id = "cookbook_postgres",
                                              .sql = "SELECT id, amount FROM orders WHERE status = $1",
                                              .parameters = {"open"},
                                              .columns = columns_of<Order>()});
  auto csv =
      dag.add(CsvToFileOperator{.task_id = "csv", .path = dag.task<write_example>(), .columns = columns_of<Order>()});
  dag.task<unreadable>()(table, csv);
  // [end]
}
