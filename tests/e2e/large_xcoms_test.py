"""XComs in files of the home: from task to task, over a restart, and gone with their run."""

import sqlite3
import unittest

from support.case import HomeCase


class LargeXComsTest(HomeCase):
    programs = ["e2e_large_xcoms"]

    def files(self):
        return [path for path in (self.venturi.home / "xcoms").rglob("*") if path.is_file()]

    def values(self):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            return dict(db.execute("SELECT task_id || '/' || map_index, value FROM xcom WHERE key = 'return_value'"))

    def test_large_xcoms(self):
        self.start_server("e2e_large_xcoms")
        self.assertEqual(self.venturi.trigger("e2e_large_xcoms", "first"), "failed")
        rows = {(row["task_id"], row["map_index"]): row for row in
                self.venturi.rows("tasks", "states-for-dag-run", "e2e_large_xcoms", "first")}
        failed = {task for (task, _), row in rows.items() if row["state"] != "success"}
        self.assertEqual(failed, {"too_large_for_a_template", "over_the_limit", "no_message"})
        values = self.values()
        self.assertEqual(values["count/-1"], "200000")
        self.assertEqual(values["ends/-1"], '"2000000a 2000000b 2000000c 2000000d "')
        self.assertTrue(values["texts/-1"].startswith("@"))
        self.assertEqual(len(self.files()), 6, "texts, parts and four of twice")
        self.assert_parts(self.task_log("e2e_large_xcoms", "first", "small_enough"), "4 d")

        row = rows["too_large_for_a_template", None]
        self.assertEqual(row["try_number"], 1, "the next try would have the same error")
        self.assertIn("XCom 'return_value' of task texts has 20400005 bytes, more than the 4194304 that can be read here: read it in a task "
                      "in C++ or Python, or hand on a file of the run", row["why"])
        self.assertIn("XCom 'return_value' has 73400325 bytes, more than the 67108864 of [core] max_xcom_bytes: raise that, or write what is "
                      "so large to a file of the run and return the file", rows["over_the_limit", None]["why"])
        self.assertIn("XCom 'return_value' has 146800645 bytes, more than the 135266304 of a message: write what is so large to a file of "
                      "the run and return the file", rows["no_message", None]["why"])

        self.venturi.stop()
        self.start_server("e2e_large_xcoms")
        self.assertEqual(len(self.files()), 6, "all of them are referred to")
        self.venturi.cli("dags", "delete-run", "e2e_large_xcoms", "first", "--yes")
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    unittest.main()
