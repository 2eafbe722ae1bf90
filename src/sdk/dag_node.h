// What a DAG file builds: a bag of DAGs, each a list of tasks that point at one another. Mistakes are collected, not thrown, so
// that a file's author sees all of them at once.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "venturi/dag.h"
#include "venturi/own_fields.h"
#include "venturi/own_sensor.h"

namespace venturi::inline sdk {

namespace detail {

struct DagNode;

// A list that tasks are mapped over, or take whole: what a ListBase shares.
struct ListNode {
  enum class Kind : std::uint8_t { xcom, constant, concat, zip, map };
  Kind kind = Kind::constant;
  TaskNode* task = nullptr;  // of an XCom; where it is mapped, what all its instances gave
  std::string key = {};
  Value constant = {};
  std::vector<ListBase> parts = {};  // of concat and zip; of map, the one
  std::vector<Value> fills = {};     // of a zip that is as long as its longest part: a value for each
  const MapTable* map = nullptr;
  Shared target = {};  // of a map whose function has a state
};
// Calls `visit` for each XCom and constant in it, in order.
template <class Visit>
void for_each_source(const ListNode& list, const Visit& visit) {
  if (list.kind == ListNode::Kind::xcom || list.kind == ListNode::Kind::constant) return visit(list);
  for (const ListBase& part : list.parts) for_each_source(part.node(), visit);
}
[[nodiscard]] std::size_t source_count(const ListNode& list);
// Whether a function of the program takes part in it.
[[nodiscard]] bool is_computed(const ListNode& list);
// Of the axis of an input, the list that its items come from.
[[nodiscard]] const ListNode& zipped_part(const ListNode& axis, int list);

// One parameter of a task's function.
struct TaskInput {
  TaskNode* from = nullptr;  // nullptr: the constant; a mapped task: what all of its instances gave
  std::string key;
  Value constant;
  int axis = -1, list = 0;           // of axes_of(task): an item of this list
  bool gathers = false;              // what all instances of the task gave
  bool lazily = false;               // ... which the function reads itself
  std::vector<ListBase> whole = {};  // at most one: all items of this list
};

struct TaskNode {
  DagNode* dag = nullptr;
  GroupNode* group = nullptr;
  std::string task_id;  // with the ids of its groups
  std::string label;    // without
  TaskOptions options;  // with the DAG's default_args in it

  // A function of the program ...
  TaskKind kind = TaskKind::plain;
  const FunctionTable* function = nullptr;
  Shared target;
  std::vector<TaskInput> inputs;
  std::vector<ListBase> axes;   // what it is mapped over, each with each other
  bool expands_kwargs = false;  // its fields are the members of the items of the one list
  bool multiple_outputs = false;
  std::deque<std::string> member_keys;  // that member_key() gave out

  // ... a struct of the program's: what it takes from other tasks are its inputs too ...
  const OwnFields* own = nullptr;

  // ... a sensor of the program's, function or struct ...
  const SensorTable* sensor = nullptr;
  SensorOptions sensor_options;

  // ... or a built-in operator. Structs of the program's have these as well.
  std::string task_type;
  Object fields;  // in their serialized form
  std::vector<std::string_view> template_fields, template_ext;
  bool branches = false;  // it chooses among the tasks directly below it

  bool is_setup = false, is_teardown = false;
  TeardownOptions teardown;

  std::vector<TaskNode*> upstream, downstream;  // each once, in the order of the file
};

// A task group, or all of a DAG.
struct GroupNode {
  DagNode* dag = nullptr;
  GroupNode* around = nullptr;  // nullptr: this is the DAG
  std::string group_id;         // with the ids of the groups around it
  std::string label;
  TaskGroupOptions options;  // with default_args of those around it
  std::vector<Step> children;
  std::vector<ListBase> axes;  // of a mapped group: all its tasks are mapped over these

  [[nodiscard]] std::string child_id(std::string_view label_of_child) const;
  [[nodiscard]] bool contains(const TaskNode& task) const;
};

struct DagNode {
  std::string dag_id;
  DagOptions options;
  GroupNode root;
  std::vector<std::unique_ptr<GroupNode>> groups;
  std::vector<std::pair<Step, Step>>
      group_edges;  // in which a group takes part; become edges of tasks when all tasks are there
  std::vector<std::unique_ptr<TaskNode>> tasks;
  std::unordered_map<std::string_view, TaskNode*> by_id;  // the first of an id
  std::vector<ListBase> next_axes;                        // of the task that is going to be made
  bool next_expands_kwargs = false;
  std::vector<std::string> mistakes;  // "task x: ..."

  [[nodiscard]] TaskNode* find(std::string_view task_id) const;
};

// New tasks and edges; what is wrong with them becomes a mistake of the DAG.
TaskNode& add_node(GroupNode& group, std::string_view task_id, const TaskOptions& options, TaskKind kind = TaskKind::plain);
void add_edge(TaskNode& before, TaskNode& after);
void add_edge(const Step& before, const Step& after);
// After all tasks whose XComs are in the list.
void add_edges(const ListNode& list, TaskNode& after);
void add_mistake(TaskNode& task, std::string_view what);
// "count_orders" of what a compiler writes for Named<function>.
[[nodiscard]] std::string_view short_name(std::string_view pretty);

// The mapped group around it; nullptr: there is none.
[[nodiscard]] const GroupNode* mapped_group_of(const TaskNode& task);
// What it is mapped over, by itself or by its group.
[[nodiscard]] const std::vector<ListBase>& axes_of(const TaskNode& task);
// Whether instances of both with the same map_index belong together.
[[nodiscard]] bool are_mapped_together(const TaskNode& a, const TaskNode& b);

}  // namespace detail

struct DagBag::State {
  std::vector<std::unique_ptr<detail::DagNode>> dags;
  std::vector<std::string> mistakes;  // of the whole file

  [[nodiscard]] detail::DagNode* find(std::string_view dag_id) const;
};

namespace internal {

// Runs all VENTURI_DAG and VENTURI_DAGS of the program. What they throw becomes a mistake.
void make_dags(DagBag& bag);

// The edges that begin or end at a group, as edges of its tasks.
void connect_groups(detail::DagNode& dag);
// As in Airflow's TaskGroup.get_roots and get_leaves (sdk/definitions/taskgroup.py): leaves are looked for above teardowns.
[[nodiscard]] std::vector<detail::TaskNode*> roots_of(const detail::GroupNode& group);
[[nodiscard]] std::vector<detail::TaskNode*> leaves_of(const detail::GroupNode& group);

// What cannot be seen while a DAG is built: cycles, missing inputs, options that make no sense. Adds to its mistakes.
void check_dag(detail::DagNode& dag);

}  // namespace internal

}  // namespace venturi::inline sdk
