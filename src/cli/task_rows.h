// What is said of task instances in rows and lines.
#pragma once

#include <string>

#include "model/records.h"

namespace venturi::cli {

// "load", or of a mapped task "load [3]".
[[nodiscard]] std::string name_of(const TaskInstance& ti);

// Why a try ended badly: "killed by signal 6 (SIGABRT)", "exit code 3", "timeout: ..."; empty where it did not.
[[nodiscard]] std::string end_text(const TaskInstance& ti);
// Whether it came to its end without running, or skipped itself: why is said by its last transition.
[[nodiscard]] inline bool is_passed_over(TaskState state) {
  return state == TaskState::skipped || state == TaskState::upstream_failed;
}
// "0.35s", "1m 02s", "2h 05m"; empty where it did not start.
[[nodiscard]] std::string duration_text(std::optional<Time> start, std::optional<Time> end);

}  // namespace venturi::cli
