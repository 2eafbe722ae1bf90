// What the engine decides about and the store keeps: one struct a row. The engine hands whole rows on, the store writes them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/dag.h"
#include "model/state.h"
#include "venturi/value.h"

namespace venturi {

using RunNo = std::int64_t;  // primary key of dag_run, counted up by the engine
// Primary key of task_instance; those of a run are consecutive: one for each task in order of Dag::tasks, then the instances of
// mapped tasks with map_index 1 and up, as they are made.
using TaskInstanceNo = std::int64_t;
// Of each run, whether it needs them or not: no run has more task instances, also when it comes to follow a DAG with others,
// and there is room for 2^39 runs.
inline constexpr std::int64_t task_instance_numbers = std::int64_t{1} << 24;

// 16 bytes as Airflow's ids want them (UUID version 7). A task instance gets a new one with each try.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  [[nodiscard]] std::string text() const;
};
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);
// Time-ordered, unique as long as (salt, counter) is: no random source is asked.
[[nodiscard]] Uuid make_uuid7(Time t, std::uint64_t salt, std::uint64_t counter);

// Names one launch of a try. A worker accepts each at most once (docs/architecture/one-task.md). Sequence numbers of an epoch
// are given out in order; a restored backup starts a new epoch.
struct LaunchToken {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  // from 1; 0: none
  friend bool operator==(const LaunchToken&, const LaunchToken&) = default;
  friend auto operator<=>(const LaunchToken&, const LaunchToken&) = default;
};

struct DagRun {
  RunNo no = 0;
  std::string dag_id, run_id;
  RunType run_type = RunType::manual;
  RunState state = RunState::queued;
  std::optional<Time> logical_date, data_interval_start, data_interval_end;
  Time run_after{}, queued_at{};
  std::optional<Time> start_date, end_date;
  Value conf;                  // object or null
  std::string triggered_by;    // user name; empty for the scheduler
  std::string dag_version_id;  // the serialized DAG that the run follows to its end
  TaskInstanceNo first_task_instance = 0;
  std::int64_t assets_after = 0,
               assets_up_to =
                   0;  // asset_triggered: the events of its assets at the positions behind the first, up to the second
  std::int32_t created_task_instances = 0;  // creation goes in slices: one for each task, then those of mapped tasks
  std::int64_t backfill_id = 0;             // 0: it is of none
  std::int32_t sort_ordinal = 0;            // of a backfill: in which order its runs start
  bool fails_fast = false;                  // a task failed, and what has not ended is being ended (fail_fast)
  bool awaits_runtimes = false;             // a deadline of it waits to learn how long the DAG's runs took
  std::int64_t task_instance_numbers = 0;   // reserved; 0: by an older Venturi, as many as its version of then needed
  // It follows a DAG with other tasks than it began with: its task instances do not stand in the order of the tasks.
  bool is_renumbered = false;
  Value change;  // object of the engine's: task instances are being cleared or marked, one after the other; null: they are not
  std::optional<std::string> partition_key = std::nullopt;  // of the data that it is for
  std::optional<Time> partition_date = std::nullopt;        // what the key says of time
  friend bool operator==(const DagRun&, const DagRun&) = default;
};

struct TaskInstance {
  TaskInstanceNo no = 0;
  RunNo run = 0;
  std::string task_id;
  std::int32_t map_index = -1;
  std::int32_t instances = 0;  // of a mapped task's first one: how many it has, made or still to be made; 0: it is not expanded
  TaskState state = TaskState::none;
  EndReason end_reason = EndReason::none;
  std::int32_t end_detail = 0;  // exit code or signal number
  std::int32_t try_number = 0;  // 0: never ran; else the try that runs or ran last
  std::int32_t max_tries = 0;   // retries as of the DAG; clear adds to it
  std::int32_t losses = 0;      // lost tries given back by retries_on_loss so far
  Uuid id{};
  LaunchToken token{};  // of the launch that counts; sequence 0 while not queued for the first time
  std::optional<Time> queued_at, start_date, end_date;
  std::optional<Time> next_try_at;  // up_for_retry, up_for_reschedule and deferred
  std::int32_t pid = 0;
  std::string error;  // one line: what ended the try badly; never a secret
  // null, or of one that is deferred {classpath, trigger_kwargs, created_date, timeout_date (null: it has none), next_method,
  // next_kwargs, event}, and of one that goes on after that {next_method, next_kwargs}.
  Value deferral;
  std::optional<std::int32_t> priority_weight;  // what a weight rule of the user's said; nothing: as the DAG says
  friend bool operator==(const TaskInstance&, const TaskInstance&) = default;
};

// How long an XCom is that another task of the run is mapped over: all that the engine knows of it.
struct XComLength {
  RunNo run = 0;
  std::string task_id;
  std::int32_t map_index = -1;
  std::string key;
  std::int32_t length = 0;  // -1: it is no list
  friend bool operator==(const XComLength&, const XComLength&) = default;
};

// How a run ended, or that it has not.
struct RunOutcome {
  RunNo no = 0;
  RunState state = RunState::queued;
  Time date{};  // its logical date; of a run without one, its run_after
  friend bool operator==(const RunOutcome&, const RunOutcome&) = default;
};

// The schedule's memory of one DAG.
struct DagState {
  std::string dag_id;
  bool is_paused = false;
  std::optional<Time> next_logical_date, next_interval_start, next_interval_end, next_run_after;
  // The newest automatic run's data interval: what the next one follows.
  std::optional<Time> last_interval_start, last_interval_end;
  bool awaits_outcomes = false;       // a run failed, and it is not known yet whether the last ones all did
  std::int64_t last_asset_event = 0;  // position up to which runs took those of its assets
  friend bool operator==(const DagState&, const DagState&) = default;
};

// Airflow's pools: so many slots for the task instances of all DAGs that name it.
struct PoolRecord {
  std::string pool;
  std::int32_t slots = 0;  // below 0: no limit
  std::string description;
  bool include_deferred = false;  // deferred task instances keep their slots
  friend bool operator==(const PoolRecord&, const PoolRecord&) = default;
};
inline constexpr const char* default_pool = "default_pool";  // which is always there

struct AssetRecord {
  std::int64_t no = 0;
  AssetKey key;
  std::string group;
  Value extra;
  Time created{};
  friend bool operator==(const AssetRecord&, const AssetRecord&) = default;
};
// Something has made an asset anew: a task, or who says so through the API (without a source).
struct AssetEvent {
  std::int64_t no = 0;  // its position in the order of all events
  std::int64_t asset = 0;
  Value extra;
  std::string source_dag_id, source_task_id, source_run_id;
  std::int32_t source_map_index = -1;
  Time at{};
  std::optional<std::string> partition_key = std::nullopt;
  Value source_aliases = {};  // names of the aliases through which the task came to the asset; null: none
  friend bool operator==(const AssetEvent&, const AssetEvent&) = default;
};
// A name for assets that tasks find while they run (Airflow's AssetAlias). DAGs are scheduled on it before it has any.
struct AssetAliasRecord {
  std::int64_t no = 0;
  std::string name, group;
  friend bool operator==(const AssetAliasRecord&, const AssetAliasRecord&) = default;
};
// A task has had an event of the asset through the alias: it is one of the alias' assets from then on.
struct AliasedAsset {
  std::int64_t alias = 0, asset = 0;
  friend bool operator==(const AliasedAsset&, const AliasedAsset&) = default;
};
// What a DAG that is scheduled on partitioned assets has had of one partition (Airflow's AssetPartitionDagRun). `run`: the run
// that took it; 0: it is waited for more; -1: the DAG's mappers have changed, and it counts no more.
struct PartitionedRun {
  std::int64_t no = 0;
  std::string dag_id, partition_key;
  std::optional<Time> partition_date = std::nullopt;  // that the events brought
  std::string mappers;  // the definition of the DAG's mappers: where that changes, what was collected counts no more
  Time created{};
  RunNo run = 0;
  friend bool operator==(const PartitionedRun&, const PartitionedRun&) = default;
};
// An event that counts for it, and the key that the event had.
struct PartitionedEvent {
  std::int64_t partitioned_run = 0, event = 0, asset = 0;
  std::string source_partition_key;
  friend bool operator==(const PartitionedEvent&, const PartitionedEvent&) = default;
};
// A DAG has had an event of the asset since its run before, and waits for its condition to hold.
struct QueuedAsset {
  std::string dag_id;
  std::int64_t asset = 0;
  Time at{};
  friend bool operator==(const QueuedAsset&, const QueuedAsset&) = default;
};

// A callback or notifier that is owed. It stays until somebody reports that it was done, and is done again after a crash:
// its key is what a receiver removes doubles by (a mail's Message-ID).
struct OutboxEntry {
  std::int64_t no = 0;
  RunNo run = 0;
  std::string key;                      // "order_quality/manual__.../count_orders/-1/2/failure"
  std::string dag_id, run_id, task_id;  // task_id empty: a callback of the DAG run
  std::int32_t map_index = -1, try_number = 0;
  std::string event;  // "failure", "success", "retry", "skipped"; "deadline": a DeadlineAlert, made with its run
  Value context;      // what the message tells: error, log path, state, dates
  std::int32_t attempts = 0;
  std::optional<Time> next_attempt_at;
  friend bool operator==(const OutboxEntry&, const OutboxEntry&) = default;
};

// One transition and its cause, for `tasks why` and the event log.
struct Transition {
  TaskInstanceNo task_instance = 0;  // 0: the run itself
  TaskState from = TaskState::none, to = TaskState::none;
  RunState run_to = RunState::queued;  // when task_instance is 0
  std::int32_t try_number = 0;
  std::string cause;  // "all upstreams succeeded", "try 1 of 3 failed: ...", "trigger rule all_success: upstream x failed"
};

}  // namespace venturi
