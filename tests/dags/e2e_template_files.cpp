// Files that arguments name: in the operator host and in a mover, mapped, found and not found.
#include <venturi/dag.h>
#include <venturi/sql.h>
using namespace venturi;

std::int64_t rows(const RunFile& file) {
  return file.row_count;
}
// What the DAG's program renders may include them too.
std::string included(const Context& context) {
  return context.render("{% include 'where.txt' %}");
}

VENTURI_DAG(e2e_template_files,
            {.is_paused_upon_creation = false, .params = {{"least", 2}}, .template_searchpath = {"shared"}}) {
  dag.add(BashOperator{.task_id = "script", .bash_command = "scripts/say.sh"});
  dag.add(BashOperator{.task_id = "no_file", .bash_command = "sh /nowhere/scripts/say.sh "}, {.retries = 0});
  dag.add(BashOperator{.task_id = "gone", .bash_command = "scripts/gone.sh"}, {.retries = 0});
  dag.add(BashOperator{.task_id = "outside", .bash_command = "../outside.sh"}, {.retries = 0});
  dag.partial(BashOperator{.task_id = "each"}).expand(&BashOperator::bash_command, expand({"scripts/say.sh", "one.bash"}));
  dag.add(SQLExecuteQueryOperator{.task_id = "query", .sql = {"create.sql", "SELECT 7", "select.sql"}, .conn_id = "shop"});
  dag.task<rows>()(dag.add(PostgresToFileOperator{.task_id = "read", .conn_id = "shop", .sql = "select.sql"}));
  dag.task<included>();
}
