// The metadata database. One writer thread hands it a batch at a time; reads go over connections of their own.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/backfill.h"
#include "model/connection.h"
#include "model/records.h"

namespace venturi::store {

struct XComKey {
  std::string dag_id, run_id, task_id;
  std::int32_t map_index = -1;
  std::string key;
  friend bool operator==(const XComKey&, const XComKey&) = default;
};
// The name of the file that holds an XCom's value, where its text is "@name" instead of JSON, which never begins so. The store
// knows no more of these files (server/xcom_files.h).
[[nodiscard]] inline std::optional<std::string_view> file_of_xcom(std::string_view text) {
  if (!text.starts_with('@')) return std::nullopt;
  return text.substr(1);
}
[[nodiscard]] inline std::string xcom_in_file(std::string_view name) {
  return "@" + std::string(name);
}
// `run` saves looking it up by key.dag_id and key.run_id; 0: unknown. The value is stored verbatim.
struct XComWrite {
  XComKey key;
  std::string value_json;
  RunNo run = 0;
  std::optional<std::int32_t> length = std::nullopt;  // of a list that other tasks are mapped over (XComLength)
};
struct RenderedFields {
  TaskInstanceNo task_instance = 0;
  std::string json;
};
// What a person wrote about a run, or about a task instance of it.
struct Note {
  RunNo run = 0;
  TaskInstanceNo task_instance = 0;  // 0: of the run itself
  std::string content;               // empty: there is none
  friend bool operator==(const Note&, const Note&) = default;
};
// Airflow's rendered_map_index: the name of a mapped task's instance, by its map_index_template.
struct RenderedMapIndex {
  TaskInstanceNo task_instance = 0;
  std::string name;
};
struct VariableRow {
  std::string key;
  std::string value;
  std::string description;
};  // value in clear: encrypted in the store
struct ImportError {
  std::string filename;
  std::string bundle;
  std::string stacktrace;
  Time at;
};

// What somebody changed (Airflow's log, which its API calls the event logs). `no` is the server's to count up.
struct EventLog {
  std::int64_t no = 0;
  Time at{};
  std::string event, owner;             // operationId of the API, or "cli_..."; the user
  std::string dag_id, run_id, task_id;  // empty: it is of none
  std::optional<std::int32_t> map_index = std::nullopt;
  std::string extra;  // JSON of what was asked, without secrets; empty: nothing to tell
  friend bool operator==(const EventLog&, const EventLog&) = default;
};
// A token of the API that somebody logged out with: refused until it would have ended anyway.
struct RevokedToken {
  std::string id;
  Time until{};
  friend bool operator==(const RevokedToken&, const RevokedToken&) = default;
};
// What is kept under a key for later tries of a task instance, or for an asset (Airflow's state stores).
struct StoredState {
  std::string key, value_json;
  Time updated_at{};
  std::optional<Time> expires_at = std::nullopt;  // of a task instance's: nothing: never
  friend bool operator==(const StoredState&, const StoredState&) = default;
};
struct TaskStateKey {
  RunNo run = 0;
  std::string task_id;
  std::int32_t map_index = -1;
  friend bool operator==(const TaskStateKey&, const TaskStateKey&) = default;
};
// Changes of such a store, carried out in their order: one value is written, or what there is of a key, or of all, is removed.
struct TaskStateChange {
  TaskStateKey of;
  std::optional<StoredState> written = std::nullopt;
  std::optional<std::string> removed = std::nullopt;  // where nothing is written; nothing: all keys
  bool of_all_map_indexes = false;                    // ... of every instance of the task
};
struct AssetStateChange {
  std::int64_t asset = 0;
  std::optional<StoredState> written = std::nullopt;
  std::optional<std::string> removed = std::nullopt;  // as above
};
struct DagFavorite {
  std::string user, dag_id;
  bool is_one = true;  // false: not any more
};
// DAGs that something is asked of.
struct DagChoice {
  std::vector<std::string> only = {}, without = {};  // empty: all of them; none is left out
  [[nodiscard]] bool is_all() const { return only.empty() && without.empty(); }
  [[nodiscard]] bool has(std::string_view dag_id) const {
    return (only.empty() || std::ranges::find(only, dag_id) != only.end()) &&
           std::ranges::find(without, dag_id) == without.end();
  }
};
// What is deleted because it is old (server/retention.h), so much of it as a batch may take.
struct Cleaning {
  // Tables with this suffix take what is deleted, runs included; empty: it is gone. They are made where they are missing.
  std::string archive;
  std::vector<std::pair<RunNo, std::int64_t>> xcoms;  // at most so many of the run's
  std::vector<std::string> dag_versions;              // left alone where one is current
  std::int64_t asset_events_up_to = 0;                // `rows` of those up to this position
  std::int64_t event_logs_up_to = 0;                  // ... and of the event log's up to this number
  DagChoice dags = {};                                // of asset events and the event log: of these DAGs alone
  std::int64_t rows = 0;
  std::vector<std::string> dropped_archives;  // names of tables
  // `rows` of the values in state stores that expired before.
  std::optional<Time> states_expired_before = std::nullopt;
};

// A DAG that is deleted, of which no run is left.
struct DagDeletion {
  std::string dag_id;
  // About so many rows of what there may be much of (Reader::has_many_rows_of); nothing: all that is left, and the DAG itself.
  std::optional<std::int64_t> rows = std::nullopt;
};

// Everything that one transaction writes, in this order. (try, seq) repetitions are harmless: all writes are upserts.
struct Batch {
  std::vector<DagDeletion> deleted_dags;
  std::vector<std::shared_ptr<const Dag>> dags;
  std::vector<std::string> gone_dags;
  std::vector<DagState> dag_states;
  std::vector<DagRun> runs;
  std::vector<TaskInstance> task_instances;
  std::vector<TaskInstance> ended_tries;
  // That ended. Their rows are gone at once; what belongs to them too, unless that are many rows: those go with later batches.
  std::vector<DagRun> deleted_runs;
  // Of runs that ended and stay: with their tries, XComs, notes and all else that is kept of them.
  std::vector<TaskInstance> deleted_task_instances;
  std::int32_t rows_to_sweep = 0;  // of runs that were deleted before: about so many
  Cleaning cleaning;
  std::vector<OutboxEntry> outbox;
  std::vector<std::int64_t> outbox_done;
  std::vector<Transition> transitions;
  std::vector<RunNo> transition_runs;
  std::optional<std::uint64_t> next_sequence;
  std::vector<PoolRecord> pools;  // add or replace
  std::vector<std::string> deleted_pools;
  std::vector<AssetRecord> assets;
  std::vector<AssetAliasRecord> asset_aliases;
  std::vector<AliasedAsset> aliased_assets;
  std::vector<AssetEvent> asset_events;
  std::vector<QueuedAsset> queued_assets, unqueued_assets;
  std::vector<PartitionedRun> partitioned_runs;
  std::vector<PartitionedEvent> partitioned_events;
  std::vector<Backfill> backfills;
  std::vector<BackfillDagRun> backfill_dag_runs;
  std::vector<XComWrite> xcoms;
  std::vector<XComKey> deleted_xcoms;
  std::vector<RenderedFields> rendered;
  std::vector<RenderedMapIndex> rendered_map_indexes;
  std::vector<Note> notes;              // add, replace, or remove
  std::vector<Connection> connections;  // add or replace
  std::vector<std::string> deleted_connections;
  std::vector<VariableRow> variables;
  std::vector<std::string> deleted_variables;
  std::vector<ImportError> import_errors;  // replaces those of the same file
  std::vector<std::string> cleared_import_errors;
  std::vector<EventLog> event_logs;
  std::vector<std::int64_t> withdrawn_event_logs;  // of what was refused after all
  std::vector<DagFavorite> favorites;
  std::vector<RevokedToken> revoked_tokens;  // with them those go that have ended by `now`
  std::vector<TaskStateChange> task_states;
  std::vector<AssetStateChange> asset_states;
  std::optional<std::string> worker_id;  // the home's worker from now on
  Time now{};
};

struct RunFilter {
  std::optional<std::string> dag_id = std::nullopt;
  std::optional<RunState> state = std::nullopt;
  int limit = 100;                                                                       // below 0: all
  std::optional<Time> logical_date_from = std::nullopt, logical_date_to = std::nullopt;  // both inclusive
  bool without_backfill = false;
  int offset = 0;
  std::optional<RunType> run_type = std::nullopt;
  enum class Order : std::uint8_t {
    number,
    run_id,
    run_after,
    logical_date,
    start_date,
    end_date,
    state
  } order = Order::number;
  bool ascending = false;
};

struct EventLogFilter {
  enum class Column : std::uint8_t { no, at, event, owner, dag_id, run_id, task_id, map_index, extra };  // as EventLog
  enum class Is : std::uint8_t { one_of, none_of, like, prefixed, below, above };
  struct Condition {  // with any of the values; of `at` these are microseconds since 1970
    Column column;
    Is is;
    std::vector<std::string> values;
  };
  std::vector<Condition> conditions = {};
  Column order = Column::no;
  bool ascending = true;
  std::int64_t limit = 100, offset = 0;
};
struct RunCount {
  std::string dag_id;
  RunState state = RunState::queued;
  std::int64_t count = 0;
};
// Of a run's task instances those of one task in one state, together.
struct TaskCount {
  std::string task_id;
  TaskState state = TaskState::none;
  bool is_mapped = false;                    // any of them has a map_index
  std::int64_t count = 0, try_number = 0;    // the highest
  std::optional<Time> start_date, end_date;  // the first and the last one
};

struct DagVersionRow {
  std::string version_id, bundle;
  Time created{};
};

struct AssetFilter {
  std::optional<std::int64_t> no = std::nullopt;
  std::optional<std::string> name = std::nullopt, uri = std::nullopt;
};
struct AssetEventFilter {
  std::vector<std::int64_t> assets = {}, aliases = {};  // of any of these, or that came through any of those; none: of all
  std::int64_t after = 0;                               // positions behind this one
  std::optional<std::int64_t> up_to = std::nullopt;
  std::optional<Time> from_time = std::nullopt, to_time = std::nullopt;  // both inclusive
  RunNo of_partitioned_run = 0;                                          // that this run of a partition took; 0: any
  bool newest_first = false;
  int limit = -1;
};

// Reading. Each instance belongs to one thread. What is not found is an empty optional, not an error.
class Reader {
 public:
  virtual ~Reader() = default;
  [[nodiscard]] virtual Result<std::vector<std::shared_ptr<const Dag>>> dags() = 0;
  // nullptr where there is none. An error where this program cannot read it; dags() leaves those out.
  [[nodiscard]] virtual Result<std::shared_ptr<const Dag>> dag(std::string_view dag_id) = 0;
  // The last ones of those whose file is gone.
  [[nodiscard]] virtual Result<std::vector<std::shared_ptr<const Dag>>> stale_dags() = 0;
  [[nodiscard]] virtual Result<std::vector<std::string>> favorites(std::string_view user) = 0;  // dag_ids
  // A page, and how many there are in all.
  [[nodiscard]] virtual Result<std::pair<std::vector<EventLog>, std::int64_t>> event_logs(const EventLogFilter& filter) = 0;
  [[nodiscard]] virtual Result<std::int64_t> last_event_log() = 0;  // its number; 0: there is none
  [[nodiscard]] virtual Result<std::vector<RevokedToken>> revoked_tokens() = 0;
  // A page of a state store by key, and how many keys there are in all.
  [[nodiscard]] virtual Result<std::pair<std::vector<StoredState>, std::int64_t>> task_states(const TaskStateKey& of,
                                                                                              std::int64_t offset,
                                                                                              std::int64_t limit) = 0;
  [[nodiscard]] virtual Result<std::optional<StoredState>> task_state(const TaskStateKey& of, std::string_view key) = 0;
  [[nodiscard]] virtual Result<std::pair<std::vector<StoredState>, std::int64_t>> asset_states(std::int64_t asset,
                                                                                               std::int64_t offset,
                                                                                               std::int64_t limit) = 0;
  [[nodiscard]] virtual Result<std::optional<StoredState>> asset_state(std::int64_t asset, std::string_view key) = 0;
  [[nodiscard]] virtual Result<std::vector<RunCount>> run_counts() = 0;  // by DAG and state, those that are not 0
  [[nodiscard]] virtual Result<std::shared_ptr<const Dag>> dag_version(std::string_view version_id) = 0;
  // (dag_id, version_id) of the DAGs as they are now.
  [[nodiscard]] virtual Result<std::vector<std::pair<std::string, std::string>>> current_versions() = 0;
  [[nodiscard]] virtual Result<std::vector<DagVersionRow>> dag_versions(std::string_view dag_id) = 0;  // oldest first
  [[nodiscard]] virtual Result<std::vector<DagState>> dag_states() = 0;
  [[nodiscard]] virtual Result<std::vector<ImportError>> import_errors() = 0;
  [[nodiscard]] virtual Result<bool> has_import_error(std::string_view bundle, std::string_view filename) = 0;
  [[nodiscard]] virtual Result<std::vector<DagRun>> runs(const RunFilter& filter) = 0;  // newest first
  [[nodiscard]] virtual Result<std::int64_t> count_runs(const RunFilter& filter) = 0;   // whatever the page
  [[nodiscard]] virtual Result<std::optional<DagRun>> run(std::string_view dag_id, std::string_view run_id) = 0;
  // The DAG's run with the latest logical date before this one; of manual runs none counts where they are left out.
  [[nodiscard]] virtual Result<std::optional<DagRun>> run_before(std::string_view dag_id, Time logical_date,
                                                                 bool without_manual) = 0;
  // The DAG's runs with the latest dates, the latest first, whether they ended or not.
  [[nodiscard]] virtual Result<std::vector<RunOutcome>> last_outcomes(std::string_view dag_id, std::int32_t most) = 0;
  // Whether any run with an earlier logical date has an instance of the task.
  [[nodiscard]] virtual Result<bool> had_task_before(std::string_view dag_id, Time logical_date, std::string_view task_id) = 0;
  // Whether more rows name the DAG than can go at once with it, its runs left aside (DagDeletion).
  [[nodiscard]] virtual Result<bool> has_many_rows_of(std::string_view dag_id) = 0;
  // Whether rows of deleted runs are left (Batch::rows_to_sweep).
  [[nodiscard]] virtual Result<bool> has_rows_to_sweep() = 0;
  [[nodiscard]] virtual Result<std::vector<TaskInstance>> task_instances(RunNo run) = 0;  // current tries, by number
  // ... some of them: from this number on, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<TaskInstance>> task_instances(RunNo run, TaskInstanceNo from,
                                                                         std::int64_t limit) = 0;
  // ... of one task, by map_index.
  [[nodiscard]] virtual Result<std::vector<TaskInstance>> task_instances_of(RunNo run, std::string_view task_id,
                                                                            std::int64_t offset, std::int64_t limit) = 0;
  // ... one.
  [[nodiscard]] virtual Result<std::optional<TaskInstance>> task_instance(RunNo run, std::string_view task_id,
                                                                          std::int32_t map_index) = 0;
  // How many there are of each task in each state, in the order of task instances.
  [[nodiscard]] virtual Result<std::vector<TaskCount>> task_counts(RunNo run) = 0;
  [[nodiscard]] virtual Result<std::vector<TaskInstance>> ended_tries(RunNo run) = 0;
  [[nodiscard]] virtual Result<std::vector<std::pair<Time, Transition>>> history(RunNo run) = 0;
  [[nodiscard]] virtual Result<std::optional<std::string>> rendered_fields(TaskInstanceNo task_instance) = 0;  // JSON text
  [[nodiscard]] virtual Result<std::vector<RenderedMapIndex>> rendered_map_indexes(RunNo run) = 0;  // those that have one
  [[nodiscard]] virtual Result<std::vector<Note>> notes(RunNo run) = 0;  // of it and of its task instances
  // Texts of XComs are JSON, or name a file: file_of_xcom().
  [[nodiscard]] virtual Result<std::optional<std::string>> xcom(const XComKey& key) = 0;  // JSON text
  // Without their values, which may be long. In the order of their members.
  [[nodiscard]] virtual Result<std::vector<XComKey>> xcom_keys(RunNo run) = 0;
  [[nodiscard]] virtual Result<std::vector<XComKey>> xcom_keys(RunNo run, std::string_view task_id, std::int32_t map_index) = 0;
  // JSON texts of what the instances of a mapped task gave, by map_index; `key.map_index` is not looked at. At most `limit`,
  // below 0: all.
  [[nodiscard]] virtual Result<std::vector<std::string>> xcom_sequence(const XComKey& key, std::int64_t offset,
                                                                       std::int64_t limit) = 0;
  // How many that would be.
  [[nodiscard]] virtual Result<std::int64_t> xcom_count(const XComKey& key) = 0;
  // Of those that other tasks of the run are mapped over.
  [[nodiscard]] virtual Result<std::vector<XComLength>> xcom_lengths(RunNo run) = 0;
  // Names of the files that XComs of a run are in.
  [[nodiscard]] virtual Result<std::vector<std::string>> xcom_files(RunNo run) = 0;
  [[nodiscard]] virtual Result<std::optional<Connection>> connection(std::string_view conn_id) = 0;  // decrypted
  [[nodiscard]] virtual Result<std::vector<Connection>> connections() = 0;
  [[nodiscard]] virtual Result<std::optional<VariableRow>> variable(std::string_view key) = 0;
  [[nodiscard]] virtual Result<std::vector<VariableRow>> variables() = 0;
  [[nodiscard]] virtual Result<std::vector<PoolRecord>> pools() = 0;  // that somebody has set, by name
  [[nodiscard]] virtual Result<std::vector<AssetRecord>> assets(const AssetFilter& filter) = 0;  // by number
  [[nodiscard]] virtual Result<std::vector<AssetAliasRecord>> asset_aliases() = 0;               // by number
  [[nodiscard]] virtual Result<std::vector<AliasedAsset>> aliased_assets() = 0;                  // by alias, then asset
  // The asset-triggered run of the DAG that took what came at this position, if it is scheduled on that.
  [[nodiscard]] virtual Result<std::optional<DagRun>> run_of_asset_event(std::string_view dag_id, std::int64_t event) = 0;
  [[nodiscard]] virtual Result<std::vector<AssetEvent>> asset_events(const AssetEventFilter& filter) = 0;
  [[nodiscard]] virtual Result<std::vector<QueuedAsset>> queued_assets() = 0;
  // The runs of partitions that took the event.
  [[nodiscard]] virtual Result<std::vector<DagRun>> partitioned_runs_of_event(std::int64_t event) = 0;
  [[nodiscard]] virtual Result<std::optional<Backfill>> backfill(std::int64_t id) = 0;
  // Of one DAG, or of all where none is named; by id.
  [[nodiscard]] virtual Result<std::vector<Backfill>> backfills(const std::optional<std::string>& dag_id) = 0;
  // Its dates, in the order in which they run.
  [[nodiscard]] virtual Result<std::vector<BackfillDagRun>> backfill_dag_runs(std::int64_t backfill_id) = 0;
};

// What the engine is rebuilt from (engine::Snapshot without knowing the engine).
struct ActiveState {
  std::vector<std::shared_ptr<const Dag>> dags, older_versions;
  std::vector<DagState> dag_states;
  std::vector<DagRun> runs;
  std::vector<TaskInstance> task_instances;
  std::vector<XComLength> xcom_lengths;
  std::vector<OutboxEntry> outbox;
  std::vector<PoolRecord> pools;
  std::vector<AssetRecord> assets;
  std::vector<AssetAliasRecord> asset_aliases;
  std::vector<AliasedAsset> aliased_assets;
  std::vector<QueuedAsset> queued_assets;
  std::vector<PartitionedRun> partitioned_runs;  // without a run
  std::vector<PartitionedEvent> partitioned_events;
  std::int64_t next_asset = 1, next_asset_event = 1, next_asset_alias = 1, next_partitioned_run = 1;
  std::vector<Backfill> backfills;  // not completed, or of active runs
  std::int64_t next_backfill = 1;
  RunNo next_run = 1;
  TaskInstanceNo next_task_instance = 1;
  std::int64_t next_outbox = 1;
  std::uint64_t next_sequence = 1;
  std::uint64_t epoch = 0;
  std::string worker_id;  // of the worker that launches may have been sent to; empty: there never was one
  // DAGs in the database that this program cannot read. Active runs that follow them are left out above and wait in the
  // database; everything else goes on.
  std::vector<ImportError> import_errors;
};

class Store {
 public:
  virtual ~Store() = default;
  // Commits durably (SQLite: WAL with synchronous=FULL): when it returns without an error, a power cut loses nothing of it.
  // An error leaves the database as it was before. Only one thread at a time.
  [[nodiscard]] virtual Result<void> commit(const Batch& batch) = 0;
  [[nodiscard]] virtual Result<ActiveState> load_active() = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
};

// Encrypts and decrypts what is secret in rows (Fernet, as in Airflow). Thread-safe.
class Cipher {
 public:
  virtual ~Cipher() = default;
  [[nodiscard]] virtual std::string encrypt(std::string_view clear) const = 0;
  [[nodiscard]] virtual Result<std::string> decrypt(std::string_view token) const = 0;
};

}  // namespace venturi::store
