"""Writes schema_NN.sql: a small home's database as a Venturi with schema version NN had it, for src/store/sqlite/upgrades_test.cpp.

    python3 tests/upgrades/make.py 15      # when a migration is added after version 15

The migrations are those of src/store/sqlite/schema.cpp, which are never changed once they are released.
"""

import json
import pathlib
import re
import sqlite3
import sys

HERE = pathlib.Path(__file__).parent
SCHEMA = (HERE.parents[1] / "src" / "store" / "sqlite" / "schema.cpp").read_text()
VENTURI = 0x564E5452
TIME = 1_780_000_000_000_000  # 2026-05-28


def migrations():
    texts = {name: raw or plain for name, raw, plain in
             re.findall(r'constexpr const char\* (\w+) =\s+(?:R"sql\((.*?)\)sql"|"(.*?)");', SCHEMA, re.DOTALL)}
    return [(int(version), about, texts[name]) for version, about, name in re.findall(r'Migration\{(\d+), "(.*?)",\s+(\w+)\}', SCHEMA)]


def dag(dag_id):
    task = {"__type": "operator", "__var": {"task_id": "one", "task_type": "CppTask", "_task_module": "venturi.program"}}
    timetable = {"__type": "airflow.timetables.simple.NullTimetable", "__var": {}}
    return json.dumps({"__version": 3, "dag": {"dag_id": dag_id, "fileloc": f"/dags/{dag_id}.cpp", "relative_fileloc": f"{dag_id}.cpp", "timezone": "UTC",
                                               "timetable": timetable, "tasks": [task]}})


def insert(database, table, **values):
    there = [column for column in values if column in {row[1] for row in database.execute(f"PRAGMA table_info({table})")}]
    database.execute(f"INSERT INTO {table}({', '.join(there)}) VALUES ({', '.join('?' * len(there))})", [values[column] for column in there])


def fill(database, version):
    """A run that ended, one that is under way, and what else people have in their homes. Columns of later versions are left out."""
    insert(database, "dag_version", version_id="v1", dag_id="sales", serialized=dag("sales"), task_count=1, bundle="dags-folder", relative_fileloc="sales.cpp",
           fileloc="/dags/sales.cpp", program="/programs/sales", created=TIME)
    insert(database, "dag", dag_id="sales", version_id="v1", is_paused=0, failed_runs=1, awaits_outcomes=0)
    for no, state, end in ((1, "success", TIME + 9), (2, "running", None)):
        insert(database, "dag_run", no=no, dag_id="sales", run_id=f"r{no}", run_type="manual", state=state, logical_date=TIME + no, run_after=TIME,
               queued_at=TIME, start_date=TIME, end_date=end, conf='{"limit": 3}', triggered_by="anna", dag_version_id="v1", first_task_instance=no,
               created_task_instances=1)
        insert(database, "task_instance", no=no, run_no=no, task_id="one", map_index=-1, state="success" if end else "up_for_retry", end_detail=0,
               try_number=1, max_tries=2, losses=0, id=bytes([no] * 16), token_epoch=1, token_sequence=no, queued_at=TIME, start_date=TIME, end_date=end,
               next_try_at=None if end else TIME + 3_600_000_000, pid=77, error="")
        insert(database, "xcom", run_no=no, task_id="one", map_index=-1, key="return_value", value="[1, 2]")
    insert(database, "history", run_no=1, batch_no=1, at=TIME, transitions="[]")
    insert(database, "rendered_task_instance_fields", task_instance_no=1, rendered_fields="{}")
    insert(database, "connection", conn_id="shop", conn_type="http", description="", host="shop.example.com", is_encrypted=0, is_extra_encrypted=0)
    insert(database, "variable", key="limit", val="7", description="", is_encrypted=0)
    insert(database, "import_error", filename="broken.yaml", bundle="dags-folder", stacktrace="no tasks", at=TIME)
    if version >= 5:
        insert(database, "slot_pool", pool="narrow", slots=1, description="", include_deferred=0)
    if version >= 6:
        insert(database, "asset", no=1, name="orders", uri="s3://orders", asset_group="asset", created=TIME)
        insert(database, "asset_event", no=1, asset_no=1, source_dag_id="", source_task_id="", source_run_id="", source_map_index=-1, at=TIME)
    if version >= 8:
        insert(database, "note", run_no=1, task_instance_no=0, content="a note")
    if version >= 13:
        insert(database, "event_log", no=1, at=TIME, event="trigger_dag_run", owner="anna", dag_id="sales", run_id="r1", task_id="", extra="")
        insert(database, "dag_favorite", user="anna", dag_id="sales")
    database.execute("UPDATE home SET epoch = 1, next_run = 3, next_task_instance = 3, next_sequence = 3")


def write(version):
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, about TEXT NOT NULL, program_version TEXT NOT NULL) STRICT")
    for number, about, text in migrations():
        if number <= version:
            database.executescript(text)
            database.execute("INSERT INTO schema_version VALUES (?, '2026-05-28T00:00:00Z', ?, '0.1.0')", (number, about))
    fill(database, version)
    text = "\n".join([f"PRAGMA application_id = {VENTURI};", *database.iterdump(), ""])
    (HERE / f"schema_{version:02}.sql").write_text(text)


for word in sys.argv[1:]:
    write(int(word))
