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
template <class IsTaken>
int axis_of(const std::vector<std::vector<MappedSource>>& axes, const ExpandBase& list, IsTaken is_taken) {
  const bool is_zipped = list.sources().size() > 1;
  for (std::size_t axis = 0; is_zipped && axis < axes.size(); ++axis) {
    if (!is_taken(static_cast<int>(axis)) && is_same(axes[axis], list.sources())) return static_cast<int>(axis);
  }
  return -1;
}

}  // namespace

void take_expanded(TaskNode& task, const ExpandBase& list) {
  int axis = axis_of(task.axes, list, [&](int at) {
    return std::any_of(task.inputs.begin(), task.inputs.end(),
                       [&](const TaskInput& input) { return input.axis == at && input.list == list.which(); });
  });
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
  task.inputs.push_back({.from = &mapped.node(), .key = "return_value", .constant = {}, .gathers = true});
  add_edge(mapped.node(), task);
}

void take_item(TaskNode& task, const ItemBase& item) {
  TaskInput input;
  input.axis = item.axis;
  input.list = item.list;
  task.inputs.push_back(std::move(input));
  if (item.group != mapped_group_of(task)) {
    add_mistake(task,
                "it takes the item of task group " + item.group->group_id + ", in which it is not: make it in that group");
  }
}

MappedLists::MappedLists() = default;
MappedLists::MappedLists(const MappedLists&) = default;
MappedLists::~MappedLists() = default;

ItemBase MappedLists::take(const ExpandBase& list) {
  ItemBase item{.group = nullptr, .axis = -1, .list = list.which()};
  item.axis = axis_of(
      axes_, list, [&](int at) { return std::find(taken_.begin(), taken_.end(), std::pair(at, item.list)) != taken_.end(); });
  if (item.axis < 0) {
    item.axis = static_cast<int>(axes_.size());
    axes_.push_back(list.sources());
  }
  taken_.emplace_back(item.axis, item.list);
  return item;
}

void map_next_task(GroupNode& group, const MappedLists& lists, bool kwargs) {
  group.dag->next_axes = lists.axes();
  group.dag->next_expands_kwargs = kwargs;
}

GroupNode& add_mapped_group(GroupNode& around, std::string_view group_id, const TaskGroupOptions& options,
                            const MappedLists& lists) {
  GroupNode& group = TaskGroup(around).group(group_id, options).node();
  group.axes = lists.axes();
  for (const auto& axis : group.axes) {
    for (const MappedSource& source : axis) {
      if (source.task != nullptr) add_edge(TaskRef(*source.task), TaskGroup(group));
    }
  }
  return group;
}

const GroupNode* mapped_group_of(const TaskNode& task) {
  const GroupNode* group = task.group;
  while (group != nullptr && group->axes.empty()) group = group->around;
  return group;
}

const std::vector<std::vector<MappedSource>>& axes_of(const TaskNode& task) {
  const GroupNode* group = mapped_group_of(task);
  return group != nullptr ? group->axes : task.axes;
}

bool are_mapped_together(const TaskNode& a, const TaskNode& b) {
  const GroupNode* group = mapped_group_of(a);
  return group != nullptr && group == mapped_group_of(b);
}

}  // namespace detail

Expand<std::string> expand(std::initializer_list<const char*> constants) {
  return expand(std::vector<std::string>(constants.begin(), constants.end()));
}

}  // namespace venturi::inline sdk
