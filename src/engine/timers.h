// What happens at a time, earliest first; at the same time in a fixed order. Entries are never removed: whoever set one looks,
// when it is due, whether it still holds.
#pragma once

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "base/time.h"
#include "model/records.h"

namespace venturi::engine {

struct Timer {
  enum class Kind : std::uint8_t { dag_due, run_due, run_timeout, task_due, delivery_due, ask_again, weigh_again };
  Time at;
  Kind kind = Kind::dag_due;
  std::int64_t number = 0;  // of the DAG machine, run or outbox entry
  std::uint32_t slot = 0;   // of task_due, in run `number`
  friend auto operator<=>(const Timer&, const Timer&) = default;
};

// How long to wait before a program that gave no answer is asked once more: doubling, up to an hour.
[[nodiscard]] inline Duration pause_before_asking_again(int failures_before) {
  using namespace std::chrono_literals;
  return std::min<Duration>(1h, Duration(1min) * (1 << std::min(failures_before, 6)));
}

class Timers {
 public:
  void add(const Timer& timer) { heap_.push(timer); }
  [[nodiscard]] std::optional<Time> earliest() const { return heap_.empty() ? std::nullopt : std::optional(heap_.top().at); }
  // The next one that is due, or nothing.
  [[nodiscard]] std::optional<Timer> take_due(Time now) {
    if (heap_.empty() || heap_.top().at > now) return std::nullopt;
    const Timer timer = heap_.top();
    heap_.pop();
    return timer;
  }

 private:
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> heap_;
};

}  // namespace venturi::engine
