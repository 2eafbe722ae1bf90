"""Pools, runs that wait for the one before, and DAGs that are paused after failures: with servers that are restarted meanwhile."""

from support.case import HomeCase


class PoolsTest(HomeCase):
    programs = ("e2e_pools",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("shop", "days", "broken")

    def restart(self):
        self.venturi.stop()
        self.start_server("shop", "days", "broken")

    def test_tasks_wait_for_their_pool(self):
        done = self.venturi.run("dags", "trigger", "shop", "-r", "s1")
        self.assertIn("there is no pool shop: task", done.stderr)
        self.assertIn("venturi pools set shop SLOTS DESCRIPTION", done.stderr)
        self.venturi.wait_until(lambda: set(self.states("shop", "s1").values()) == {"scheduled"}, 30, "tasks that wait")
        self.assertIn("Pool Slots Available: there is no pool shop", self.venturi.cli("tasks", "failed-deps", "shop", "orders", "s1"))
        self.restart()
        self.assertEqual(set(self.states("shop", "s1").values()), {"scheduled"})
        self.venturi.cli("pools", "set", "shop", "0", "closed")
        self.assertIn("which has 0 in all", self.venturi.cli("tasks", "failed-deps", "shop", "orders", "s1"))
        self.venturi.cli("pools", "set", "shop", "1", "one after the other")
        self.assertEqual(self.venturi.wait_for_run("shop", "s1", 30), "success")
        times = sorted((row["start_date"], row["end_date"]) for row in self.venturi.states("shop", "s1").values())
        for (_, end), (start, _) in zip(times, times[1:]):
            self.assertLessEqual(end, start)
        self.assert_failed(self.venturi.run("tasks", "failed-deps", "shop", "orders", "s1"), "no such run that is queued or running")

    def test_runs_wait_for_the_one_before(self):
        self.assertEqual(self.venturi.cli("dags", "next-execution", "days", "-n", "5").split(),
                         [f"2026-01-0{day}T00:00:00+00:00" for day in (1, 2, 3)])
        self.venturi.cli("dags", "unpause", "days")
        runs = [f"scheduled__2026-01-0{day}T00:00:00+00:00" for day in (1, 2, 3)]
        for run in runs:
            self.assertEqual(self.venturi.wait_for_run("days", run, 30), "success")
        rows = [self.venturi.states("days", run) for run in runs]
        self.assertEqual([set(row) for row in rows], [{"load"}, {"load", "late"}, {"load", "late"}])
        for before, after in zip(rows, rows[1:]):
            self.assertLessEqual(before["load"]["end_date"], after["load"]["start_date"])

    def test_failures_in_a_row_pause_the_dag(self):
        self.venturi.cli("dags", "unpause", "broken")
        self.venturi.wait_until(lambda: self.is_paused("broken"), 30, "the pause")
        self.assertEqual([row["state"] for row in self.venturi.rows("dags", "list-runs", "broken")], ["failed", "failed"])
        self.restart()
        self.assertTrue(self.is_paused("broken"))

    def is_paused(self, dag_id):
        row, = [row for row in self.venturi.rows("dags", "list") if row["dag_id"] == dag_id]
        return row["is_paused"] in (True, "True")
