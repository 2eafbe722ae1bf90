// Files that arguments name: in the operator host and in a mover, mapped, found and not found.
#include <venturi/dag.h>
#include <venturi/own_notifier.h>
#include <venturi/own_operator.h>
#include <venturi/sql.h>
using namespace venturi;

// Structs of the program's have files of templates too.
struct RunSql {
  static constexpr std::string_view template_ext[] = {".sql"};
  std::vector<std::string> statements;
  std::string execute(const Context&) const { return statements.front() + ";" + statements.back(); }
};
VENTURI_STRUCT(RunSql, statements);
VENTURI_TEMPLATE_FIELDS(RunSql, statements);

struct WriteFile {
  static constexpr std::string_view template_ext[] = {".bash"};
  std::string text;
  void notify(const CallbackContext& context) const { context.log().info("noted: ", text); }
};
VENTURI_STRUCT(WriteFile, text);
VENTURI_TEMPLATE_FIELDS(WriteFile, text);

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
  dag.add("own", RunSql{.statements = {"select.sql", "SELECT {{ params.least }}"}},
          {.on_success_callback = WriteFile{.text = "one.bash"}});
  dag.add("own_gone", RunSql{.statements = {"gone.sql"}}, {.retries = 0});
}
