// Mapped tasks (Airflow's expand): one instance of a task for each item of a list that is known only while the run goes on.
//
//   auto files = dag.task<list_files>();                                  // std::vector<std::string>
//   auto sizes = dag.task<measure>()(expand(files), "bytes");             // measure(const std::string&, const std::string&),
//                                                                         // each file
//   dag.task<total>()(sizes);                                             // total(const std::vector<std::int64_t>&): all
//
//   dag.task<load>()(expand(files), expand({"eu", "us"}));                // each with each
//   auto [file, size] = zip(files, sizes);  dag.task<pack>()(file, size); // side by side, as long as the shortest
//
// Several tasks for each item are a mapped group: each instance of the second follows its own of the first.
//
//   auto rows = dag.expand_group("per_file", [](TaskGroup& group, const MappedItem<std::string>& file) {
//     return group.task<load>()(group.task<download>()(file));
//   })(files);
//
// Fields of a built-in operator:
//
//   dag.partial(BashOperator{.task_id = "clean"}).expand(&BashOperator::bash_command, commands);
//
// What is not expanded is the same for all of them (Airflow's partial). Of a task that is mapped over an empty list the one
// task instance is skipped. [core] max_map_length bounds the lists.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/output.h"
#include "venturi/type.h"
#include "venturi/value.h"

namespace venturi::inline sdk {

namespace detail {
struct MappedSource {
  TaskNode* task = nullptr;  // nullptr: the constant
  std::string key;
  Value constant;
};
// Which list of a mapped group, or of a mapped operator: a list of an axis.
struct ItemBase {
  const GroupNode* group = nullptr;
  int axis = 0, list = 0;
};
// One of the lists of an axis.
class ExpandBase {
 public:
  ExpandBase(const TaskRef& task, std::string_view key);
  explicit ExpandBase(Value constant);
  ExpandBase(const ExpandBase&);
  ExpandBase& operator=(const ExpandBase&) = delete;
  ~ExpandBase();
  [[nodiscard]] const std::vector<MappedSource>& sources() const { return sources_; }
  [[nodiscard]] int which() const { return which_; }
  // From now on they go side by side.
  static void zip(std::initializer_list<ExpandBase*> lists);

 private:
  std::vector<MappedSource> sources_;
  int which_ = 0;
};
}  // namespace detail

// A mapped task, each instance of which gives a T: as an input, a std::vector<T> of what they gave, in order.
template <class T>
class Mapped : public TaskRef {
 public:
  explicit Mapped(detail::TaskNode& task) : TaskRef(task) {}
};

// All that the instances of a task in a mapped group gave, in order: for tasks outside of the group. What the group's function
// returns is that already.
template <class T>
[[nodiscard]] Mapped<T> gather(const Output<T>& in_group) {
  return Mapped<T>(in_group.node());
}

// In a mapped group: an item of a list, of each instance its own. An input of the group's tasks, and a field of its operators.
template <class T>
class MappedItem : public detail::ItemBase {
 public:
  explicit MappedItem(const detail::ItemBase& item) : ItemBase(item) {}
};

// An input of which each instance of a mapped task takes one T.
template <class T>
class Expand : public detail::ExpandBase {
 public:
  using ExpandBase::ExpandBase;
};

template <class T>
[[nodiscard]] Expand<T> expand(const Output<std::vector<T>>& list) {
  return Expand<T>(list, list.key());
}
// Whatever it gives has to be a list, or its task fails; of an object the items are [key, value].
[[nodiscard]] inline Expand<Value> expand(const Output<Value>& list) {
  return Expand<Value>(list, list.key());
}
template <class T>
[[nodiscard]] Expand<T> expand(const Mapped<T>& instances) {
  return Expand<T>(instances, "return_value");
}
template <class T>
[[nodiscard]] Expand<T> expand(const std::vector<T>& constants) {
  return Expand<T>(to_value(constants));
}
template <class T>
[[nodiscard]] Expand<T> expand(std::initializer_list<T> constants) {
  return expand(std::vector<T>(constants));
}
[[nodiscard]] Expand<std::string> expand(std::initializer_list<const char*> constants);
template <class T>
[[nodiscard]] Expand<T> expand(const Expand<T>& already) {
  return already;
}

namespace detail {
template <class T>
T item_of(const Expand<T>&);
template <class L>
using Item = decltype(item_of(expand(static_cast<const L&>(*static_cast<const L*>(nullptr)))));
}  // namespace detail

template <class A, class B>
struct Zipped {
  Expand<A> first;
  Expand<B> second;
};
template <class A, class B, class C>
struct ZippedThree {
  Expand<A> first;
  Expand<B> second;
  Expand<C> third;
};
// For structured bindings; each argument is what expand() takes.
template <class A, class B>
[[nodiscard]] auto zip(const A& a, const B& b) {
  Zipped<detail::Item<A>, detail::Item<B>> zipped{expand(a), expand(b)};
  detail::ExpandBase::zip({&zipped.first, &zipped.second});
  return zipped;
}
template <class A, class B, class C>
[[nodiscard]] auto zip(const A& a, const B& b, const C& c) {
  ZippedThree<detail::Item<A>, detail::Item<B>, detail::Item<C>> zipped{expand(a), expand(b), expand(c)};
  detail::ExpandBase::zip({&zipped.first, &zipped.second, &zipped.third});
  return zipped;
}

}  // namespace venturi::inline sdk
