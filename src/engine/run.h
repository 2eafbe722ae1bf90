// An active run: its row, its task instances, and the work on it that is not done yet.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/gate.h"
#include "engine/task_slot.h"
#include "engine/trigger_rule.h"
#include "model/dag.h"
#include "model/records.h"
#include "model/task_selection.h"

namespace venturi::engine {

struct BackfillMachine;
struct DagMachine;

// Every unfinished task instance is brought to an end: a run that is stopped, timed out or fails fast.
struct Sweep {
  SlotIndex next = 0;
  TaskState of_running = TaskState::failed, of_waiting = TaskState::skipped;
  EndReason reason = EndReason::killed;
  std::string cause;
  bool spares_teardowns = true;         // they clean up behind the others, whose ends they wait for
  std::optional<RunState> run_ends_as;  // nothing, or where teardowns are still to come: the leaves decide
  std::optional<std::int64_t> command;  // answered when all is done
  bool calls_back = true;               // of the run's end
};

// Task instances are cleared or marked, one after the other; meanwhile the run launches, judges and ends nothing
// (changing.cpp).
struct Change {
  std::optional<TaskState> to;  // what is marked becomes that; nothing: what is selected is cleared
  TaskSelection selection;      // as it was asked for
  std::string user;
  std::vector<std::string> not_chosen;  // by branches that are not cleared: of these tasks what was skipped is so again
  std::optional<std::int64_t> command;  // answered when all is done

  SelectedTasks cleared, marked;
  std::vector<bool> stays_skipped;  // by task; empty: none
  SlotIndex next = 0;
  std::vector<TaskInstance> before;  // for the answer
  std::int64_t changed = 0;

  [[nodiscard]] bool marks(const TaskSlot& slot) const {
    return to && slot.state != *to && marked.has(slot.task, slot.map_index, slot.state);
  }
  [[nodiscard]] bool clears(const TaskSlot& slot) const { return cleared.has(slot.task, slot.map_index, slot.state); }
};

// Task instances that may start, the one with the highest priority first, then in order of the tasks.
struct ReadyTask {
  std::int32_t priority = 0;
  SlotIndex slot = 0;
  friend bool operator<(const ReadyTask& a, const ReadyTask& b) {
    return a.priority != b.priority ? a.priority < b.priority : a.slot > b.slot;
  }
};

// What is known besides of a mapped task's instances.
struct MappedProgress {
  // Where the instances behind the first are: each piece goes on to the next one's beginning. One piece, unless the list grew.
  struct Piece {
    std::int32_t map_index = 0;
    SlotIndex slot = 0;
  };
  std::vector<Piece> pieces;
  // Of an expanded task that is mapped over several lists: how long each was then (MappedList::for_each_source).
  std::vector<std::int64_t> source_lengths;
  // ... of each that is a mapped task, which instances gave something; empty where all did.
  std::vector<std::vector<std::int32_t>> sources_gave;
  std::vector<FinishedUpstreams> by_index;  // in a mapped group: of the instances that are made
};

// What the instances of a task have in common.
struct TaskProgress {
  FinishedUpstreams upstreams;  // how the instances of its upstreams ended
  std::uint32_t expected = 0;   // how many of those there are, as far as it is known
  std::uint32_t instances = 1;  // of this task
  std::uint32_t ended = 0;      // of those
  bool will_expand = false;     // of a mapped task: stands in Run::expansions, or is expanded
  bool is_expanded = false;     // `instances` is how many there are, made or still to be made
  std::uint32_t made = 0;       // of those
  bool all_to_judge = false;    // all its instances are, by Run::judgings
  bool to_revise = false;       // expanded, and perhaps over a list that has another length now: some of it was cleared
  // In a mapped group: of upstreams in the same group that have their instances, which count per map_index and not above.
  std::uint32_t expected_by_index = 0;
  std::unique_ptr<MappedProgress> mapped;  // from its expansion on
  PoolGate* pool = nullptr;
};

// Of one of Dag::edge_sets: it stands for the counts of each task below.
struct EdgeProgress {
  FinishedUpstreams upstreams = {};
  std::uint32_t expected = 0;
  bool all_to_judge = false;        // as of a task
  Verdict verdict = Verdict::wait;  // those below were looked at, or will be, because of this one
};

// Instances of an expanded task, or the tasks below an edge set, that are still to be judged.
struct Judging {
  std::uint32_t of = 0;   // task or edge set
  std::int32_t next = 0;  // map_index, or position in the set
  std::optional<SlotIndex> because;
  bool of_edges = false;
};

// Instances of a mapped task that are still to be made.
struct Expansion {
  TaskIndex task = 0;
  std::uint32_t instances = 0;
  std::int32_t next = 0;  // map_index
};

// What a run's tasks with depends_on_past see of the DAG's run before it.
struct Past {
  enum class State : std::uint8_t { unknown, asked, known } state = State::unknown;
  std::int32_t question = 0;  // the last one
  bool asked_again = false;   // because the run before seemed to be active, and was not
  RunNo previous = 0;         // 0: there is none
  std::optional<Time> logical_date;
  // Of a previous run that has ended: its tasks, and whether all instances of each succeeded or were skipped.
  std::map<std::string, bool, std::less<>> tasks;
  std::set<std::string, std::less<>> seen_before;  // some run before had these
};

struct Run {
  DagRun row;
  std::shared_ptr<const Dag> dag;  // the version that the run follows
  DagMachine* machine = nullptr;
  BackfillMachine* backfill = nullptr;  // that it is of
  std::vector<TaskSlot> slots;          // those that are created; as many as row.created_task_instances
  std::vector<TaskProgress> progress;   // of the tasks whose first slot is created
  std::vector<EdgeProgress> edges;      // by Dag::edge_sets
  // Of XComs that tasks are mapped over, by slot and key.
  std::map<std::pair<SlotIndex, std::string>, std::int32_t> lengths;

  // Where row.is_renumbered: the slot of each task's first instance, and the rows of tasks that the DAG does not have any more.
  std::vector<SlotIndex> first;
  std::map<SlotIndex, TaskInstance> gone;

  // Of tasks with a weight rule of the user's (weights.cpp): what it said, and what it is asked: the question's number; 0: it
  // is to be asked.
  std::map<SlotIndex, std::int32_t> weights;
  std::map<SlotIndex, std::int64_t> weighing;
  std::string weight_trouble;  // why there was no answer
  MaybeTime weigh_again_at;
  int weigh_failures = 0;  // in a row

  std::map<SlotIndex, Value> deferrals;  // TaskInstance::deferral of those that have one

  // Counted, never recounted.
  std::uint32_t unfinished = 0;  // of all task instances, created or not
  std::uint32_t waiting = 0;     // in state none, of those created
  std::uint32_t bad_leaves = 0;  // of those that decide over the run: failed or upstream_failed
  std::uint32_t under_way = 0;   // queued or running
  std::uint32_t patient = 0;     // unfinished, and of tasks that wait for another run: they are no deadlock

  // Work that is done in slices, in this order.
  std::deque<Judging> judgings;
  std::deque<SlotIndex> finished;     // their downstreams do not count them yet
  std::deque<TaskIndex> to_judge;     // in state none, perhaps ready
  std::deque<SlotIndex> engine_ends;  // ready, and ended by the engine itself
  std::deque<Expansion> expansions;   // one after the other, so that the instances of a task are together
  std::optional<Change> change;       // before all other work
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
  // What kept it from launching anything, and what did before that and until when.
  Limit held_by = Limit::none, released_from = Limit::none;
  MaybeTime released_at;

  Past past;
  std::vector<RunNo> followers;          // active runs whose past this is
  std::map<TaskIndex, Gate> task_gates;  // of tasks with max_active_tis_per_dagrun

  bool row_dirty = false;
  std::vector<SlotIndex> dirty_slots;
  bool is_dirty = false;  // stands in the list of runs with rows to write

  [[nodiscard]] bool is_created() const { return progress.size() == dag->tasks.size() && expansions.empty(); }
  [[nodiscard]] SlotIndex first_slot(TaskIndex task) const { return row.is_renumbered ? first[task] : task; }
  [[nodiscard]] const Task& declared(SlotIndex slot) const { return dag->tasks[slots[slot].task]; }
  // Of each edge set one task instance of each task above, until it is known that there are more.
  void expect_all() {
    edges.clear();
    for (const EdgeSet& set : dag->edge_sets) edges.push_back({.expected = static_cast<std::uint32_t>(set.upstream.size())});
  }
  // Of an expanded task; nothing where it is not made yet.
  [[nodiscard]] std::optional<SlotIndex> instance(TaskIndex task, std::int32_t map_index) const {
    const TaskProgress& of = progress[task];
    if (static_cast<std::uint32_t>(map_index) >= of.made) return std::nullopt;
    if (map_index == 0) return first_slot(task);
    auto piece = of.mapped->pieces.rbegin();
    while (piece->map_index > map_index) ++piece;
    return piece->slot + static_cast<SlotIndex>(map_index - piece->map_index);
  }
  // The instance in `slot` was made behind the others of its task.
  void place_instance(TaskProgress& of, SlotIndex slot) const {
    const std::int32_t map_index = slots[slot].map_index;
    if (map_index == 0) return;
    auto& pieces = of.mapped->pieces;
    if (pieces.empty() || slot != pieces.back().slot + static_cast<SlotIndex>(map_index - pieces.back().map_index))
      pieces.push_back({map_index, slot});
  }
  [[nodiscard]] std::int32_t priority(SlotIndex slot) const;
  // It is ready, and its weight is known.
  [[nodiscard]] bool may_start(SlotIndex slot) const;
  [[nodiscard]] TaskInstance task_instance(SlotIndex slot) const;
};

// The slot takes no part in the run any more: its row stays.
void leave_out(Run& run, SlotIndex slot, TaskInstance row);

}  // namespace venturi::engine
