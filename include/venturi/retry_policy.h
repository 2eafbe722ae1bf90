// Which failures are worth another try, by the exception that ended one (Airflow's ExceptionRetryPolicy):
//
//   dag.task<load>({.retries = 5, .retry_policy = {on_exception<BadInput>(RetryAction::fail),
//                                                  on_exception<HookError>(RetryAction::retry, 10s)}});
//
// The first rule that takes the exception counts; without one the task's own retries and retry_delay do. A rule can end a task
// earlier, and never gives it more tries than `retries`. fail_task() and the time-out of a sensor ask no rule.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "venturi/time.h"

namespace venturi::inline sdk {

enum class RetryAction : std::uint8_t {
  retry,     // with the rule's delay, if it has one
  fail,      // whatever tries are left
  standard,  // as if there were no rule (Airflow's DEFAULT)
};

struct RetryRule {
  bool (*takes)(const std::exception_ptr& thrown);
  RetryAction action = RetryAction::retry;
  std::optional<Duration> retry_delay{};
  std::string reason{};  // for the log
};

// For exceptions of this class and of those that are made from it; std::exception takes nearly all.
template <class Exception>
[[nodiscard]] RetryRule on_exception(RetryAction action = RetryAction::retry, std::optional<Duration> retry_delay = {},
                                     std::string reason = {}) {
  const auto takes = [](const std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Exception&) {
      return true;
    } catch (...) {
      return false;
    }
  };
  return {takes, action, retry_delay, static_cast<std::string&&>(reason)};
}

}  // namespace venturi::inline sdk
