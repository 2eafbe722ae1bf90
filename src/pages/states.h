// States in colour, with a sign and in words: nobody has to tell colours apart.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/state.h"
#include "pages/html.h"
#include "store/store.h"

namespace venturi::pages {

// A word in its colour.
[[nodiscard]] Html badge(TaskState state);
[[nodiscard]] Html badge(RunState state);
// A small coloured square that is a link; `title` is read out.
[[nodiscard]] Html cell(std::string_view state, std::string_view link, std::string_view title);
// One character: "✓", "×", "▸".
[[nodiscard]] std::string_view sign_of(std::string_view state);

// What is known of the instances of one task in one run.
struct TaskSum {
  std::string task_id;
  bool is_mapped = false;
  std::int64_t instances = 0, try_number = 0;
  std::vector<std::pair<TaskState, std::int64_t>> states;
  std::optional<Time> start_date, end_date;  // the end only where all have ended

  // The one that matters most: what fails, then what runs, then what waits.
  [[nodiscard]] TaskState state() const;
  // "98 success, 2 failed"
  [[nodiscard]] std::string text() const;
};
// In the order of task instances.
[[nodiscard]] std::vector<TaskSum> sum_tasks(const std::vector<store::TaskCount>& counts);
// The key to signs and colours.
[[nodiscard]] Html legend();

}  // namespace venturi::pages
