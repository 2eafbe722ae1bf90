// A built-in operator for each item of a list (Airflow's partial and expand): what is the same for all stands in the
// struct, and expand() names the fields that differ.
#include <venturi/dag.h>

#include <map>
using namespace venturi;

struct Export {
  std::string bash_command;
  std::map<std::string, std::string> env;
};
VENTURI_STRUCT(Export, bash_command, env);

std::vector<std::string> list_tables() { return {"echo orders", "echo customers"}; }
// The members have the names of the operator's fields.
std::vector<Export> plan() {
  return {{"echo $TABLE", {{"TABLE", "orders"}}}, {"echo $TABLE by day", {{"TABLE", "customers"}}}};
}
std::int64_t count(const std::vector<std::string>& lines) { return static_cast<std::int64_t>(lines.size()); }

VENTURI_DAG(mapped_operator, {.schedule = "@daily", .start_date = "2026-01-01"}) {
  // One instance for each command that the task before it gave.
  auto commands = dag.task<list_tables>();
  auto lines =
      dag.partial(BashOperator{.task_id = "export", .cwd = "/tmp"}).expand(&BashOperator::bash_command, commands);
  dag.task<count>()(lines);
  // Two lists: each with each. Constants are rendered like any other template.
  dag.partial(BashOperator{.task_id = "show"})
      .expand(&BashOperator::bash_command, expand({"echo {{ ds }}", "pwd"}), &BashOperator::cwd, expand({"/", "/tmp"}));
  // Several fields at once, from the members of a struct.
  dag.partial(BashOperator{.task_id = "planned"}).expand_kwargs(dag.task<plan>());
}
