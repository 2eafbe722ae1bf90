// What an active run keeps in memory for each of its task instances: the row without what can be derived. A run of a million
// tasks is a million of these.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/limit.h"
#include "model/records.h"

namespace venturi::engine {

// An optional time in 8 bytes.
class MaybeTime {
 public:
  MaybeTime() = default;
  MaybeTime(Time t) : time_(t) {}                                 // NOLINT(google-explicit-constructor)
  MaybeTime(std::optional<Time> t) : time_(t.value_or(unset)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] explicit operator bool() const { return time_ != unset; }
  [[nodiscard]] Time operator*() const { return time_; }
  [[nodiscard]] std::optional<Time> optional() const { return *this ? std::optional(time_) : std::nullopt; }
  void reset() { time_ = unset; }

 private:
  static constexpr Time unset = Time::min();
  Time time_ = unset;
};

// Of a run's task instances: one for each task in their order, then those of mapped tasks with map_index 1 and up. In a run
// that follows a DAG with other tasks than it began with, what came later stands behind them all (Run::first).
using SlotIndex = std::uint32_t;

// Of an absent slot that stands for no task of the DAG (Run::gone).
inline constexpr TaskIndex no_task = static_cast<TaskIndex>(-1);

struct TaskSlot {
  TaskIndex task = 0;
  std::int32_t map_index = -1;
  std::int32_t try_number = 0, max_tries = 0, losses = 0, end_detail = 0, pid = 0;
  TaskState state = TaskState::none;
  EndReason end_reason = EndReason::none;
  Limit held_by = Limit::none;  // while it is scheduled: the gate that it found full last
  bool dirty = false;           // its row is to be written
  bool counted = false;         // finished, and its downstreams know
  bool is_absent = false;       // the run has no such task instance: its logical date lies outside the task's dates
  std::uint32_t instances = 0;  // of a mapped task's first: how many there are, made or still to be made; 0: it is not expanded
  bool same_try = false;        // the next launch goes on with this try: it was rescheduled, or never started
  LaunchToken token;
  Uuid id;
  MaybeTime ready_at;  // since when only limits keep it; not known after a restart
  MaybeTime queued_at, start_date, end_date, next_try_at;
  std::unique_ptr<std::string> error;  // null: none
};

// Holds one of the slots that parallelism and max_active_tasks count.
[[nodiscard]] inline bool is_under_way(TaskState s) {
  return s == TaskState::queued || s == TaskState::running || s == TaskState::restarting;
}
// A launch of it stands out: it has a slot, or waits deferred in the process in which it runs.
[[nodiscard]] inline bool is_launched(const TaskSlot& slot) {
  return is_under_way(slot.state) || (slot.state == TaskState::deferred && !slot.next_try_at);
}
// Until next_try_at, where there is one.
[[nodiscard]] inline bool waits_for_time(TaskState s) {
  return s == TaskState::up_for_retry || s == TaskState::up_for_reschedule || s == TaskState::deferred;
}
[[nodiscard]] inline bool is_bad(TaskState s) {
  return s == TaskState::failed || s == TaskState::upstream_failed;
}

}  // namespace venturi::engine
