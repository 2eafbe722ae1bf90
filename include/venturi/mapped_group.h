// Mapped task groups and mapped operators: what dag.expand_group() and dag.partial() give. Included by dag.h.
#pragma once

#include <new>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "venturi/task_group.h"

namespace venturi::inline sdk::detail {

// Lists that something is mapped over. Those of one zip share an axis, in which each takes its place once.
class MappedLists {
 public:
  MappedLists();
  MappedLists(const MappedLists&);
  MappedLists& operator=(const MappedLists&) = delete;
  ~MappedLists();
  ItemBase take(const ExpandBase& list);
  [[nodiscard]] const std::vector<ListBase>& axes() const { return axes_; }

 private:
  std::vector<ListBase> axes_;
  std::vector<std::pair<int, int>> taken_;
};

// Runs after what gives its lists.
[[nodiscard]] GroupNode& add_mapped_group(GroupNode& around, std::string_view group_id, const TaskGroupOptions& options,
                                          const MappedLists& lists);
// The next task of the DAG is mapped over these; `kwargs`: its fields are the members of the one list's items.
void map_next_task(GroupNode& group, const MappedLists& lists, bool kwargs);

template <class T>
T from_group(const T& given) {
  return given;
}
template <class T>
Mapped<T> from_group(const Output<T>& given) {
  return gather(given);
}

template <class Body>
class GroupNeedsLists {
 public:
  GroupNeedsLists(GroupNode& around, std::string_view group_id, Body body, const TaskGroupOptions& options)
      : around_(around), group_id_(group_id), body_(std::move(body)), options_(options) {}

  // Each list is what expand() takes; several lists are combined each with each, those of zip() side by side.
  template <class... In>
  auto operator()(const In&... inputs) {
    static_assert(sizeof...(In) > 0, "a mapped task group needs a list: dag.expand_group(id, function)(list)");
    MappedLists lists;
    std::tuple<MappedItem<Item<In>>...> items{MappedItem<Item<In>>(lists.take(expand(inputs)))...};
    TaskGroup group(add_mapped_group(around_, group_id_, options_, lists));
    return std::apply(
        [&](auto&... each) {
          ((each.group = &group.node()), ...);
          if constexpr (std::is_void_v<decltype(body_(group, each...))>) {
            body_(group, each...);
            return group;
          } else {
            return from_group(body_(group, each...));
          }
        },
        items);
  }

 private:
  GroupNode& around_;
  std::string_view group_id_;
  Body body_;
  TaskGroupOptions options_;
};

// Of a field and its list, a field and its list, ...: whether the operator's items come from map().
template <class>
constexpr bool needs_program = false;
template <class L>
  requires requires { Expanded<L>::needs_program; }
constexpr bool needs_program<L> = Expanded<L>::needs_program;
template <class Op, bool needs_program>
struct MappedFields {
  static constexpr bool are_known_without_the_program = !needs_program || !Operator<Op>;
};

// An operator, built in or one's own.
template <class Op>
class PartialOperator {
 public:
  PartialOperator(GroupNode& group, std::string_view task_id, const Op& op, const TaskOptions& options)
      : group_(group), task_id_(task_id), op_(op), options_(options) {}

  // A field and its list, then the next field and its list, ...
  template <class F, class L, class... More>
  auto expand(F Op::* field, const L& list, const More&... more) const {
    static_assert(sizeof...(More) % 2 == 0, "expand() of an operator takes a field and its list, a field and its list, ...");
    static_assert(MappedFields<Op, (needs_program<L> || ... || needs_program<More>)>::are_known_without_the_program,
                  "a built-in operator is mapped over what a function of this program gives, map() (named before: the "
                  "operator), and it runs where that is not. Make a task of the function and expand over its results: "
                  "dag.task<function>()(expand(list))");
    MappedLists lists;
    Op op(op_);
    take(op, lists, field, list, more...);
    return add(op, lists, false);
  }
  // One instance for each item of a list, whose members are fields of the operator: those of a VENTURI_STRUCT, of a std::map,
  // or of a Value that is an object.
  template <class L>
  auto expand_kwargs(const L& list) const {
    static_assert(MappedFields<Op, needs_program<L>>::are_known_without_the_program,
                  "a built-in operator is mapped over what a function of this program gives, map() (named before: the "
                  "operator), and it runs where that is not. Make a task of the function and expand over its results: "
                  "dag.task<function>()(expand(list))");
    MappedLists lists;
    (void)lists.take(venturi::expand(list));
    return add(op_, lists, true);
  }

 private:
  template <class F, class L, class... More>
  static void take(Op& op, MappedLists& lists, F Op::* field, const L& list, const More&... more) {
    const MappedItem<Item<L>> item(lists.take(venturi::expand(list)));
    F* at = &(op.*field);  // a field cannot be assigned to
    at->~F();
    new (at) F(item);
    if constexpr (sizeof...(More) > 0) take(op, lists, more...);
  }
  template <class T>
  static Mapped<T> instances_of(const Output<T>& task) {
    return Mapped<T>(task.node());
  }
  static Refused instances_of(const Refused& refused) { return refused; }
  auto add(const Op& op, const MappedLists& lists, bool kwargs) const {
    map_next_task(group_, lists, kwargs);
    if constexpr (Operator<Op>)
      return Mapped<typename Op::Result>(add_operator(group_, op, options_));
    else
      return instances_of(AddOwn<Op>::add(group_, task_id_, op, options_));
  }

  GroupNode& group_;
  std::string_view task_id_;
  Op op_;
  TaskOptions options_;
};

}  // namespace venturi::inline sdk::detail
