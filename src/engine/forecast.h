// What a timetable of the user's said of the runs that follow an interval. Memory only: after a start it is asked again.
//
//   unknown ─AskTimetable─▶ asked ─TimetableTold─▶ known ──other runs are wanted than it told of──▶ unknown
//                                     └─an error──▶ failed ──a delay, or another version of the DAG──▶ unknown
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "schedule/timetable.h"

namespace venturi::engine {

struct Forecast {
  enum class State : std::uint8_t { unknown, asked, known, failed };
  State state = State::unknown;
  std::int64_t question = 0;                   // the last one
  std::optional<schedule::DataInterval> last;  // that `runs` follow
  std::deque<schedule::RunInfo> runs;
  bool is_all = false;  // there is none behind them
  Time told_at{}, ask_again_at{};
  int failures = 0;  // in a row
};

}  // namespace venturi::engine
