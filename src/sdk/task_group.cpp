// Task groups, setups and teardowns.
#include "venturi/task_group.h"

#include <algorithm>

#include "sdk/dag_node.h"
#include "sdk/options.h"

namespace venturi::inline sdk {

namespace detail {

std::string GroupNode::child_id(std::string_view label_of_child) const {
  std::string id(label_of_child);
  return around == nullptr || !options.prefix_group_id ? id : group_id + "." + id;
}

bool GroupNode::contains(const TaskNode& task) const {
  for (const GroupNode* group = task.group; group != nullptr; group = group->around) {
    if (group == this) return true;
  }
  return false;
}

namespace {

DagNode& dag_of(const Step& step) {
  return step.task() != nullptr ? *step.task()->dag : *step.group()->dag;
}

std::string name_of(const Step& step) {
  if (step.task() != nullptr) return "task " + step.task()->task_id;
  return step.group()->around == nullptr ? "the DAG itself" : "task group " + step.group()->group_id;
}

bool is_within(const Step& step, const GroupNode& group) {
  const GroupNode* around = step.task() != nullptr ? step.task()->group : step.group()->around;
  for (; around != nullptr; around = around->around) {
    if (around == &group) return true;
  }
  return false;
}

}  // namespace

void add_edge(const Step& before, const Step& after) {
  if (before.task() != nullptr && after.task() != nullptr) return add_edge(*before.task(), *after.task());
  DagNode& dag = dag_of(after);
  if (&dag != &dag_of(before)) {
    dag.mistakes.push_back(name_of(after) + ": it shall run after " + name_of(before) + ", which is of another DAG, " +
                           dag_of(before).dag_id + ": tasks of different DAGs cannot depend on one another");
    return;
  }
  const bool overlap = (before.group() != nullptr && (before.group() == after.group() || is_within(after, *before.group()))) ||
                       (after.group() != nullptr && is_within(before, *after.group()));
  if (overlap) {
    dag.mistakes.push_back(name_of(after) + ": it shall run after " + name_of(before) +
                           ", and one of them is part of the other: take that dependency away");
    return;
  }
  dag.group_edges.emplace_back(before, after);
}

void make_setup(TaskNode& task) {
  if (task.is_teardown) return add_mistake(task, "it cannot be a setup and a teardown at once: take one of the two away");
  task.is_setup = true;
}

void make_teardown(TaskNode& task, const Tasks* setups, const TeardownOptions& options) {
  if (task.is_setup) return add_mistake(task, "it cannot be a setup and a teardown at once: take one of the two away");
  if (task.options.trigger_rule && *task.options.trigger_rule != TriggerRule::all_done_setup_success) {
    add_mistake(task,
                "a teardown has no trigger_rule of its own: it runs when all that is above it is done and a setup succeeded; "
                "take trigger_rule away");
  }
  task.is_teardown = true;
  task.teardown = options;
  if (setups == nullptr) return;
  for (const Step& setup : setups->list()) {
    if (setup.task() == nullptr) {
      add_mistake(task, "as_teardown() takes tasks, and " + name_of(setup) + " is none: name its setups");
      continue;
    }
    make_setup(*setup.task());
    add_edge(*setup.task(), task);
  }
}

}  // namespace detail

const std::string& TaskGroup::group_id() const {
  return node_->group_id;
}

TaskGroup TaskGroup::group(std::string_view group_id, const TaskGroupOptions& options) {
  detail::DagNode& dag = *node_->dag;
  detail::GroupNode& node = *dag.groups.emplace_back(std::make_unique<detail::GroupNode>());
  node.dag = &dag;
  node.around = node_;
  node.label = group_id;
  node.group_id = node_->child_id(group_id);
  node.options = options;
  node.options.default_args = internal::with_defaults(options.default_args, node_->options.default_args);
  const auto same =
      std::count_if(dag.groups.begin(), dag.groups.end(), [&](const auto& g) { return g->group_id == node.group_id; });
  if (!internal::is_valid_id(node.group_id)) {
    dag.mistakes.push_back("the group_id \"" + node.group_id + "\" is not allowed: " + std::string(internal::id_rule));
  } else if (same > 1) {
    dag.mistakes.push_back("two task groups have the group_id " + node.group_id + ": give each an id of its own");
  }
  const TaskGroup made(node);
  node_->children.emplace_back(made);
  return made;
}

namespace internal {
namespace {

using detail::GroupNode;
using detail::Step;
using detail::TaskNode;

void add_tasks(const GroupNode& group, std::vector<TaskNode*>& tasks) {
  for (const Step& child : group.children) {
    if (child.task() != nullptr)
      tasks.push_back(child.task());
    else
      add_tasks(*child.group(), tasks);
  }
}

bool has_one_within(const std::vector<TaskNode*>& tasks, const GroupNode& group) {
  return std::any_of(tasks.begin(), tasks.end(), [&](const TaskNode* task) { return group.contains(*task); });
}

void add_once(std::vector<TaskNode*>& list, TaskNode* task) {
  if (std::find(list.begin(), list.end(), task) == list.end()) list.push_back(task);
}

// In place of a teardown: what is above it and no teardown itself, nor the teardown's setup.
void add_first_above(const TaskNode& teardown, const GroupNode& group, std::vector<TaskNode*>& found) {
  for (TaskNode* above : teardown.upstream) {
    if (!group.contains(*above) || above->is_setup) continue;
    if (above->is_teardown)
      add_first_above(*above, group, found);
    else
      add_once(found, above);
  }
}

int depth_of(const GroupNode* group) {
  int depth = 0;
  for (; group->around != nullptr; group = group->around) ++depth;
  return depth;
}

// Of the innermost group that holds both sides of an edge.
int depth_around(const std::pair<Step, Step>& edge) {
  const auto around = [](const Step& step) { return step.task() != nullptr ? step.task()->group : step.group()->around; };
  const GroupNode* a = around(edge.first);
  const GroupNode* b = around(edge.second);
  while (a != b) (depth_of(a) >= depth_of(b) ? a : b) = (depth_of(a) >= depth_of(b) ? a : b)->around;
  return depth_of(a);
}

std::vector<TaskNode*> end_of(const Step& step, std::vector<TaskNode*> (*of_group)(const GroupNode&)) {
  return step.task() != nullptr ? std::vector<TaskNode*>{step.task()} : of_group(*step.group());
}

}  // namespace

std::vector<TaskNode*> roots_of(const GroupNode& group) {
  std::vector<TaskNode*> tasks, roots;
  add_tasks(group, tasks);
  for (TaskNode* task : tasks) {
    if (!has_one_within(task->upstream, group)) roots.push_back(task);
  }
  return roots;
}

std::vector<TaskNode*> leaves_of(const GroupNode& group) {
  std::vector<TaskNode*> tasks, leaves;
  add_tasks(group, tasks);
  for (TaskNode* task : tasks) {
    if (has_one_within(task->downstream, group)) continue;
    if (task->is_teardown)
      add_first_above(*task, group, leaves);
    else
      add_once(leaves, task);
  }
  return leaves;
}

// The inner ones first: they decide which tasks of the outer ones are the first and the last.
void connect_groups(detail::DagNode& dag) {
  std::vector<std::pair<int, std::size_t>> order;  // the deepest first, then as they were written
  for (std::size_t i = 0; i < dag.group_edges.size(); ++i) order.emplace_back(-depth_around(dag.group_edges[i]), i);
  std::sort(order.begin(), order.end());
  for (const auto& [depth, i] : order) {
    const auto& [before, after] = dag.group_edges[i];
    const std::vector<TaskNode*> firsts = end_of(before, leaves_of), seconds = end_of(after, roots_of);
    for (const auto& [step, tasks] : {std::pair(before, &firsts), std::pair(after, &seconds)}) {
      if (tasks->empty()) {
        dag.mistakes.push_back("task group " + step.group()->group_id +
                               " is put in order and has no tasks: give it one, or take it away");
      }
    }
    for (TaskNode* first : firsts) {
      for (TaskNode* second : seconds) add_edge(*first, *second);
    }
  }
}

}  // namespace internal

}  // namespace venturi::inline sdk
