// Task options: their words, and default_args.
#pragma once

#include <string_view>

#include "venturi/task_options.h"

namespace venturi::inline sdk::internal {

inline constexpr std::string_view id_rule = "an id is made of 1 to 250 letters, digits, dashes, dots and underscores";
// Airflow's rule for dag_id and task_id.
[[nodiscard]] bool is_valid_id(std::string_view id);

[[nodiscard]] std::string_view to_string(TriggerRule rule);
[[nodiscard]] std::string_view to_string(WeightRule rule);

// The callbacks of a task with Airflow's names, in the order in which they are serialized.
struct TaskCallback {
  std::string_view event;  // "failure"
  std::string_view name;   // "on_failure_callback"
  Callbacks TaskOptions::* member;
};
inline constexpr TaskCallback task_callbacks[] = {{"execute", "on_execute_callback", &TaskOptions::on_execute_callback},
                                                  {"failure", "on_failure_callback", &TaskOptions::on_failure_callback},
                                                  {"success", "on_success_callback", &TaskOptions::on_success_callback},
                                                  {"retry", "on_retry_callback", &TaskOptions::on_retry_callback},
                                                  {"skipped", "on_skipped_callback", &TaskOptions::on_skipped_callback}};

// What a task says itself, and default_args where it says nothing.
[[nodiscard]] TaskOptions with_defaults(const TaskOptions& task, const TaskOptions& defaults);

}  // namespace venturi::inline sdk::internal
