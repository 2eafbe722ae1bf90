"""Mapped tasks: how many instances there are is known only when the run goes on."""

import json
import unittest

from support.case import HomeCase


class MappedTest(HomeCase):
    programs = ["e2e_mapped"]

    def run_with(self, run_id, **conf):
        state = self.venturi.trigger("e2e_mapped", run_id, "--conf", json.dumps(conf))
        rows = self.venturi.rows("tasks", "states-for-dag-run", "e2e_mapped", run_id)
        return state, {(row["task_id"], row["map_index"]): row for row in rows}

    def xcoms(self, task_id, run_id):
        import sqlite3
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT x.map_index, x.value FROM xcom AS x JOIN dag_run AS r ON r.no = x.run_no WHERE r.run_id = ? AND "
                              "x.task_id = ? AND x.key = 'return_value' ORDER BY x.map_index", (run_id, task_id))
            return [(map_index, json.loads(value)) for map_index, value in rows]

    def test_over_what_a_task_gave(self):
        self.start_server("e2e_mapped")
        state, rows = self.run_with("three", files=3, fails="file_1")
        self.assertEqual(state, "success")
        self.assertEqual({key for key in rows if key[0] == "measure"}, {("measure", 0), ("measure", 1), ("measure", 2)})
        self.assertEqual([rows["measure", i]["try_number"] for i in range(3)], [1, 2, 1], "one was tried again, alone")
        self.assertEqual(self.xcoms("measure", "three"), [(0, 60), (1, 60), (2, 60)])
        self.assertEqual(self.xcoms("total", "three"), [(-1, 180)])
        self.assertEqual(self.xcoms("lazy_total", "three"), [(-1, 180 - 60 - 60)])
        self.assertEqual(self.xcoms("pairs", "three"), [(-1, "file_0=60,file_1=60,file_2=60")], "side by side")
        self.assertEqual(self.xcoms("places", "three"), [(-1, "eu1,eu2,eu3,us1,us2,us3")], "each with each")
        self.assertIn("measuring file_1 as 1", self.task_log("e2e_mapped", "three", "measure", "--map-index", "1"))

        state, rows = self.run_with("none", files=0)
        self.assertEqual(state, "success")
        self.assertEqual(rows["measure", None]["state"], "skipped", "an empty list")

        for run_id, whatever, why in [("number", 5, "XCom 'return_value' is of type integer, and tasks are mapped over it: give a list"),
                                      ("nothing", None, "it gave no XCom 'return_value', and tasks are mapped over it: give a list, which may be empty")]:
            state, rows = self.run_with(run_id, whatever=whatever)
            self.assertEqual((rows["whatever", None]["state"], rows["whatever", None]["why"]), ("failed", why))
            self.assertEqual(rows["each", None]["state"], "upstream_failed")

        state, rows = self.run_with("many", files=1000)
        self.assertEqual(state, "success")
        sizes = [10 * len(f"file_{i}") for i in range(1000)]
        self.assertEqual(self.xcoms("total", "many"), [(-1, sum(sizes))])
        places, i = [], 1000
        while i > 0:
            places.append(i - 1)
            i -= 1 + i // 2
        self.assertEqual(self.xcoms("lazy_total", "many"), [(-1, sum(sizes) - sum(sizes[place] for place in places))])

        # The server is killed while the instances are made and run; another one goes on.
        self.venturi.cli("dags", "trigger", "e2e_mapped", "--run-id", "killed", "--conf", json.dumps({"files": 1000}))
        self.venturi.wait_until(lambda: len(self.xcoms("measure", "killed")) > 50, what="some instances have ended")
        self.venturi.process.kill()
        self.venturi.process.wait()
        self.venturi.start()
        self.venturi.wait_for_run("e2e_mapped", "killed")
        self.assertEqual([index for index, _ in self.xcoms("measure", "killed")], list(range(1000)))

    def test_a_list_that_is_too_long(self):
        done = self.venturi.run("dags", "test", "e2e_mapped", "--conf", json.dumps({"files": 1025}))
        self.assertEqual(done.returncode, 1)
        self.assert_parts(done.stdout, "XCom 'return_value' has 1025 items, and tasks are mapped over it: more than the 1024 of [core] max_map_length; give a "
                                       "shorter list, or raise the limit")


if __name__ == "__main__":
    unittest.main()
