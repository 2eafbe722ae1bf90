// What is changed of all task instances of a task group.
#include <set>

#include <fmt/format.h>

#include "api/bodies.h"
#include "api/bulk.h"
#include "api/endpoints.h"

namespace venturi::api {
namespace {

void add_tasks_below(const Value& group, std::vector<std::string>& tasks) {
  for (const auto& [label, child] : group.get_value("children").as_object()) {
    const Array& of = child.as_array();
    if (of.at(0).as_string() == "operator")
      tasks.push_back(of.at(1).as_string());
    else
      add_tasks_below(of.at(1), tasks);
  }
}

const Value* find_group(const Value& group, const std::string& group_id) {
  if (group.get_string("_group_id") == group_id) return &group;
  const Value* children = group.get("children");
  if (children == nullptr) return nullptr;
  for (const auto& [label, child] : children->as_object()) {
    const Array& of = child.as_array();
    if (of.at(0).as_string() == "operator") continue;
    if (const Value* found = find_group(of.at(1), group_id)) return found;
  }
  return nullptr;
}

void patch_group(const Call& call, const Reply& reply, bool dry_run) {
  const DagRun run = find_run(*call.api, call.at("dag_id"), call.at("dag_run_id"));
  const std::string& group_id = call.at("group_id");
  const auto dag = call.api->version(run.dag_version_id);
  const Value* root = dag ? dag->serialized.at("dag").get("task_group") : nullptr;
  const Value* group = root == nullptr ? nullptr : find_group(*root, group_id);
  if (group == nullptr) throw Refusal{404, fmt::format("Task group '{}' not found in DAG '{}'", group_id, run.dag_id)};
  std::vector<std::string> tasks;
  add_tasks_below(*group, tasks);
  const std::set<std::string> meant(tasks.begin(), tasks.end());
  Api* api = call.api;
  const Value* state = call.takes("new_state") ? call.body.get("new_state") : nullptr;
  if (state != nullptr) {
    (void)wanted_state(*state);
    Object command{{"command", "tasks set-state"},
                   {"dag_id", run.dag_id},
                   {"run_id", run.run_id},
                   {"state", *state},
                   {"user", call.user},
                   {"dry_run", dry_run}};
    Array named;
    for (const std::string& task_id : tasks) named.emplace_back(Object{{"task_id", task_id}});
    command.set("tasks", std::move(named));
    add_spread(call.body, command);
    call.add_note(command);
    return call.run(std::move(command), reply, [api](const Value& result) { return changed_instances_page(*api, result); });
  }
  Array rows;
  for (const TaskInstance& ti : must(call.api->reader().task_instances(run.no))) {
    if (meant.contains(ti.task_id))
      rows.emplace_back(
          Object{{"dag_id", run.dag_id}, {"run_id", run.run_id}, {"task_id", ti.task_id}, {"map_index", ti.map_index}});
  }
  std::vector<Value> notes;
  for (const std::string& task_id : meant) {
    Object command{{"command", "notes set"}, {"dag_id", run.dag_id}, {"run_id", run.run_id}, {"task_id", task_id}};
    if (!call.add_note(command))
      throw Refusal{422,
                    Array{problem("value_error", {Value("body")}, "Value error, `new_state` or `note` is needed", call.body)}};
    notes.emplace_back(std::move(command));
  }
  if (dry_run) notes.clear();
  run_all(call, std::move(notes), reply, [api, rows](const Outcomes& outcomes, const Array&) {
    for (const auto& error : outcomes) {
      if (error) throw refusal_of(*error);
    }
    return changed_instances_page(*api, Object{{"task_instances", rows}});
  });
}

void patch_task_group_instances(const Call& call, const Reply& reply) {
  patch_group(call, reply, false);
}
void patch_task_group_instances_dry_run(const Call& call, const Reply& reply) {
  patch_group(call, reply, true);
}

constexpr Field patch_group_members[] = {{"new_state", Field::Type::text},
                                         {"note", Field::Type::text},
                                         {"include_upstream", Field::Type::boolean, false, false},
                                         {"include_downstream", Field::Type::boolean, false, false},
                                         {"include_future", Field::Type::boolean, false, false},
                                         {"include_past", Field::Type::boolean, false, false}};

#define OF_GROUP "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/taskGroupInstances/{group_id}"

}  // namespace

std::span<const Endpoint> group_endpoints() {
  static const Endpoint list[] = {
      {"PATCH", OF_GROUP, "patch_task_group_instances", Permission::user, patch_task_group_instances, update_mask,
       patch_group_members},
      {"PATCH",
       OF_GROUP "/dry_run",
       "patch_task_group_instances_dry_run",
       Permission::user,
       patch_task_group_instances_dry_run,
       {},
       patch_group_members},
  };
  return list;
}

}  // namespace venturi::api
