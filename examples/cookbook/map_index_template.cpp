// Names for the instances of mapped tasks (Airflow's map_index_template), in place of their numbers: shown by
// `venturi dags test` and `venturi tasks states-for-dag-run`.
#include <venturi/dag.h>
#include <venturi/own_operator.h>
using namespace venturi;

// [whole]
std::vector<std::string> list_files() { return {"landing/orders.csv", "landing/customers.csv"}; }
std::int64_t load(const Context& context, const std::string& file) {
  context.set("table", file.substr(file.find('/') + 1));  // Airflow's context["table"] = ...
  return static_cast<std::int64_t>(file.size());
}
struct Archive {
  Field<std::string> file;
  void execute(const Context& context) const { context.log().info("archiving ", *file); }
};
VENTURI_STRUCT(Archive, file);

VENTURI_DAG(map_index_template) {
  auto files = dag.task<list_files>();
  // Rendered before the task runs and again when it has run, well or not: with what it put into the context.
  dag.task<load>({.map_index_template = "{{ table }}"})(expand(files));
  // `task` has the instance's own values: the fields of an operator, and task.op_args of a function.
  dag.partial("archive", Archive{}, {.map_index_template = "{{ task.file.split('/')[-1] }}"})
      .expand(&Archive::file, files);
  dag.partial(BashOperator{.task_id = "say"}, {.map_index_template = "{{ task.bash_command }}, {{ ds }}"})
      .expand(&BashOperator::bash_command, expand({"pwd", "date"}));
}
// [end]
