// Many results of a mapped task made into one, without having them all in memory: a LazyXComSequence reads them page by
// page while it is gone through.
#include <venturi/dag.h>
#include <venturi/lazy_xcoms.h>
using namespace venturi;

struct Report {
  std::string file;
  std::int64_t rows = 0;
};
VENTURI_STRUCT(Report, file, rows);

std::vector<std::string> list_files() { return {"orders.csv", "customers.csv", "products.csv"}; }
Report check(const std::string& file) { return {.file = file, .rows = static_cast<std::int64_t>(file.size())}; }

// [reduce]
std::int64_t total(const Context& context, const LazyXComSequence<Report>& reports) {
  std::int64_t rows = 0;
  for (const Report& report : reports) rows += report.rows;
  context.log().info(rows, " rows in ", reports.size(), " files, the first ", reports[0].file);
  return rows;
}

VENTURI_DAG(reduce) { dag.task<total>()(dag.task<check>()(expand(dag.task<list_files>()))); }
// [end]
//
//   venturi dags test reduce
//   success
