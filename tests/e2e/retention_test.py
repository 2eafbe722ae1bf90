"""What a home forgets by itself, and `db clean` with its archives: with a server and without one."""

import csv
import os
import sqlite3
import time

from support.api import Api
from support.case import HomeCase

DAG = """
dag_id: NAME
is_paused_upon_creation: false
tasks:
  one: {operator: BashOperator, bash_command: "echo made by {{ run_id }}"}
"""
DAY = 86_400_000_000


class RetentionTest(HomeCase):
    def setUp(self):
        self.home = self.make_home(self.id().rsplit(".", 1)[-1], VENTURI__RETENTION__INTERVAL_S="1", VENTURI__RETENTION__KEEP_RUNS="1")
        for name in ("old", "new"):
            (self.home.home / "dags" / f"{name}.yaml").write_text(DAG.replace("NAME", name))
        self.start()

    def start(self):
        self.home.start()
        for name in ("old", "new"):
            self.home.wait_for_dag(name)

    def run_ids(self, dag_id):
        return {row["run_id"] for row in self.home.rows("dags", "list-runs", dag_id)}

    def folders(self, kind, dag_id):
        return sorted(path.name for path in (self.home.home / kind / dag_id).glob("*"))

    def age(self, days_by_run):
        """Moves runs, and the times of their logs, into the past. No server runs."""
        database = sqlite3.connect(self.home.home / "venturi.db")
        with database:
            for run_id, days in days_by_run.items():
                database.execute("UPDATE dag_run SET end_date = end_date - ?1, queued_at = queued_at - ?1 WHERE run_id = ?2", (days * DAY, run_id))
        database.close()

    def make_runs(self):
        for number in range(4):
            self.assertEqual(self.home.trigger("old", f"r{number}"), "success")
        self.assertEqual(self.home.trigger("new", "n0"), "success")

    def test_a_server_forgets_what_is_old(self):
        self.make_runs()
        self.home.stop()
        self.age({"r0": 100, "r1": 91, "r2": 31, "r3": 200, "n0": 40})
        self.start()
        self.home.wait_until(lambda: self.run_ids("old") == {"r2", "r3"}, 30, "that old runs are gone")
        self.assertEqual(self.run_ids("new"), {"n0"}, "the last run of a DAG stays")
        # Its logs go all the same; the XComs of the last run stay.
        self.home.wait_until(lambda: self.folders("logs", "dag_id=new") == [] and self.folders("logs", "dag_id=old") == [], 30, "that old logs are gone")
        database = sqlite3.connect(self.home.home / "venturi.db")
        count = lambda table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        self.home.wait_until(lambda: count("xcom") == 2, 30, "that old XComs are gone")
        self.assertEqual((count("task_instance"), count("dag_run")), (3, 3))
        self.home.wait_until(lambda: "deleted because it was old: 2 runs, 2 task instances" in self.home.log.read_text(), 30, "its line in the log")
        database.close()
        self.assertEqual(self.home.trigger("old", "after"), "success")

    def test_by_hand(self):
        self.make_runs()
        self.home.stop()
        self.age({"r0": 80, "r1": 70, "r2": 20})
        self.start()
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 50 * 86400))
        words = ("db", "clean", "--clean-before-timestamp", today, "--tables", "dag_run,xcom")
        self.assertIn({"table": "dag_run", "rows_to_delete": 2}, self.home.rows(*words, "--dry-run"))
        self.assertEqual(self.run_ids("old"), {"r0", "r1", "r2", "r3"})
        self.assert_failed(self.home.run(*words), "--yes")
        deleted = {row["table"]: row["deleted_rows"] for row in self.home.rows(*words, "--yes")}
        self.assertEqual(deleted, {"dag_run": 2, "task_instance": 2, "xcom": 0})
        self.assertEqual(self.run_ids("old"), {"r2", "r3"})

        self.home.stop()  # archives need no server, and neither does cleaning
        folder = self.folder / "archives"
        folder.mkdir()
        files = {row["file"]: row["rows"] for row in self.home.rows("db", "export-archived", "--export-format", "csv", "--output-path", folder, "--tables", "dag_run,xcom")}
        self.assertEqual(sorted(files.values()), [2, 2])
        for path in files:
            with open(path, newline="") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual(len(rows), 2)
            if "__dag_run__" in path:
                self.assertEqual([row["run_id"] for row in rows], ["r0", "r1"])
        self.assert_failed(self.home.run("db", "drop-archived", "--tables", "nothing", "-y"), "there is no archived table of nothing")
        self.home.cli("db", "drop-archived", "-y")
        self.assertIn("There are no archived tables", self.home.cli("db", "drop-archived", "-y"))
        later = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 60))
        self.home.cli("db", "clean", "--clean-before-timestamp", later, "--skip-archive", "--yes")
        self.assertEqual(self.run_ids("old"), {"r3"})
        self.home.cli("db", "check")

    def test_by_hand_of_some_dags_alone(self):
        self.make_runs()
        self.assertEqual(self.home.trigger("new", "n1"), "success")
        self.home.stop()
        self.age({"r0": 80, "r1": 70, "n0": 80})
        self.start()
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 50 * 86400))
        words = ("db", "clean", "--clean-before-timestamp", today, "--tables", "dag_run", "--yes")
        self.assertIn({"table": "dag_run", "deleted_rows": 1}, self.home.rows(*words, "--dag-ids", "new,other"))
        self.assertEqual((self.run_ids("old"), self.run_ids("new")), ({"r0", "r1", "r2", "r3"}, {"n1"}))
        self.assertIn({"table": "dag_run", "deleted_rows": 0}, self.home.rows(*words, "--exclude-dag-ids", "old"))
        self.assertIn({"table": "dag_run", "deleted_rows": 2}, self.home.rows(*words, "--exclude-dag-ids", "new"))

    def test_wrong_words(self):
        self.assert_failed(self.home.run("db", "clean", "--dry-run"), "--clean-before-timestamp DATE")
        self.assert_failed(self.home.run("db", "clean", "--clean-before-timestamp", "2026-01-01", "--tables", "task_instance", "-y"),
                           "there is no table 'task_instance' to be cleaned", "go with dag_run")

    def test_old_logs_are_compressed_and_read_as_before(self):
        self.make_runs()
        before = self.task_log_of("r1")
        self.home.stop()
        self.age({"r1": 3})
        log = next((self.home.home / "logs" / "dag_id=old" / "run_id=r1").rglob("attempt=1.log"))
        past = time.time() - 3 * 86400
        os.utime(log, (past, past))
        self.start()
        self.home.wait_until(lambda: not log.exists(), 30, "that the log is compressed")
        self.assertTrue(log.with_name("attempt=1.log.gz").exists())
        self.assertIn("made by r1", before)
        self.assertEqual(self.task_log_of("r1"), before)
        self.assertEqual(self.task_log_of("r1", "-f"), before)
        self.assertIn("made by r2", self.task_log_of("r2"))
        content = Api(self.home).get("/api/v2/dags/old/dagRuns/r1/taskInstances/one/logs/1")["content"]
        self.assertTrue(any("made by r1" in line["event"] for line in content), content)

    def task_log_of(self, run_id, *more):
        return self.home.cli("tasks", "logs", "old", "one", run_id, *more)
