// Tasks as a DAG file handles them: what they give, and in which order they run.
//
//   auto quality = dag.task<count_orders>()(postgres, csv);   // Output<Quality>: takes two outputs, runs after both
//   quality.get(&Report::subject)                             // one member of a struct, as an XCom of its own
//   decision >> report;  decision >> Tasks{a, b} >> last;     // order without data
//   create.as_setup() >> work >> remove.as_teardown(create);  // remove runs whatever became of work, if create did
#pragma once

#include <bit>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "venturi/type.h"

namespace venturi::inline sdk {

class TaskGroup;
class Tasks;
template <class T>
class Output;

struct TeardownOptions {
  bool on_failure_fail_dagrun = false;  // false: the run's outcome does not depend on the teardown's
};

namespace detail {
struct TaskNode;
struct GroupNode;
template <auto function>
struct Named;
template <class Function>
struct MapOf;
void make_setup(TaskNode& task);
void make_teardown(TaskNode& task, const Tasks* setups, const TeardownOptions& options);
// The XCom key under which a task gives a member of its result; makes the task give it.
[[nodiscard]] std::string_view member_key(TaskNode& task, std::string_view of, const Type& type, std::ptrdiff_t offset);
[[nodiscard]] std::string_view member_key(TaskNode& task, std::string_view of, std::string_view name);
}  // namespace detail

// Any task of a DAG.
class TaskRef {
 public:
  explicit TaskRef(detail::TaskNode& node) : node_(&node) {}
  [[nodiscard]] const std::string& task_id() const;
  [[nodiscard]] detail::TaskNode& node() const { return *node_; }

 private:
  detail::TaskNode* node_;
};

namespace detail {
// A task or a group of tasks: what can be put in order.
class Step {
 public:
  Step(const TaskRef& task) : task_(&task.node()) {}
  Step(const TaskGroup& group);
  [[nodiscard]] TaskNode* task() const { return task_; }     // nullptr for a group
  [[nodiscard]] GroupNode* group() const { return group_; }  // nullptr for a task

 private:
  TaskNode* task_ = nullptr;
  GroupNode* group_ = nullptr;
};
}  // namespace detail

// Several tasks at once, for >> and <<.
class Tasks {
 public:
  Tasks(std::initializer_list<detail::Step> steps);
  Tasks(const std::vector<TaskRef>& tasks);
  Tasks(const TaskRef& task);
  Tasks(const TaskGroup& group);
  Tasks(const Tasks&);
  Tasks& operator=(const Tasks&);
  ~Tasks();
  [[nodiscard]] const std::vector<detail::Step>& list() const { return steps_; }

 private:
  std::vector<detail::Step> steps_;
};

// The right one runs after the left one; each gives back the side from which a chain goes on. Of a group, the first ones run
// after what stands before it, and what stands behind it runs after its last ones (but for its teardowns).
const TaskRef& operator>>(const TaskRef& before, const TaskRef& after);
const TaskRef& operator<<(const TaskRef& after, const TaskRef& before);
const Tasks& operator>>(const TaskRef& before, const Tasks& after);
const TaskRef& operator>>(const Tasks& before, const TaskRef& after);
const Tasks& operator<<(const TaskRef& after, const Tasks& before);
const TaskRef& operator<<(const Tasks& after, const TaskRef& before);
const Tasks& operator>>(const Tasks& before, const Tasks& after);
const Tasks& operator<<(const Tasks& after, const Tasks& before);
// Each after the one before it; Tasks{...} among them stand side by side.
void chain(std::initializer_list<Tasks> tasks);

namespace detail {
// A task that can be a setup or a teardown; gives itself back.
template <class Self>
class SetupOrTeardown : public TaskRef {
 public:
  // As Airflow's. A teardown runs when what is above it has ended and one of its setups succeeded, has no trigger_rule of its
  // own, and runs after `setups`; tasks between the two wait for the setups, however far above they stand.
  const Self& as_setup() const {
    detail::make_setup(node());
    return static_cast<const Self&>(*this);
  }
  const Self& as_teardown(const TeardownOptions& options = {}) const {
    detail::make_teardown(node(), nullptr, options);
    return static_cast<const Self&>(*this);
  }
  const Self& as_teardown(const Tasks& setups, const TeardownOptions& options = {}) const {
    detail::make_teardown(node(), &setups, options);
    return static_cast<const Self&>(*this);
  }

 private:
  friend Self;
  explicit SetupOrTeardown(TaskNode& task) : TaskRef(task) {}
};
}  // namespace detail

// A task whose result is a T.
template <class T>
class Output : public detail::SetupOrTeardown<Output<T>> {
 public:
  explicit Output(detail::TaskNode& task, std::string_view key = "return_value")
      : detail::SetupOrTeardown<Output>(task), key_(key) {}
  [[nodiscard]] std::string_view key() const { return key_; }

  // A member of a VENTURI_STRUCT.
  template <class M, class S>
  [[nodiscard]] Output<M> get(M S::* member) const {
    static_assert(std::same_as<S, T>, "the member is of another struct than the task's result");
    return Output<M>(this->node(), detail::member_key(this->node(), key_, type_of<T>(), std::bit_cast<std::ptrdiff_t>(member)));
  }
  // An element of a std::map<std::string, M>.
  [[nodiscard]] auto get(std::string_view name) const
    requires requires { typename T::mapped_type; }
  {
    return Output<typename T::mapped_type>(this->node(), detail::member_key(this->node(), key_, name));
  }
  // Of a std::vector or Value: the list of what the function gives of each item (map_list.h).
  template <auto function>
  [[nodiscard]] auto map() const {
    return detail::MapOf<detail::Named<function>>::make(list_of(*this), function);
  }
  template <class F>
  [[nodiscard]] auto map(F function) const {
    return detail::MapOf<F>::make(list_of(*this), static_cast<F&&>(function));
  }

 private:
  std::string_view key_;  // of a constant table, or kept by the task
};

// A task that gives nothing: it can be put in order, but is no input.
template <>
class Output<void> : public detail::SetupOrTeardown<Output<void>> {
 public:
  explicit Output(detail::TaskNode& task) : detail::SetupOrTeardown<Output>(task) {}
};

}  // namespace venturi::inline sdk
