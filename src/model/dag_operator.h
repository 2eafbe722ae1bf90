// One operator of a serialized DAG.
#pragma once

#include <string>
#include <vector>

#include "model/dag.h"
#include "model/dag_fields.h"
#include "model/dag_graph.h"

namespace venturi {

// As it was declared: relations are names still, and the weight is the task's own.
struct DeclaredTask {
  Task task;
  WeightRule weight_rule = WeightRule::downstream;
  std::vector<std::string> downstream;
  struct List {
    std::string task_id = {}, key = {};  // empty: a constant
    std::int32_t length = 0;
    MappedList::Join join = MappedList::Join::none;
    std::vector<List> parts = {};
  };
  std::vector<List> mapped_over;
};

// "expand_input" of a mapped operator or task group.
void read_expand_input(Fields& fields, const Value* input, std::vector<DeclaredTask::List>& mapped_over);

// What does not fit is fields.error().
[[nodiscard]] DeclaredTask read_operator_members(Fields& fields, std::string task_id, const Value& serialized);
// has_on_*_callback and notifiers, of an operator or a DAG.
[[nodiscard]] Callbacks read_callbacks(Fields& fields);

}  // namespace venturi
