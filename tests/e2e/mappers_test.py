"""Partition mappers of a DAG program's own: what they say is followed, also over a kill, and what is wrong with them holds up nobody else."""

import signal

from support.api import Api
from support.case import HomeCase


class MappersTest(HomeCase):
    programs = ("e2e_mappers",)
    environment = {"VENTURI__DAG_PROCESSOR__ANSWER_TIMEOUT_S": "1"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("e2e_sales", "e2e_regions", "e2e_chain", "e2e_rollup")

    def sell(self, key):
        self.assertEqual(self.venturi.trigger("e2e_sales", key, "--partition-key", key), "success")

    def wait_for_keys(self, dag_id, keys):
        self.venturi.wait_until(lambda: self.runs(dag_id) == sorted(keys), 60, f"runs of {dag_id} for {keys}")

    def runs(self, dag_id):
        return sorted(run["partition_key"] for run in self.api.get(f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"] if run["state"] == "success")

    def setUp(self):
        self.api = Api(self.venturi)

    def test_1_runs_of_what_they_say(self):
        self.sell("eu-berlin")
        self.wait_for_keys("e2e_regions", ["eu"])
        self.wait_for_keys("e2e_chain", ["EU", "EU!"])
        run = self.api.get("/api/v2/dags/e2e_regions/dagRuns")["dag_runs"][0]
        self.assertEqual(run["partition_date"], "2026-03-01T00:00:00Z")
        self.assertEqual(self.runs("e2e_rollup"), [])
        self.sell("eu-paris")
        self.wait_for_keys("e2e_rollup", ["eu"])
        self.wait_for_keys("e2e_regions", ["eu", "eu"])
        self.assertEqual(self.runs("e2e_chain"), ["EU", "EU!"], "another key is not allowed")

    def test_2_what_they_throw_is_told_and_makes_no_run(self):
        self.sell("nowhere")
        expected = ("dag e2e_regions, RegionMapper.to_downstream: std::invalid_argument: no region is named (of the partition key 'nowhere')")
        self.venturi.wait_until(lambda: expected in self.venturi.log.read_text(), 30, "the warning")
        self.assertNotIn("e2e_mappers", self.venturi.import_errors())
        self.assertEqual(self.runs("e2e_regions"), ["eu", "eu"])

    def test_3_one_that_hangs_or_dies_is_asked_again_by_the_next_server(self):
        self.sell("hanging-one")
        text = self.import_error("e2e_mappers", "e2e_regions", seconds=30)
        self.assert_parts(text, "dag e2e_regions, RegionMapper.to_downstream: the program hangs")
        self.venturi.process.send_signal(signal.SIGKILL)
        self.venturi.process.wait()
        (self.venturi.home / "dags" / "well.txt").touch()
        self.venturi.start()
        self.setUp()
        self.wait_for_keys("e2e_regions", ["eu", "eu", "hanging"])
        self.venturi.wait_until(lambda: "e2e_mappers" not in self.venturi.import_errors(), 30, "the end of the error")
        self.sell("dying-one")
        self.wait_for_keys("e2e_regions", ["dying", "eu", "eu", "hanging"])
