#include "sdk/own_weight.h"

#include "venturi/weight.h"

namespace venturi::inline sdk {

PriorityWeightStrategy::~PriorityWeightStrategy() = default;

WeightRuleOption::WeightRuleOption(const WeightRuleOption& other) = default;
WeightRuleOption::WeightRuleOption(WeightRuleOption&& other) noexcept = default;
WeightRuleOption& WeightRuleOption::operator=(const WeightRuleOption& other) = default;
WeightRuleOption& WeightRuleOption::operator=(WeightRuleOption&& other) noexcept = default;
WeightRuleOption::~WeightRuleOption() = default;
WeightRuleOption::WeightRuleOption(const PriorityWeightStrategy* own, std::string_view name)
    : is_given_(true), object_(own, detail::destroy<PriorityWeightStrategy>), own_(own), name_(name) {}

namespace internal {

Object ask_weights(const detail::DagNode& dag, const Value& question) {
  const Value& run = question.at("run");
  TaskInstanceInfo info;
  info.dag_id = dag.dag_id;
  info.run_id = run.get_string("run_id");
  info.run_type = run.get_string("run_type");
  info.logical_date = parse_time(run.get_string("logical_date"));
  info.run_after = parse_time(run.get_string("run_after")).value();
  info.conf = run.get_value("conf");
  Array weights;
  for (const Value& ti : question.at("task_instances").as_array()) {
    info.task_id = ti.get_string("task_id");
    const detail::TaskNode* task = dag.find(info.task_id);
    const PriorityWeightStrategy* own = task == nullptr ? nullptr : task->options.weight_rule.own();
    if (own == nullptr) return {{"error", "task " + info.task_id + " has no weight rule of the program's own"}};
    info.map_index = static_cast<int>(ti.get_int("map_index"));
    info.try_number = static_cast<int>(ti.get_int("try_number"));
    info.max_tries = static_cast<int>(ti.get_int("max_tries"));
    info.priority_weight = task->options.priority_weight.value_or(1);
    info.pool = task->options.pool.empty() ? "default_pool" : task->options.pool;
    weights.emplace_back(own->get_weight(info));
  }
  return {{"weights", std::move(weights)}};
}

}  // namespace internal
}  // namespace venturi::inline sdk
