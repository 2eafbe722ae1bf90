// Timetables that are classes of the user's: only the DAG's own program knows what they say. Whoever schedules asks it, and
// these are the question and the answer, as values and as messages (docs/architecture/task-host.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schedule/timetable.h"
#include "venturi/value.h"

namespace venturi::schedule {

struct TimetableQuestion {
  enum class About : std::uint8_t { next_runs, manual_interval };
  About about = About::next_runs;
  Time now{};  // the scheduler's, which may be one of a simulation
  // next_runs: those that follow `last`, each following the one before; at most so many, and none behind the first that is due
  // only after `until`.
  std::optional<DataInterval> last = std::nullopt;
  Restriction restriction = {};
  int most = 1;
  std::optional<Time> until = std::nullopt;
  // manual_interval
  Time run_after{};
  friend bool operator==(const TimetableQuestion&, const TimetableQuestion&) = default;
};

struct TimetableAnswer {
  std::vector<RunInfo> runs = {};
  bool is_all = false;  // there is none behind them
  DataInterval interval{};
};

// "WorkdayTimetable" of a timetable of the user's; empty of others.
[[nodiscard]] std::string user_class_of(const Value& serialized_timetable);

[[nodiscard]] Value to_value(const TimetableQuestion& question);
// The runs up to the first that goes back, stands still or contradicts itself; where that is the first of all, an error: what
// is wrong with it, in the words of the class.
[[nodiscard]] Result<TimetableAnswer> read_answer(const TimetableQuestion& question, const Value& answer,
                                                  std::string_view class_name);

}  // namespace venturi::schedule
