"""A home's history without running it: rows of runs that ended, written straight into the database of a server that is down."""

import sqlite3
import time

DAY = 86_400_000_000  # µs
COLUMNS_OF_RUN = ("no, dag_id, run_id, run_type, state, logical_date, data_interval_start, data_interval_end, run_after, queued_at, start_date, end_date, "
                  "triggered_by, dag_version_id, first_task_instance, created_task_instances, task_instance_numbers")
COLUMNS_OF_TASK_INSTANCE = ("no, run_no, task_id, map_index, state, end_reason, end_detail, try_number, max_tries, losses, id, token_epoch, token_sequence, "
                            "queued_at, start_date, end_date, pid, error")


def fill(database, dag_id, runs, tasks):
    """`runs` hourly runs of the DAG, the last one an hour ago, each with the `tasks` tasks of bench/dags/ledger.h; one in a hundred
    failed. Seconds that it took."""
    from_ = time.monotonic()
    db = sqlite3.connect(database, isolation_level=None)
    for sql in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -65536", "BEGIN IMMEDIATE"):
        db.execute(sql)
    version, = db.execute("SELECT version_id FROM dag WHERE dag_id = ?", (dag_id,)).fetchone()
    run, first = db.execute("SELECT next_run, next_task_instance FROM home").fetchone()
    hour = DAY // 24
    begin = int(time.time()) // 3600 * 3_600_000_000 - (runs + 1) * hour
    db.execute(f"""
        WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n + 1 < ?1)
        INSERT INTO dag_run({COLUMNS_OF_RUN})
        SELECT ?2 + n, ?3, 'scheduled__' || strftime('%Y-%m-%dT%H:%M:%S+00:00', (?4 + n * ?5) / 1000000, 'unixepoch'), 'scheduled',
               CASE n % 100 WHEN 7 THEN 'failed' ELSE 'success' END, ?4 + n * ?5, ?4 + n * ?5, ?4 + (n + 1) * ?5, ?4 + (n + 1) * ?5, ?4 + (n + 1) * ?5 + 1000,
               ?4 + (n + 1) * ?5 + 2000, ?4 + (n + 1) * ?5 + 2000 + ?6 * 100 + n % 977, '', ?7, ?8 + n * ?6, ?6, ?6 FROM i""",
               (runs, run, dag_id, begin, hour, tasks, version, first))
    db.execute(f"""
        WITH RECURSIVE t(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM t WHERE n + 1 < ?1)
        INSERT INTO task_instance({COLUMNS_OF_TASK_INSTANCE})
        SELECT r.first_task_instance + t.n, r.no, printf('task_%05d', t.n), -1, CASE WHEN r.state = 'failed' AND t.n + 1 = ?1 THEN 'failed' ELSE 'success' END,
               NULL, 0, 1, 0, 0, randomblob(16), 1, r.first_task_instance + t.n, r.start_date + t.n * 100, r.start_date + t.n * 100 + 50,
               r.start_date + t.n * 100 + 90, 1000, ''
        FROM dag_run AS r CROSS JOIN t WHERE r.no >= ?2 AND r.no < ?3 ORDER BY r.no""", (tasks, run, run + runs))
    db.execute("UPDATE home SET next_run = ?, next_task_instance = ?", (run + runs, first + runs * tasks))
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return time.monotonic() - from_
