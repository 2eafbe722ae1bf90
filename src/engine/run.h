// An active run: its row, its task instances, and the work on it that is not done yet.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "engine/task_slot.h"
#include "model/dag.h"
#include "model/records.h"

namespace venturi::engine {

struct DagMachine;

// Every unfinished task instance is brought to an end: a run that is stopped, timed out or fails fast.
struct Sweep {
  TaskIndex next = 0;
  TaskState of_running = TaskState::failed, of_waiting = TaskState::skipped;
  EndReason reason = EndReason::killed;
  std::string cause;
  bool spares_teardowns = true;         // they clean up behind the others, whose ends they wait for
  std::optional<RunState> run_ends_as;  // nothing, or where teardowns are still to come: the leaves decide
  std::optional<std::int64_t> command;  // answered when all is done
};

// Task instances that may start, the one with the highest priority first, then in order of the tasks.
struct ReadyTask {
  std::int32_t priority = 0;
  TaskIndex task = 0;
  friend bool operator<(const ReadyTask& a, const ReadyTask& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.task > b.task;
  }
};

struct Run {
  DagRun row;
  std::shared_ptr<const Dag> dag;  // the version that the run follows
  DagMachine* machine = nullptr;
  std::vector<TaskSlot> tasks;  // those that are created; as many as row.created_task_instances

  // Counted, never recounted.
  std::uint32_t unfinished = 0;  // of all tasks, created or not
  std::uint32_t waiting = 0;     // in state none, of those created
  std::uint32_t bad_leaves = 0;  // of those that decide over the run: failed or upstream_failed
  std::uint32_t under_way = 0;   // queued or running

  // Work that is done in slices, in this order.
  std::deque<TaskIndex> finished;     // their downstreams do not count them yet
  std::deque<TaskIndex> to_judge;     // in state none, perhaps ready
  std::deque<TaskIndex> engine_ends;  // ready, and ended by the engine itself
  std::optional<Sweep> sweep;
  bool is_busy = false;  // stands in the queue of runs with work

  std::priority_queue<ReadyTask> ready;  // entries that are not `scheduled` any more are passed over
  // Its place among the runs that may launch.
  struct Place {
    std::int32_t priority;
    std::uint32_t under_way;
    RunNo run;
    friend bool operator<(const Place& a, const Place& b) {
      if (a.priority != b.priority) return a.priority > b.priority;
      if (a.under_way != b.under_way) return a.under_way < b.under_way;
      return a.run < b.run;
    }
  };
  std::optional<Place> place;

  bool row_dirty = false;
  std::vector<TaskIndex> dirty_tasks;
  bool is_dirty = false;  // stands in the list of runs with rows to write

  [[nodiscard]] bool is_created() const { return tasks.size() == dag->tasks.size(); }
  [[nodiscard]] TaskInstance task_instance(TaskIndex i) const;
};

}  // namespace venturi::engine
