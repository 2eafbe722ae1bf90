// The words of Airflow, each in one table: position is the enumerator's value.
#include "model/state.h"

#include <algorithm>
#include <cstddef>

namespace venturi {
namespace {

constexpr auto task_states = std::to_array<std::string_view>({"none", "scheduled", "queued", "running", "success", "restarting",
                                                              "failed", "up_for_retry", "up_for_reschedule", "upstream_failed",
                                                              "skipped", "deferred", "removed", "awaiting_input"});
static_assert(task_states.size() == static_cast<std::size_t>(TaskState::awaiting_input) + 1);

constexpr auto run_states = std::to_array<std::string_view>({"queued", "running", "success", "failed"});
static_assert(run_states.size() == static_cast<std::size_t>(RunState::failed) + 1);

constexpr auto run_types = std::to_array<std::string_view>(
    {"scheduled", "manual", "backfill", "asset_triggered", "asset_materialization", "operator_triggered"});
static_assert(run_types.size() == static_cast<std::size_t>(RunType::operator_triggered) + 1);

constexpr auto reprocess_behaviors = std::to_array<std::string_view>({"none", "completed", "failed"});
static_assert(reprocess_behaviors.size() == static_cast<std::size_t>(ReprocessBehavior::failed) + 1);

constexpr auto trigger_rules = std::to_array<std::string_view>(
    {"all_success", "all_failed", "all_done", "all_done_min_one_success", "all_done_setup_success", "one_success", "one_failed",
     "one_done", "none_failed", "none_skipped", "none_failed_min_one_success", "always", "all_skipped"});
static_assert(trigger_rules.size() == static_cast<std::size_t>(TriggerRule::all_skipped) + 1);

constexpr auto end_reasons =
    std::to_array<std::string_view>({"none", "exit_code", "signal", "out_of_memory", "timeout", "dagrun_timeout", "lost",
                                     "killed", "not_declared", "launch_failed", "cleared"});
static_assert(end_reasons.size() == static_cast<std::size_t>(EndReason::cleared) + 1);

template <class Enum, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, Enum value) {
  return words.at(static_cast<std::size_t>(value));
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const std::array<std::string_view, N>& words, std::string_view s) {
  const auto found = std::ranges::find(words, s);
  if (found == words.end()) return std::nullopt;
  return static_cast<Enum>(found - words.begin());
}

}  // namespace

std::string_view to_string(TaskState s) {
  return word(task_states, s);
}
std::string_view to_string(RunState s) {
  return word(run_states, s);
}
std::string_view to_string(RunType t) {
  return word(run_types, t);
}
std::string_view to_string(ReprocessBehavior b) {
  return word(reprocess_behaviors, b);
}
std::string_view to_string(TriggerRule r) {
  return word(trigger_rules, r);
}
std::string_view to_string(EndReason r) {
  return word(end_reasons, r);
}

std::optional<TaskState> parse_task_state(std::string_view s) {
  return value_of<TaskState>(task_states, s);
}
std::optional<RunState> parse_run_state(std::string_view s) {
  return value_of<RunState>(run_states, s);
}
std::optional<RunType> parse_run_type(std::string_view s) {
  return value_of<RunType>(run_types, s);
}
std::optional<ReprocessBehavior> parse_reprocess_behavior(std::string_view s) {
  return value_of<ReprocessBehavior>(reprocess_behaviors, s);
}
std::optional<TriggerRule> parse_trigger_rule(std::string_view s) {
  return value_of<TriggerRule>(trigger_rules, s);
}
std::optional<EndReason> parse_end_reason(std::string_view s) {
  return value_of<EndReason>(end_reasons, s);
}

bool is_finished(TaskState s) {
  switch (s) {
    case TaskState::success:
    case TaskState::failed:
    case TaskState::skipped:
    case TaskState::upstream_failed:
    case TaskState::removed:
      return true;
    default:
      return false;
  }
}

bool is_finished(RunState s) {
  return s == RunState::success || s == RunState::failed;
}

}  // namespace venturi
