"""Lists that are joined, filled and changed by functions of the program, and names of mapped tasks' instances."""

import json
import sqlite3
import unittest

from support.case import HomeCase


class MapListsTest(HomeCase):
    programs = ["e2e_map_lists"]

    def xcoms(self, task_id):
        with sqlite3.connect(f"file:{self.venturi.home / 'venturi.db'}?mode=ro", uri=True) as db:
            rows = db.execute("SELECT map_index, value FROM xcom WHERE task_id = ? AND key = 'return_value' ORDER BY map_index", (task_id,))
            return {map_index: json.loads(value) for map_index, value in rows}

    def test_each_instance_gets_its_item(self):
        self.start_server("e2e_map_lists")
        self.assertEqual(self.venturi.trigger("e2e_map_lists", "one"), "failed", "one instance of named fails")
        rows = self.venturi.rows("tasks", "states-for-dag-run", "e2e_map_lists", "one")
        states = {(row["task_id"], row["map_index"]): row["state"] for row in rows}
        self.assertEqual({key for key, state in states.items() if state != "success"}, {("measure", 1), ("copy", 1), ("named", 2)})
        self.assertEqual((states["copy", 1], states["named", 2]), ("skipped", "failed"))

        self.assertEqual(self.xcoms("copy"), {0: "a>archive/a", 2: "c>archive/c"})
        self.assertEqual(self.xcoms("all"), {-1: "a,b,c,107,109,a,b,c"}, "what was skipped is not there")
        self.assertEqual(self.xcoms("whole"), {-1: "a,b,c,a=107,b=109"}, "as long as the shortest")
        self.assertEqual(self.xcoms("pairs"), {-1: "a=107,b=109,c=7"}, "as long as the longest")
        self.assertEqual(self.xcoms("products"), {-1: ",".join(f"{a}{b}{c}" for a in "abcd" for b in (107, 109) for c in "xy")})
        self.assertEqual(self.xcoms("archive"), {0: "a>there", 1: "b>there", 2: "c>there"})
        self.assertEqual(self.xcoms("archive_kwargs"), {0: "f>t"})
        self.assertEqual(self.xcoms("say"), {0: "a", 1: "b", 2: "c", 3: "one"}, "constants are templates")
        self.assertEqual(self.xcoms("folders"), {0: "/", 1: "/tmp"})
        self.assertEqual(self.xcoms("bytes"), {-1: 60 * 200_000}, "in pages")

        names = {(row["task_id"], row["map_index"]): row["rendered_map_index"] for row in rows}
        self.assertEqual([names["named", i] for i in range(3)], ["file a", "file b", "file c"], "the one that failed too")
        self.assertEqual([names["archive", i] for i in range(3)], ["a 0", "b 1", "c 2"])
        self.assertEqual([names["say", i] for i in range(4)], ["<echo a>", "<echo b>", "<echo c>", "<echo one>"])
        self.assertEqual((names["copy", 0], names["list_files", None]), ("0", None), "as in Airflow")


if __name__ == "__main__":
    unittest.main()
