// Points in time: venturi/time.h (Time, Duration, format_time, parse_time), and what only the server's side needs beside it.
#pragma once

#include <chrono>
#include <string>

#include "venturi/time.h"

namespace venturi {

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

// "2026-11-24T04:43:57.123456+00:00", Python's isoformat(): run ids and str() of dates.
[[nodiscard]] std::string format_time_offset(Time t);

[[nodiscard]] inline double to_seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}
[[nodiscard]] inline Duration from_seconds(double s) {
  return std::chrono::round<Duration>(std::chrono::duration<double>(s));
}

}  // namespace venturi
