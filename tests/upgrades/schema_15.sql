PRAGMA application_id = 1447973970;
BEGIN TRANSACTION;
CREATE TABLE asset (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  uri TEXT NOT NULL,
  asset_group TEXT NOT NULL,
  extra TEXT,                         -- JSON
  created INTEGER NOT NULL,
  UNIQUE (name, uri)
) STRICT;
INSERT INTO "asset" VALUES(1,'orders','s3://orders','asset',NULL,1780000000000000);
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
CREATE TABLE asset_alias_event (
  alias_no INTEGER NOT NULL,
  event_no INTEGER NOT NULL,
  PRIMARY KEY (alias_no, event_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE asset_event (
  no INTEGER PRIMARY KEY,
  asset_no INTEGER NOT NULL,
  extra TEXT,                         -- JSON
  source_dag_id TEXT NOT NULL,        -- empty: no task made it
  source_task_id TEXT NOT NULL,
  source_run_id TEXT NOT NULL,
  source_map_index INTEGER NOT NULL,
  at INTEGER NOT NULL
, source_aliases TEXT, partition_key TEXT) STRICT;
INSERT INTO "asset_event" VALUES(1,1,NULL,'','','',-1,1780000000000000,NULL,NULL);
CREATE TABLE asset_queue (
  dag_id TEXT NOT NULL,
  asset_no INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (dag_id, asset_no)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE backfill_dag_run (
  backfill_id INTEGER NOT NULL,
  sort_ordinal INTEGER NOT NULL,
  run_no INTEGER,                     -- NULL: it has none, or that was deleted
  exception_reason TEXT NOT NULL,
  logical_date INTEGER NOT NULL,
  PRIMARY KEY (backfill_id, sort_ordinal)
) STRICT, WITHOUT ROWID;
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
INSERT INTO "connection" VALUES('shop','http','','shop.example.com',NULL,NULL,NULL,NULL,0,0,NULL);
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
, awaits_outcomes INTEGER NOT NULL DEFAULT 0, last_asset_event INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "dag" VALUES('sales','v1',0,0,NULL,NULL,NULL,NULL,NULL,NULL,0,0);
CREATE TABLE dag_favorite (
  user TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  PRIMARY KEY (user, dag_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "dag_favorite" VALUES('anna','sales');
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
, assets_after INTEGER NOT NULL DEFAULT 0, assets_up_to INTEGER NOT NULL DEFAULT 0, backfill_id INTEGER NOT NULL DEFAULT 0, sort_ordinal INTEGER NOT NULL DEFAULT 0, fails_fast INTEGER NOT NULL DEFAULT 0, awaits_runtimes INTEGER NOT NULL DEFAULT 0, task_instance_numbers INTEGER NOT NULL DEFAULT 0, is_renumbered INTEGER NOT NULL DEFAULT 0, change TEXT, partition_key TEXT, partition_date INTEGER) STRICT;
INSERT INTO "dag_run" VALUES(1,'sales','r1','manual','success',1780000000000001,NULL,NULL,1780000000000000,1780000000000000,1780000000000000,1780000000000009,'{"limit": 3}','anna','v1',1,1,0,0,0,0,0,0,0,0,NULL,NULL,NULL);
INSERT INTO "dag_run" VALUES(2,'sales','r2','manual','running',1780000000000002,NULL,NULL,1780000000000000,1780000000000000,1780000000000000,NULL,'{"limit": 3}','anna','v1',2,1,0,0,0,0,0,0,0,0,NULL,NULL,NULL);
CREATE TABLE dag_run_count (
  dag_id TEXT NOT NULL,
  state TEXT NOT NULL,
  run_type TEXT NOT NULL,
  runs INTEGER NOT NULL,
  task_instances INTEGER NOT NULL,    -- with those that tasks' own dates leave out
  PRIMARY KEY (dag_id, state, run_type)
) STRICT, WITHOUT ROWID;
INSERT INTO "dag_run_count" VALUES('sales','running','manual',1,1);
INSERT INTO "dag_run_count" VALUES('sales','success','manual',1,1);
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
INSERT INTO "dag_version" VALUES(1,'v1','sales','{"__version": 3, "dag": {"dag_id": "sales", "fileloc": "/dags/sales.cpp", "relative_fileloc": "sales.cpp", "timezone": "UTC", "timetable": {"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}, "tasks": [{"__type": "operator", "__var": {"task_id": "one", "task_type": "CppTask", "_task_module": "venturi.program"}}]}}',1,'dags-folder','sales.cpp','/dags/sales.cpp','/programs/sales',1780000000000000);
CREATE TABLE deleted_run (
  run_no INTEGER PRIMARY KEY,
  next_task_instance INTEGER NOT NULL,  -- the first that is left
  end_task_instance INTEGER NOT NULL
, archive TEXT NOT NULL DEFAULT '') STRICT;
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
INSERT INTO "event_log" VALUES(1,1780000000000000,'trigger_dag_run','anna','sales','r1','',NULL,'');
CREATE TABLE history (
  run_no INTEGER NOT NULL,
  batch_no INTEGER NOT NULL,          -- counts up within the run
  at INTEGER NOT NULL,
  transitions TEXT NOT NULL,
  PRIMARY KEY (run_no, batch_no)
) STRICT, WITHOUT ROWID;
INSERT INTO "history" VALUES(1,1,1780000000000000,'[]');
CREATE TABLE home (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL,             -- of launch tokens; later homes have larger ones
  next_run INTEGER NOT NULL,
  next_task_instance INTEGER NOT NULL,
  next_outbox INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL,
  worker_id TEXT NOT NULL             -- of the worker that launches may have been sent to; empty: none yet
) STRICT;
INSERT INTO "home" VALUES(1,1,3,3,1,3,'');
CREATE TABLE import_error (
  filename TEXT PRIMARY KEY,
  bundle TEXT NOT NULL,
  stacktrace TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "import_error" VALUES('broken.yaml','dags-folder','no tasks',1780000000000000);
CREATE TABLE note (
  run_no INTEGER NOT NULL,
  task_instance_no INTEGER NOT NULL,  -- 0: of the run itself
  content TEXT NOT NULL,
  PRIMARY KEY (run_no, task_instance_no)
) STRICT, WITHOUT ROWID;
INSERT INTO "note" VALUES(1,0,'a note');
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
CREATE TABLE partitioned_event (
  partitioned_run_no INTEGER NOT NULL,
  event_no INTEGER NOT NULL,
  asset_no INTEGER NOT NULL,
  source_partition_key TEXT NOT NULL,
  PRIMARY KEY (partitioned_run_no, event_no)
) STRICT, WITHOUT ROWID;
CREATE TABLE partitioned_run (
  no INTEGER PRIMARY KEY,
  dag_id TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  partition_date INTEGER,
  mappers TEXT NOT NULL,              -- JSON: the definition that the events were mapped by
  created INTEGER NOT NULL,
  run_no INTEGER NOT NULL             -- that took it; 0: none yet, -1: the definition is another one now
) STRICT;
CREATE TABLE rendered_map_index (
  task_instance_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL                  -- of a mapped task's instance, by its map_index_template
) STRICT;
CREATE TABLE rendered_task_instance_fields (
  task_instance_no INTEGER PRIMARY KEY,
  rendered_fields TEXT NOT NULL
) STRICT;
INSERT INTO "rendered_task_instance_fields" VALUES(1,'{}');
CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, about TEXT NOT NULL, program_version TEXT NOT NULL) STRICT;
INSERT INTO "schema_version" VALUES(1,'2026-05-28T00:00:00Z','the first tables','0.1.0');
INSERT INTO "schema_version" VALUES(2,'2026-05-28T00:00:00Z','lengths of XComs that tasks are mapped over','0.1.0');
INSERT INTO "schema_version" VALUES(3,'2026-05-28T00:00:00Z','runs by their logical date, for sensors of other DAGs','0.1.0');
INSERT INTO "schema_version" VALUES(4,'2026-05-28T00:00:00Z','names of mapped tasks'' instances','0.1.0');
INSERT INTO "schema_version" VALUES(5,'2026-05-28T00:00:00Z','pools, and how many runs of a DAG failed in a row','0.1.0');
INSERT INTO "schema_version" VALUES(6,'2026-05-28T00:00:00Z','assets, their events, and who waits for them','0.1.0');
INSERT INTO "schema_version" VALUES(7,'2026-05-28T00:00:00Z','backfills','0.1.0');
INSERT INTO "schema_version" VALUES(8,'2026-05-28T00:00:00Z','deferred task instances, deadlines, notes, deletion in slices','0.1.0');
INSERT INTO "schema_version" VALUES(9,'2026-05-28T00:00:00Z','clearing in slices, runs that follow other tasks, and how many instances mapped tasks have','0.1.0');
INSERT INTO "schema_version" VALUES(10,'2026-05-28T00:00:00Z','weights that weight rules of the user''s gave','0.1.0');
INSERT INTO "schema_version" VALUES(11,'2026-05-28T00:00:00Z','asset aliases, and partitions','0.1.0');
INSERT INTO "schema_version" VALUES(12,'2026-05-28T00:00:00Z','orders and counts of runs, for lists of them','0.1.0');
INSERT INTO "schema_version" VALUES(13,'2026-05-28T00:00:00Z','event logs, and favorites','0.1.0');
INSERT INTO "schema_version" VALUES(14,'2026-05-28T00:00:00Z','archives of what db clean deletes','0.1.0');
INSERT INTO "schema_version" VALUES(15,'2026-05-28T00:00:00Z','how a DAG''s last runs ended, by their dates','0.1.0');
CREATE TABLE slot_pool (
  pool TEXT PRIMARY KEY,
  slots INTEGER NOT NULL,             -- below 0: no limit
  description TEXT NOT NULL,
  include_deferred INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "slot_pool" VALUES('narrow',1,'',0);
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
, deferral TEXT, instances INTEGER NOT NULL DEFAULT 0, priority_weight INTEGER) STRICT;
INSERT INTO "task_instance" VALUES(1,1,'one',-1,'success',NULL,0,1,2,0,X'01010101010101010101010101010101',1,1,1780000000000000,1780000000000000,1780000000000009,NULL,77,'',NULL,0,NULL);
INSERT INTO "task_instance" VALUES(2,2,'one',-1,'up_for_retry',NULL,0,1,2,0,X'02020202020202020202020202020202',1,2,1780000000000000,1780000000000000,NULL,1780003600000000,77,'',NULL,0,NULL);
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
  error TEXT NOT NULL, deferral TEXT, instances INTEGER NOT NULL DEFAULT 0, priority_weight INTEGER,
  PRIMARY KEY (no, try_number, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE variable (
  key TEXT PRIMARY KEY,
  val TEXT NOT NULL,
  description TEXT NOT NULL,
  is_encrypted INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "variable" VALUES('limit','7','',0);
CREATE TABLE xcom (
  run_no INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  map_index INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL, length INTEGER,                -- JSON, verbatim as the task sent it
  PRIMARY KEY (run_no, task_id, map_index, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "xcom" VALUES(1,'one',-1,'return_value','[1, 2]',NULL);
INSERT INTO "xcom" VALUES(2,'one',-1,'return_value','[1, 2]',NULL);
CREATE UNIQUE INDEX dag_run_by_id ON dag_run(dag_id, run_id);
CREATE INDEX dag_run_by_dag ON dag_run(dag_id);
CREATE INDEX dag_run_active ON dag_run(no) WHERE state IN ('queued', 'running');
CREATE INDEX dag_run_by_logical_date ON dag_run(dag_id, logical_date);
CREATE INDEX asset_event_by_asset ON asset_event(asset_no, no);
CREATE INDEX backfill_by_dag ON backfill(dag_id, id);
CREATE INDEX backfill_dag_run_by_run ON backfill_dag_run(run_no) WHERE run_no IS NOT NULL;
CREATE INDEX asset_event_by_time ON asset_event(asset_no, at);
CREATE INDEX asset_by_uri ON asset(uri);
CREATE INDEX dag_run_by_assets ON dag_run(dag_id, assets_up_to) WHERE assets_up_to > 0;
CREATE INDEX partitioned_run_waiting ON partitioned_run(no) WHERE run_no = 0;
CREATE INDEX partitioned_run_by_dag ON partitioned_run(dag_id);
CREATE INDEX partitioned_run_by_run ON partitioned_run(run_no) WHERE run_no > 0;
CREATE INDEX partitioned_event_by_event ON partitioned_event(event_no);
CREATE INDEX dag_run_by_dag_run_after ON dag_run(dag_id, run_after);
CREATE INDEX dag_run_by_dag_start_date ON dag_run(dag_id, start_date);
CREATE INDEX dag_run_by_dag_end_date ON dag_run(dag_id, end_date);
CREATE INDEX dag_run_by_dag_state ON dag_run(dag_id, state);
CREATE INDEX dag_run_by_run_after ON dag_run(run_after);
CREATE INDEX dag_run_by_date ON dag_run(logical_date);
CREATE INDEX dag_run_by_start_date ON dag_run(start_date);
CREATE INDEX dag_run_by_end_date ON dag_run(end_date);
CREATE INDEX dag_run_by_state ON dag_run(state);
CREATE INDEX task_instance_bad ON task_instance(state) WHERE state IN ('failed', 'upstream_failed');
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
CREATE INDEX event_log_by_dag ON event_log(dag_id, no) WHERE dag_id <> '';
CREATE INDEX dag_run_without_date ON dag_run(dag_id, run_after) WHERE logical_date IS NULL;
COMMIT;
