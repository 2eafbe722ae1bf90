"""Deadlines of runs, on a real server: told of once, by function and by notifier, also when the server was killed meanwhile."""

import contextlib
import json
import signal
import sqlite3
import subprocess

from support.case import HomeCase
from support.venturi import ROOT

DAG = """
dag_id: {dag_id}
is_paused_upon_creation: false
deadline: {{name: quick, interval: {interval}, callback: {{notifier: HttpNotifier, http_conn_id: told, endpoint: echo/told}}}}
tasks:
  work: {{operator: BashOperator, bash_command: sleep {seconds}}}
"""
DAGS = {"late": (1, 3), "in_time": (30, 0), "while_away": (2, 600)}


class DeadlinesTest(HomeCase):
    programs = ("e2e_deadlines",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.record = cls.folder / "requests"
        cls.server = subprocess.Popen(["/usr/bin/python3", ROOT / "tests/servers/http_server.py", "--record", cls.record],
                                      stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(cls.server.communicate)
        cls.addClassCleanup(cls.server.terminate)
        cls.venturi.connection("told", f"http://127.0.0.1:{cls.server.stdout.readline().strip()}")
        for dag_id, (interval, seconds) in DAGS.items():
            (cls.venturi.home / "dags" / f"{dag_id}.yaml").write_text(
                DAG.format(dag_id=dag_id, interval=interval, seconds=seconds))
        cls.start_server("deadlines", *DAGS)

    def told(self, run_id):
        if not self.record.exists():
            return []
        requests = [json.loads(line) for line in self.record.read_text().splitlines()]
        return [body for body in (json.loads(request["body"]) for request in requests) if body["run_id"] == run_id]

    def wait_until_told(self, run_id):
        return self.venturi.wait_until(lambda: self.told(run_id), 60, f"what is told of {run_id}")[0]

    def owed(self, dag_id):
        with contextlib.closing(sqlite3.connect(f"file:{self.venturi.home}/venturi.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM outbox WHERE dag_id = ?", (dag_id,)).fetchone()[0]

    def kill_server(self):
        self.venturi.process.send_signal(signal.SIGKILL)
        self.venturi.process.wait()

    def test_a_run_that_is_late_is_told_of_while_it_runs(self):
        self.venturi.cli("dags", "trigger", "late", "-r", "late_one")
        told = self.wait_until_told("late_one")
        self.assertEqual((told["event"], told["state"], told["task_id"]), ("deadline", "running", None))
        self.assertRegex(told["error"], r"^the deadline quick of 20.*Z was missed$")
        self.assertIn("[Venturi] DAG late missed a deadline (run late_one)", told["message"])
        self.assertEqual(self.venturi.wait_for_run("late", "late_one"), "success")
        self.assertEqual(len(self.told("late_one")), 1)

    def test_a_run_that_succeeds_in_time_is_not(self):
        self.assertEqual(self.venturi.trigger("in_time", "quick_one"), "success")
        self.assertEqual(self.owed("in_time"), 0)

    def test_functions_know_the_run(self):
        self.assertEqual(self.venturi.trigger("deadlines", "own"), "failed")
        log = self.venturi.home / "logs" / "dag_id=deadlines" / "run_id=own"
        found = self.venturi.wait_until(lambda: [text for text in (path.read_text() for path in log.rglob("*.log"))
                                                 if "deadline of run own" in text], 60, "the callback's log")
        self.assertIn("deadlines: the deadline of 20", found[0])

    def test_a_server_that_was_away_tells_of_it_once(self):
        self.venturi.cli("dags", "trigger", "while_away", "-r", "away")
        self.venturi.wait_until(lambda: self.venturi.states("while_away", "away")["work"]["state"] == "running", 60, "the task")
        self.kill_server()
        self.assertEqual((self.told("away"), self.owed("while_away")), ([], 1))
        self.venturi.start()
        self.wait_until_told("away")
        self.venturi.wait_until(lambda: self.owed("while_away") == 0, 30, "what is told to be told")
        self.kill_server()
        self.venturi.start()
        self.venturi.cli("tasks", "set-state", "while_away", "work", "away", "failed")
        self.assertEqual(self.venturi.wait_for_run("while_away", "away"), "failed")
        self.assertEqual(len(self.told("away")), 1)
