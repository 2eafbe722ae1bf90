// Inputs that a task is mapped over.
#include "venturi/mapping.h"

#include <algorithm>

#include "sdk/dag_node.h"

namespace venturi::inline sdk {

namespace detail {

ExpandBase::ExpandBase(const TaskRef& task, std::string_view key) {
  sources_.push_back({.task = &task.node(), .key = std::string(key), .constant = {}});
}
ExpandBase::ExpandBase(Value constant) {
  sources_.push_back({.task = nullptr, .key = {}, .constant = std::move(constant)});
}
ExpandBase::ExpandBase(const ExpandBase&) = default;
ExpandBase::~ExpandBase() = default;

void ExpandBase::zip(std::initializer_list<ExpandBase*> lists) {
  std::vector<MappedSource> all;
  for (const ExpandBase* list : lists) all.insert(all.end(), list->sources_.begin(), list->sources_.end());
  int which = 0;
  for (ExpandBase* list : lists) {
    list->which_ += which;
    which += static_cast<int>(list->sources_.size());
    list->sources_ = all;
  }
}

namespace {

bool is_same(const std::vector<MappedSource>& a, const std::vector<MappedSource>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const MappedSource& x, const MappedSource& y) {
    return x.task == y.task && x.key == y.key && x.constant == y.constant;
  });
}

// Lists that were zipped share an axis; each takes its place in it once.
int axis_of(const TaskNode& task, const ExpandBase& list) {
  const bool is_zipped = list.sources().size() > 1;
  for (std::size_t axis = 0; is_zipped && axis < task.axes.size(); ++axis) {
    const bool is_taken = std::any_of(task.inputs.begin(), task.inputs.end(), [&](const TaskInput& input) {
      return input.axis == static_cast<int>(axis) && input.list == list.which();
    });
    if (!is_taken && is_same(task.axes[axis], list.sources())) return static_cast<int>(axis);
  }
  return -1;
}

}  // namespace

void take_expanded(TaskNode& task, const ExpandBase& list) {
  int axis = axis_of(task, list);
  if (axis < 0) {
    axis = static_cast<int>(task.axes.size());
    task.axes.push_back(list.sources());
    for (const MappedSource& source : list.sources()) {
      if (source.task != nullptr) add_edge(*source.task, task);
    }
  }
  TaskInput input;
  input.axis = axis;
  input.list = list.which();
  task.inputs.push_back(std::move(input));
}

void take_instances(TaskNode& task, const TaskRef& mapped) {
  task.inputs.push_back({.from = &mapped.node(), .key = "return_value", .constant = {}});
  add_edge(mapped.node(), task);
}

}  // namespace detail

Expand<std::string> expand(std::initializer_list<const char*> constants) {
  return expand(std::vector<std::string>(constants.begin(), constants.end()));
}

}  // namespace venturi::inline sdk
