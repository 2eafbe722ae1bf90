// Something of which only so much may be taken at once: the slots of a pool, or how many instances of a task may be under way.
// Task instances that find it full wait at it, the one with the highest priority first, and are looked at again when there is
// room: what is full costs nothing while it is.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "engine/task_slot.h"
#include "model/records.h"

namespace venturi::engine {

struct WaitingTask {
  std::int32_t priority = 0;
  RunNo run = 0;
  SlotIndex slot = 0;
  friend bool operator<(const WaitingTask& a, const WaitingTask& b) {
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.run != b.run ? a.run < b.run : a.slot < b.slot;
  }
};

struct Gate {
  std::int64_t taken = 0;
  // Of a pool by how many slots each takes; of a task by how many of its instances may be under way, which versions of its DAG
  // may see differently. Stale ones are passed over.
  std::map<std::int32_t, std::set<WaitingTask>> waiting;
  bool is_open = false;    // stands in the list of gates that may let somebody through
  bool is_of_task = true;  // and not of a pool
  std::int64_t limit = 0;  // of a pool; below 0: none

  // For one that waits, or would wait, under this key.
  [[nodiscard]] bool has_room(std::int32_t key) const { return is_of_task ? taken < key : limit < 0 || taken + key <= limit; }
};

struct PoolGate : Gate {
  PoolGate() { is_of_task = false; }

  PoolRecord row;
  bool is_stored = false;                    // somebody has set it
  std::int64_t under_way = 0, deferred = 0;  // slots of task instances in these states

  void update(bool exists) {
    limit = exists ? row.slots : 0;
    taken = under_way + (row.include_deferred ? deferred : 0);
  }
};

}  // namespace venturi::engine
