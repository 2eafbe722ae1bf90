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

namespace venturi::inline sdk {

namespace detail {

// One parameter of a task's function.
struct TaskInput {
  TaskNode* from = nullptr;  // nullptr: the constant
  std::string key;
  Value constant;
};

struct TaskNode {
  DagNode* dag = nullptr;
  std::string task_id;
  TaskOptions options;  // with the DAG's default_args in it

  // A function of the program ...
  TaskKind kind = TaskKind::plain;
  const FunctionTable* function = nullptr;
  Shared target;
  std::vector<TaskInput> inputs;
  bool multiple_outputs = false;
  std::deque<std::string> member_keys;  // that member_key() gave out

  // ... or a built-in operator.
  std::string task_type;
  Object fields;  // in their serialized form
  std::vector<std::string_view> template_fields;
  bool branches = false;  // it chooses among the tasks directly below it

  std::vector<TaskNode*> upstream, downstream;  // each once, in the order of the file
};

struct DagNode {
  std::string dag_id;
  DagOptions options;
  std::vector<std::unique_ptr<TaskNode>> tasks;
  std::unordered_map<std::string_view, TaskNode*> by_id;  // the first of an id
  std::vector<std::string> mistakes;                      // "task x: ..."

  [[nodiscard]] TaskNode* find(std::string_view task_id) const;
};

// New tasks and edges; what is wrong with them becomes a mistake of the DAG.
TaskNode& add_node(DagNode& dag, std::string_view task_id, const TaskOptions& options, TaskKind kind = TaskKind::plain);
void add_edge(TaskNode& before, TaskNode& after);
void add_mistake(TaskNode& task, std::string_view what);

}  // namespace detail

struct DagBag::State {
  std::vector<std::unique_ptr<detail::DagNode>> dags;
  std::vector<std::string> mistakes;  // of the whole file

  [[nodiscard]] detail::DagNode* find(std::string_view dag_id) const;
};

namespace internal {

// Runs all VENTURI_DAG and VENTURI_DAGS of the program. What they throw becomes a mistake.
void make_dags(DagBag& bag);

// What cannot be seen while a DAG is built: cycles, missing inputs, options that make no sense. Adds to its mistakes.
void check_dag(detail::DagNode& dag);

}  // namespace internal

}  // namespace venturi::inline sdk
