// What the engine keeps of one DAG beside its active runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/forecast.h"
#include "engine/gate.h"
#include "model/records.h"
#include "schedule/partition_mapper.h"
#include "schedule/timetable.h"

namespace venturi::engine {

struct AssetMachine {
  AssetRecord row;
  std::set<std::int64_t> consumers;  // numbers of the DAG machines that are scheduled on it
};

struct AssetAliasMachine {
  AssetAliasRecord row;
  std::set<std::int64_t> assets;     // numbers of those that came through it
  std::set<std::int64_t> consumers;  // as of an asset
};

// What has come of one partition.
struct PartitionMachine {
  PartitionedRun row;
  std::map<std::int64_t, std::set<std::string>> keys;  // of its events, by asset
  std::vector<PartitionedEvent> events;
};

// An event for a partition of which a mapper of the user's has to say which. Its row has no key.
struct UnmappedEvent {
  PartitionedRun row;
  PartitionedEvent event;
  schedule::OwnMapperAnswers answers = {};
  std::map<std::int64_t, schedule::OwnMapperAnswers::Question> asked = {};  // by number, those without an answer yet
  int failures = 0;                                                         // in a row
  std::optional<Time> ask_again_at = {};                                    // after one
};

struct DagMachine {
  std::int64_t number = 0;         // in order of appearance; names it in timers
  std::shared_ptr<const Dag> dag;  // the newest version; null after a restart when its file is gone
  bool is_gone = false;
  bool is_due = false;  // stands in the queue of DAGs that get a scheduled run
  bool row_dirty = false;
  DagState row;
  std::shared_ptr<const schedule::Timetable> timetable;  // null: none, or one that cannot be read
  Forecast forecast;                                     // of a timetable of the user's
  std::optional<Time> timer;  // when the next scheduled run is due; nothing: it waits for something else
  Time last_manual{};         // run_after of the newest manual run: their run ids are made of it
  std::set<RunNo> active;
  // Parts of active, in the order in which they start; without those of backfills. Those of `later` are none of the DAG's
  // max_active_runs before their run_after.
  std::set<std::pair<Time, RunNo>> queued, later;
  std::set<std::int64_t> backfills;            // those that the engine knows
  int of_backfills = 0;                        // active runs
  bool is_starting = false;                    // its queued runs are being started
  std::int32_t outcomes_question = 0;          // the last one (outcomes.cpp)
  std::set<RunNo> looking_back;                // of active: those that asked for the run before them (past.cpp)
  std::set<std::int64_t> consumes;             // numbers of the assets that it is scheduled on
  std::set<std::string> consumes_aliases;      // names
  std::map<std::int64_t, Time> queued_assets;  // by number: since when it has had an event
  std::map<std::string, PartitionMachine, std::less<>> partitions;  // by key: those without a run
  std::set<std::string> partitions_due;                             // of these: whose condition may hold now
  std::map<std::int64_t, UnmappedEvent> unmapped;                   // by number of their rows
  std::map<std::string, Gate, std::less<>> task_gates;              // of tasks with max_active_tis_per_dag, by task_id

  // For max_active_runs, which does not count runs of backfills.
  [[nodiscard]] int counted() const { return static_cast<int>(active.size() - later.size()) - of_backfills; }
  [[nodiscard]] int running() const { return counted() - static_cast<int>(queued.size()); }
  [[nodiscard]] bool may_progress() const { return !row.is_paused; }
  [[nodiscard]] bool may_start_runs() const { return !row.is_paused && !row.awaits_outcomes; }
};

}  // namespace venturi::engine
