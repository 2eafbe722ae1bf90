"""`tasks clear`, and runs that another DAG begins anew: what is cleared runs again, and nothing else does."""

import contextlib
import re
import sqlite3

from support.case import HomeCase


class ClearTest(HomeCase):
    programs = ("e2e_clear",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("sums", "breaks", "slow", "begins_anew", "lake", "report", "mails", "short_sighted", "curious")

    def clear(self, dag_id, run_id, *more):
        return self.venturi.cli("tasks", "clear", dag_id, "--run-id", run_id, "--yes", *more)

    def tries(self, dag_id, run_id):
        return {task: (row["state"], int(row["try_number"])) for task, row in self.venturi.states(dag_id, run_id).items()}

    def instances(self, dag_id, run_id):
        rows = self.venturi.rows("tasks", "states-for-dag-run", dag_id, run_id)
        return sorted((row["task_id"], row["map_index"], row["state"], int(row["try_number"])) for row in rows)

    def test_what_failed(self):
        self.assertEqual(self.venturi.trigger("breaks", "b1"), "failed")
        listed = self.clear("breaks", "b1", "--only-failed")
        self.assertTrue(re.search(r"b1 +\| check +\| -1 +\| failed", listed), listed)
        self.assertTrue(re.search(r"b1 +\| load +\| -1 +\| upstream_failed", listed), listed)
        self.assertEqual(self.venturi.wait_for_run("breaks", "b1"), "success")
        self.assertEqual(self.tries("breaks", "b1"), {"check": ("success", 2), "load": ("success", 1)})
        self.assertIn("Command exited with return code 0", self.task_log("breaks", "b1", "check", "--try", "2"))

    def test_a_mapped_task_over_a_list_that_became_longer(self):
        self.assertEqual(self.venturi.trigger("sums", "s1"), "success")
        self.assertEqual(len(self.instances("sums", "s1")), 4)
        self.clear("sums", "s1", "--task-regex", "numbers", "--downstream")
        self.assertEqual(self.venturi.wait_for_run("sums", "s1"), "success")
        self.assertEqual(self.instances("sums", "s1"),
                         [("numbers", None, "success", 2), ("sum", None, "success", 2), ("twice", 0, "success", 2),
                          ("twice", 1, "success", 2), ("twice", 2, "success", 1)])

    def test_markers_lead_to_other_dags(self):
        for dag_id, date in (("lake", "2026-01-01"), ("report", "2026-01-01"), ("mails", "2026-01-02"), ("short_sighted", "2026-01-01"), ("curious", "2026-01-01")):
            self.assertEqual(self.venturi.trigger(dag_id, "m1", "--logical-date", date), "success")
        self.assertEqual(self.venturi.trigger("report", "other", "--logical-date", "2026-01-05"), "success")
        listed = self.clear("lake", "m1", "--task-regex", "load", "--downstream")
        for row in (r"lake +\| m1 +\| load ", r"report +\| m1 +\| begin ", r"report +\| m1 +\| rest ", r"mails +\| m1 +\| send "):
            self.assertRegex(listed, row)
        for dag_id in ("lake", "report", "mails"):
            self.assertEqual(self.venturi.wait_for_run(dag_id, "m1"), "success")
        self.assertEqual({task: tries for task, (_, tries) in self.tries("report", "m1").items()},
                         {"before": 1, "begin": 2, "rest": 2, "tell": 2})
        self.assertEqual(self.tries("mails", "m1")["send"], ("success", 2))
        self.assertEqual(self.tries("report", "other")["begin"], ("success", 1))
        # Nothing is changed where what is marked cannot be found out.
        self.assert_failed(self.venturi.run("tasks", "clear", "short_sighted", "--run-id", "m1", "--yes"),
                           "Maximum recursion depth 1 reached for ExternalTaskMarker tell", "raise its recursion_depth")
        self.assert_failed(self.venturi.run("tasks", "clear", "curious", "--run-id", "m1", "--yes"),
                           "a marker cannot ask for variables", "task tell, external_dag_id")
        self.assertEqual(self.tries("short_sighted", "m1")["tell"], ("success", 1))

    def test_a_mistake_that_is_mended_meanwhile(self):
        file = self.venturi.home / "dags" / "mended.yaml"
        text = "dag_id: mended\nis_paused_upon_creation: false\ntasks:\n  load: {operator: BashOperator, bash_command: %s}\n"

        def write(command, versions):
            file.write_text(text % command)
            self.venturi.wait_until(lambda: self.versions("mended") == versions, 30, f"version {versions}")
        write('"false"', 1)
        self.assertEqual(self.venturi.trigger("mended", "m1"), "failed")
        write('"true"', 2)
        self.clear("mended", "m1")
        self.assertEqual(self.venturi.wait_for_run("mended", "m1"), "failed")
        self.clear("mended", "m1", "--run-on-latest-version")
        self.assertEqual(self.venturi.wait_for_run("mended", "m1"), "success")
        self.assertEqual(self.tries("mended", "m1")["load"], ("success", 3))
        file.write_text(text % '"true"' + "  more: {operator: EmptyOperator}\n")
        self.venturi.wait_until(lambda: self.versions("mended") == 3, 30, "version 3")
        self.clear("mended", "m1", "--run-on-latest-version")
        self.assertEqual(self.venturi.wait_for_run("mended", "m1"), "success")
        self.assertEqual(self.tries("mended", "m1"), {"load": ("success", 4), "more": ("success", 1)})
        file.write_text(text.replace("load:", "other:") % '"true"' + "  more: {operator: EmptyOperator, upstream: other}\n")
        self.venturi.wait_until(lambda: self.versions("mended") == 4, 30, "version 4")
        self.clear("mended", "m1", "--task-regex", "more", "--run-on-latest-version")
        self.assertEqual(self.venturi.wait_for_run("mended", "m1"), "success")
        self.assertEqual(self.tries("mended", "m1"), {"load": ("removed", 4), "more": ("success", 2), "other": ("success", 1)})
        # What was removed has its logs and its earlier tries still.
        self.assertIn("removed", self.venturi.run("tasks", "states-for-dag-run", "mended", "m1").stdout)

    def versions(self, dag_id):
        with contextlib.closing(sqlite3.connect(f"file:{self.venturi.home}/venturi.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT count(*) FROM dag_version WHERE dag_id = ?", (dag_id,)).fetchone()[0]

    def test_what_runs_is_killed_first(self):
        self.venturi.cli("dags", "trigger", "slow", "-r", "w1")
        self.venturi.wait_until(lambda: "begun" in self.venturi.run("tasks", "logs", "slow", "wait", "w1").stdout, 30, "the task")
        self.clear("slow", "w1", "--only-running")
        self.assertEqual(self.venturi.wait_for_run("slow", "w1", 40), "success")
        self.assertEqual(self.tries("slow", "w1"), {"wait": ("success", 2), "below": ("success", 1)})

    def test_what_runs_while_the_server_is_killed(self):
        self.venturi.cli("dags", "trigger", "slow", "-r", "w2")
        self.venturi.wait_until(lambda: "begun" in self.venturi.run("tasks", "logs", "slow", "wait", "w2").stdout, 30, "the task")
        self.venturi.process.kill()
        self.venturi.process.wait()
        self.clear("slow", "w2")  # without a server: whoever comes next kills the task
        self.assertEqual(self.states("slow", "w2")["wait"], "restarting")
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("slow", "w2", 40), "success")
        self.assertEqual(self.tries("slow", "w2")["wait"], ("success", 2))

    def test_a_run_that_another_dag_begins_anew(self):
        self.assertEqual(self.venturi.trigger("begins_anew", "a1"), "success")
        self.assertEqual(self.venturi.trigger("begins_anew", "a2"), "success")
        self.assertEqual(self.tries("sums", "always_this")["sum"], ("success", 2))
        runs = [row["run_id"] for row in self.venturi.rows("dags", "list-runs", "sums")]
        self.assertEqual(runs.count("always_this"), 1)

    def test_mistakes(self):
        self.assertEqual(self.venturi.trigger("breaks", "m1"), "failed")
        self.assert_failed(self.venturi.run("tasks", "clear", "breaks", "--run-id", "m1", "-t", "chekc", "-y"),
                           "dag breaks: no task has an id that fits 'chekc' (see: venturi tasks list breaks)")
        self.assert_failed(self.venturi.run("tasks", "clear", "breaks", "--run-id", "m1", "-t", "(", "-y"),
                           "'(' is no regular expression")
        self.assert_failed(self.venturi.run("tasks", "clear", "breaks", "--run-id", "m9", "-y"), "m9")
        self.assert_failed(self.venturi.run("tasks", "clear", "braeks", "-y"), "there is no DAG braeks", "breaks")
        self.assert_failed(self.venturi.run("tasks", "clear", "breaks", "--run-id", "m1", stdin=-3), "say it with --yes")
        self.assertEqual(self.tries("breaks", "m1")["check"], ("failed", 1))
