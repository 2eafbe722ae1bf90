#include "store/sqlite/schema.h"

#include <array>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace venturi::store {

namespace {

// "VNTR" in the file's header: `file venturi.db` and we ourselves tell it from other programs' databases by that.
constexpr std::int64_t application_id = 0x564e5452;

// What decides the layout:
//   - Everything that is written often has one B-tree: task_instance, its history of tries, history and xcom have no index
//     besides their key that a task which succeeds is written into. The task instances of a run have consecutive numbers, and
//     the run has the first of them.
//   - Words are stored as Airflow spells them, so that the file can be read with sqlite3 alone. Against small integers that
//     made no difference that store_benchmark could see (under 1 %).
//   - Times are microseconds since 1970 UTC: SELECT datetime(start_date / 1e6, 'unixepoch').
constexpr const char* first_schema = R"sql(
-- One row. Numbers are counted up here and never given out again, whatever is deleted.
CREATE TABLE home (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,             -- of launch tokens; later homes have larger ones
  next_run INTEGER NOT NULL,
  next_task_instance INTEGER NOT NULL,
  next_outbox INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  worker_id TEXT NOT NULL             -- of the worker that launches may have been sent to; empty: none yet
) STRICT;
INSERT INTO home VALUES (1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + abs(random() % 1000000), 1, 1, 1, 1, '');

-- A DAG's content never changes under its version_id.
CREATE TABLE dag_version (
  no INTEGER PRIMARY KEY,
  version_id TEXT NOT NULL UNIQUE,
  dag_id TEXT NOT NULL,
  serialized TEXT NOT NULL,           -- Airflow's serialized DAG, format 3
  task_count INTEGER NOT NULL,
  bundle TEXT NOT NULL,
  relative_fileloc TEXT NOT NULL,
  fileloc TEXT NOT NULL,
  program TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE dag (
  dag_id TEXT PRIMARY KEY,
  version_id TEXT,                    -- current; NULL: never described
  is_stale INTEGER NOT NULL DEFAULT 0,  -- its file is gone
  is_paused INTEGER,                  -- NULL: the scheduler has no memory of this DAG yet
  next_logical_date INTEGER,
  next_interval_start INTEGER,
  next_interval_end INTEGER,
  next_run_after INTEGER,
  last_interval_start INTEGER,
  last_interval_end INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE dag_run (
  no INTEGER PRIMARY KEY,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  run_type TEXT NOT NULL,
  state TEXT NOT NULL,
  logical_date INTEGER,
  data_interval_start INTEGER,
  data_interval_end INTEGER,
  run_after INTEGER NOT NULL,
  queued_at INTEGER NOT NULL,
  start_date INTEGER,
  end_date INTEGER,
  conf TEXT,
  triggered_by TEXT NOT NULL,
  dag_version_id TEXT NOT NULL,
  first_task_instance INTEGER NOT NULL,
  created_task_instances INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX dag_run_by_id ON dag_run(dag_id, run_id);
CREATE INDEX dag_run_by_dag ON dag_run(dag_id);  -- and by no within: newest first
CREATE INDEX dag_run_active ON dag_run(no) WHERE state IN ('queued', 'running');

CREATE TABLE task_instance (
  no INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  state TEXT,
  end_reason TEXT,
  end_detail INTEGER NOT NULL,
  try_number INTEGER NOT NULL,
  max_tries INTEGER NOT NULL,
  losses INTEGER NOT NULL,
  id BLOB NOT NULL,
  token_epoch INTEGER NOT NULL,
  token_sequence INTEGER NOT NULL,
  queued_at INTEGER,
  start_date INTEGER,
  end_date INTEGER,
  next_try_at INTEGER,
  pid INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT;

-- Tries that ended and were followed by another, as their row was when they ended.
CREATE TABLE task_instance_history (
  no INTEGER NOT NULL,
  run_no INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  state TEXT,
  end_reason TEXT,
  end_detail INTEGER NOT NULL,
  try_number INTEGER NOT NULL,
  max_tries INTEGER NOT NULL,
  losses INTEGER NOT NULL,
  id BLOB NOT NULL,
  token_epoch INTEGER NOT NULL,
  token_sequence INTEGER NOT NULL,
  queued_at INTEGER,
  start_date INTEGER,
  end_date INTEGER,
  next_try_at INTEGER,
  pid INTEGER NOT NULL,
  error TEXT NOT NULL,
  PRIMARY KEY (no, try_number, id)
) STRICT, WITHOUT ROWID;

-- All transitions of one run in one batch (store/sqlite/history_record.h).
CREATE TABLE history (
  run_no INTEGER NOT NULL,
  batch_no INTEGER NOT NULL,          -- counts up within the run
  at INTEGER NOT NULL,
  transitions TEXT NOT NULL,
  PRIMARY KEY (run_no, batch_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE xcom (
  run_no INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,                -- JSON, verbatim as the task sent it
  PRIMARY KEY (run_no, task_id, map_index, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE rendered_task_instance_fields (
  task_instance_no INTEGER PRIMARY KEY,
  rendered_fields TEXT NOT NULL
) STRICT;

-- Callbacks and notifications that are owed.
CREATE TABLE outbox (
  no INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL,
  key TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  try_number INTEGER NOT NULL,
  event TEXT NOT NULL,
  context TEXT,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER
) STRICT;

-- As Airflow's tables of these names: password, extra and val are Fernet tokens where is_encrypted says so.
CREATE TABLE connection (
  conn_id TEXT PRIMARY KEY,
  conn_type TEXT NOT NULL,
  description TEXT NOT NULL,
  host TEXT,
  schema TEXT,
  login TEXT,
  password TEXT,
  port INTEGER,
  is_encrypted INTEGER NOT NULL,
  is_extra_encrypted INTEGER NOT NULL,
  extra TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE variable (
  key TEXT PRIMARY KEY,
  val TEXT NOT NULL,
  description TEXT NOT NULL,
  is_encrypted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_error (
  filename TEXT PRIMARY KEY,
  bundle TEXT NOT NULL,
  stacktrace TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* mapped_tasks = R"sql(
ALTER TABLE xcom ADD COLUMN length INTEGER;  -- of a list that other tasks are mapped over, -1: it is none; NULL: nobody asks
)sql";

constexpr const char* runs_by_date = "CREATE INDEX dag_run_by_logical_date ON dag_run(dag_id, logical_date)";

constexpr const char* rendered_map_indexes = R"sql(
CREATE TABLE rendered_map_index (
  task_instance_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL                  -- of a mapped task's instance, by its map_index_template
) STRICT;
)sql";

constexpr const char* pools_and_failures = R"sql(
CREATE TABLE slot_pool (
  pool TEXT PRIMARY KEY,
  slots INTEGER NOT NULL,             -- below 0: no limit
  description TEXT NOT NULL,
  include_deferred INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE dag ADD COLUMN failed_runs INTEGER NOT NULL DEFAULT 0;  -- in a row
)sql";

constexpr const char* assets = R"sql(
CREATE TABLE asset (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  uri TEXT NOT NULL,
  asset_group TEXT NOT NULL,
  extra TEXT,                         -- JSON
  created INTEGER NOT NULL,
  UNIQUE (name, uri)
) STRICT;
-- In the order in which they came; a run takes those of its assets behind the ones that the run before took.
CREATE TABLE asset_event (
  no INTEGER PRIMARY KEY,
  asset_no INTEGER NOT NULL,
  extra TEXT,                         -- JSON
  source_dag_id TEXT NOT NULL,        -- empty: no task made it
  source_task_id TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  source_map_index INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX asset_event_by_asset ON asset_event(asset_no, no);
-- DAGs that have had an event of an asset since their run before, and wait for their condition.
CREATE TABLE asset_queue (
  dag_id TEXT NOT NULL,
  asset_no INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (dag_id, asset_no)
) STRICT, WITHOUT ROWID;
ALTER TABLE dag ADD COLUMN last_asset_event INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dag_run ADD COLUMN assets_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dag_run ADD COLUMN assets_up_to INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* backfills = R"sql(
CREATE TABLE backfill (
  id INTEGER PRIMARY KEY,
  dag_id TEXT NOT NULL,
  from_date INTEGER NOT NULL,
  to_date INTEGER NOT NULL,
  dag_run_conf TEXT,
  is_paused INTEGER NOT NULL,
  run_backwards INTEGER NOT NULL,
  reprocess_behavior TEXT NOT NULL,
  max_active_runs INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  completed_at INTEGER,
  triggering_user_name TEXT NOT NULL,
  looked_at INTEGER NOT NULL,         -- dates, in the order in which they run
  last_interval_start INTEGER,        -- of the last one of these
  last_interval_end INTEGER,
  is_made INTEGER NOT NULL,           -- all dates were looked at
  is_cancelled INTEGER NOT NULL
) STRICT;
CREATE INDEX backfill_by_dag ON backfill(dag_id, id);
CREATE TABLE backfill_dag_run (
  backfill_id INTEGER NOT NULL,
  sort_ordinal INTEGER NOT NULL,
  run_no INTEGER,                     -- NULL: it has none, or that was deleted
  exception_reason TEXT NOT NULL,
  logical_date INTEGER NOT NULL,
  PRIMARY KEY (backfill_id, sort_ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX backfill_dag_run_by_run ON backfill_dag_run(run_no) WHERE run_no IS NOT NULL;
ALTER TABLE dag_run ADD COLUMN backfill_id INTEGER NOT NULL DEFAULT 0;   -- 0: it is of none
ALTER TABLE dag_run ADD COLUMN sort_ordinal INTEGER NOT NULL DEFAULT 0;  -- of a backfill
)sql";

constexpr const char* deferrals_deadlines_notes = R"sql(
ALTER TABLE task_instance ADD COLUMN deferral TEXT;          -- NULL: it neither is deferred nor goes on after that
ALTER TABLE task_instance_history ADD COLUMN deferral TEXT;
ALTER TABLE dag_run ADD COLUMN fails_fast INTEGER NOT NULL DEFAULT 0;       -- what has not ended is being ended
ALTER TABLE dag_run ADD COLUMN awaits_runtimes INTEGER NOT NULL DEFAULT 0;  -- a deadline waits for the average of the DAG's runs
-- Runs that were deleted, while rows of theirs are left.
CREATE TABLE deleted_run (
  run_no INTEGER PRIMARY KEY,
  next_task_instance INTEGER NOT NULL,  -- the first that is left
  end_task_instance INTEGER NOT NULL
) STRICT;
CREATE TABLE note (
  run_no INTEGER NOT NULL,
  task_instance_no INTEGER NOT NULL,  -- 0: of the run itself
  content TEXT NOT NULL,
  PRIMARY KEY (run_no, task_instance_no)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* changes_in_slices = R"sql(
ALTER TABLE dag_run ADD COLUMN task_instance_numbers INTEGER NOT NULL DEFAULT 0;  -- reserved; 0: as many as its tasks needed
-- It follows a DAG with other tasks than it began with: its task instances do not stand in the order of the tasks.
ALTER TABLE dag_run ADD COLUMN is_renumbered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE dag_run ADD COLUMN change TEXT;  -- JSON: task instances are being cleared or marked; NULL: they are not
-- Of a mapped task's first instance: how many it has, made or still to be made. 0: it is not expanded, or nobody said so.
ALTER TABLE task_instance ADD COLUMN instances INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task_instance_history ADD COLUMN instances INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr const char* own_weights = R"sql(
ALTER TABLE task_instance ADD COLUMN priority_weight INTEGER;  -- of a weight rule of the user's; NULL: as the DAG says
ALTER TABLE task_instance_history ADD COLUMN priority_weight INTEGER;
)sql";

constexpr const char* aliases_and_partitions = R"sql(
CREATE TABLE asset_alias (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  alias_group TEXT NOT NULL
) STRICT;
CREATE TABLE asset_alias_asset (
  alias_no INTEGER NOT NULL,
  asset_no INTEGER NOT NULL,
  PRIMARY KEY (alias_no, asset_no)
) STRICT, WITHOUT ROWID;
-- The events that came through an alias.
CREATE TABLE asset_alias_event (
  alias_no INTEGER NOT NULL,
  event_no INTEGER NOT NULL,
  PRIMARY KEY (alias_no, event_no)
) STRICT, WITHOUT ROWID;
ALTER TABLE asset_event ADD COLUMN source_aliases TEXT;  -- JSON, their names
CREATE INDEX asset_event_by_time ON asset_event(asset_no, at);
CREATE INDEX asset_by_uri ON asset(uri);
-- Which run took an event: those of a DAG follow each other.
CREATE INDEX dag_run_by_assets ON dag_run(dag_id, assets_up_to) WHERE assets_up_to > 0;

ALTER TABLE dag_run ADD COLUMN partition_key TEXT;
ALTER TABLE dag_run ADD COLUMN partition_date INTEGER;
ALTER TABLE asset_event ADD COLUMN partition_key TEXT;
-- What has come of one partition for a DAG that is scheduled on partitioned assets.
CREATE TABLE partitioned_run (
  no INTEGER PRIMARY KEY,
  dag_id TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  partition_date INTEGER,
  mappers TEXT NOT NULL,              -- JSON: the definition that the events were mapped by
  created INTEGER NOT NULL,
  run_no INTEGER NOT NULL             -- that took it; 0: none yet, -1: the definition is another one now
) STRICT;
CREATE INDEX partitioned_run_waiting ON partitioned_run(no) WHERE run_no = 0;
CREATE INDEX partitioned_run_by_dag ON partitioned_run(dag_id);
CREATE INDEX partitioned_run_by_run ON partitioned_run(run_no) WHERE run_no > 0;
CREATE TABLE partitioned_event (
  partitioned_run_no INTEGER NOT NULL,
  event_no INTEGER NOT NULL,
  asset_no INTEGER NOT NULL,
  source_partition_key TEXT NOT NULL,
  PRIMARY KEY (partitioned_run_no, event_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX partitioned_event_by_event ON partitioned_event(event_no);
)sql";

constexpr const char* lists_of_runs = R"sql(
-- Each order of a list of runs, of one DAG and of all. They cost a run a few entries at its beginning and its end; task instances
-- have none, and are found by their runs, but for those below.
CREATE INDEX dag_run_by_dag_run_after ON dag_run(dag_id, run_after);
CREATE INDEX dag_run_by_dag_start_date ON dag_run(dag_id, start_date);
CREATE INDEX dag_run_by_dag_end_date ON dag_run(dag_id, end_date);
CREATE INDEX dag_run_by_dag_state ON dag_run(dag_id, state);
CREATE INDEX dag_run_by_run_after ON dag_run(run_after);
CREATE INDEX dag_run_by_date ON dag_run(logical_date);
CREATE INDEX dag_run_by_start_date ON dag_run(start_date);
CREATE INDEX dag_run_by_end_date ON dag_run(end_date);
CREATE INDEX dag_run_by_state ON dag_run(state);
-- What people look for in all runs. One that succeeds pays a comparison for it.
CREATE INDEX task_instance_bad ON task_instance(state) WHERE state IN ('failed', 'upstream_failed');
-- How many there are, so that nobody has to count them.
CREATE TABLE dag_run_count (
  dag_id TEXT NOT NULL,
  state TEXT NOT NULL,
  run_type TEXT NOT NULL,
  runs INTEGER NOT NULL,
  task_instances INTEGER NOT NULL,    -- with those that tasks' own dates leave out
  PRIMARY KEY (dag_id, state, run_type)
) STRICT, WITHOUT ROWID;
INSERT INTO dag_run_count SELECT dag_id, state, run_type, count(*), sum(created_task_instances) FROM dag_run GROUP BY 1, 2, 3;
CREATE TRIGGER dag_run_counted AFTER INSERT ON dag_run BEGIN
  INSERT INTO dag_run_count VALUES (new.dag_id, new.state, new.run_type, 1, new.created_task_instances)
  ON CONFLICT DO UPDATE SET runs = runs + 1, task_instances = task_instances + new.created_task_instances;
END;
CREATE TRIGGER dag_run_recounted AFTER UPDATE ON dag_run
WHEN old.state <> new.state OR old.created_task_instances <> new.created_task_instances OR old.run_type <> new.run_type BEGIN
  UPDATE dag_run_count SET runs = runs - 1, task_instances = task_instances - old.created_task_instances
  WHERE dag_id = old.dag_id AND state = old.state AND run_type = old.run_type;
  INSERT INTO dag_run_count VALUES (new.dag_id, new.state, new.run_type, 1, new.created_task_instances)
  ON CONFLICT DO UPDATE SET runs = runs + 1, task_instances = task_instances + new.created_task_instances;
END;
CREATE TRIGGER dag_run_discounted AFTER DELETE ON dag_run BEGIN
  UPDATE dag_run_count SET runs = runs - 1, task_instances = task_instances - old.created_task_instances
  WHERE dag_id = old.dag_id AND state = old.state AND run_type = old.run_type;
END;
)sql";

constexpr const char* event_logs_and_favorites = R"sql(
-- Who changed what (Airflow's table log), in the order in which it was asked for.
CREATE TABLE event_log (
  no INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  owner TEXT NOT NULL,
  dag_id TEXT NOT NULL,               -- empty: it is of none
  run_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER,
  extra TEXT NOT NULL                 -- JSON, without secrets
) STRICT;
CREATE INDEX event_log_by_dag ON event_log(dag_id, no) WHERE dag_id <> '';
CREATE TABLE dag_favorite (
  user TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  PRIMARY KEY (user, dag_id)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* archives = R"sql(
ALTER TABLE deleted_run ADD COLUMN archive TEXT NOT NULL DEFAULT '';  -- tables _airflow_deleted__..__ARCHIVE take its rows; '': none
)sql";

constexpr const char* outcomes_by_date = R"sql(
ALTER TABLE dag RENAME COLUMN failed_runs TO awaits_outcomes;
UPDATE dag SET awaits_outcomes = 0;
CREATE INDEX dag_run_without_date ON dag_run(dag_id, run_after) WHERE logical_date IS NULL;
)sql";

constexpr const char* tokens_and_state_stores = R"sql(
-- Tokens of the API that somebody logged out with.
CREATE TABLE revoked_token (
  id TEXT PRIMARY KEY,                -- jti
  until INTEGER NOT NULL              -- it would have ended by then anyway
) STRICT, WITHOUT ROWID;
-- What task instances keep for their later tries, and assets for whoever watches them.
CREATE TABLE task_state_store (
  run_no INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,                -- JSON
  updated_at INTEGER NOT NULL,
  expires_at INTEGER,                 -- NULL: it stays as long as the run
  PRIMARY KEY (run_no, task_id, map_index, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_state_store_by_expiry ON task_state_store(expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE asset_state_store (
  asset_no INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,                -- JSON
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (asset_no, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_log_by_time ON event_log(at);
)sql";

// Append only: a migration that was released is never changed.
constexpr std::array migrations = {
    Migration{1, "the first tables", first_schema},
    Migration{2, "lengths of XComs that tasks are mapped over", mapped_tasks},
    Migration{3, "runs by their logical date, for sensors of other DAGs", runs_by_date},
    Migration{4, "names of mapped tasks' instances", rendered_map_indexes},
    Migration{5, "pools, and how many runs of a DAG failed in a row", pools_and_failures},
    Migration{6, "assets, their events, and who waits for them", assets},
    Migration{7, "backfills", backfills},
    Migration{8, "deferred task instances, deadlines, notes, deletion in slices", deferrals_deadlines_notes},
    Migration{9, "clearing in slices, runs that follow other tasks, and how many instances mapped tasks have",
              changes_in_slices},
    Migration{10, "weights that weight rules of the user's gave", own_weights},
    Migration{11, "asset aliases, and partitions", aliases_and_partitions},
    Migration{12, "orders and counts of runs, for lists of them", lists_of_runs},
    Migration{13, "event logs, and favorites", event_logs_and_favorites},
    Migration{14, "archives of what db clean deletes", archives},
    Migration{15, "how a DAG's last runs ended, by their dates", outcomes_by_date},
    Migration{16, "tokens that were given up, state stores, and event logs by time", tokens_and_state_stores},
};

Result<void> apply(Database& db, const Migration& migration) {
  Transaction::Statements statements(db);
  Transaction transaction(db, statements);
  if (!transaction.begun()) return std::unexpected(db.error("migrating"));
  // Another process may have been first while we waited for the lock.
  const auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version >= migration.version) return {};

  if (sqlite3_exec(db.handle(), migration.sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return std::unexpected(db.error("migrating to schema version " + std::to_string(migration.version)));
  }
  Statement record(db, "INSERT INTO schema_version VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ'), ?2, ?3)");
  if (!record.bind(migration.version, migration.about, std::string_view(VENTURI_VERSION)).run() || !transaction.commit()) {
    return std::unexpected(db.error("migrating to schema version " + std::to_string(migration.version)));
  }
  return {};
}

// Gives an empty file our mark and the table of versions.
Result<void> mark_as_ours(Database& db) {
  return db.execute(("BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(application_id) +
                     "; CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, "
                     "about TEXT NOT NULL, program_version TEXT NOT NULL) STRICT; COMMIT;")
                        .c_str());
}

std::unexpected<Error> newer_schema(const Database& db, int version) {
  std::string hint = "use the newer Venturi that wrote it, or go back to a backup: venturi db restore FOLDER";
  for (int older = program_schema_version(); older > 0; --older) {
    const std::string copy = copy_of_schema(db.path(), older);
    std::error_code error;
    if (!std::filesystem::exists(copy, error)) continue;
    hint = "use the newer Venturi that wrote it, or go back to what was before it: stop what runs, then: rm -f " + db.path() +
           "-wal " + db.path() + "-shm && cp -p " + copy + " " + db.path();
    break;
  }
  return fail(ErrorKind::conflict,
              "the database has schema version " + std::to_string(version) + ", this program knows only up to " +
                  std::to_string(program_schema_version()),
              db.path(), std::move(hint));
}

}  // namespace

std::string copy_of_schema(const std::string& path, int version) {
  return path + ".schema_" + std::to_string(version);
}

int program_schema_version() {
  return migrations.back().version;
}

Result<int> schema_version(Database& db) {
  const auto tables = db.integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::unexpected(tables.error());
  if (*tables == 0) return 0;
  const auto mark = db.integer("PRAGMA application_id");
  if (!mark) return std::unexpected(mark.error());
  if (*mark != application_id) {
    return fail(ErrorKind::conflict, "this is the SQLite database of another program", db.path(),
                "give Venturi a file of its own");
  }
  const auto version = db.integer("SELECT ifnull(max(version), 0) FROM schema_version");
  if (!version) return std::unexpected(version.error());
  return static_cast<int>(*version);
}

Result<void> migrate(Database& db) {
  const auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version > program_schema_version()) return newer_schema(db, *version);
  if (*version == 0) {
    if (auto marked = mark_as_ours(db); !marked) {
      if (sqlite3_get_autocommit(db.handle()) == 0) (void)db.execute("ROLLBACK");  // the first error is the one to tell
      return marked;
    }
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= *version) continue;
    if (auto applied = apply(db, migration); !applied) return applied;
  }
  return {};
}

Result<void> check_schema(Database& db) {
  const auto version = schema_version(db);
  if (!version) return std::unexpected(version.error());
  if (*version > program_schema_version()) return newer_schema(db, *version);
  if (*version == 0) return fail(ErrorKind::not_found, "the database has no tables yet", db.path(), "run: venturi db migrate");
  if (*version < program_schema_version()) {
    return fail(ErrorKind::conflict,
                "the database has schema version " + std::to_string(*version) + ", this program needs " +
                    std::to_string(program_schema_version()),
                db.path(), "run: venturi db migrate");
  }
  return {};
}

}  // namespace venturi::store
