// Several tasks for each file, however many there are: a mapped task group (Airflow's @task_group .expand).
//
// The list is known only when the run goes on. Each file is downloaded and checked on its own: the check of the first
// file runs while the second one is still being downloaded, and a file that fails stops none of the others.
#include <venturi/dag.h>
using namespace venturi;

struct Report {
  std::string file;
  std::int64_t rows = 0;
};
VENTURI_STRUCT(Report, file, rows);

std::vector<std::string> list_files() { return {"orders_eu.csv", "orders_us.csv"}; }
std::string download(const Context& context, const std::string& file) {
  context.log().info("downloading ", file, " as instance ", context.map_index());
  return "/landing/" + file;
}
Report check(const std::string& path) { return {path, static_cast<std::int64_t>(path.size())}; }
std::int64_t total(const std::vector<Report>& reports) {
  std::int64_t rows = 0;
  for (const Report& report : reports) rows += report.rows;
  return rows;
}

VENTURI_DAG(mapped_task_group, {.schedule = "@daily", .start_date = "2026-01-01"}) {
  auto files = dag.task<list_files>();
  // The function builds the tasks of one file. What it returns is, outside of the group, what all files gave: a list.
  auto reports = dag.expand_group("per_file", [](TaskGroup& group, const MappedItem<std::string>& file) {
    return group.task<check>()(group.task<download>()(file));
  })(files);
  dag.task<total>()(reports);
}
