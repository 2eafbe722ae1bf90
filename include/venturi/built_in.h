// For headers of providers: how the struct of a built-in operator says what it is. The struct is all there is of the operator
// in a DAG's program; what runs it is in the worker's (src/providers/NAME).
//
//   struct DeleteThingsOperator {
//     static constexpr std::string_view task_type = "DeleteThingsOperator";
//     std::string task_id{};
//     Field<std::string> folder{};  // required
//     Field<bool> recursive{};      // false
//     using Result = std::int64_t;  // what its output is, for tasks below
//
//     friend void fields_of(const DeleteThingsOperator& op, detail::OperatorFields& fields) {
//       fields.required("folder", op.folder).field("recursive", op.recursive).templates({"folder"});
//     }
//   };
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "venturi/field.h"
#include "venturi/sensor_options.h"
#include "venturi/task_options.h"

namespace venturi::inline sdk::detail {

struct GroupNode;
struct TaskNode;

// The members of a task that is made from such a struct, in serialized form.
class OperatorFields {
 public:
  OperatorFields(GroupNode& group, std::string_view task_type, std::string_view task_id, const TaskOptions& options);

  // Nothing where it was not given.
  OperatorFields& field(std::string_view name, const FieldBase& given);
  OperatorFields& required(std::string_view name, const FieldBase& given);
  // The same of a time, which the host gets in seconds.
  OperatorFields& duration(std::string_view name, const Option<Duration>& given);
  // Airflow's template_fields: the same names as those that the host's registry calls templated. Then its template_ext, as the
  // registry has them: a text in one of the fields that ends with one of them is the name of a file with the template.
  OperatorFields& templates(std::initializer_list<std::string_view> names,
                            std::initializer_list<std::string_view> extensions = {});
  // It chooses among the tasks directly below it.
  OperatorFields& branches();
  // It is a sensor, and has the members of SensorOptions and, where it can wait without a slot, `deferrable`.
  template <class Sensor>
  OperatorFields& sensor(const Sensor& op) {
    if constexpr (requires { op.deferrable; }) flag("deferrable", op.deferrable);
    return sensor_options({.poke_interval = op.poke_interval,
                           .timeout = op.timeout,
                           .max_wait = op.max_wait,
                           .mode = op.mode,
                           .soft_fail = op.soft_fail,
                           .never_fail = op.never_fail,
                           .silent_fail = op.silent_fail,
                           .exponential_backoff = op.exponential_backoff});
  }
  // What is wrong with the task, and what to do: an import error of the DAG.
  OperatorFields& mistake(const std::string& what);

  [[nodiscard]] TaskNode& node() const { return node_; }

 private:
  void flag(std::string_view name, const Option<bool>& given);
  OperatorFields& sensor_options(const SensorOptions& options);

  TaskNode& node_;
};

template <class Op>
concept BuiltIn = requires(const Op& op, OperatorFields& fields) {
  { Op::task_type } -> std::convertible_to<std::string_view>;
  fields_of(op, fields);
};

template <BuiltIn Op>
[[nodiscard]] TaskNode& add_operator(GroupNode& group, const Op& op, const TaskOptions& options) {
  OperatorFields fields(group, Op::task_type, op.task_id, options);
  fields_of(op, fields);
  return fields.node();
}

}  // namespace venturi::inline sdk::detail
