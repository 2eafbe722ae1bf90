"""Mapped task groups and mapped operators, from the DAG file to what their instances gave."""

import json
import unittest

from support.case import HomeCase


class MappedGroupsTest(HomeCase):
    programs = ["e2e_mapped_groups"]

    def run_with(self, run_id, **conf):
        state = self.venturi.trigger("e2e_mapped_groups", run_id, "--conf", json.dumps(conf))
        rows = self.venturi.rows("tasks", "states-for-dag-run", "e2e_mapped_groups", run_id)
        return state, {(row["task_id"], row["map_index"]): row for row in rows}

    def xcom(self, task_id, run_id):
        import sqlite3
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT x.value FROM xcom AS x JOIN dag_run AS r ON r.no = x.run_no WHERE r.run_id = ? AND x.task_id = ? AND "
                              "x.key = 'return_value' ORDER BY x.map_index", (run_id, task_id))
            return [json.loads(value) for value, in rows]

    def test_from_the_file_to_the_values(self):
        self.start_server("e2e_mapped_groups")
        state, rows = self.run_with("three", files=3)
        # Each file with each factor; the tasks of an instance see one another's values.
        self.assertEqual(self.xcom("per_file.measure", "three"), [16, 160] * 3)
        self.assertEqual(self.xcom("per_file.show", "three"), [f"{i} raw file_{i // 2} file_{i // 2}" for i in range(6)])
        self.assertEqual(self.xcom("total", "three"), [3 * 176])
        # As in Airflow, a branch in a mapped group skips nothing.
        self.assertEqual([rows[f"choices.{way}", i]["state"] for way in ("left", "right") for i in range(2)], ["success"] * 4)
        # Operators.
        self.assertEqual([rows["say", i]["state"] for i in range(3)], ["success", "skipped", "success"])
        self.assertEqual(self.xcom("said", "three"), ["one,three"])
        self.assertEqual(self.xcom("rendered", "three"), ["render,render,2 /tmp,3 /usr"])
        self.assertEqual([rows["both", i]["state"] for i in range(3)], ["success", "skipped", "success"])
        self.assertEqual(self.xcom("by_struct", "three"), ["a,bb"])
        self.assertEqual(state, "success")

        state, rows = self.run_with("none", files=0)
        self.assertEqual({rows["per_file." + task, None]["state"] for task in ("download", "show", "measure")}, {"skipped"})
        self.assertEqual(state, "success")

        state, rows = self.run_with("one_fails", files=2, fails="file_1")
        self.assertEqual([rows["per_file.download", i]["state"] for i in range(4)], ["success", "success", "failed", "failed"])
        self.assertEqual([rows["per_file.measure", i]["state"] for i in range(4)], ["success", "success", "upstream_failed", "upstream_failed"])
        self.assertEqual(self.xcom("total", "one_fails"), [176], "of those that gave something")


if __name__ == "__main__":
    unittest.main()
