// Commands of bash: the last line of the output is the XCom, 99 means skipped.
#include <venturi/dag.h>
using namespace venturi;

std::string where() { return "/tmp"; }
void tell(const Context& context, const std::string& files) { context.log().info(files, " files"); }

VENTURI_DAG(bash) {
  // [operators]
  auto files = dag.add(BashOperator{.task_id = "count_files",
                                    .bash_command = "ls \"$FOLDER\" | wc -l",
                                    .env = {{"FOLDER", dag.task<where>()}},
                                    .append_env = true});
  dag.task<tell>()(files);
  dag.add(BashOperator{.task_id = "maybe", .bash_command = "exit 99"});
  // [end]
}
//
//   venturi dags test bash
//   success; skipped: maybe
