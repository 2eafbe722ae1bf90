// How an operator's struct becomes a task of its DAG: its fields, in serialized form.
#pragma once

#include <string>
#include <string_view>

#include "sdk/dag_node.h"
#include "venturi/field.h"

namespace venturi::inline sdk::detail {

class OperatorFields {
 public:
  OperatorFields(GroupNode& group, std::string_view task_type, std::string_view task_id, const TaskOptions& options);

  // Nothing where it was not given.
  OperatorFields& field(std::string_view name, const FieldBase& given);
  OperatorFields& required(std::string_view name, const FieldBase& given);
  // Airflow's template_fields: the same names as those that the host's registry calls templated. Then its template_ext, as the
  // registry has them: a text in one of the fields that ends with one of them is the name of a file with the template.
  OperatorFields& templates(std::initializer_list<std::string_view> names,
                            std::initializer_list<std::string_view> extensions = {});
  // It chooses among the tasks directly below it.
  OperatorFields& branches();

  [[nodiscard]] TaskNode& node() const { return node_; }

 private:
  TaskNode& node_;
};

}  // namespace venturi::inline sdk::detail
