"""Weight rules of a DAG program's own: they decide who goes first, and one that fails shows why its tasks wait."""

import json
import signal

from support.api import Api
from support.case import HomeCase


class WeightsTest(HomeCase):
    programs = ("e2e_weights",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("e2e_weights", "e2e_weights_from_file")
        cls.venturi.cli("pools", "set", "narrow", "1", "one after the other")

    def test_the_heaviest_goes_first(self):
        weights = {"a": 5, "b": 1, "c": 1000, "d": -3}
        self.assertEqual(self.venturi.trigger("e2e_weights", "one", "--conf", json.dumps(weights)), "success")
        tis = Api(self.venturi).get("/api/v2/dags/e2e_weights/dagRuns/one/taskInstances")["task_instances"]
        self.assertEqual({ti["task_id"]: ti["priority_weight"] for ti in tis}, {**weights, "gate": 1})
        order = [ti["task_id"] for ti in sorted(tis, key=lambda ti: ti["start_date"])]
        self.assertEqual(order, ["gate", "c", "a", "b", "d"])

    def test_one_that_throws_holds_up_its_own_tasks_and_says_why(self):
        self.venturi.cli("dags", "trigger", "e2e_weights_from_file", "--run-id", "two")
        text = self.import_error("e2e_weights", "dag e2e_weights_from_file, FromFile.get_weight: std::runtime_error: "
                                 "there is no weights.txt for weighed", seconds=60)
        self.assertNotIn("Configured", text)
        self.venturi.wait_until(lambda: self.states("e2e_weights_from_file", "two")["plain"] == "success", 30, "the other task")
        self.assertEqual(self.states("e2e_weights_from_file", "two")["weighed"], "scheduled")
        self.assert_parts(self.venturi.cli("tasks", "why", "e2e_weights_from_file", "weighed", "two"),
                          "its weight rule FromFile failed, and is asked again at", "there is no weights.txt")
        (self.venturi.home / "dags" / "weights.txt").touch()
        self.venturi.process.send_signal(signal.SIGKILL)
        self.venturi.process.wait()
        self.venturi.start()
        self.assertEqual(self.venturi.wait_for_run("e2e_weights_from_file", "two"), "success")
        self.venturi.wait_until(lambda: not self.import_errors(), 30, "that the error is gone")
