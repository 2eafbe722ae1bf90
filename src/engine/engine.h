// The scheduler as a pure state machine: (state, event, now) -> (changes, effects). No I/O, no clock, no thread, no random
// source; the order of everything it does follows from its inputs alone.
//
//   Engine e(config, snapshot);      // after a start: everything that was active
//   e.step(event, now);              // any number of events
//   e.work(now, budget);             // a slice of large work (creating task instances), while has_work()
//   Batch b = e.take();              // -> store in one transaction -> then, and only then, carry out b.effects
//   e.wake_at()                      // when to step(Tick{}) although nothing happened
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "engine/limit.h"
#include "model/backfill.h"
#include "model/dag.h"
#include "model/records.h"
#include "model/task_selection.h"
#include "schedule/partition_mapper.h"
#include "schedule/timetable_question.h"

namespace venturi::schedule {
class TimeZones;
}

namespace venturi::engine {

struct Config {
  std::uint64_t epoch = 0;                     // of this home
  std::uint64_t uuid_salt = 0;                 // random for each start of a server
  const schedule::TimeZones* zones = nullptr;  // never null for an engine; outlives it
  int parallelism = 32;                        // [core] parallelism: tries that may be queued or running at once, over all DAGs
  // [core], for DAGs that do not say it themselves.
  bool dags_are_paused_at_creation = true;
  bool rerun_with_latest_version = false;
  int max_active_runs_per_dag = 16;
  int max_active_tasks_per_dag = 16;                // of one run, as in Airflow 3
  int max_consecutive_failed_dag_runs_per_dag = 0;  // pauses a DAG; 0: never
  int default_pool_task_slot_count = 128;           // of default_pool, until somebody sets it
  int partition_mapper_max_downstream_keys = 1000;  // of one event, unless its mapper says more or less
  bool ignores_pools = false;                       // `dags test`: as Airflow's, which asks for none
};

// What a server rebuilds the engine from: all DAGs, and the active runs only.
struct Snapshot {
  std::vector<std::shared_ptr<const Dag>> dags;            // current versions
  std::vector<std::shared_ptr<const Dag>> older_versions;  // that active runs still follow
  std::vector<DagState> dag_states;
  std::vector<DagRun> runs;                  // queued or running
  std::vector<TaskInstance> task_instances;  // of those runs
  std::vector<XComLength> xcom_lengths;      // of those runs
  std::vector<OutboxEntry> outbox;           // not done yet
  std::vector<PoolRecord> pools;             // that somebody has set
  std::vector<AssetRecord> assets;
  std::vector<AssetAliasRecord> asset_aliases;
  std::vector<AliasedAsset> aliased_assets;
  std::vector<QueuedAsset> queued_assets;
  std::vector<PartitionedRun> partitioned_runs;      // without a run
  std::vector<PartitionedEvent> partitioned_events;  // of those
  std::vector<Backfill> backfills;                   // not completed, or of active runs
  std::int64_t next_backfill = 1;
  RunNo next_run = 1;
  TaskInstanceNo next_task_instance = 1;
  std::int64_t next_outbox = 1;
  std::uint64_t next_sequence = 1;  // of launch tokens
  std::int64_t next_asset = 1, next_asset_event = 1, next_asset_alias = 1, next_partitioned_run = 1;
};

// ---- events ---------------------------------------------------------------------------------------------------------

// A lane described this DAG, new or changed. Active runs keep the version they began with.
struct DagSeen {
  std::shared_ptr<const Dag> dag;
};
// Its file is gone: no new runs; active ones go on.
struct DagGone {
  std::string dag_id;
};
// Its runs were deleted from the store: nothing of it is left, but the events that its tasks made of assets. Refused while it
// has active runs. Where its file is still there, it is seen anew.
struct DeleteDag {
  std::int64_t command = 0;
  std::string dag_id;
};
struct SetPaused {
  std::int64_t command = 0;
  std::string dag_id;
  bool is_paused = false;
};
// A run asked for by a user or the API. Answered by Effect Answer with the same command number.
struct TriggerRun {
  std::int64_t command = 0;
  std::string dag_id;
  std::optional<std::string> run_id;  // default: Airflow's manual__<run_after>
  std::optional<Time> run_after;      // it is queued until then; default: now
  std::optional<Time> logical_date, data_interval_start, data_interval_end;
  bool logical_date_is_null = false;  // asked for expressly
  Value conf;
  std::string user;
  RunType run_type = RunType::manual;  // or operator_triggered, asset_materialization
  std::optional<std::string> partition_key = std::nullopt;
};
struct Tick {};  // time has passed
// Nothing new is begun: no run, no try; what is under way goes on. Empty: all goes on.
struct Hold {
  std::string why;
};
struct SetParallelism {
  int parallelism = 0;
};
// The worker recorded the token and made the process.
struct TryStarted {
  LaunchToken token;
  Time at;
  std::int32_t pid = 0;
};
// What a task says of an event of one of its outlets.
struct OutletEvent {
  AssetKey key;
  Value extra;
  std::string source_alias = {};  // of those among the task's outlets; empty: `key` is an outlet itself
  std::optional<std::string> partition_key = std::nullopt;  // instead of the run's; an outlet may have several events so
  Value asset_extra = {};                                   // of an asset that the alias brings, where it is not known yet
};
// How a try ended by its own message. `tasks` of SkipDownstream are ids; a branch sends it before its success.
struct TrySucceeded {
  LaunchToken token;
  Time at;
  std::vector<OutletEvent> outlet_events = {};
};
struct TryFailed {
  LaunchToken token;
  Time at;
  bool may_retry = true;                // false: AirflowFailException
  std::optional<Duration> retry_delay;  // overrides the task's own rule (RetryTask.retry_delay_seconds)
  EndReason reason = EndReason::none;
  std::int32_t detail = 0;
  std::string error;
};
struct TrySkipped {
  LaunchToken token;
  Time at;
};
struct TryRescheduled {
  LaunchToken token;
  Time at;
  Time reschedule_date;
};
// It waits without a process or slot until its trigger fires (Airflow's TaskDeferred): then the same try goes on, its process
// being told `next_method` and `next_kwargs`, the latter with `event`. The triggers that there are fire at a time.
struct TryDeferred {
  LaunchToken token;
  Time at;
  std::string classpath;
  Value trigger_kwargs;
  Time fires_at;
  Value event;
  std::optional<Duration> timeout;  // when it is over first, next_method is "__fail__"
  std::string next_method;
  Value next_kwargs;  // an object
};
// It waits in the process in which it runs, as a coroutine among others: deferred, and so without a slot, but still that
// launch. One that is lost then begins to wait again, as the same try.
struct TryDeferredInPlace {
  LaunchToken token;
  Time at;
  std::string classpath;  // Airflow's trigger for the same, to be shown
};
struct SkipDownstream {
  LaunchToken token;
  std::vector<std::string> task_ids;
};
// The worker says for sure that this launch never started: launch again, same try, new token.
// A try pushed or deleted an XCom that tasks may be mapped over (Task::mapped_keys); it comes before the try's success.
struct XComChanged {
  LaunchToken token;
  std::string key;
  std::optional<std::int32_t> length;  // -1: it is no list; nothing: it was deleted
};
struct TryNeverStarted {
  LaunchToken token;
};
// It may have started and its worker cannot say more: lost.
struct TryLost {
  LaunchToken token;
  Time at;
  std::string error;
};
// Mark an active run and its unfinished task instances failed (user, shutdown of `dags test`).
struct StopRun {
  std::int64_t command = 0;
  std::string dag_id, run_id;
  std::string why;
};
// A run that ended, as the store has it; looked at where it is not active.
struct EndedRun {
  DagRun row;
  std::shared_ptr<const Dag> dag;
  std::vector<TaskInstance> task_instances;  // by number; none where only the run's own state is to change
  std::vector<XComLength> xcom_lengths;
  std::optional<Backfill> backfill = std::nullopt;  // that the run is of
  bool is_whole = true;                             // otherwise the other task instances follow (MoreRows)
};
// Further task instances of a run that has ended and is being looked at again. `trouble`: they cannot be read.
struct MoreRows {
  RunNo run = 0;
  std::vector<TaskInstance> task_instances;
  bool are_last = false;
  std::optional<Error> trouble = std::nullopt;
};
// Task instances shall run again, as if they never had (Airflow's clear): those that run are killed first and are `restarting`
// until they have ended; a run that has ended is queued again. Answered with the run and what the task instances were before,
// when all are cleared; or without these as soon as the row says that they will be, whatever happens.
struct ClearTasks {
  std::int64_t command = 0;
  std::string dag_id, run_id;
  TaskSelection selection;
  std::shared_ptr<const EndedRun> ended = nullptr;
  std::string user;
  bool dry_run = false;  // the answer alone
  // Whether the run follows the DAG as it is now from then on, also where that has other tasks; nothing: as DAG and
  // configuration say. What is meant is named by the version that it follows until then.
  std::optional<bool> latest_version = std::nullopt;
  bool wants_rows = true;
};
// Task instances are said to have ended so (Airflow's set_task_instance_state): success, failed or skipped. What failed, or was
// not run, below the named tasks is cleared. Answered with the run and what those that changed were before.
struct MarkTasks {
  std::int64_t command = 0;
  std::string dag_id, run_id;
  std::vector<TaskSelection::Named> tasks;
  bool upstream = false, downstream = false;
  TaskState state = TaskState::success;
  std::shared_ptr<const EndedRun> ended = nullptr;
  std::string user;
  bool dry_run = false;
};
// A run is said to have ended so; or, queued, is looked at again. What runs ends like the run, what waits is skipped, teardowns
// run.
struct MarkRun {
  std::int64_t command = 0;
  std::string dag_id, run_id;
  RunState state = RunState::success;  // or failed, queued
  std::shared_ptr<const EndedRun> ended = nullptr;
  std::string user;
};
// A run is not that of its partition any more (Airflow's clearPartitions): another may be. Answered with the run.
struct ForgetPartition {
  std::int64_t command = 0;
  std::string dag_id, run_id;
  std::shared_ptr<const EndedRun> ended = nullptr;
};
struct OutboxDone {
  std::int64_t no;
};
// Makes a pool, or gives one other slots.
struct SetPool {
  std::int64_t command = 0;
  PoolRecord pool;
};
// Tasks that name it wait from then on.
struct DeletePool {
  std::int64_t command = 0;
  std::string pool;
};
// Events of an asset that no task made, one for each extra: together they make one run, not one each.
struct MakeAssetEvents {
  std::int64_t command = 0;
  std::int64_t asset = 0;
  std::vector<Value> extras;
  std::optional<std::string> partition_key = std::nullopt;
};
// What a DAG has queued of its assets, or of one, is forgotten.
struct ClearAssetQueue {
  std::int64_t command = 0;
  std::string dag_id;
  std::optional<std::int64_t> asset;
};
// The answer to LookBack. What the store knows; the run itself may have changed since.
struct PastFound {
  RunNo run = 0;
  std::int32_t question = 0;
  std::optional<DagRun> previous;
  std::vector<TaskInstance> task_instances;  // of `previous`
  std::vector<std::string> seen_before;      // of LookBack::task_ids: those that some run before had
};
// The answer to FindRuntimes: of the DAG's runs that have ended, the newest first.
struct RuntimesFound {
  RunNo run = 0;
  std::vector<Duration> runtimes;
};
// The answer to FindOutcomes; the latest dates first.
struct OutcomesFound {
  std::string dag_id;
  std::int32_t question = 0;
  std::vector<RunOutcome> runs;
};
// A run that has ended is deleted from the store: nobody is told of its deadlines.
struct RunDeleted {
  RunNo run = 0;
};
// Asks for a backfill; of `backfill` what a user may say counts. Answered with it when it is there; its runs follow in slices.
struct CreateBackfill {
  std::int64_t command = 0;
  Backfill backfill;
  bool dry_run = false;  // its dates alone, in the order in which they would run, whether they have runs or not
};
// One that is not completed. Cancelling fails its queued runs, and is answered when it is completed.
struct ChangeBackfill {
  enum class To : std::uint8_t { paused, unpaused, cancelled };
  std::int64_t command = 0;
  std::int64_t backfill_id = 0;
  To to = To::paused;
};
// The answer to FindDates: which of the dates have a run in the store, or one that has the id which the date's run would have.
struct DatesFound {
  struct Existing {
    Time logical_date;  // the date's, not the run's
    std::shared_ptr<const EndedRun> run;
  };
  std::int64_t backfill_id = 0;
  std::int32_t question = 0;
  std::vector<Existing> existing;
};
// The answer to AskTimetable, or why there is none: what the user's code threw, that it hangs, or that it makes no sense.
struct TimetableTold {
  std::int64_t question = 0;
  Result<schedule::TimetableAnswer> answer;
};
// The answer to AskWeights, in its order, or why there is none.
struct WeightsTold {
  std::int64_t question = 0;
  Result<std::vector<std::int32_t>> weights;
};
// The answer to AskMapper, or why there is none.
struct MapperTold {
  std::int64_t question = 0;
  Result<schedule::OwnMapperAnswers::Answer> answer;
};
// Delivery failed; retried with a delay until `attempts` reaches the limit, then dropped with an error in the run's history.
struct OutboxFailed {
  std::int64_t no;
  std::string error;
};

using Event =
    std::variant<DagSeen, DagGone, DeleteDag, SetPaused, TriggerRun, Tick, TryStarted, TrySucceeded, TryFailed, TrySkipped,
                 TryRescheduled, TryDeferred, TryDeferredInPlace, SkipDownstream, XComChanged, TryNeverStarted, TryLost,
                 StopRun, ClearTasks, MarkTasks, MarkRun, ForgetPartition, MoreRows, OutboxDone, OutboxFailed, SetPool,
                 DeletePool, PastFound, RuntimesFound, OutcomesFound, RunDeleted, CreateBackfill, ChangeBackfill, DatesFound,
                 TimetableTold, WeightsTold, MapperTold, MakeAssetEvents, ClearAssetQueue, Hold, SetParallelism>;

// ---- what comes out -------------------------------------------------------------------------------------------------

// Rows to write, whole, last state wins within a batch; in the order of their numbers.
struct Changes {
  std::vector<std::shared_ptr<const Dag>> dags;  // new versions
  std::vector<std::string> gone_dags;
  std::vector<std::string> deleted_dags;  // with all rows that name them, before the others are written
  std::vector<DagState> dag_states;
  std::vector<DagRun> runs;
  std::vector<TaskInstance> task_instances;
  std::vector<TaskInstance> ended_tries;  // a try that ended and is, or may be, followed by another: to the history of tries
  std::vector<OutboxEntry> outbox;        // new or changed
  std::vector<std::int64_t> outbox_done;
  std::vector<PoolRecord> pools;  // new or changed
  std::vector<std::string> deleted_pools;
  std::vector<AssetRecord> assets;              // new
  std::vector<AssetAliasRecord> asset_aliases;  // new
  std::vector<AliasedAsset> aliased_assets;     // new
  std::vector<AssetEvent> asset_events;
  std::vector<QueuedAsset> queued_assets, unqueued_assets;  // each in one of the two
  std::vector<PartitionedRun> partitioned_runs;             // new or changed
  std::vector<PartitionedEvent> partitioned_events;         // new
  std::vector<Backfill> backfills;                          // new or changed
  std::vector<BackfillDagRun> backfill_dag_runs;            // new
  std::vector<Transition> transitions;                      // in the order in which they happened, with RunNo beside
  std::vector<RunNo> transition_runs;                       // same length as transitions
  std::optional<std::uint64_t> next_sequence;
  [[nodiscard]] bool empty() const;
};

struct Launch {
  TaskInstance ti;
  std::shared_ptr<const Dag> dag;
  TaskIndex task;
  DagRun run;
  bool should_retry = false;
  // Of an instance of a mapped task: which item it takes of each XCom and constant that Task::mapped_over consists of, in the
  // order of MappedList::for_each_source; of what a mapped task's instances gave, the map_index. -1: none, where its item is of
  // another part of a concat, or is filled.
  std::vector<std::int64_t> items = {};
  // Since nothing but limits kept it from running, and which of them did so last. Not known of what was ready before a start.
  Duration waited{};
  Limit held_by = Limit::none;
};
struct Kill {
  LaunchToken token;
  EndReason reason;
};
struct Deliver {
  OutboxEntry entry;
  std::shared_ptr<const Dag> dag;
};
// kind and text as in base/result.h when it was refused; the run when it was made.
struct Answer {
  std::int64_t command;
  std::optional<Error> error;
  std::optional<DagRun> run;
  std::vector<TaskInstance> task_instances = {};  // the first 10,000 of those that changed
  std::int64_t changed = 0;                       // how many did
  std::optional<Backfill> backfill = std::nullopt;
  std::vector<Time> dates = {};  // of a backfill's dry run: at most 100,000
};
struct RunEnded {
  DagRun run;
};  // for those who wait

// A question to the store, which PastFound answers: the DAG's run with the latest logical date before this one. Until then only
// those of the run's tasks wait that look at it (depends_on_past).
struct LookBack {
  RunNo run = 0;
  std::int32_t question = 0;  // comes back with the answer
  std::string dag_id;
  Time before{};
  bool without_manual = false;        // with catchup, manual runs do not count
  std::vector<std::string> task_ids;  // with ignore_first_depends_on_past: whether any run before had them
};

// A question to the store, which RuntimesFound answers: how long the DAG's last runs took, for a deadline by their average.
struct FindRuntimes {
  RunNo run = 0;
  std::string dag_id;
  std::int32_t most = 0;
};

// A question to the store, which OutcomesFound answers: how the DAG's runs with the latest dates ended, after one that failed.
// Until then no run of the DAG starts.
struct FindOutcomes {
  std::string dag_id;
  std::int32_t question = 0;  // comes back with the answer
  std::int32_t most = 0;
};

// A question to the store, which DatesFound answers: whether the next dates of a backfill have runs.
struct FindDates {
  std::int64_t backfill_id = 0;
  std::int32_t question = 0;  // comes back with the answer
  std::string dag_id;
  struct Date {
    Time logical_date;
    std::string run_id;
  };
  std::vector<Date> dates;
  ReprocessBehavior reprocess_behavior = ReprocessBehavior::none;
};

// A question to the program of this version of the DAG, which TimetableTold answers: what a timetable of the user's says. Until
// then the DAG's next run, the manual run or the backfill waits that it is about.
struct AskTimetable {
  std::int64_t question = 0;  // comes back with the answer
  std::shared_ptr<const Dag> dag;
  schedule::TimetableQuestion about;
  bool is_for_schedule = false;  // its answer are the DAG's next scheduled runs
};

// A question to the program of the version that a run follows, which WeightsTold answers: the weights of task instances whose
// tasks have a weight rule of the user's (Task::weight_class). They wait for it; try_number counts the tries that they have
// had.
struct AskWeights {
  std::int64_t question = 0;  // comes back with the answer
  std::shared_ptr<const Dag> dag;
  DagRun run;
  std::vector<TaskInstance> task_instances;
};

// A question to the program of this version of the DAG, which MapperTold answers: what a partition mapper of the user's says of
// the key of an event. Until then the event waits, which its row says.
struct AskMapper {
  std::int64_t question = 0;  // comes back with the answer
  std::shared_ptr<const Dag> dag;
  schedule::OwnMapperAnswers::Question about;
};

// An event of a partition that is nothing to the DAG, because its mapper refuses the key, or would make too many runs of it.
// For the server's log, as in Airflow.
struct PartitionRefused {
  std::string dag_id, asset, partition_key, why;
};

using Effect = std::variant<Launch, Kill, Deliver, Answer, RunEnded, LookBack, FindRuntimes, FindOutcomes, FindDates,
                            AskTimetable, AskWeights, AskMapper, PartitionRefused>;

struct Batch {
  Changes changes;
  std::vector<Effect> effects;
};

class Engine {
 public:
  Engine(Config config, Snapshot snapshot);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Events that name a token which no longer counts (an older launch, a finished try) change nothing.
  void step(const Event& event, Time now);
  [[nodiscard]] bool has_work() const;
  // Does at most `budget` units of large work (one unit is about one task instance).
  void work(Time now, int budget);
  [[nodiscard]] Batch take();
  [[nodiscard]] std::optional<Time> wake_at() const;

  // Tokens whose fate the engine waits for (queued or running), in order: what a new worker connection is asked about.
  struct Outstanding {
    LaunchToken token;
    bool started = false;
    TaskInstance ti;
  };
  [[nodiscard]] std::vector<Outstanding> outstanding() const;
  // Everything below this sequence number is settled: workers may forget it.
  [[nodiscard]] std::uint64_t horizon() const;
  // Whether this launch is still the one that counts.
  [[nodiscard]] bool counts(LaunchToken token) const;
  // Whether this launch counts, and is to be killed: its task instance was cleared.
  [[nodiscard]] bool is_restarting(LaunchToken token) const;
  // Whether the launch pushed an XCom of this key that tasks are mapped over, and has not deleted it.
  [[nodiscard]] bool has_xcom_length(LaunchToken token, const std::string& key) const;
  // Of the launch, as declared; nullptr where it does not count. Good until the next event.
  [[nodiscard]] const Task* task_of(LaunchToken token) const;
  // The launch as it was (for launching again what a worker never saw, and for answering TIRunContext).
  [[nodiscard]] std::optional<Launch> launch_of(LaunchToken token) const;
  // Deliveries that nobody has under way, to be released again after a start; they are under way from then on.
  [[nodiscard]] std::vector<Deliver> take_due_deliveries();

  // What keeps a task instance that may be scheduled from running, in Airflow's words ("Pool Slots Available"), each with its
  // reason; empty where nothing does. An error where there is no such task instance among the active runs.
  struct UnmetDependency {
    std::string name, reason;
  };
  [[nodiscard]] Result<std::vector<UnmetDependency>> unmet_dependencies(std::string_view dag_id, std::string_view run_id,
                                                                        std::string_view task_id, std::int32_t map_index) const;
  // The pools, default_pool among them, by name.
  [[nodiscard]] std::vector<PoolRecord> pools() const;
  // ... and their slots, by what takes them. `scheduled`: of those that wait for one.
  struct PoolUse {
    PoolRecord pool;
    std::int64_t occupied = 0, running = 0, queued = 0, scheduled = 0, deferred = 0;
  };
  [[nodiscard]] std::vector<PoolUse> pool_use() const;

  // Whether it is not completed, or runs of it are active.
  [[nodiscard]] bool knows_backfill(std::int64_t id) const;

  // Whether callbacks or notifiers of the run were not delivered yet.
  [[nodiscard]] bool owes_callbacks(RunNo run) const;

  [[nodiscard]] bool is_active(std::string_view dag_id, std::string_view run_id) const;
  // Whether a command is being carried out on it in slices: another one has to wait.
  [[nodiscard]] bool is_changing(std::string_view dag_id, std::string_view run_id) const;
  // Why no task instances of it can be cleared or marked now.
  [[nodiscard]] std::optional<Error> change_trouble(std::string_view dag_id, std::string_view run_id) const;
  // An active run, one that ended since the last take(): the store may not know it yet; or one that is being looked at again.
  [[nodiscard]] bool has_run(std::string_view dag_id, std::string_view run_id) const;
  [[nodiscard]] std::shared_ptr<const Dag> find_dag(std::string_view dag_id) const;
  [[nodiscard]] bool is_paused(std::string_view dag_id) const;  // false of one that is not there
  // The present versions, by dag_id.
  [[nodiscard]] std::vector<std::shared_ptr<const Dag>> dags() const;
  // The whole state in the form it is rebuilt from, in a canonical order: for tests and the simulator.
  [[nodiscard]] Snapshot snapshot() const;

 private:
  friend class EngineInside;  // tests/seeds recounts what is counted here
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace venturi::engine
