// What happened, in words: the last steps of a seed that fails.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <deque>
#include <string>
#include <utility>

#include "base/time.h"
#include "model/records.h"

namespace venturi::seeds {

class Story {
 public:
  explicit Story(bool is_told_at_once = false) : is_told_at_once_(is_told_at_once) {}

  void begin_step(Duration at) {
    ++step_;
    at_ = at;
  }
  [[nodiscard]] int step() const { return step_; }

  template <class... Args>
  void tell(fmt::format_string<Args...> format, Args&&... args) {
    std::string line = fmt::format("{:>6} {:>12.6f} s  ", step_, to_seconds(at_));
    fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
    if (is_told_at_once_) fmt::print("{}\n", line);
    lines_.push_back(std::move(line));
    if (lines_.size() > kept_lines) lines_.pop_front();
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }

 private:
  static constexpr std::size_t kept_lines = 60;

  bool is_told_at_once_;
  int step_ = 0;
  Duration at_{};
  std::deque<std::string> lines_;
};

[[nodiscard]] inline std::string words(LaunchToken token) {
  return fmt::format("token {}", token.sequence);
}
[[nodiscard]] inline std::string words(const TaskInstance& ti) {
  return ti.map_index < 0 ? fmt::format("{} of run {}", ti.task_id, ti.run)
                          : fmt::format("{}[{}] of run {}", ti.task_id, ti.map_index, ti.run);
}

}  // namespace venturi::seeds
