// Airflow's states, run types and trigger rules, with the words that API, database and protocol use for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace venturi {

enum class TaskState : std::uint8_t {
  none,  // created, not looked at yet (null in Airflow)
  scheduled,
  queued,
  running,
  success,
  restarting,
  failed,
  up_for_retry,
  up_for_reschedule,
  upstream_failed,
  skipped,
  deferred,
  removed,
  awaiting_input,
};

enum class RunState : std::uint8_t { queued, running, success, failed };

enum class RunType : std::uint8_t { scheduled, manual, backfill, asset_triggered, asset_materialization, operator_triggered };
// What becomes of a date of a backfill that has a run already: it is left alone, runs again where it has ended, or only where
// it failed.
enum class ReprocessBehavior : std::uint8_t { none, completed, failed };

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

// Why a try ended as it did, beside its state: Airflow has no words for these, users ask for them.
enum class EndReason : std::uint8_t {
  none,           // ended by its own message
  exit_code,      // exited without a terminal message; end_detail holds the code
  signal,         // killed by a signal that nobody of ours sent; end_detail holds its number
  out_of_memory,  // killed by the kernel's OOM killer or its own memory limit
  timeout,        // execution_timeout
  dagrun_timeout,
  lost,           // the worker went away after it may have started the try
  killed,         // by a user or a shutdown
  not_declared,   // the program no longer declares this task
  launch_failed,  // the program could not be started; the error says why
  cleared,        // while it ran: it shall run again
};

// Each returns the words of Airflow ("up_for_retry"); TaskState::none gives "none".
[[nodiscard]] std::string_view to_string(TaskState s);
[[nodiscard]] std::string_view to_string(RunState s);
[[nodiscard]] std::string_view to_string(RunType t);
[[nodiscard]] std::string_view to_string(TriggerRule r);
[[nodiscard]] std::string_view to_string(EndReason r);
[[nodiscard]] std::optional<TaskState> parse_task_state(std::string_view s);
[[nodiscard]] std::optional<RunState> parse_run_state(std::string_view s);
[[nodiscard]] std::string_view to_string(ReprocessBehavior behavior);
[[nodiscard]] std::optional<ReprocessBehavior> parse_reprocess_behavior(std::string_view s);
[[nodiscard]] std::optional<RunType> parse_run_type(std::string_view s);
[[nodiscard]] std::optional<TriggerRule> parse_trigger_rule(std::string_view s);
[[nodiscard]] std::optional<EndReason> parse_end_reason(std::string_view s);

// success, failed, skipped, upstream_failed, removed: nothing happens any more by itself.
[[nodiscard]] bool is_finished(TaskState s);
[[nodiscard]] bool is_finished(RunState s);

}  // namespace venturi
