// Points in time (UTC, microseconds as in Airflow) and their texts.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace venturi {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// The wall clock as a value that is handed in. The engine never asks one: it gets `now` with each event.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

// "2026-11-24T04:43:57.123456Z"; the fraction only where there is one. What the protocols and the API use.
[[nodiscard]] std::string format_time(Time t);
// "2026-11-24T04:43:57.123456+00:00", Python's isoformat(): run ids and str() of dates.
[[nodiscard]] std::string format_time_offset(Time t);
// ISO 8601 with 'T' or blank, optional fraction, and Z, an offset, or nothing (then UTC). Also a date alone.
[[nodiscard]] std::optional<Time> parse_time(std::string_view text);

[[nodiscard]] inline double to_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
[[nodiscard]] inline Duration from_seconds(double s) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(s));
}

}  // namespace venturi
