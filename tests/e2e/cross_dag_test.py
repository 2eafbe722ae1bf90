"""DAGs that wait for runs, tasks and groups of another one, and start it, with servers that are killed in between."""

import json

from support.case import HomeCase


class CrossDagTest(HomeCase):
    programs = ("e2e_cross_dag",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("orders", "waits", "starts", "latest")

    def trigger(self, dag_id, run_id, *more):
        self.venturi.cli("dags", "trigger", dag_id, "-r", run_id, *more)

    def test_sensors_wait_for_the_same_date(self):
        date = ("--logical-date", "2026-01-31T00:00:00+00:00")
        self.trigger("waits", "w1", *date)
        self.venturi.wait_until(lambda: "Poking for the task group checks of DAG orders on 2026-01-31T00:00:00Z"
                                in self.venturi.run("tasks", "logs", "waits", "group", "w1").stdout, 30, "a poke")
        self.trigger("orders", "other_date", "--logical-date", "2026-01-30T00:00:00+00:00")
        self.venturi.wait_for_run("orders", "other_date")
        self.assertNotEqual(self.states("waits", "w1")["task"], "success")
        self.trigger("orders", "o1", *date)
        self.assertEqual(self.venturi.wait_for_run("waits", "w1", 40), "failed")
        self.assertEqual(self.states("waits", "w1"),
                         {"run": "success", "task": "success", "group": "success", "nobody": "failed"})
        self.assertIn("The external task unload in DAG orders does not exist.", self.task_log("waits", "w1", "nobody"))

    def test_a_run_is_started_and_waited_for(self):
        self.trigger("starts", "s1")
        self.assertEqual(self.venturi.wait_for_run("starts", "s1"), "success")
        self.assertIn("orders", self.task_log("starts", "s1", "start"))
        self.trigger("starts", "s2", "-c", json.dumps({"fails": "yes"}))
        self.assertEqual(self.venturi.wait_for_run("starts", "s2"), "failed")
        self.assertIn("orders failed with failed state failed (run by_s2)", self.task_log("starts", "s2", "start"))

    def test_a_server_that_is_killed_meanwhile(self):
        self.trigger("starts", "s4", "-c", json.dumps({"sleep": 3}))
        self.venturi.wait_until(lambda: "Waiting for dag run by_s4" in self.venturi.run("tasks", "logs", "starts", "start", "s4").stdout, 30,
                                "the wait")
        self.venturi.process.kill()
        self.venturi.process.wait()
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("starts", "s4", 40), "success")
        self.assertEqual(self.venturi.states("starts", "s4")["start"]["try_number"], 1)
        runs = [row["run_id"] for row in self.venturi.rows("dags", "list-runs", "orders")]
        self.assertEqual(runs.count("by_s4"), 1)

    def test_a_date_that_is_taken(self):
        date = "2026-02-01T00:00:00+00:00"
        self.trigger("orders", "first", "--logical-date", date)
        self.trigger("starts", "s3", "-c", json.dumps({"date": date}))
        self.assertEqual(self.venturi.wait_for_run("starts", "s3"), "failed")
        self.assertIn("Dag Run already exists, marking task as failed: dag orders: run first has this logical date already",
                      self.task_log("starts", "s3", "start"))

    def test_runs_by_hand_are_the_latest(self):
        self.assertEqual(self.venturi.trigger("latest", "l1"), "success")
        self.assertEqual(self.states("latest", "l1"), {"latest": "success", "below": "success"})
