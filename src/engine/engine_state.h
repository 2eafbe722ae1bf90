// The state of the engine: private to the .cpp files of this folder, each of which holds one subject of it.
//
//   engine.cpp   events in, batches out      runs.cpp    from a run's creation to its end: judging, counting, sweeping
//   loading.cpp  what follows from rows
//   dags.cpp     DAGs and their schedules    tries.cpp   launches, limits, how tries end, retries
//   changes.cpp  which rows to write         outbox.cpp  callbacks that are owed
//   mapping.cpp  mapped tasks                judging.cpp what becomes of task instances whose upstreams end
//   gates.cpp    pools, max_active_tis       past.cpp    depends_on_past: what runs see of the ones before
//   clearing.cpp what is to run again        marking.cpp what is said to have ended
//   changing.cpp both, in slices             visits.cpp  both, of runs that have ended
//   following.cpp runs that follow their DAG as it is now
//   assets.cpp   events, and runs because of them explain.cpp why a task instance waits
//   asset_aliases.cpp  assets that tasks find while they run  partitions.cpp  runs for parts of the data
//   deadlines.cpp what is told when a run has not succeeded in time
//   outcomes.cpp runs that failed one after the other
//   weights.cpp  weight rules of the user's
//   user_timetables.cpp  what only the DAG's program knows of its schedule
//   own_mappers.cpp  what only it knows of partitions
//   backfill.cpp, backfill_dates.cpp  runs for dates that lie behind; backfill_dry_run.cpp  which those would be
//   mapped_items.cpp which items an instance of a mapped task takes
//   deletion.cpp what is forgotten with a DAG
//
// What spans DAGs lies in members of its own (slots_used, places, outstanding, outbox); DAG machines and runs reach it only
// through the functions of tries.cpp and outbox.cpp.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/backfill_machine.h"
#include "engine/dag_machine.h"
#include "engine/engine.h"
#include "engine/run.h"
#include "engine/timers.h"

namespace venturi::engine {

struct Engine::State {
  struct Attempt {  // a launch whose fate the engine waits for
    Run* run;
    SlotIndex slot;
  };
  struct Owed {
    OutboxEntry entry;
    std::shared_ptr<const Dag> dag;  // null after a restart: then the DAG's present version
    bool under_way = false;
  };

  explicit State(Config c) : config(c) {}

  // What follows from a run's rows together is worked out task by task, then slot by slot.
  struct Connecting {
    TaskIndex task = 0;
    SlotIndex slot = 0;
  };
  // Of a task: the instance without a map_index, and those with one, in order.
  struct SlotsOfTask {
    std::optional<SlotIndex> single;
    std::vector<SlotIndex> instances;
  };
  // A run that has ended, and what is to change of it.
  struct Visit {
    Change change = {};
    std::shared_ptr<const Dag> version;            // that it follows now
    std::shared_ptr<const Dag> next_version = {};  // ... and from then on
    std::int64_t command = 0;
    bool is_dry = false, wants_rows = true;
    std::optional<std::string> user = std::nullopt;  // who queues it again, where that is all

    std::unique_ptr<Run> run = nullptr;
    std::vector<XComLength> lengths = {};
    std::optional<Backfill> backfill = std::nullopt;
    bool is_read = false, marks = false, clears = false;
    Connecting connecting = {};
  };

  // loading.cpp
  void load(Snapshot snapshot);
  std::unique_ptr<Run> make_run(DagRun row, std::shared_ptr<const Dag> dag);
  Run& load_run(DagRun row, std::shared_ptr<const Dag> dag, const std::vector<TaskInstance>& rows, std::size_t& next_row);
  static void load_slot(Run& run, TaskInstance row);
  void add_progress(Run& run, TaskIndex task);
  void let_go(Run& run);
  void take_up(Run& run);
  void take_up_slots(Run& run);
  void take_up_slot(Run& run, SlotIndex slot);
  // Some of it: units of work done, 0 where all is.
  static int connect_some(Run& run, Connecting& connecting);
  static void connect_run(Run& run);
  void resume(Time now);

  // engine.cpp
  void settle(Time now);
  [[nodiscard]] bool has_work() const;
  void work(Time now, int budget);
  void on_timer(const Timer& timer, Time now);
  void answer(std::int64_t command, std::optional<Error> error, std::optional<DagRun> run);

  // dags.cpp
  DagMachine& machine_of(const std::string& dag_id);
  [[nodiscard]] DagMachine* find_machine(std::string_view dag_id);
  [[nodiscard]] DagMachine* find_machine(std::int64_t number);
  [[nodiscard]] Run* find_active(std::string_view dag_id, std::string_view run_id);
  void dag_seen(const DagSeen& e, Time now);
  void dag_gone(const DagGone& e);
  // deletion.cpp
  void delete_dag(const DeleteDag& e);
  void drop_changes_of(const DagMachine& m);
  void set_paused(const SetPaused& e, Time now);
  void set_hold(const Hold& e, Time now);
  // What a timetable of the user's said of a manual run.
  struct InferredInterval {
    Time asked_at;
    schedule::DataInterval interval;
  };
  void trigger(const TriggerRun& e, Time now, const InferredInterval* inferred = nullptr);
  void find_next_run(DagMachine& m, Time now);
  void show_next_run(DagMachine& m, const std::optional<schedule::RunInfo>& info);
  void schedule(DagMachine& m, Time now);
  void make_scheduled_run(DagMachine& m, Time now);
  Run& create_run(DagMachine& m, DagRun row, Time now);
  [[nodiscard]] int max_active_runs(const DagMachine& m, const Dag* followed) const;
  void start_runs(DagMachine& m, Time now);
  void sort_queue(DagMachine& m, Time now);
  void start_run(Run& run, Time now, std::string cause);

  // outcomes.cpp
  [[nodiscard]] int most_failures(const Dag& dag) const;
  void look_for_failures(const Run& run);
  void ask_for_outcomes(DagMachine& m, const Dag& dag);
  void outcomes_found(const OutcomesFound& e, Time now);

  // user_timetables.cpp
  struct NextRun {
    bool is_known = false;  // else its program is asked, and the answer comes back to who wanted to know
    std::optional<schedule::RunInfo> info;
  };
  [[nodiscard]] NextRun next_scheduled(DagMachine& m, const std::optional<schedule::DataInterval>& last, Time now);
  [[nodiscard]] NextRun next_date(BackfillMachine& b, const std::optional<schedule::DataInterval>& last, Time now);
  void ask_for_interval(DagMachine& m, const TriggerRun& e, Time asked_at, Time now);
  [[nodiscard]] bool is_asked_for(const TriggerRun& e) const;
  void ask_for_first_dates(const DagMachine& m, const CreateBackfill& e, Time now);
  void timetable_told(const TimetableTold& e, Time now);
  void ask_again(DagMachine& m, Time now);
  void forget_forecasts(DagMachine& m);
  // Whose question it is.
  struct OfDag {
    std::int64_t number;
  };
  struct OfBackfill {
    std::int64_t id;
  };
  struct OfTrigger {
    TriggerRun event;
    Time asked_at;
  };
  struct OfWeights {
    RunNo run;
    std::vector<SlotIndex> slots;
  };
  struct OfDryRun {
    CreateBackfill event;
    std::vector<Time> dates;  // so far
    std::optional<schedule::DataInterval> last;
  };
  struct OfMapper {
    std::int64_t number;  // of the DAG
    std::int64_t event;   // of the row that waits
  };
  using Asker = std::variant<OfDag, OfBackfill, OfTrigger, CreateBackfill, OfDryRun, OfWeights, OfMapper>;
  std::int64_t ask(const DagMachine& m, const schedule::TimetableQuestion& about, Asker asker);

  // weights.cpp
  [[nodiscard]] bool is_weighed(Run& run, SlotIndex slot);
  void ask_for_weights(Time now);
  void weights_told(const WeightsTold& e, Time now);
  void forget_weights(Run& run);
  void weigh_again(RunNo no);
  [[nodiscard]] static std::string weight_text(const Run& run, SlotIndex slot);

  // backfill.cpp
  [[nodiscard]] std::optional<Error> backfill_trouble(const Backfill& b, Time now);
  void create_backfill(const CreateBackfill& e, Time now, const schedule::TimetableAnswer* first_dates = nullptr);
  // backfill_dry_run.cpp
  void tell_dates(OfDryRun of, Time now);
  void add_dates(OfDryRun of, const schedule::TimetableAnswer& told, Time now);
  void answer_dates(OfDryRun of);

  BackfillMachine& know_backfill(Backfill row);
  void mark(const BackfillMachine& b);
  void add_work(BackfillMachine& b);
  void resume_backfills(const DagMachine& m);
  void change_backfill(const ChangeBackfill& e, Time now);
  // Units of work done, as work_on().
  int work_on_backfill(Time now);
  int look_ahead(BackfillMachine& b, Time now);
  void ask_for_dates(BackfillMachine& b, Time now);
  void dates_found(const DatesFound& e, Time now);
  void make_backfill_run(BackfillMachine& b, const schedule::RunInfo& info, bool is_active, const EndedRun* old, Time now);
  void remember_interval(DagMachine& m, const schedule::DataInterval& interval);
  Run& reprocess(const BackfillMachine& b, const EndedRun& old, std::int32_t sort_ordinal, Time now);
  int cancel_some(BackfillMachine& b, Time now);
  void complete_if_done(BackfillMachine& b, Time now);
  void complete(BackfillMachine& b, Time now);
  void forget_if_over(BackfillMachine& b);
  void enter(Run& run);
  void join_queue(const Run& run);
  static void leave_queue(const Run& run);
  // The backfill that it was of.
  static BackfillMachine* unlist(Run& run);
  void leave(Run& run, Time now);
  void start_backfill_runs(DagMachine& m, Time now);

  // runs.cpp
  void add_work(Run& run);
  // Units of work done, at most `budget` but for the downstreams of one task.
  int work_on(Run& run, Time now, int budget);
  [[nodiscard]] bool has_work(const Run& run) const;
  void create_task(Run& run, Time now);
  void add_slot(Run& run, TaskIndex task, std::int32_t map_index, Time now);
  void add_absent_slot(Run& run);
  void end_by_engine(Run& run, SlotIndex slot, Time now);
  void sweep_task(Run& run, Time now);
  void begin_sweep(Run& run, Sweep sweep);
  void fail_fast(Run& run, std::string_view task_id);
  void end_if_done(Run& run, Time now);
  // `reason`: Airflow's word for callbacks: "success", "task_failure", "timed_out", "all_tasks_deadlocked"; empty: none is
  // owed.
  void end_run(Run& run, RunState state, Time now, std::string cause, std::string_view reason = "success");
  void set_state(Run& run, SlotIndex slot, TaskState to, std::string cause);
  void change_end(Run& run, SlotIndex slot, TaskState to, std::string cause);
  void stop_run(const StopRun& e);
  void forget_partition(const ForgetPartition& e);

  // judging.cpp
  void count_finished(Run& run, SlotIndex slot, Time now);
  void count_edges(Run& run, SlotIndex slot);
  static void count_below(Run& run, SlotIndex slot, int by);
  void judge_task(Run& run, TaskIndex task, std::optional<SlotIndex> because, Time now);
  void judge_instance(Run& run, SlotIndex slot, std::optional<SlotIndex> because, Time now);
  void judge_instances(Run& run, TaskIndex task, std::optional<SlotIndex> because);
  void continue_judging(Run& run, Time now);
  [[nodiscard]] static std::string rule_trouble(const Run& run, SlotIndex slot);
  [[nodiscard]] static Verdict verdict_of(const Run& run, SlotIndex slot);
  void settle_verdict(Run& run, SlotIndex slot, Verdict verdict, std::string cause, Time now);

  // mapping.cpp
  void expand(Run& run, TaskIndex task, std::uint32_t instances);
  void continue_expansion(Run& run, Time now);
  void make_instances(Run& run, TaskIndex task, Time now);
  bool revise(Run& run, TaskIndex task, Time now);
  void cut_expansion(Run& run, TaskIndex task);
  void take_length(const XComChanged& e);
  static void load_lengths(Run& run, const std::vector<const XComLength*>& lengths);
  static void load_expansion(Run& run, TaskIndex task);

  // past.cpp
  [[nodiscard]] bool past_allows(Run& run, TaskIndex task);
  void ask_for_past(Run& run);
  void past_found(const PastFound& e);
  void tell_followers(Run& run, TaskIndex task);
  void leave_followers(Run& run);
  void past_changed(const Run& run);
  void judge_patient_task(Run& run, TaskIndex task);
  void judge_patient_tasks(Run& run);
  [[nodiscard]] std::string past_trouble(const Run& run, TaskIndex task) const;

  // gates.cpp
  void load_pools(std::vector<PoolRecord> rows);
  [[nodiscard]] PoolGate& pool_of(const std::string& name);
  void set_pool(const SetPool& e);
  void delete_pool(const DeletePool& e);
  void count_under_way(Run& run, SlotIndex slot, int by);
  void count_deferred(Run& run, SlotIndex slot, int by);
  void open(Gate& gate);
  void close_gates(Run& run);
  [[nodiscard]] Gate* full_gate(Run& run, SlotIndex slot);
  [[nodiscard]] std::optional<WaitingTask> first_through(Gate& gate);
  [[nodiscard]] std::optional<std::pair<Gate*, WaitingTask>> first_through_gates();
  [[nodiscard]] bool may_launch(const Run& run) const;
  [[nodiscard]] static Limit held_by(const Run& run, SlotIndex slot, Time now);
  [[nodiscard]] std::string limit_text(const Run& run, SlotIndex slot, Limit limit) const;
  void launch_or_wait(Run& run, SlotIndex slot, Time now);
  void fill_slots(Time now);

  // tries.cpp
  void make_ready(Run& run, SlotIndex slot, std::string cause);
  void find_place(Run& run);
  void launch(Run& run, SlotIndex slot, Time now);
  [[nodiscard]] Launch launch_effect(const Run& run, SlotIndex slot) const;
  void fence(const TaskSlot& slot, EndReason reason);
  void try_started(const TryStarted& e);
  void try_succeeded(const TrySucceeded& e, Time now);
  void try_skipped(const TrySkipped& e);
  void try_failed(const TryFailed& e, Time now);
  void try_lost(const TryLost& e, Time now);
  void try_rescheduled(const TryRescheduled& e);
  void try_deferred(const TryDeferred& e);
  void try_deferred_in_place(const TryDeferredInPlace& e);
  void resume_deferred(Run& run, SlotIndex slot);
  void skip_downstream(const SkipDownstream& e, Time now);
  void skip(Run& run, SlotIndex slot, const std::string& cause, Time now);
  void try_never_started(const TryNeverStarted& e, Time now);
  void fail_try(const Attempt& attempt, const TryFailed& e, Time now);
  [[nodiscard]] std::optional<Attempt> end_attempt(LaunchToken token, Time at);

  // clearing.cpp
  [[nodiscard]] const std::shared_ptr<const Dag>& version_after(const ClearTasks& e, const DagMachine& m,
                                                                const std::shared_ptr<const Dag>& followed) const;
  void clear(const ClearTasks& e, Time now);
  void begin_clear(Run& run, Change change, const std::shared_ptr<const Dag>& version, std::int64_t command, bool wants_rows,
                   Time now);
  [[nodiscard]] std::optional<Error> change_trouble(std::string_view dag_id, std::string_view run_id);
  [[nodiscard]] bool is_changing(std::string_view dag_id, std::string_view run_id);
  void queue_again(Run& run, const std::string& cause, Time now);
  void clear_instance(Run& run, SlotIndex slot, const std::string& cause, Time now);
  static void take_back(Run& run, SlotIndex slot);
  void judge_again(Run& run, SlotIndex slot);
  static void judge_all_instances(Run& run, TaskIndex task);
  void reset(Run& run, SlotIndex slot, Time now);
  void restart(Run& run, SlotIndex slot, Time now);

  // following.cpp
  void follow(Run& run, const std::shared_ptr<const Dag>& version, const std::string& cause, Time now);
  [[nodiscard]] static std::map<std::string, SlotsOfTask, std::less<>> slots_by_task(const Run& run);
  void follow_task(Run& run, TaskIndex task, const SlotsOfTask& had, const Dag& from, Time now);
  void give_up(Run& run, SlotIndex slot, const std::string& cause, Time now);
  void mark_removed(Run& run, SlotIndex slot, const std::string& cause, Time now);
  void keep(Run& run, SlotIndex slot, TaskIndex task, Time now);
  void run_anew(Run& run, SlotIndex slot, const std::string& cause, Time now);
  void take_absent_slot(Run& run, TaskIndex task, SlotIndex& free);
  static void find_first_slots(Run& run);

  // changing.cpp
  void begin_change(Run& run, Change change);
  void go_on_with_change(Run& run);
  static void find_not_chosen(Run& run);
  int continue_change(Run& run, Time now);
  bool change_slot(Run& run, SlotIndex slot, Time now);
  void end_change(Run& run, Time now);

  // visits.cpp
  void visit(const EndedRun& ended, Visit visit, Time now);
  [[nodiscard]] Visit* find_visit(std::string_view dag_id, std::string_view run_id);
  void more_rows(const MoreRows& e);
  void add_rows(Visit& visit, const std::vector<TaskInstance>& rows);
  void fill_up(Visit& visit);
  bool is_meant(Visit& visit);
  int work_on_visit(RunNo run, Time now, int budget);
  void decide(RunNo run, Time now);
  void end_visit(RunNo run);
  Run& take_in(std::unique_ptr<Run> run, const std::optional<Backfill>& backfill);

  // marking.cpp
  void mark_tasks(const MarkTasks& e, Time now);
  void mark_run(const MarkRun& e, Time now);
  void mark_instance(Run& run, SlotIndex slot, TaskState to, const std::string& cause, Time now);
  static void judge_below(Run& run, SlotIndex slot);

  // assets.cpp
  AssetMachine& asset_of(const AssetKey& key, const std::string& group, const Value& extra, Time now);
  [[nodiscard]] AssetMachine* asset_of(const schedule::AssetCondition& leaf);
  void connect_assets(DagMachine& m, Time now);
  void disconnect_assets(DagMachine& m);
  static void consume(DagMachine& m, AssetMachine& asset);
  // `partition_date`: what the run that made it says of its key.
  void add_asset_event(AssetMachine& asset, AssetEvent event, std::optional<Time> partition_date = {});
  void queue_for(DagMachine& m, const AssetEvent& event, std::optional<Time> partition_date);
  [[nodiscard]] bool holds(const DagMachine& m, const schedule::AssetCondition& condition);
  void produce(const Run& run, SlotIndex slot, const std::vector<OutletEvent>& told, Time now);
  void make_asset_events(const MakeAssetEvents& e, Time now);
  void clear_asset_queue(const ClearAssetQueue& e);
  void make_asset_runs(Time now);
  void queue_asset(QueuedAsset queued, bool is_queued);
  void load_assets(Snapshot& snapshot);

  // asset_aliases.cpp
  AssetAliasMachine& alias_of(const std::string& name, const std::string& group);
  [[nodiscard]] static AssetEvent event_of(const Run& run, SlotIndex slot, Time now);
  void produce_by_aliases(const Run& run, SlotIndex slot, const std::vector<OutletEvent>& told, Time now);
  void load_aliases(Snapshot& snapshot);

  // partitions.cpp
  void collect(DagMachine& m, const AssetEvent& event, std::optional<Time> partition_date);
  void make_partitioned_runs(DagMachine& m, Time now);
  void changed_partition(const PartitionedRun& row);
  void check_partitions(DagMachine& m);
  // Whether one event may make so many runs; says so where it may not.
  bool may_make(const DagMachine& m, const schedule::PartitionMapper& mapper, const PartitionedEvent& event, std::size_t keys);
  void refuse_partition(const DagMachine& m, const PartitionedEvent& event, std::string why);
  void add_to_partitions(DagMachine& m, const AssetEvent& event, const std::vector<std::string>& keys,
                         const std::vector<std::optional<Time>>& dates);
  // own_mappers.cpp
  void wait_for_mapper(DagMachine& m, const AssetEvent& event);
  void map_event(DagMachine& m, std::int64_t no, Time now);
  void map_events(DagMachine& m, Time now);
  void drop_unmapped(DagMachine& m, std::int64_t no);
  void check_unmapped(DagMachine& m);
  void mapper_told(const MapperTold& e, Time now);
  [[nodiscard]] std::string random_letters();
  [[nodiscard]] bool holds(const DagMachine& m, const PartitionMachine& partition);
  [[nodiscard]] std::optional<Time> date_of(const DagMachine& m, const PartitionMachine& partition);
  void load_partitions(Snapshot& snapshot);

  // deadlines.cpp
  void plan_deadlines(Run& run);
  void owe_deadline(const Run& run, std::size_t alert, Time at);
  void miss_deadline(Owed& owed);
  void drop_deadlines(RunNo run, Time from);
  void meet_deadlines(Run& run, Time now);
  void move_deadlines(const Run& run);
  void ask_for_runtimes(const Run& run);
  void runtimes_found(const RuntimesFound& e);

  // outbox.cpp
  void owe(Run& run, std::optional<SlotIndex> slot, std::string_view event, bool function_is_owed,
           std::string_view reason = {});
  void delivered(const OutboxDone& e);
  void delivery_failed(const OutboxFailed& e, Time now);
  void deliver(Owed& owed);

  // changes.cpp
  void mark(DagMachine& m);
  void mark(Run& run);
  void mark(Run& run, SlotIndex slot);
  void note(const Run& run, Transition transition);
  [[nodiscard]] Changes take_changes();

  [[nodiscard]] Uuid new_id(Time now) { return make_uuid7(now, config.uuid_salt, next_uuid++); }

  Config config;
  std::map<std::string, std::unique_ptr<DagMachine>, std::less<>> machines;
  std::map<std::int64_t, DagMachine*> machines_by_number;
  std::int64_t next_machine = 0;
  std::map<RunNo, std::unique_ptr<Run>> runs;
  Timers timers;
  std::map<RunNo, Visit> visits;
  std::deque<RunNo> busy;       // runs with work, in turns, and those of visits
  std::deque<DagMachine*> due;  // DAGs that get a scheduled run
  std::map<std::int64_t, BackfillMachine> backfills;
  std::map<std::int64_t, Asker> questions;  // to classes of the user's
  std::set<RunNo> to_weigh;                 // runs with task instances whose weights are to be asked for
  std::int64_t next_question = 1;
  std::deque<std::int64_t> busy_backfills;  // with dates to look at, or being cancelled
  Time present{};                           // of the event that is looked at
  bool is_resumed = false;                  // what a rebuilt engine has to do first needs the time of the first event

  // What spans DAGs.
  std::string hold;                                    // why nothing new is begun; empty: nothing holds
  int slots_used = 0;                                  // of parallelism
  std::set<Run::Place> places;                         // runs that may launch a task now
  std::map<std::string, PoolGate, std::less<>> pools;  // that exist, or that a task names
  std::vector<Gate*> open_gates;                       // with tasks that wait, and perhaps room for one
  std::map<LaunchToken, Attempt> outstanding;
  std::map<std::int64_t, Owed> outbox;
  std::multimap<RunNo, std::int64_t> deadlines;  // of runs: entries of the outbox that are not due yet

  std::map<AssetKey, std::unique_ptr<AssetMachine>> assets;
  std::map<std::int64_t, AssetMachine*> assets_by_number;
  std::set<std::int64_t> referring;  // DAG machines that are scheduled on an asset by its name or uri alone
  std::map<std::string, AssetAliasMachine, std::less<>> asset_aliases;
  std::set<std::int64_t> assets_due;  // numbers of DAG machines whose condition may hold now

  RunNo next_run = 1;
  std::int64_t next_asset = 1, next_asset_event = 1, next_asset_alias = 1, next_partitioned_run = 1;
  TaskInstanceNo next_task_instance = 1;
  std::int64_t next_outbox = 1, next_backfill = 1;
  std::uint64_t next_sequence = 1, next_uuid = 0;

  // The batch that is being made.
  std::vector<std::unique_ptr<Run>> ended_runs;  // kept for their rows
  std::vector<Run*> dirty_runs;
  std::vector<DagMachine*> dirty_machines;
  std::map<std::int64_t, Backfill> changed_backfills;
  Changes changes;  // what is not made from the dirty ones
  std::vector<Effect> effects;
  bool sequence_changed = false;
};

// A deadline whose time has not come.
[[nodiscard]] inline bool is_pending_deadline(const OutboxEntry& entry) {
  return entry.event == "deadline" && entry.attempts == 0 && entry.next_attempt_at;
}

// Whether the run has an instance of the task, by the task's dates.
[[nodiscard]] bool has_instance(const DagRun& run, const Task& task);

// "a-z" and what else Airflow's allowed_run_id_pattern has; run ids are names of folders.
[[nodiscard]] bool is_valid_run_id(std::string_view run_id);

}  // namespace venturi::engine
