// Building DAGs: what the public headers call.
#include "venturi/dag.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include "sdk/dag_node.h"
#include "sdk/options.h"

namespace venturi::inline sdk {

namespace detail {
namespace {

void add_once(std::vector<TaskNode*>& list, TaskNode& node) {
  if (std::find(list.begin(), list.end(), &node) == list.end()) list.push_back(&node);
}

}  // namespace

//   clang: "... name() [function = &ns::count_orders]"      g++: "... name() [with auto function = ns::count_orders; ...]"
std::string_view short_name(std::string_view pretty) {
  constexpr std::string_view mark = "function = ";
  const std::size_t start = pretty.find(mark);
  if (start == std::string_view::npos) return {};
  std::string_view name = pretty.substr(start + mark.size());
  name = name.substr(0, name.find_first_of(";]"));
  name = name.substr(0, name.find('<'));  // of a function template
  if (const std::size_t scope = name.rfind("::"); scope != std::string_view::npos) name.remove_prefix(scope + 2);
  while (!name.empty() && (name.front() == '&' || name.front() == '(')) name.remove_prefix(1);
  while (!name.empty() && name.back() == ')') name.remove_suffix(1);
  return name;
}

TaskNode* DagNode::find(std::string_view task_id) const {
  const auto found = by_id.find(task_id);
  return found == by_id.end() ? nullptr : found->second;
}

void add_mistake(TaskNode& task, std::string_view what) {
  task.dag->mistakes.push_back("task " + task.task_id + ": " + std::string(what));
}

TaskNode& add_node(GroupNode& group, std::string_view label, const TaskOptions& options, TaskKind kind) {
  DagNode& dag = *group.dag;
  dag.tasks.push_back(std::make_unique<TaskNode>());
  TaskNode& node = *dag.tasks.back();
  node.dag = &dag;
  node.group = &group;
  node.label = label;
  node.task_id = group.child_id(label);
  node.kind = kind;
  node.options = internal::with_defaults(options, group.options.default_args);
  node.axes = std::exchange(dag.next_axes, {});
  node.expands_kwargs = std::exchange(dag.next_expands_kwargs, false);
  group.children.emplace_back(TaskRef(node));
  if (!internal::is_valid_id(node.task_id)) {
    dag.mistakes.push_back("the task_id \"" + node.task_id + "\" is not allowed: " + std::string(internal::id_rule));
  } else if (!dag.by_id.emplace(node.task_id, &node).second) {
    dag.mistakes.push_back("two tasks have the task_id " + node.task_id + ": give each task of a DAG an id of its own");
  }
  for (const ListBase& axis : node.axes) add_edges(axis.node(), node);
  if (options.ignore_downstream_trigger_rules && kind != TaskKind::short_circuit) {
    add_mistake(node, "ignore_downstream_trigger_rules is an option of short circuits: take it away");
  }
  return node;
}

void add_edge(TaskNode& before, TaskNode& after) {
  if (before.dag != after.dag) {
    return add_mistake(after, "it shall run after task " + before.task_id + ", which is of another DAG, " + before.dag->dag_id +
                                  ": tasks of different DAGs cannot depend on one another");
  }
  if (&before == &after) return add_mistake(after, "it shall run after itself: take that dependency away");
  add_once(before.downstream, after);
  add_once(after.upstream, before);
}

TaskNode& add_function(GroupNode& group, TaskKind kind, std::string_view task_id, const FunctionTable& table,
                       const TaskOptions& options, const void* target, void (*destroy)(const void* target)) {
  Shared owned;
  if (target != nullptr) owned = Shared(target, destroy);
  TaskNode& node = add_node(group, task_id.empty() ? short_name(table.name) : task_id, options, kind);
  node.function = &table;
  node.target = std::move(owned);
  node.multiple_outputs = node.options.multiple_outputs.value_or(false);
  return node;
}

void take_output(TaskNode& task, const TaskRef& from, std::string_view key) {
  task.inputs.push_back({.from = &from.node(), .key = std::string(key), .constant = {}});
  add_edge(from.node(), task);
}

void take_constant(TaskNode& task, const void* value, const Type& type) {
  TaskInput input;
  try {
    type.write(type, value, input.constant);
  } catch (const std::exception& e) {
    add_mistake(task, "input " + std::to_string(task.inputs.size() + 1) + ": " + e.what());
  }
  task.inputs.push_back(std::move(input));
}

void constant_out_of_range(TaskNode& task, std::string_view type) {
  add_mistake(task, "input " + std::to_string(task.inputs.size() + 1) + ": the constant does not fit the parameter's type " +
                        std::string(type));
  task.inputs.push_back({});
}

std::string_view member_key(TaskNode& task, std::string_view of, const Type& type, std::ptrdiff_t offset) {
  for (std::size_t i = 0; i < type.field_count; ++i) {
    if (type.fields[i].offset == static_cast<std::size_t>(offset)) return member_key(task, of, type.fields[i].name);
  }
  add_mistake(task,
              "get() asks for a member that VENTURI_STRUCT(" + std::string(type.name) + ", ...) does not list: add it there");
  return of;
}

std::string_view member_key(TaskNode& task, std::string_view of, std::string_view name) {
  if (of != "return_value") {
    add_mistake(task, "get() asks for a member of its result's member " + std::string(of) +
                          ", and only those of the result itself are XComs: take that one, and its member in the next task");
  }
  task.multiple_outputs = true;
  return task.member_keys.emplace_back(name);
}

}  // namespace detail

const std::string& TaskRef::task_id() const {
  return node_->task_id;
}

detail::Step::Step(const TaskGroup& group) : group_(&group.node()) {}

Tasks::Tasks(std::initializer_list<detail::Step> steps) : steps_(steps) {}
Tasks::Tasks(const std::vector<TaskRef>& tasks) : steps_(tasks.begin(), tasks.end()) {}
Tasks::Tasks(const TaskRef& task) : steps_{task} {}
Tasks::Tasks(const TaskGroup& group) : steps_{group} {}
Tasks::Tasks(const Tasks&) = default;
Tasks& Tasks::operator=(const Tasks&) = default;
Tasks::~Tasks() = default;

// NOLINTBEGIN(bugprone-return-const-ref-from-parameter): for chains, in whose expression temporaries live on
const TaskRef& operator>>(const TaskRef& before, const TaskRef& after) {
  detail::add_edge(before.node(), after.node());
  return after;
}
const TaskRef& operator<<(const TaskRef& after, const TaskRef& before) {
  detail::add_edge(before.node(), after.node());
  return before;
}
const Tasks& operator>>(const TaskRef& before, const Tasks& after) {
  for (const detail::Step& step : after.list()) detail::add_edge(before, step);
  return after;
}
const TaskRef& operator>>(const Tasks& before, const TaskRef& after) {
  for (const detail::Step& step : before.list()) detail::add_edge(step, after);
  return after;
}
const Tasks& operator<<(const TaskRef& after, const Tasks& before) {
  before >> after;
  return before;
}
const TaskRef& operator<<(const Tasks& after, const TaskRef& before) {
  before >> after;
  return before;
}
const Tasks& operator>>(const Tasks& before, const Tasks& after) {
  for (const detail::Step& first : before.list()) {
    for (const detail::Step& second : after.list()) detail::add_edge(first, second);
  }
  return after;
}
const Tasks& operator<<(const Tasks& after, const Tasks& before) {
  before >> after;
  return before;
}
// NOLINTEND(bugprone-return-const-ref-from-parameter)
void chain(std::initializer_list<Tasks> tasks) {
  const Tasks* before = nullptr;
  for (const Tasks& next : tasks) {
    if (before != nullptr) *before >> next;
    before = &next;
  }
}

Dag::Dag(detail::DagNode& node) : TaskGroup(node.root) {}

const std::string& Dag::dag_id() const {
  return node().dag->dag_id;
}

DagBag::DagBag() : state_(new State) {}
DagBag::~DagBag() = default;

detail::DagNode* DagBag::State::find(std::string_view dag_id) const {
  for (const auto& dag : dags) {
    if (dag->dag_id == dag_id) return dag.get();
  }
  return nullptr;
}

Dag DagBag::add(std::string_view dag_id, const DagOptions& options) {
  State& s = *state_;
  if (!internal::is_valid_id(dag_id)) {
    s.mistakes.push_back("the dag_id \"" + std::string(dag_id) + "\" is not allowed: " + std::string(internal::id_rule));
  } else if (s.find(dag_id) != nullptr) {
    s.mistakes.push_back("two DAGs have the dag_id " + std::string(dag_id) + ": give each an id of its own");
  }
  s.dags.push_back(std::make_unique<detail::DagNode>());
  detail::DagNode& dag = *s.dags.back();
  dag.dag_id = dag_id;
  dag.options = options;
  dag.root.dag = &dag;
  dag.root.options.default_args = options.default_args;
  return Dag(dag);
}

// ---- all DAGs of the program ---------------------------------------------------------------------------------------------

extern "C" {
// Where the linker puts what lies in the section of VENTURI_DETAIL_DECLARE; both absent in a program without DAGs.
// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
[[gnu::weak]] extern const detail::Declaration __start_venturi_dags[];
[[gnu::weak]] extern const detail::Declaration __stop_venturi_dags[];
// NOLINTEND(bugprone-reserved-identifier)
}

namespace internal {

namespace {
// In the order of the file: compilers put them into the section in any order.
std::vector<const detail::Declaration*> declarations() {
  std::vector<const detail::Declaration*> all;
  for (const detail::Declaration* d = __start_venturi_dags; d != __stop_venturi_dags; ++d) all.push_back(d);
  std::sort(all.begin(), all.end(), [](const detail::Declaration* a, const detail::Declaration* b) {
    const int files = std::strcmp(a->file, b->file);
    return files != 0 ? files < 0 : a->line < b->line;
  });
  return all;
}
}  // namespace

void make_dags(DagBag& bag) {
  DagBag::State& state = bag.state();
  for (const detail::Declaration* d : declarations()) {
    const std::size_t before = state.dags.size();
    const auto failed = [&](const std::string& what) {
      std::string where = d->dag_id != nullptr ? "dag " + std::string(d->dag_id) : std::string("VENTURI_DAGS");
      if (d->dag_id == nullptr && state.dags.size() > before) where += ", at or after dag " + state.dags.back()->dag_id;
      state.mistakes.push_back(where + ": its definition ended with an exception: " + what);
      if (d->dag_id != nullptr) state.dags.resize(before);  // half of a DAG is none
    };
    try {
      d->make(bag);
    } catch (const std::exception& e) {
      failed(e.what());
    } catch (...) {
      failed("of a type that is no std::exception");
    }
  }
  for (const auto& dag : state.dags) {
    connect_groups(*dag);
    check_dag(*dag);
  }
}

}  // namespace internal

}  // namespace venturi::inline sdk
