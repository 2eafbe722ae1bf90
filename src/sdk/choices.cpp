#include "venturi/choices.h"

#include "sdk/sensor_fields.h"

namespace venturi::inline sdk::detail {
namespace {

template <class Op>
void add_choice(OperatorFields& fields, const Op& op) {
  fields.required("follow_task_ids_if_true", op.follow_task_ids_if_true)
      .required("follow_task_ids_if_false", op.follow_task_ids_if_false)
      .field("use_task_logical_date", op.use_task_logical_date)
      .branches();
  const std::string& zone = fields.node().dag->options.timezone;
  if (!zone.empty()) add_value(fields, "timezone", zone);
}

void add_bound(OperatorFields& fields, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  const bool of_day = text.find_first_not_of("0123456789:.") == std::string::npos;
  if (!parse_time(of_day ? "1970-01-01T" + text : text)) {
    add_mistake(
        fields.node(),
        std::string(name) + " has to be a date and time like \"2026-01-31T07:30:00+01:00\" or a time of day like \"07:30\"");
  }
  add_value(fields, name, text);
}

}  // namespace

TaskNode& add_operator(GroupNode& group, const LatestOnlyOperator& op, const TaskOptions& options) {
  return OperatorFields(group, "LatestOnlyOperator", op.task_id, options).branches().node();
}

TaskNode& add_operator(GroupNode& group, const BranchDayOfWeekOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "BranchDayOfWeekOperator", op.task_id, options);
  add_week_days(fields, op.week_day);
  add_choice(fields, op);
  return fields.node();
}

TaskNode& add_operator(GroupNode& group, const BranchDateTimeOperator& op, const TaskOptions& options) {
  OperatorFields fields(group, "BranchDateTimeOperator", op.task_id, options);
  add_bound(fields, "target_lower", op.target_lower);
  add_bound(fields, "target_upper", op.target_upper);
  if (op.target_lower.empty() && op.target_upper.empty())
    add_mistake(fields.node(), "BranchDateTimeOperator needs .target_lower or .target_upper: give one, or both");
  add_choice(fields, op);
  return fields.node();
}

}  // namespace venturi::inline sdk::detail
