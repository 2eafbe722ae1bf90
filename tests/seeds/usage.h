// How much is taken of everything that has a limit, counted from rows alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "seeds/invariant.h"

namespace venturi::seeds {

enum class LimitOf : std::uint8_t {
  parallelism,
  pool,               // text: its name
  max_active_tasks,   // number: the run
  tis_per_dag,        // text: dag_id/task_id
  tis_per_dagrun,     // text: task_id, number: the run
  max_active_runs,    // text: the dag_id
  runs_of_a_backfill  // number: its id
};
using LimitedThing = std::tuple<LimitOf, std::string, std::int64_t>;
struct Use {
  std::int64_t limit = -1;  // below 0: none
  std::int64_t taken = 0;
  bool counted_so = false;  // of a pool: with those that are deferred
  [[nodiscard]] bool has_room(std::int64_t size = 1) const { return limit < 0 || taken + size <= limit; }
};
using Usage = std::map<LimitedThing, Use>;

// Where versions of a DAG differ, the largest limit counts.
[[nodiscard]] Usage count_usage(const View& view);
[[nodiscard]] std::string words(const LimitedThing& thing);

// Of an active run: the version that it follows, and the run.
[[nodiscard]] const Dag& dag_of(const View& view, const DagRun& run);
// Runs of memory by number.
[[nodiscard]] std::map<RunNo, const DagRun*> runs_by_number(const engine::Snapshot& memory);

}  // namespace venturi::seeds
