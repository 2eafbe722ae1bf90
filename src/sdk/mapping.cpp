// Lists, and inputs that a task is mapped over.
#include "venturi/mapping.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sdk/dag_node.h"

namespace venturi::inline sdk {

namespace detail {

ListBase::ListBase(const TaskRef& task, std::string_view key)
    : ListBase(new ListNode{.kind = ListNode::Kind::xcom, .task = &task.node(), .key = std::string(key)}) {}
ListBase::ListBase(const Value& constant) : ListBase(new ListNode{.kind = ListNode::Kind::constant, .constant = constant}) {}
ListBase::ListBase(const ListNode* made) : node_(made, destroy<ListNode>) {}

ListBase joined(Join join, std::initializer_list<ListBase> parts) {
  const auto kind = join == Join::concat ? ListNode::Kind::concat : ListNode::Kind::zip;
  return ListBase(new ListNode{.kind = kind, .parts = parts});
}

ListBase filled(const ListBase& zip, std::vector<Value> fills) {
  return ListBase(new ListNode{.kind = ListNode::Kind::zip, .parts = zip.node().parts, .fills = std::move(fills)});
}

ListBase mapped(const ListBase& list, const MapTable& table, const void* target, void (*destroy)(const void* target)) {
  Shared owned;
  if (target != nullptr) owned = Shared(target, destroy);
  return ListBase(new ListNode{.kind = ListNode::Kind::map, .parts = {list}, .map = &table, .target = std::move(owned)});
}

const ListBase& whole_list(const ExpandBase& expanded) {
  if (expanded.list().node().kind == ListNode::Kind::zip) {
    throw std::invalid_argument(
        "zip() and concat() take lists, and not one of those that another zip() gave: zip all of them at once, or make one "
        "list of that zip with map()");
  }
  return expanded.list();
}

void MapCall::read(std::size_t index, void* to, const Type& type) {
  const bool has_it = is_spread_ && item_.is_array() && index < item_.as_array().size();
  type.read(type, has_it ? item_.as_array()[index] : item_, to, Reading{.run_dir = run_dir_, .what = what_});
}

void MapCall::result(const void* value, const Type& type) {
  type.write(type, value, result_);
}

std::size_t source_count(const ListNode& list) {
  std::size_t count = 0;
  for_each_source(list, [&](const ListNode&) { ++count; });
  return count;
}

bool is_computed(const ListNode& list) {
  return list.kind == ListNode::Kind::map ||
         std::any_of(list.parts.begin(), list.parts.end(), [](const ListBase& part) { return is_computed(part.node()); });
}

const ListNode& zipped_part(const ListNode& axis, int list) {
  return axis.kind == ListNode::Kind::zip ? axis.parts.at(static_cast<std::size_t>(list)).node() : axis;
}

void add_edges(const ListNode& list, TaskNode& after) {
  for_each_source(list, [&](const ListNode& source) {
    if (source.task != nullptr) add_edge(*source.task, after);
  });
}

namespace {

// Lists of one zip share an axis; each takes its place in it once.
template <class IsTaken>
int axis_of(const std::vector<ListBase>& axes, const ExpandBase& list, IsTaken is_taken) {
  const bool is_zipped = list.list().node().kind == ListNode::Kind::zip;
  for (std::size_t axis = 0; is_zipped && axis < axes.size(); ++axis) {
    if (!is_taken(static_cast<int>(axis)) && &axes[axis].node() == &list.list().node()) return static_cast<int>(axis);
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
    task.axes.push_back(list.list());
    add_edges(list.list().node(), task);
  }
  TaskInput input;
  input.axis = axis;
  input.list = list.which();
  task.inputs.push_back(std::move(input));
}

void take_list(TaskNode& task, const ListBase& list) {
  TaskInput input;
  input.whole.push_back(list);
  task.inputs.push_back(std::move(input));
  add_edges(list.node(), task);
}

void take_instances(TaskNode& task, const TaskRef& mapped, bool lazily) {
  task.inputs.push_back({.from = &mapped.node(), .key = "return_value", .constant = {}, .gathers = true, .lazily = lazily});
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
    axes_.push_back(list.list());
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
  for (const ListBase& axis : group.axes) {
    for_each_source(axis.node(), [&](const ListNode& source) {
      if (source.task != nullptr) add_edge(TaskRef(*source.task), TaskGroup(group));
    });
  }
  return group;
}

const GroupNode* mapped_group_of(const TaskNode& task) {
  const GroupNode* group = task.group;
  while (group != nullptr && group->axes.empty()) group = group->around;
  return group;
}

const std::vector<ListBase>& axes_of(const TaskNode& task) {
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
