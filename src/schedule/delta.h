// How far apart runs are: a timedelta (a number of seconds) or dateutil's relativedelta (calendar units), as Airflow
// serializes them. Arithmetic is in UTC, as Airflow's is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "venturi/value.h"

namespace venturi::schedule {

// dateutil.relativedelta: absolute parts replace, then relative parts are added, then the weekday is looked for.
struct RelativeDelta {
  std::int64_t years = 0, months = 0, leapdays = 0;
  double days = 0, hours = 0, minutes = 0, seconds = 0, microseconds = 0;
  std::optional<int> year, month, day, hour, minute, second, microsecond;
  std::optional<int> weekday;  // 0 is Monday, as in Python
  int occurrence = 0;          // of that weekday: -1 the last, 2 the second; 0 is not said, and means 1

  [[nodiscard]] Time add_to(Time t, int sign) const;
  [[nodiscard]] std::string repr() const;
};

class Delta {
 public:
  explicit Delta(Duration fixed = {}) : fixed_(fixed) {}
  // A number of seconds, or an object of relativedelta's keyword arguments.
  [[nodiscard]] static Result<Delta> from_serialized(const Value& value);

  [[nodiscard]] Time after(Time t) const { return relative_ ? relative_->add_to(t, 1) : t + fixed_; }
  [[nodiscard]] Time before(Time t) const { return relative_ ? relative_->add_to(t, -1) : t - fixed_; }
  // Months and years: no fixed length, so that a grid needs an anchor.
  [[nodiscard]] bool needs_anchor() const { return relative_ && (relative_->months != 0 || relative_->years != 0); }
  // The length of the grid that Airflow rounds to, in seconds.
  [[nodiscard]] double grid_seconds() const;
  // False where it does not go forward. A relativedelta with absolute parts is tried at a fixed date only.
  [[nodiscard]] bool is_positive() const;
  // Python's str(): "1 day, 0:00:00", "relativedelta(months=+1)".
  [[nodiscard]] std::string text() const;

 private:
  Duration fixed_;
  std::optional<RelativeDelta> relative_;
};

}  // namespace venturi::schedule
