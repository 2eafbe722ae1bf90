#include "sdk/dag_node.h"
#include "sdk/sensor_fields.h"
#include "venturi/built_in.h"

namespace venturi::inline sdk::detail {

OperatorFields::OperatorFields(GroupNode& group, std::string_view task_type, std::string_view task_id,
                               const TaskOptions& options)
    : node_(add_node(group, task_id, options)) {
  node_.task_type = task_type;
  if (options.light.value_or(false))
    add_mistake(node_, "light is an option of functions: a built-in operator needs none, take it away");
  if (options.multiple_outputs.value_or(false)) {
    add_mistake(node_, "multiple_outputs is an option of functions: take it away");
  }
  if (options.do_xcom_push) {
    add_mistake(node_, "do_xcom_push is an option of functions and of operators of your own: take it away");
  }
}

OperatorFields& OperatorFields::field(std::string_view name, const FieldBase& given) {
  if (!given.is_given()) return *this;
  node_.fields.add(std::string(name), given.value());
  for (TaskNode* upstream : given.upstream()) add_edge(*upstream, node_);
  return *this;
}

OperatorFields& OperatorFields::required(std::string_view name, const FieldBase& given) {
  if (!given.is_given() && !node_.expands_kwargs)
    add_mistake(node_, node_.task_type + " needs ." + std::string(name) + ": give it");
  return field(name, given);
}

OperatorFields& OperatorFields::duration(std::string_view name, const Option<Duration>& given) {
  if (!given) return *this;
  if (*given < Duration::zero()) add_mistake(node_, std::string(name) + " has to be at least 0");
  add_value(node_, name, seconds_of(*given));
  return *this;
}

OperatorFields& OperatorFields::templates(std::initializer_list<std::string_view> names,
                                          std::initializer_list<std::string_view> extensions) {
  node_.template_fields.assign(names.begin(), names.end());
  node_.template_ext.assign(extensions.begin(), extensions.end());
  return *this;
}

OperatorFields& OperatorFields::mistake(const std::string& what) {
  add_mistake(node_, what);
  return *this;
}

void OperatorFields::flag(std::string_view name, const Option<bool>& given) {
  add_flag(node_, name, given);
}

OperatorFields& OperatorFields::sensor_options(const SensorOptions& options) {
  add_sensor_fields(node_, options);
  return *this;
}

OperatorFields& OperatorFields::branches() {
  node_.branches = true;
  return *this;
}

}  // namespace venturi::inline sdk::detail
