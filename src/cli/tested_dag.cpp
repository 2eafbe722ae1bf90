#include <algorithm>
#include <utility>

#include "base/edit_distance.h"
#include "cli/test_run.h"

namespace venturi::cli {
namespace {

const Value* operator_of(const Value& task) {
  return task.get("__var");
}

// The serialized DAG with this task alone, outside of all groups.
Value with_one_task(const Value& serialized, const std::string& task_id) {
  Value one = serialized;
  Object& dag = one.as_object().find("dag")->as_object();
  Array tasks;
  for (Value& task : dag.find("tasks")->as_array()) {
    if (operator_of(task) == nullptr || operator_of(task)->get_string("task_id") != task_id) continue;
    Object& op = task.as_object().find("__var")->as_object();
    op.set("downstream_task_ids", Array{});
    tasks.push_back(std::move(task));
  }
  dag.set("tasks", std::move(tasks));
  dag.set("edge_info", Object{});
  if (Value* group = dag.find("task_group"); group != nullptr && group->is_object()) {
    group->as_object().set("children", Object{{task_id, Array{"operator", task_id}}});
  }
  return one;
}

}  // namespace

Result<std::shared_ptr<const Dag>> tested_dag(const Dag& dag, const std::optional<std::string>& only_task) {
  auto changed = std::make_shared<Dag>(dag);
  if (only_task) {
    if (!dag.find_task(*only_task)) {
      std::vector<std::string> ids;
      for (const Task& task : dag.tasks) ids.push_back(task.task_id);
      const std::string near = nearest(*only_task, ids);
      return fail(ErrorKind::not_found, "there is no task " + *only_task, "dag " + dag.dag_id,
                  near.empty() ? "see: venturi tasks list " + dag.dag_id : "did you mean " + near + "?");
    }
    auto one = read_serialized_dag(with_one_task(dag.serialized, *only_task));
    if (!one) return std::unexpected(std::move(one.error()));
    one->bundle = dag.bundle;
    one->relative_fileloc = dag.relative_fileloc;
    one->fileloc = dag.fileloc;
    one->program = dag.program;
    one->version_id = dag.version_id;
    *changed = std::move(*one);
    changed->tasks.front().retries = 0;
    changed->tasks.front().trigger_rule = TriggerRule::always;
  }
  changed->is_paused_upon_creation = false;
  changed->end_date = Time{};  // before which its schedule, which dates of manual runs follow, has no run to make
  return changed;
}

}  // namespace venturi::cli
