// An operator of one's own with SQL in files: what Airflow's template_ext is for an operator of Python is a list in the
// struct. A text in a template field that ends so is the name of a file beside the DAG's, or in its
// template_searchpath.
#include <venturi/dag.h>
#include <venturi/own_operator.h>
using namespace venturi;

// [operator]
struct ExplainQuery {
  static constexpr std::string_view template_ext[] = {".sql"};
  std::string sql;  // "orders.sql" is read and rendered when the task runs
  std::int64_t execute(const Context& context) const {
    context.log().info("the query is\n", sql);
    return static_cast<std::int64_t>(sql.size());
  }
};
VENTURI_STRUCT(ExplainQuery, sql);
VENTURI_TEMPLATE_FIELDS(ExplainQuery, sql);
// [end]

VENTURI_DAG(own_template_files, {.params = {{"status", "open"}}, .template_searchpath = {"template_files"}}) {
  auto from_file = dag.add("from_file", ExplainQuery{.sql = "orders.sql"});
  auto as_written = dag.add("as_written", ExplainQuery{.sql = "SELECT '{{ params.status }}'"});
  from_file >> as_written;
}
//
//   venturi dags test own_template_files -c '{"status": "paid"}'
//   success
