#include "venturi/fake_sdk.h"

#include "task/frame.h"

namespace venturi::fake {

namespace {

Value serialized(const FakeDag& dag, const std::string& file) {
  Array tasks;
  Object children;
  for (const std::string& task_id : dag.task_ids) {
    tasks.push_back(Object{{"__type", "operator"},
                           {"__var", Object{{"task_id", task_id},
                                            {"task_type", "CppTask"},
                                            {"_task_module", "venturi.program"},
                                            {"downstream_task_ids", Array{}},
                                            {"pool", "default_pool"},
                                            {"start_trigger_args", nullptr}}}});
    children.add(task_id, Array{Value("operator"), Value(task_id)});
  }
  return Object{
      {"__version", 3},
      {"dag", Object{{"dag_id", dag.dag_id},
                     {"fileloc", file},
                     {"timezone", "UTC"},
                     {"start_date", 1735689600.0},
                     {"catchup", false},
                     {"timetable", Object{{"__type", "airflow.timetables.simple.NullTimetable"}, {"__var", Object{}}}},
                     {"tasks", std::move(tasks)},
                     {"dag_dependencies", Array{}},
                     {"edge_info", Object{}},
                     {"params", Array{}},
                     {"task_group", Object{{"_group_id", nullptr}, {"children", std::move(children)}}}}}};
}

}  // namespace

int describe(const std::vector<FakeDag>& dags, const std::string& import_error) {
  const auto request = task::read_frame(0);
  if (!request || request->body.get_string("type") != "DagFileParseRequest") return 2;
  const std::string file = request->body.get_string("file");
  Array list;
  for (const FakeDag& dag : dags) list.push_back(Object{{"data", serialized(dag, file)}, {"last_loaded", nullptr}});
  Value errors;
  if (!import_error.empty()) errors = Object{{file, import_error}};
  task::write_frame(0, 1,
                    Object{{"type", "DagFileParsingResult"},
                           {"fileloc", file},
                           {"serialized_dags", std::move(list)},
                           {"warnings", Array{}},
                           {"import_errors", std::move(errors)}});
  return task::read_frame(0) ? 0 : 3;
}

}  // namespace venturi::fake
