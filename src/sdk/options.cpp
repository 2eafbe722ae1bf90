#include "sdk/options.h"

#include <algorithm>
#include <array>

#include "venturi/dag.h"

namespace venturi::inline sdk {

TaskOptions::~TaskOptions() = default;
DagOptions::~DagOptions() = default;

namespace internal {
namespace {

constexpr std::size_t longest_id = 250;

constexpr std::array<std::string_view, 13> trigger_rules{"all_success",
                                                         "all_failed",
                                                         "all_done",
                                                         "all_done_min_one_success",
                                                         "all_done_setup_success",
                                                         "one_success",
                                                         "one_failed",
                                                         "one_done",
                                                         "none_failed",
                                                         "none_skipped",
                                                         "none_failed_min_one_success",
                                                         "always",
                                                         "all_skipped"};
constexpr std::array<std::string_view, 3> weight_rules{"downstream", "upstream", "absolute"};

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

template <class T>
void fill(Option<T>& value, const Option<T>& otherwise) {
  if (!value) value = otherwise;
}
void fill(WeightRuleOption& value, const WeightRuleOption& otherwise) {
  if (!value) value = otherwise;
}
void fill(Date& value, const Date& otherwise) {
  if (!value.is_given()) value = otherwise;
}
void fill(std::string& value, const std::string& otherwise) {
  if (value.empty()) value = otherwise;
}

}  // namespace

bool is_valid_id(std::string_view id) {
  if (id == "." || id == "..") return false;  // folders are named after it
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), is_id_character);
}

std::string_view to_string(TriggerRule rule) {
  return trigger_rules.at(static_cast<std::size_t>(rule));
}
std::string_view to_string(WeightRule rule) {
  return weight_rules.at(static_cast<std::size_t>(rule));
}

TaskOptions with_defaults(const TaskOptions& task, const TaskOptions& defaults) {
  TaskOptions o = task;
  fill(o.owner, defaults.owner);
  fill(o.retries, defaults.retries);
  fill(o.retry_delay, defaults.retry_delay);
  fill(o.retry_exponential_backoff, defaults.retry_exponential_backoff);
  fill(o.max_retry_delay, defaults.max_retry_delay);
  if (o.retry_policy.empty()) o.retry_policy = defaults.retry_policy;
  fill(o.retries_on_loss, defaults.retries_on_loss);
  fill(o.light, defaults.light);
  fill(o.execution_timeout, defaults.execution_timeout);
  fill(o.trigger_rule, defaults.trigger_rule);
  fill(o.start_date, defaults.start_date);
  fill(o.end_date, defaults.end_date);
  fill(o.depends_on_past, defaults.depends_on_past);
  fill(o.ignore_first_depends_on_past, defaults.ignore_first_depends_on_past);
  fill(o.wait_for_downstream, defaults.wait_for_downstream);
  fill(o.max_active_tis_per_dag, defaults.max_active_tis_per_dag);
  fill(o.max_active_tis_per_dagrun, defaults.max_active_tis_per_dagrun);
  fill(o.pool, defaults.pool);
  fill(o.pool_slots, defaults.pool_slots);
  fill(o.priority_weight, defaults.priority_weight);
  fill(o.weight_rule, defaults.weight_rule);
  fill(o.queue, defaults.queue);
  fill(o.doc_md, defaults.doc_md);
  fill(o.map_index_template, defaults.map_index_template);
  fill(o.do_xcom_push, defaults.do_xcom_push);
  fill(o.multiple_outputs, defaults.multiple_outputs);
  if (o.outlets.empty()) o.outlets = defaults.outlets;
  if (o.inlets.empty()) o.inlets = defaults.inlets;
  fill(o.ignore_downstream_trigger_rules, defaults.ignore_downstream_trigger_rules);
  if (o.params.list().empty()) o.params = defaults.params;
  for (const TaskCallback& callback : task_callbacks) {
    if (!(o.*callback.member).is_given()) o.*callback.member = defaults.*callback.member;
  }
  return o;
}

}  // namespace internal
}  // namespace venturi::inline sdk
