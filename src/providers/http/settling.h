// Whether what lies in a place has settled: nothing came for some time. What sensors of object stores that wait for the end of
// an upload have in common; they keep it from one poke to the next.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>

#include "operators/arguments.h"
#include "operators/try_log.h"

namespace venturi::providers {

class Settling {
 public:
  // Of the arguments previous_objects, inactivity_period, min_objects, allow_delete and mode. Throws TaskFailedForGood.
  explicit Settling(const operators::Arguments& arguments);

  // `names` are there now, at the place `shown`. Throws TaskFailed where some are gone that must not be.
  [[nodiscard]] bool has_settled(const std::string& shown, std::set<std::string> names, operators::TryLog& log);

 private:
  using Steady = std::chrono::steady_clock;

  double inactivity_period_;
  std::int64_t min_objects_;
  bool allow_delete_;
  std::set<std::string> names_;
  std::optional<Steady::time_point> last_activity_;
};

}  // namespace venturi::providers
