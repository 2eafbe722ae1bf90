// What the kinds of timetables build their answers with.
#pragma once

#include <chrono>
#include <optional>

#include "schedule/timetable.h"

namespace venturi::schedule {

// The run of one interval, after its end. Nothing where it lies beyond the year 9999, where Airflow's dates end.
[[nodiscard]] inline std::optional<RunInfo> run_of(Time start, Time end) {
  constexpr Time last{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}};
  if (start >= last || end >= last) return std::nullopt;
  return RunInfo{start, {start, end}, end};
}
[[nodiscard]] inline std::optional<RunInfo> run_at(Time t) {
  return run_of(t, t);
}

}  // namespace venturi::schedule
