"""Light tasks: many in one process of their program, and what is lost with it."""

import json
import sqlite3
import unittest

from support.case import HomeCase


class LightTest(HomeCase):
    programs = ["e2e_light"]

    def xcom(self, dag_id, task_id):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT x.value FROM xcom AS x JOIN dag_run AS r ON r.no = x.run_no WHERE r.dag_id = ? AND x.task_id = ? "
                              "AND x.key = 'return_value'", (dag_id, task_id))
            return [json.loads(value) for value, in rows]

    def test_light_tasks(self):
        self.start_server("e2e_light", "e2e_light_crash", "e2e_light_late")
        self.assertEqual(self.venturi.trigger("e2e_light", "r"), "success")
        self.assertEqual(self.xcom("e2e_light", "compare"), ["one light process, and one isolated"])
        self.assertEqual(self.xcom("e2e_light", "count_rows"), [1000])
        rows = {row["task_id"]: row["state"] for row in self.venturi.rows("tasks", "states-for-dag-run", "e2e_light", "r")}
        self.assertEqual({task: rows[task] for task in ("chosen", "other", "below")},
                         {"chosen": "success", "other": "skipped", "below": "skipped"})
        self.assertIn("item 3 as 2", self.task_log("e2e_light", "r", "pid_of", "--map-index", "2"))

        self.assertEqual(self.venturi.trigger("e2e_light_crash", "r"), "failed")
        rows = self.venturi.states("e2e_light_crash", "r")
        self.assertEqual((rows["crash"]["state"], rows["stand_by"]["state"]), ("failed", "success"))
        self.assertEqual(rows["stand_by"]["try_number"], 2, "it had begun, and is tried again as retries_on_loss says")
        self.assert_parts(rows["crash"]["why"], "lost", "the light process of e2e_light was ended by SIGSEGV while this task ran in it")

        self.assertEqual(self.venturi.trigger("e2e_light_late", "r"), "failed")
        row = self.venturi.states("e2e_light_late", "r")["be_late"]
        self.assertIn("its time-out of 0.1 s was over", row["why"])
        self.assertIn("it is asked to stop", self.task_log("e2e_light_late", "r", "be_late"))

    def test_dags_test(self):
        done = self.venturi.run("dags", "test", "e2e_light")
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
