// Tasks, and groups of them: the functions that a DAG and its groups have in common.
#pragma once

#include <string>
#include <string_view>

#include "venturi/operators.h"
#include "venturi/output.h"
#include "venturi/sensor_options.h"
#include "venturi/task_function.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk {

struct TaskGroupOptions {
  std::string tooltip{};
  TaskOptions default_args{};   // for all tasks in it, before those of the group around it and the DAG's
  bool prefix_group_id = true;  // false: the ids of what is in it do not begin with the group's
};

namespace detail {
template <class Struct>
struct IsOwn {
  static constexpr bool is_known = false;
};
// In place of what venturi/own_operator.h and venturi/own_sensor.h have.
template <class Op>
struct AddOwn {
  static Refused add(GroupNode&, std::string_view, const Op&, const TaskOptions&) {
    static_assert(
        IsOwn<Op>::is_known,
        "dag.add() takes a built-in operator, whose header has to be included (venturi/sql.h, venturi/http.h, "
        "venturi/sensors.h, ...), or a struct of your own: #include <venturi/own_operator.h> (named before: the type)");
    return {};
  }
};
template <class Function, class F>
struct AddSensor {
  static Refused add(GroupNode&, std::string_view, const F&, const SensorOptions&, const TaskOptions&) {
    static_assert(IsOwn<Function>::is_known, "for dag.sensor(): #include <venturi/own_sensor.h> (named before: the sensor)");
    return {};
  }
};
template <class Body>
class GroupNeedsLists;
template <class Op>
class PartialOperator;
}  // namespace detail

// A DAG file puts tasks into a group, or straight into a DAG, which is the outermost group. The ids of tasks and groups in a
// group begin with its own: "extract.orders".
class TaskGroup {
 public:
  explicit TaskGroup(detail::GroupNode& node) : node_(&node) {}
  [[nodiscard]] const std::string& group_id() const;  // empty for a DAG

  // A group within: auto extract = dag.group("extract"); extract.task<orders>(); extract >> load;
  TaskGroup group(std::string_view group_id, const TaskGroupOptions& options = {});

  // A mapped group, made by a function for the items of lists: dag.expand_group("per_file", [](TaskGroup& group, const
  // MappedItem<std::string>& file) { ... })(files). Gives what the function returns; of an output, all that its instances gave.
  template <class Body>
  detail::GroupNeedsLists<Body> expand_group(std::string_view group_id, Body body, const TaskGroupOptions& options = {}) {
    return detail::GroupNeedsLists<Body>(*node_, group_id, static_cast<Body&&>(body), options);
  }

  // A task from a function: dag.task<count>() has the id "count". Where the function has parameters (beside a Context in the
  // first place), a second pair of parentheses takes an input for each: dag.task<count>()(orders, 10).
  template <auto function>
  auto task(const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::plain, detail::Named<function>>(*node_, function, {}, options);
  }
  template <auto function>
  auto task(std::string_view task_id, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::plain, detail::Named<function>>(*node_, function, task_id, options);
  }
  // From a lambda, with or without captures, or anything else that can be called.
  template <class F>
  auto task(std::string_view task_id, F function, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::plain, F>(*node_, static_cast<F&&>(function), task_id, options);
  }

  // The function returns the task_id of the task below that the run goes on with, or several (std::vector<std::string>), or
  // none (std::optional<std::string>): the others directly below are skipped.
  template <auto function>
  auto branch(const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::branch, detail::Named<function>>(*node_, function, {}, options);
  }
  template <auto function>
  auto branch(std::string_view task_id, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::branch, detail::Named<function>>(*node_, function, task_id, options);
  }
  template <class F>
  auto branch(std::string_view task_id, F function, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::branch, F>(*node_, static_cast<F&&>(function), task_id, options);
  }

  // The function returns whether the run goes on below; where not, everything below is skipped, or what is directly below
  // with .ignore_downstream_trigger_rules = false.
  template <auto function>
  auto short_circuit(const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::short_circuit, detail::Named<function>>(*node_, function, {}, options);
  }
  template <auto function>
  auto short_circuit(std::string_view task_id, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::short_circuit, detail::Named<function>>(*node_, function, task_id, options);
  }
  template <class F>
  auto short_circuit(std::string_view task_id, F function, const TaskOptions& options = {}) {
    return detail::make_task<detail::TaskKind::short_circuit, F>(*node_, static_cast<F&&>(function), task_id, options);
  }

  // A built-in operator.
  template <detail::Operator Op>
  Output<typename Op::Result> add(const Op& op, const TaskOptions& options = {}) {
    return Output<typename Op::Result>(add_operator(*node_, op, options));
  }
  // One of one's own (venturi/own_operator.h): a struct with execute(const Context&). Without a task_id it has the struct's
  // name.
  template <class Op>
    requires(!detail::Operator<Op>)
  auto add(const Op& op, const TaskOptions& options = {}) {
    return detail::AddOwn<Op>::add(*node_, {}, op, options);
  }
  template <class Op>
  auto add(std::string_view task_id, const Op& op, const TaskOptions& options = {}) {
    return detail::AddOwn<Op>::add(*node_, task_id, op, options);
  }

  // A sensor of one's own (venturi/own_sensor.h): a function, or a struct with poke(const Context&).
  template <auto function>
  auto sensor(const SensorOptions& sensor = {}, const TaskOptions& options = {}) {
    return detail::AddSensor<detail::Named<function>, decltype(function)>::add(*node_, {}, function, sensor, options);
  }
  template <auto function>
  auto sensor(std::string_view task_id, const SensorOptions& sensor = {}, const TaskOptions& options = {}) {
    return detail::AddSensor<detail::Named<function>, decltype(function)>::add(*node_, task_id, function, sensor, options);
  }
  template <class F>
  auto sensor(std::string_view task_id, F function, const SensorOptions& sensor = {}, const TaskOptions& options = {}) {
    return detail::AddSensor<F, F>::add(*node_, task_id, static_cast<F&&>(function), sensor, options);
  }

  // A mapped one: dag.partial(BashOperator{.task_id = "clean"}).expand(&BashOperator::bash_command, commands).
  template <detail::Operator Op>
  detail::PartialOperator<Op> partial(const Op& op, const TaskOptions& options = {}) {
    return {*node_, {}, op, options};
  }
  template <class Op>
    requires(!detail::Operator<Op>)
  detail::PartialOperator<Op> partial(const Op& op, const TaskOptions& options = {}) {
    return {*node_, {}, op, options};
  }
  template <class Op>
  detail::PartialOperator<Op> partial(std::string_view task_id, const Op& op, const TaskOptions& options = {}) {
    return {*node_, task_id, op, options};
  }
  Output<void> empty(std::string_view task_id, const TaskOptions& options = {});
  template <detail::Transferable T>
  Output<T> constant(std::string_view task_id, const T& value, const TaskOptions& options = {}) {
    return Output<T>(add_constant(task_id, to_value(value), options));
  }

  [[nodiscard]] detail::GroupNode& node() const { return *node_; }

 private:
  [[nodiscard]] detail::TaskNode& add_constant(std::string_view task_id, const Value& value, const TaskOptions& options);

  detail::GroupNode* node_;
};

}  // namespace venturi::inline sdk
