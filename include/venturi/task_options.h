// What can be said of every task, in Airflow's words. Members are designated in this order; what is left out follows the DAG's
// default_args, then the default that stands here.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "venturi/asset.h"
#include "venturi/callback.h"
#include "venturi/owned.h"
#include "venturi/params.h"
#include "venturi/retry_policy.h"
#include "venturi/schedule.h"
#include "venturi/time.h"

namespace venturi::inline sdk {

enum class TriggerRule : std::uint8_t {
  all_success,
  all_failed,
  all_done,
  all_done_min_one_success,
  all_done_setup_success,
  one_success,
  one_failed,
  one_done,
  none_failed,
  none_skipped,
  none_failed_min_one_success,
  always,
  all_skipped,
};

enum class WeightRule : std::uint8_t { downstream, upstream, absolute };

// A value that may be left out. As std::optional, which would cost each compilation of a DAG file more.
template <class T>
class Option {
 public:
  constexpr Option() = default;
  template <std::convertible_to<T> U>
  constexpr Option(const U& value) : value_(value), is_given_(true) {}

  constexpr explicit operator bool() const { return is_given_; }
  constexpr const T& operator*() const { return value_; }
  [[nodiscard]] constexpr T value_or(T otherwise) const { return is_given_ ? value_ : otherwise; }

 private:
  T value_{};
  bool is_given_ = false;
};

class PriorityWeightStrategy;  // venturi/weight.h
namespace detail {
template <class T>
constexpr std::string_view name_of_weight_rule() {
  return __PRETTY_FUNCTION__;
}
}  // namespace detail

// One of Airflow's rules, or a class of one's own.
class WeightRuleOption {
 public:
  WeightRuleOption() = default;
  WeightRuleOption(WeightRule rule) : rule_(rule), is_given_(true) {}
  template <std::derived_from<PriorityWeightStrategy> S>
  WeightRuleOption(const S& own)
      : WeightRuleOption(static_cast<const PriorityWeightStrategy*>(new S(own)), detail::name_of_weight_rule<S>()) {}
  WeightRuleOption(const WeightRuleOption& other);
  WeightRuleOption(WeightRuleOption&& other) noexcept;
  WeightRuleOption& operator=(const WeightRuleOption& other);
  WeightRuleOption& operator=(WeightRuleOption&& other) noexcept;
  ~WeightRuleOption();  // in the archive, as Schedule's

  explicit operator bool() const { return is_given_; }
  const WeightRule& operator*() const { return rule_; }  // where own() is nullptr
  [[nodiscard]] WeightRule value_or(WeightRule otherwise) const { return is_given_ ? rule_ : otherwise; }
  [[nodiscard]] const PriorityWeightStrategy* own() const { return own_; }
  [[nodiscard]] std::string_view own_name() const { return name_; }  // as the compiler spells it

 private:
  WeightRuleOption(const PriorityWeightStrategy* own, std::string_view name);  // takes it

  WeightRule rule_{};
  bool is_given_ = false;
  detail::Shared object_;
  const PriorityWeightStrategy* own_ = nullptr;
  std::string_view name_;
};

struct TaskOptions {
  std::string owner{};                         // "airflow"
  Option<int> retries{};                       // 0
  Option<Duration> retry_delay{};              // 5min
  Option<double> retry_exponential_backoff{};  // the factor by which the delay grows from try to try; 0: it does not
  Option<Duration> max_retry_delay{};          // none; Airflow never waits longer than 24 h
  std::vector<RetryRule> retry_policy{};       // none; which failures are tried again (venturi/retry_policy.h)
  Option<int> retries_on_loss{};               // 0; for tries that were lost with their worker (Venturi's own)
  Option<bool> light{};                        // false; true: on a thread beside others, not in a process (docs/light-tasks.md)
  Option<Duration> execution_timeout{};        // none
  Option<TriggerRule> trigger_rule{};          // all_success
  Date start_date{}, end_date{};               // none beside the DAG's; runs with a logical date outside have no such task
  Option<bool> depends_on_past{};              // false; true: only after the task's success, or skip, in the run before
  Option<bool> ignore_first_depends_on_past{};  // false; true: not where no run before had the task
  Option<bool> wait_for_downstream{};       // false; true: and after that of the tasks directly below it; depends_on_past too
  Option<int> max_active_tis_per_dag{};     // no limit; of the task's instances that run at once, in all runs
  Option<int> max_active_tis_per_dagrun{};  // no limit; in one run
  std::string pool{};                       // "default_pool"
  Option<int> pool_slots{};                 // 1
  Option<int> priority_weight{};            // 1
  WeightRuleOption weight_rule{};           // downstream; or a class of one's own (venturi/weight.h)
  std::string queue{};                      // "default"
  std::string doc_md{};
  std::string map_index_template{};                // "{{ file }}", a name for each instance of a mapped task; see Context::set
  Params params{};                                 // beside the DAG's; a run's conf replaces them
  Option<bool> do_xcom_push{};                     // true; false: what a function returns is no XCom
  Option<bool> multiple_outputs{};                 // false; true: each member of the result is an XCom too
  std::vector<AssetOrAlias> outlets{}, inlets{};   // assets that it makes, each with an event when it succeeds; that it reads
  Option<bool> ignore_downstream_trigger_rules{};  // true; of short circuits: skip all that is below, whatever its rule
  Callbacks on_execute_callback{};                 // functions only: runs in the task's process, before its body
  Callbacks on_failure_callback{};
  Callbacks on_success_callback{};
  Callbacks on_retry_callback{};
  Callbacks on_skipped_callback{};

  ~TaskOptions();  // in the archive: it is used once for every task of a file
};

}  // namespace venturi::inline sdk
