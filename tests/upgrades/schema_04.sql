PRAGMA application_id = 1447973970;
BEGIN TRANSACTION;
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
) STRICT, WITHOUT ROWID;
INSERT INTO "dag" VALUES('sales','v1',0,0,NULL,NULL,NULL,NULL,NULL,NULL);
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
INSERT INTO "dag_run" VALUES(1,'sales','r1','manual','success',1780000000000001,NULL,NULL,1780000000000000,1780000000000000,1780000000000000,1780000000000009,'{"limit": 3}','anna','v1',1,1);
INSERT INTO "dag_run" VALUES(2,'sales','r2','manual','running',1780000000000002,NULL,NULL,1780000000000000,1780000000000000,1780000000000000,NULL,'{"limit": 3}','anna','v1',2,1);
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
INSERT INTO "task_instance" VALUES(1,1,'one',-1,'success',NULL,0,1,2,0,X'01010101010101010101010101010101',1,1,1780000000000000,1780000000000000,1780000000000009,NULL,77,'');
INSERT INTO "task_instance" VALUES(2,2,'one',-1,'up_for_retry',NULL,0,1,2,0,X'02020202020202020202020202020202',1,2,1780000000000000,1780000000000000,NULL,1780003600000000,77,'');
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
COMMIT;
